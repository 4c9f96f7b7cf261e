/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The zygote's program, as embed.py puts it into the library. */
#ifndef ZYGOTE_IMAGE_H
#define ZYGOTE_IMAGE_H

#include <stddef.h>

extern const unsigned char zygote_image[];
extern const size_t zygote_image_size;
extern const char zygote_path[]; /* where it is installed */

#endif
