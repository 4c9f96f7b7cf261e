/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All rows: see confine/sysrow.h for what one says. */
#ifndef SYS_ROWS_H
#define SYS_ROWS_H

#include <stdbool.h>
#include "confine/sysrow.h"

/* All tables, NULL at the end; each ends with ROWS_END. */
extern const struct sysrow *const sysrow_tables[];

/* The row of a number, or NULL. */
const struct sysrow *sysrow_find(int nr);

/* Can this system call be notified at all? Of some nobody expects that a signal interrupts them. */
bool notifiable(int nr);

/* Both, for those below. */
extern const struct rows sysrows;

/* Serves a system call by its row, whatever was said of it by levels. False: its handler found that
 * it has to begin anew (fd_take.h), and it is not answered. */
bool row_serve(struct call *call);

#endif
