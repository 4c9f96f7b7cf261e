/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/struct_size.h"

#include <errno.h>
#include <string.h>

int struct_read(void *to, size_t size, size_t first, const void *from)
{
	const unsigned char *bytes = from;
	size_t given;

	memcpy(&given, from, sizeof(given));
	if (given < first)
		return -EINVAL;
	for (size_t i = size; i < given; i++)
		if (bytes[i])
			return -E2BIG;
	memset(to, 0, size);
	memcpy(to, from, given < size ? given : size);
	return 0;
}
