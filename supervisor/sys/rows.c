/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All tables of rows, and the row of a number.
 *
 * A table stands in the file of the handlers that it names. To add one: declare it here, list it
 * here.
 */
#include "sys/rows.h"

#include <pthread.h>

/* Decided in the kernel. */
extern const struct sysrow attr_rows[], close_rows[], dir_rows[], exec_rows[], identity_rows[],
	ioctl_rows[], kernel_rows[];
extern const struct sysrow map_rows[], message_rows[], net_rows[], open_rows[], path_rows[],
	prctl_rows[];
extern const struct sysrow refused_rows[], socket_rows[], stat_rows[], task_rows[], watch_rows[];
extern const struct sysrow xattr_rows[];

const struct sysrow *const sysrow_tables[] = {
	attr_rows,   close_rows,   dir_rows,  exec_rows,  identity_rows, ioctl_rows, kernel_rows,
	map_rows,    message_rows, net_rows,  open_rows,  path_rows,	 prctl_rows, refused_rows,
	socket_rows, stat_rows,	   task_rows, watch_rows, xattr_rows,	 NULL,
};

/* Where each number's row is: made once from constants, constant since. */
static const struct sysrow *row_of[SYSROW_NUMBERS];
static pthread_once_t row_of_once = PTHREAD_ONCE_INIT;

static void row_of_make(void)
{
	for (const struct sysrow *const *table = sysrow_tables; *table; table++)
		for (const struct sysrow *row = *table; row->nr >= 0; row++)
			if (row->nr < SYSROW_NUMBERS)
				row_of[row->nr] = row;
}

const struct sysrow *sysrow_find(int nr)
{
	pthread_once(&row_of_once, row_of_make);
	return nr >= 0 && nr < SYSROW_NUMBERS ? row_of[nr] : NULL;
}
