/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A policy: what one child may do.
 *
 * A policy is made in three steps: policy_new, any number of policy_use and policy_line
 * (policyc/api.h), then policy_finish (policyc/finish/finish.h); or it is read from an image
 * (image_read.h). Finished, it never changes again, and every thread may judge by it
 * (judge/verdict.h) without a lock.
 *
 * Names are absolute and canonical from the child's point of view: no symbolic link, no "..", no
 * "//", no trailing "/". A process of the child's own below /proc is spelled /proc/self. Judging
 * never touches the file system: whoever calls proves that the name is the object's.
 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/verbs.h"

struct policy;
struct witness;

#define LINE_SIZE_MAX 4096 /* bytes of a line of a policy */

/* Where a rule stands. */
struct rule {
	enum verb verb;
	const char *source; /* file name as shown to people, or "command line" */
	const char *policy; /* name of the policy: "workspace" */
	unsigned int line;  /* in source, from 1; 0 on the command line */
	const char *text;   /* the line as written, without its comment */
};

/* Everything that a policy's variables and bare names mean. All strings are copied. */
struct policy_env {
	const char *cwd;  /* ${cwd}, absolute */
	const char *home; /* ${home} and a leading ~/, absolute; NULL: using it is an error */
	const char *tmp;  /* ${tmp}: a private, empty directory; NULL: using it is an error */
	const char
		*cache; /* ${cache}: a private directory that is kept; NULL: using it is an error */
	const char *path; /* where the bare names of exec rules are looked up, as $PATH */
	const char *const
		*environment; /* ${NAME} for all other names: "NAME=value", NULL at the end */
	const char *const *directories; /* where `use NAME` looks for NAME.policy, in this order;
					   NULL at the end */
	const char *const *precious;	/* canonical places that ${cwd} may not be above or at: the
					   home,    where policies are; NULL: none */
	const char *const *yielding;	/* those of the directories whose policies take nothing away
					   that policy_line gives by name; NULL: none */
	bool ignores_tests;	 /* for who only runs things: nobody will ask for policy_test */
	struct witness *witness; /* notes what is looked at (policyc/disk/witness.h); NULL: nobody
				    wants to know */
};

/* Says what is wrong, for people: "file:line:column: ...\n  the line\n     ^\n  did you mean ...".
 */
struct policy_error {
	char text[4096];
};

int policy_new(const struct policy_env *env, struct policy **ret);
/* Gives back one reference; the last one frees. Returns NULL. */
struct policy *policy_free(struct policy *policy);
/* One more reference to a finished policy, which is given back with policy_free, by any thread. */
struct policy *policy_ref(const struct policy *policy);

/* Is it made of several? How many layers are judged at a new name: 1 for a plain policy. */
size_t policy_layers(const struct policy *policy);

/* Is there any rule of this verb? */
bool policy_has(const struct policy *policy, enum verb verb);
/* Has every level that the policy is made of a rule of one of these verbs? */
bool policy_each_has(const struct policy *policy, enum verb verb, enum verb or_verb);
/* The `sealed` line, or NULL. Under it RIGHT_EXEC is refused where RIGHT_WRITE is allowed. */
const struct rule *policy_sealed(const struct policy *policy);
/* Does any rule say this, as "${tmp}"? For policies that are not finished yet, too: only then need
 * it be there. */
bool policy_uses(const struct policy *policy, const char *variable);
/* Views, longest name first. Both canonical and absolute. */
struct policy_bind {
	const char *name;   /* what the child says */
	const char *target; /* what it means, one level up */
	bool writable;
	const struct rule *rule;
};
const struct policy_bind *policy_binds(const struct policy *policy, size_t *ret_count);

/* The literal names that RIGHT_EXEC rules start from: every executable is at or below one. Of a
 * joined policy: the innermost layer's. */
const char *const *policy_exec_roots(const struct policy *policy, size_t *ret_count);
/*
 * The same for the floor: real places, of the outermost level, views followed. Of a joined policy
 * those that all layers have in common, by their letters alone: who opens one must pass no link.
 */
const char *const *policy_exec_places(const struct policy *policy, size_t *ret_count);

/* Limits; 0 means none was set. */
enum limit {
	LIMIT_MEM,	/* bytes of address space, per process */
	LIMIT_PROCS,	/* processes and threads in the child */
	LIMIT_FILES,	/* descriptors per process */
	LIMIT_CPU,	/* seconds per process */
	LIMIT_TIME,	/* milliseconds of wall-clock time, for the whole child */
	LIMIT_FSIZE,	/* bytes of one file */
	LIMIT_CHILDREN, /* children that live at once below this one, theirs counted */
	LIMIT_PENDING,	/* calls that wait for an answer at once */
	LIMIT_MAX
};
uint64_t policy_limit(const struct policy *policy, enum limit limit);

/* Is this environment variable (a name) passed? *ret_value: its fixed value, or NULL to pass what
 * there is. */
bool policy_env_keep(const struct policy *policy, const char *name, const char **ret_value);
/* Calls @each with every NAME, VALUE of an `env set` line. */
void policy_each_env_set(const struct policy *policy,
			 void (*each)(void *data, const char *name, const char *value), void *data);

/* Every rule in the order written, `use` lines left out. Of a joined policy: the innermost layer's.
 */
const struct rule *const *policy_rules(const struct policy *policy, size_t *ret_count);
/* The `about` line of the policy named last with policy_use, or NULL. */
const char *policy_about(const struct policy *policy);

/* The layer that speaks the child's names. */
const struct policy *policy_innermost(const struct policy *policy);
/* The rule of a line; of a joined policy's, which are counted over all layers, too. NO_LINE: NULL.
 */
const struct rule *policy_rule_at(const struct policy *policy, uint16_t line);

/* Does it refuse what its objects name, by itself? Takes NULL. */
bool rule_takes_away(const struct rule *rule);

#endif
