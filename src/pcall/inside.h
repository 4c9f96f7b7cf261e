/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the toolbox says where there is no tree, or not that method. */
#ifndef PCALL_INSIDE_H
#define PCALL_INSIDE_H

#include "program/message.h"

/* Says it, with the nearest name that there is. Returns EXIT_NOT_FOUND. */
int inside_no_method(const struct message *message, const char *name);

#endif
