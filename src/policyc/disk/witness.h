/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What was looked at while a policy was read and finished, with what was found: as long as all of
 * it is found again, the policy would come out the same. Everything in policyc that asks the disk
 * or the environment asks here.
 */
#ifndef POLICYC_WITNESS_H
#define POLICYC_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

struct policy_env;

struct witness {
	char *bytes;
	size_t size;
	size_t room;
	bool failed; /* no memory: it says nothing */
};

/* As stat(2), of which only the type is noted; @witness may be NULL, here and below. */
int witness_stat(struct witness *witness, const char *path, struct stat *ret);
/* As readlink(2). */
ssize_t witness_readlink(struct witness *witness, const char *path, char *ret, size_t size);
/* Is it a regular file that this process may execute? */
bool witness_runs(struct witness *witness, const char *path);
/* A file was read, and this is what it held. */
void witness_file(struct witness *witness, const char *path, const char *bytes, size_t size);
/* A variable of the environment, or NULL. The name has no end. */
const char *witness_variable(struct witness *witness, const char *const *environment,
			     const char *name, size_t size);

/* Here reading has ended: what comes is looked at while names are followed. */
void witness_read_end(struct witness *witness);
/* How much of it was looked at while lines were read. */
size_t witness_read_size(const char *bytes, size_t size);

/* Is all of it found again? What is no witness, whole, is not. */
bool witness_holds(const char *bytes, size_t size, const char *const *environment);

#endif
