/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text from a stranger, made safe to show: on a terminal, in a log, inside a JSON string. */
#ifndef CORE_ESCAPE_H
#define CORE_ESCAPE_H

#include <stddef.h>

/**
 * escape_text - render any bytes as printable UTF-8
 * @out: always ends in NUL unless @size is 0
 *
 * Printable UTF-8 stays as it is. A control byte or a byte that is no UTF-8 becomes \xNN; a
 * character that would reorder, hide or break text (C1 controls, bidi controls, zero-width and
 * other invisible characters, line separators, tags) becomes \u{NNNN}. What does not fit is left
 * out from the first character on that does not fit whole, so an escape is never cut. Quotes and
 * backslashes are kept: JSON needs its own for these two.
 *
 * Returns the number of bytes written, without the NUL.
 */
size_t escape_text(char *out, size_t size, const char *in, size_t in_size);

/* How many bytes at the beginning escape_text would leave as they are. */
size_t escape_plain(const char *in, size_t size);

#endif
