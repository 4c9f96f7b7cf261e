/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The filter of the process that reads a policy's text. */
#ifndef CONFINE_READER_FILTER_H
#define CONFINE_READER_FILTER_H

/* Should be able to open files for reading, follow names, have memory, and write to @socket alone;
 * mustn't change, make, run, connect to or signal anything. 0 or a negative errno. */
int confine_reader(int socket);

#endif
