/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A policy: what one child may do, as people write it.
 *
 * A policy is made in three steps: policy_new, any number of policy_use and policy_line, then
 * policy_seal. Sealed, it never changes again, and every thread may judge by it without a lock.
 *
 * Names are absolute and canonical from the child's point of view: no symbolic link, no "..", no
 * "//", no trailing "/". A process of the child's own below /proc is spelled /proc/self. Judging
 * never touches the file system: whoever calls proves that the name is the object's.
 */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

struct policy;

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

enum decision {
	DECISION_ALLOW,
	DECISION_DENY, /* EACCES, if verdict_is_said; else no line grants it, and it is not there */
	DECISION_HIDE, /* ENOENT */
	DECISION_ASK,  /* nobody to ask yet: as DENY, and the message says so */
};

/* Where a rule stands. */
struct rule {
	enum verb verb;
	const char *source; /* file name as shown to people, or "command line" */
	const char *policy; /* name of the policy: "workspace" */
	unsigned int line;  /* in source, from 1; 0 on the command line */
	const char *text;   /* the line as written, without its comment */
};

struct verdict {
	enum decision decision;
	const struct rule *rule; /* the rule that decided; NULL: no rule allows it. Lives as long as
				    the policy */
	bool folds; /* where a file system takes other spellings for the same name, the verdict is
		       another one: policy_judge_folded */
};

/* Does a line refuse it, and not only none grant it? `except` does no more than not to grant. */
bool verdict_is_said(struct verdict verdict);

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
	bool ignores_tests; /* for who only runs things: nobody will ask for policy_test */
};

/* Says what is wrong, for people: "file:line:column: ...\n  the line\n     ^\n  did you mean ...".
 */
struct policy_error {
	char text[4096];
};

int policy_new(const struct policy_env *env, struct policy **ret);
/* Gives back one reference; the last one frees. Returns NULL. */
struct policy *policy_free(struct policy *policy);
/* One more reference to a sealed policy, which is given back with policy_free, by any thread. */
struct policy *policy_ref(const struct policy *policy);

/**
 * policy_use - add a policy's lines, and those of the policies that it uses
 * @name: a path if it holds a slash, else a name that is searched in the env's directories
 * @error: filled in on failure
 *
 * Returns 0, or a negative errno: -ENOENT no such policy, -EINVAL a line is wrong, -ELOOP uses go
 * in circles or deeper than 8, -EFBIG the file is larger than 1 MiB, -EACCES and others as open(2).
 */
int policy_use(struct policy *policy, const char *name, struct policy_error *error);

/* Adds one line as if a policy had it; source says where it comes from ("--read", "command line").
 * What it gives by a name without patterns, the policies in env's yielding directories do not take
 * away, and is given also where ${cwd} is precious. */
int policy_line(struct policy *policy, const char *source, const char *line,
		struct policy_error *error);

/* Resolves variables, bare names and symbolic links of literal names, and compiles. Once, at the
 * end. */
int policy_seal(struct policy *policy, struct policy_error *error);

/**
 * policy_join - the policy of a child whose supervisor is itself under a policy
 * @outer: what the supervisor is under; may be joined itself
 * @inner: what the supervisor gives to its child, in the names that the supervisor sees
 *
 * What both allow, each judging the name that it knows the object by, is allowed; nothing else is.
 * The result is used like any sealed policy: its names are the child's, the targets of its views
 * the outermost level's. It keeps what it needs of both alive, and may be @outer itself where
 * @inner says nothing new.
 *
 * Returns 0; -EINVAL if one is not sealed, or binds a name of a process; -E2BIG for more than
 * 65,534 rules, 1,024 layers or 512 views in all; -ENAMETOOLONG; -ENOMEM.
 */
int policy_join(const struct policy *outer, const struct policy *inner, struct policy **ret);
/**
 * policy_flatten - a sealed, plain policy as text, on its way to another process
 *
 * Nothing in the text has to be looked up again: names are absolute, with their links followed.
 * Each line keeps where it comes from. Tests are left out. The caller frees *ret_text, which ends
 * in a NUL that *ret_size does not count. Returns 0, -EINVAL if it is joined or not sealed, -EFBIG
 * for more than FLAT_MAX bytes, or -ENOMEM.
 */
#define FLAT_MAX ((size_t)1 << 20)
int policy_flatten(const struct policy *policy, char **ret_text, size_t *ret_size);
/**
 * policy_unflatten - a sealed policy that judges as the one that was flattened
 * @text: hostile; no file system is looked at, and what policy_flatten would not write is refused
 * @env: for what policy_suggest shortens
 *
 * Returns 0; -EINVAL, -EFBIG or -E2BIG and a word about it in @error; -ENOMEM.
 */
int policy_unflatten(const char *text, size_t size, const struct policy_env *env,
		     struct policy **ret, struct policy_error *error);
/*
 * Do two sealed policies say the same, word for word? Plain ones: by what policy_flatten writes; a
 * joined one is equal to itself. For those who keep one of many: the answer no takes no time.
 */
bool policy_equal(const struct policy *a, const struct policy *b);
/* Is it made of several? How many layers are judged at a new name: 1 for a plain policy. */
size_t policy_layers(const struct policy *policy);

/**
 * policy_judge - may the object of this name be used so?
 * @name: canonical, in the child's terms
 * @want: rights, all of which are needed
 *
 * hide and deny win over every line that allows; ask loses to deny and yields to allow. The same
 * question is answered in about 100 ns: it is asked at every mediated call.
 */
struct verdict policy_judge(const struct policy *policy, const char *name, unsigned int want);

/*
 * The same where a file system does not compare names byte by byte (common/fold.h): what a line
 * takes away by any spelling that may be the same one is taken away. Not remembered: for the few
 * names of whose verdict ->folds is set, on such file systems.
 */
struct verdict policy_judge_folded(const struct policy *policy, const char *name,
				   unsigned int want);

/*
 * Only the lines that take away (hide, deny, except): for the second name of an object seen in a
 * view. That is a name of the outermost level, so of a joined policy only the outermost layer's
 * lines speak of it; what the others take away by their second names, policy_judge refused already.
 */
struct verdict policy_judge_carved(const struct policy *policy, const char *name,
				   unsigned int want);
struct verdict policy_judge_carved_folded(const struct policy *policy, const char *name,
					  unsigned int want);

/* The rights that the name has: the union of all for which policy_judge says ALLOW. */
unsigned int policy_rights(const struct policy *policy, const char *name);

/*
 * May a name directly in this directory not be there for the child, by a hide rule or an `except`?
 * false: its listing needs no filter.
 */
bool policy_hides_in(const struct policy *policy, const char *directory);

/*
 * Does whatever lies at or beneath this directory have all of these rights, with nothing carved
 * out? In doubt not.
 */
bool policy_gives_whole(const struct policy *policy, const char *directory, unsigned int rights);

/**
 * policy_judge_move - may the tree at @from become the tree at @to?
 *
 * A carve-out that could match something at or below @from must match the same thing at or below
 * @to, else renaming a directory would be the way around it. And one that takes RIGHT_WRITE and
 * could match at or below @to must have matched the same thing at or below @from, else what may not
 * be written would be written elsewhere and moved in. Says nothing about RIGHT_WRITE on either
 * name.
 */
struct verdict policy_judge_move(const struct policy *policy, const char *from, const char *to);
/* As policy_judge_folded: what may be carved out at one name has to be so, without a doubt, at the
 * other. */
struct verdict policy_judge_move_folded(const struct policy *policy, const char *from,
					const char *to);
/*
 * The rights that something at or below @from may have as something at or below @to, and has not
 * now. In doubt more: of a joined policy, what any layer gives.
 */
unsigned int policy_move_gains(const struct policy *policy, const char *from, const char *to);

/*
 * Addresses. VERB_CONNECT or VERB_LISTEN, AF_INET or AF_INET6 (v4-mapped is judged as v4).
 * @lookup is asked for each rule that names a host, whether the address is one that the name stands
 * for now. @widely: the rule takes away, so in doubt the answer is yes. Without a @lookup such
 * rules match, and those that allow do not.
 */
typedef bool policy_lookup(void *data, const char *host, const struct sockaddr *address,
			   bool widely);
struct verdict policy_judge_address(const struct policy *policy, enum verb verb,
				    const struct sockaddr *address, socklen_t size,
				    policy_lookup *lookup, void *data);

/* Does any connect rule name a host? Then, and only then, the resolver must be reachable. */
bool policy_names_hosts(const struct policy *policy);
/*
 * Calls @each with every host name of a connect rule. Of a joined policy only with those that the
 * outer layers name too, or that they do not care for (connect *): no level can have a name
 * resolved, and so tell something to the world, that its own policy says nothing of.
 */
void policy_each_host(const struct policy *policy, void (*each)(void *data, const char *host),
		      void *data);
/* Is there any rule of this verb? */
bool policy_has(const struct policy *policy, enum verb verb);
/* Has every level that the policy is made of a rule of one of these verbs? */
bool policy_each_has(const struct policy *policy, enum verb verb, enum verb or_verb);
/* The `sealed` line, or NULL. Under it RIGHT_EXEC is refused where RIGHT_WRITE is allowed. */
const struct rule *policy_sealed(const struct policy *policy);
/* Does any rule say this, as "${tmp}"? For policies that are not sealed yet, too: only then need it
 * be there. */
bool policy_uses(const struct policy *policy, const char *variable);
/* unix rules for abstract names are written with a leading '@'; @name is without it and may hold
 * NUL. */
struct verdict policy_judge_abstract(const struct policy *policy, const char *name, size_t size);
/* May a method of this name, which a level above defines, be called? */
struct verdict policy_judge_method(const struct policy *policy, const char *name);

/* Views, longest name first. Both canonical and absolute. */
struct policy_bind {
	const char *name;   /* what the child says */
	const char *target; /* what it means, one level up */
	bool writable;
	const struct rule *rule;
};
const struct policy_bind *policy_binds(const struct policy *policy, size_t *ret_count);
/* What such a name means one level up, by its letters. False: it would be too long. */
bool policy_view(const struct policy *policy, const char *name, char *ret, size_t size);

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

/*
 * Runs the `test` lines, but those of policies that others use: who uses them may allow more.
 * Returns how many failed; each failure is told on @out (may be NULL) as file:line: ....
 */
unsigned int policy_test(const struct policy *policy, FILE *out, unsigned int *ret_run);

const char *verb_name(enum verb verb);	  /* "read" */
enum verb right_verb(unsigned int right); /* the verb that grants the strongest of these rights */
/* The words that would allow this: "--write ~/.npmrc" and "write ~/.npmrc"; home is shortened to ~.
 */
int policy_suggest(const struct policy *policy, enum verb verb, const char *object, char *ret_flag,
		   size_t flag_size, char *ret_line, size_t line_size);
/*
 * A word of a flag, as one word of a line: quoted where it holds spaces. Globs, variables and
 * backslashes in it keep their meaning. Returns 0 or -ENOSPC.
 */
int policy_quote(const char *word, char *ret, size_t size);

#endif
