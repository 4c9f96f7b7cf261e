/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an embedder is told where something cannot be done: struct sv_error. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "supervisor.h"

/* Fills in the error, if there is one to fill in, and returns r. */
int stage_fail(struct sv_error *error, enum sv_stage stage, int r, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
