/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All rows: see confine/sysrow.h for what one says. */
#ifndef SYS_ROWS_H
#define SYS_ROWS_H

#include "confine/sysrow.h"

/* All tables, NULL at the end; each ends with ROWS_END. */
extern const struct sysrow *const sysrow_tables[];

/* The row of a number, or NULL. */
const struct sysrow *sysrow_find(int nr);

#endif
