/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Verbs of rules, and the rights that they speak of. */
#ifndef POLICY_VERBS_H
#define POLICY_VERBS_H

enum verb {
	VERB_NONE,
	VERB_LIST,
	VERB_READ,
	VERB_WRITE,
	VERB_EXEC,
	VERB_HIDE,
	VERB_DENY,
	VERB_BIND,
	VERB_CONNECT,
	VERB_LISTEN,
	VERB_UNIX,
	VERB_DEV,
	VERB_ENV,
	VERB_LIMIT,
	VERB_METHOD,
	VERB_ASK,
	VERB_SEALED,
	VERB_TEST,
	VERB_USE,
	VERB_ABOUT,
	VERB_MAX
};

/*
 * What may be done with the object that a name leads to. Each implies those before it, but for
 * RIGHT_EXEC (implies READ), RIGHT_UNIX and RIGHT_DEV (imply STAT).
 */
enum right {
	RIGHT_STAT =
		1 << 0, /* look it up, stat it; also granted on every ancestor of a granted name */
	RIGHT_LIST = 1 << 1,  /* read the names in a directory */
	RIGHT_READ = 1 << 2,  /* read contents, extended attributes */
	RIGHT_WRITE = 1 << 3, /* create, change, delete */
	RIGHT_EXEC = 1 << 4,  /* run it */
	RIGHT_UNIX = 1 << 5,  /* bind, connect and send to the socket of this name */
	RIGHT_DEV = 1 << 6,   /* open the character or block device of this name, in any mode */
};

#define RIGHT_COUNT 7

#define RIGHTS_LIST  (RIGHT_STAT | RIGHT_LIST)
#define RIGHTS_READ  (RIGHTS_LIST | RIGHT_READ)
#define RIGHTS_WRITE (RIGHTS_READ | RIGHT_WRITE)
#define RIGHTS_EXEC  (RIGHTS_READ | RIGHT_EXEC)
#define RIGHTS_UNIX  (RIGHT_STAT | RIGHT_UNIX)
#define RIGHTS_DEV   (RIGHT_STAT | RIGHT_DEV)
#define RIGHTS_ALL   ((1U << RIGHT_COUNT) - 1)

/* Verbs, in the order of enum verb. */
struct verb_row {
	const char *name;
	enum verb verb;
	unsigned int rights; /* what it gives to paths */
	unsigned int taken;  /* what `deny` of it takes: these, and all that imply them */
	unsigned int flags;
};

#define ROW_EXCEPT   (1U << 0) /* may carve out with `except` */
#define ROW_DENIABLE (1U << 1) /* may stand behind deny, ask and test */
#define ROW_SILENT   (1U << 2) /* is no rule: use, about */

const struct verb_row *verb_row(enum verb verb);

const char *verb_name(enum verb verb);	  /* "read" */
enum verb right_verb(unsigned int right); /* the verb that grants the strongest of these rights */

#endif
