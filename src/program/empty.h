/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removes what a command left in its private directory. */
#ifndef PROGRAM_EMPTY_H
#define PROGRAM_EMPTY_H

/**
 * directory_empty - remove everything below a directory
 *
 * The tree may be a hostile one: as deep as it likes, without permissions, with any names. No
 * symbolic link is followed, and no more than three descriptors and no recursion are needed. 0 or a
 * negative errno.
 */
int directory_empty(int fd);

#endif
