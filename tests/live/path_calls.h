/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of path_calls share. */
#ifndef LIVE_PATH_CALLS_H
#define LIVE_PATH_CALLS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A call with a path. */
struct form {
	const char *name;
	long (*call)(const char *path);
	int writes;
};

/* For name_to_handle_at. */
struct handle {
	uint32_t size;
	int32_t type;
	unsigned char bytes[128];
};

extern int tree_used; /* something changed in the tree */

/* Ends the program unless ok. */
void need(int ok, const char *what);
/* Remembers where the trees are to be. */
void tree_begin(void);
/* A fresh tree, entered; the one there is, if nothing has changed it. */
void tree_make(void);
/* "stat(d/../f) = ok 12345678": the errno, and a digest of the tree. */
void report(const char *name, const char *path, long result);
/* Results that are descriptors or depend on the machine count as 0. */
long closed(long fd);
/* Is the call of this name to be made? */
bool asked_for(const char *name);

/* Paths of every kind, from the current directory. */
void run_forms(void);
/* Addresses that are not there, or end too early. */
void run_addresses(void);
/* A directory descriptor and a path. */
void run_at(void);
/* Calls on a descriptor alone. */
void run_fd(void);

#endif
