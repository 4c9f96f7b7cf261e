/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text from a stranger, made safe to show. */
#include "common/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"

/* Characters that are there but not seen as what they are. Sorted; Unicode 15. */
static const struct {
	uint32_t first;
	uint32_t last;
} unsafe_ranges[] = {
	{0x0000,	  0x001f	 }, /* C0 */
	{ 0x007f,  0x009f	 }, /* DEL, C1 */
	{ 0x00ad,  0x00ad	 }, /* soft hyphen */
	{ 0x034f,  0x034f	 }, /* combining grapheme joiner */
	{ 0x061c,  0x061c	 }, /* Arabic letter mark */
	{ 0x115f,  0x1160	 }, /* Hangul fillers */
	{ 0x17b4,  0x17b5	 }, /* Khmer inherent vowels */
	{ 0x180b,  0x180f	 }, /* Mongolian selectors */
	{ 0x200b,  0x200f	 }, /* zero width, direction marks */
	{ 0x2028,  0x202e	 }, /* line and paragraph separator, bidi embeddings */
	{ 0x2060,  0x206f	 }, /* word joiner, invisible operators, bidi isolates */
	{ 0x3164,  0x3164	 }, /* Hangul filler */
	{ 0xd800,  0xdfff	 }, /* surrogates */
	{ 0xfe00,  0xfe0f	 }, /* variation selectors */
	{ 0xfeff,  0xfeff	 }, /* byte order mark */
	{ 0xffa0,  0xffa0	 }, /* half-width Hangul filler */
	{ 0xfff0,  0xfffb	 }, /* interlinear annotation */
	{ 0xfffe,  0xffff	 }, /* not characters */
	{ 0x1d173, 0x1d17a }, /* musical formatting */
	{ 0xe0000, 0xe0fff }, /* tags, variation selectors */
	{ 0xf0000, 0x10ffff}, /* private use: anything at all */
};

static bool is_unsafe(uint32_t c)
{
	for (size_t i = 0; i < array_size(unsafe_ranges); i++)
		if (c >= unsafe_ranges[i].first && c <= unsafe_ranges[i].last)
			return true;
	return false;
}

/* Decodes one character; returns its length, or 0 where there is no well-formed UTF-8. */
static size_t decode(const unsigned char *in, size_t size, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = in[0] < 0x80 ? 1 : in[0] >= 0xf0 ? 4 : in[0] >= 0xe0 ? 3 : 2;
	uint32_t c = n == 1 ? in[0] : in[0] & (0xff >> (n + 1));

	if ((in[0] >= 0x80 && in[0] < 0xc2) || in[0] > 0xf4 || n > size)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((in[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (in[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return n;
}

size_t escape_plain(const char *in, size_t size)
{
	size_t done = 0, n;
	uint32_t c = 0;

	while (done < size) {
		n = decode((const unsigned char *)in + done, size - done, &c);
		if (n == 0 || is_unsafe(c))
			break;
		done += n;
	}
	return done;
}

size_t escape_text(char *out, size_t size, const char *in, size_t in_size)
{
	size_t done = 0;

	if (size == 0)
		return 0;
	while (in_size > 0) {
		char piece[16];
		uint32_t c = 0;
		size_t n = decode((const unsigned char *)in, in_size, &c);
		int length;

		if (n == 0 || (n == 1 && is_unsafe(c)))
			length = snprintf(piece, sizeof(piece), "\\x%02x", (unsigned char)in[0]);
		else if (is_unsafe(c))
			length = snprintf(piece, sizeof(piece), "\\u{%04x}", (unsigned int)c);
		else
			length = snprintf(piece, sizeof(piece), "%.*s", (int)n, in);
		n = n ? n : 1;
		if ((size_t)length >= size - done)
			break;
		memcpy(out + done, piece, (size_t)length);
		done += (size_t)length;
		in += n;
		in_size -= n;
	}
	out[done] = '\0';
	return done;
}
