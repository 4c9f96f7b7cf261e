/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A policy's text is read in a process of its own, which can open files for reading and hand over
 * what it made of them, and nothing else (confine/reader_filter.h). It goes in two steps, since
 * what is read first says which directories have to be there when names are followed.
 *
 * In a tree the box of the process is the bound, and what a level makes of its policies is judged
 * by those above: there it is done in the process itself.
 */
#ifndef LIB_POLICY_PROCESS_H
#define LIB_POLICY_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include "policy/policy.h"

/* What to read, and how. All of it has to stay until the process has ended. */
struct policy_reading {
	struct policy_env env;
	/* Adds files and lines to a new policy, as the caller's rights let it. */
	int (*fill)(void *data, struct policy *policy, struct policy_error *why);
	void *data;
	bool witnessed;	    /* policy_process_found will be asked for */
	bool lowers;	    /* names are followed with no capabilities but those of @keep_caps */
	uint64_t keep_caps; /* a mask of 1 << CAP_* */
};

/* What the lines that were read speak of. */
struct policy_uses {
	bool tmp;   /* ${tmp} */
	bool cache; /* ${cache} */
};

struct policy_process;

/**
 * policy_process_start - begin to read
 * @ret: for policy_process_free
 *
 * Forks; a SIGCHLD may come. 0 or a negative errno.
 */
int policy_process_start(const struct policy_reading *reading, struct policy_process **ret);

/* Waits until all is read. 0; or a negative errno, and what is wrong in @why. */
int policy_process_read(struct policy_process *process, struct policy_uses *ret,
			struct policy_error *why);

/* Lets names be followed from now on; waits for nothing. */
void policy_process_go_on(struct policy_process *process);

/* Waits for the finished policy, which is the caller's. 0; or a negative errno, and what is wrong
 * in
 * @why. */
int policy_process_finish(struct policy_process *process, struct policy **ret,
			  struct policy_error *why);

/* A finished policy as it came: its image, and what was looked at for it (policyc/disk/witness.h).
 */
struct policy_found {
	char *image; /* for free(); the witness follows it; NULL: there is none */
	size_t image_size;
	size_t witness_size;
};

/* Takes what policy_process_finish was given; empty where there was no process, or no room. */
struct policy_found policy_process_found(struct policy_process *process);

/* Is a policy read in a process of its own here? Not in a tree. */
bool policy_process_is_used(void);
/* Is all that was looked at while names were followed found again, by the capabilities in
 * @keep_caps? */
bool policy_names_hold(const char *names, size_t size, const char *const *environment,
		       uint64_t keep_caps);

/* Ends it, whatever it does. NULL is fine. Returns NULL. */
struct policy_process *policy_process_free(struct policy_process *process);

#endif
