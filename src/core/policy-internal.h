/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a policy is made of. Nobody outside this folder looks at it.
 *
 *   policy.c        life, files, lines, what others ask about single rules
 *   parse.c         words of a line to objects, by the table of verbs; parse-*.c the verbs' words
 *   resolve.c       where names lead: symbolic links, bare names, views
 *   seal.c          objects to one matcher
 *   judge*.c        answers
 */
#ifndef CORE_POLICY_INTERNAL_H
#define CORE_POLICY_INTERNAL_H

#include "address.h"
#include "arena.h"
#include "complain.h"
#include "matcher.h"
#include "memo.h"
#include "pattern.h"
#include "policy.h"
#include "words.h"

#define USE_DEPTH_MAX 8
#define LINES_MAX     4096
#define ITEMS_MAX     16384
#define GUARDS_MAX    512
#define KNOWN_MAX     509

#define RIGHTS_LIST  (RIGHT_STAT | RIGHT_LIST)
#define RIGHTS_READ  (RIGHTS_LIST | RIGHT_READ)
#define RIGHTS_WRITE (RIGHTS_READ | RIGHT_WRITE)
#define RIGHTS_EXEC  (RIGHTS_READ | RIGHT_EXEC)
#define RIGHTS_UNIX  (RIGHT_STAT | RIGHT_UNIX)
#define RIGHTS_DEV   (RIGHT_STAT | RIGHT_DEV)
#define RIGHTS_ALL   ((1U << RIGHT_COUNT) - 1)

enum item_kind {
	ITEM_PATH,     /* pattern */
	ITEM_COMMAND,  /* text: a bare name, for PATH */
	ITEM_ABSTRACT, /* text: a glob, without the @ */
	ITEM_ADDRESS,  /* address */
	ITEM_NAME,     /* text: a glob, of an environment variable or a method */
	ITEM_SET,      /* text = value */
	ITEM_LIMIT,    /* limit = number */
};

/* A symbolic link on the way to a name, itself by its own canonical name. */
struct link {
	struct pattern pattern;
	const char *path;
	struct link *next;
};

/* One object of a line. */
struct item {
	enum item_kind kind;
	bool except; /* it stands behind `except` */
	unsigned int column;
	const char *text;
	const char *value;
	enum limit limit;
	uint64_t number;
	struct address_pattern *address;
	struct pattern pattern;

	/* What sealing finds. */
	bool found;	     /* there is a name: false for a command that PATH has not */
	bool followed;	     /* real is another name than the pattern's, and counts too */
	bool tainted;	     /* the policy itself lets a link be changed: real does not count */
	struct pattern real; /* the pattern with its links followed */
	struct link *links;  /* on the way from the one to the other */
};

struct line {
	struct rule rule;		/* first: a rule is its line */
	const char *raw;		/* the whole line, for complaints */
	const struct policy_file *file; /* NULL: no file */
	enum verb inner;		/* of deny, ask and test: the verb that they speak of */
	bool expect;			/* of test: allow */
	bool writable;			/* of bind */
	uint16_t index;
	uint16_t guard; /* NO_GUARD: no `except` */
	struct item *items;
	size_t count;
	size_t room;
};

/* A file being read. */
struct policy_file {
	const char *path; /* as shown */
	const char *name; /* of the policy */
	const char *about;
	dev_t device;
	ino_t inode;
	struct policy_file *user; /* whose `use` line led here; NULL: policy_use */
	bool named;		  /* by policy_use, so that its tests are run */
};

struct policy {
	struct arena arena;
	struct policy_env env;
	bool broken; /* a line failed */
	bool sealed;

	struct line **lines;
	size_t count;
	size_t room;
	size_t item_count; /* of all lines */

	const struct rule **rules; /* made by sealing */
	size_t rule_count;

	struct policy_file **files; /* read already: a file that is used twice counts once */
	size_t file_count;
	size_t file_room;
	const char *about;

	const char *known[KNOWN_MAX]; /* while sealing; see resolve.c */
	struct resolving *resolving;  /* the same; NULL: not needed yet */
	struct matcher *matcher;
	const struct line *seal; /* the first `sealed`; NULL: there is none */
	struct memo *memo;
	struct policy_bind *binds;
	size_t bind_count;
	const char **exec_roots;
	size_t exec_root_count;
	uint16_t guard_count;
	uint16_t *guard_line; /* by guard */
};

/* Verbs, in the order of enum verb. */
struct parser;
struct verb_row {
	const char *name;
	enum verb verb;
	unsigned int least; /* words behind the verb */
	unsigned int most;
	unsigned int rights; /* what it gives to paths */
	unsigned int taken;  /* what `deny` of it takes: these, and all that imply them */
	unsigned int flags;
	int (*parse)(struct parser *parser);
	int (*object)(struct parser *parser, const struct word *word, bool except);
};

#define ROW_EXCEPT   (1U << 0) /* may carve out with `except` */
#define ROW_DENIABLE (1U << 1) /* may stand behind deny, ask and test */
#define ROW_SILENT   (1U << 2) /* is no rule: use, about */

const struct verb_row *verb_row(enum verb verb);

struct parser {
	struct policy *policy;
	struct policy_file *file; /* NULL: no file */
	struct policy_error *error;
	struct place place;
	struct words words;
	const struct verb_row *row;
	struct line *line; /* being made */
	bool versioned;	   /* `policy 1` was there */
	bool about_seen;   /* in this file */
};

/* parse.c: understands parser->place.text and adds it to the policy. */
int parse_line(struct parser *parser, size_t size);
/* Complains about a word; offset is the byte in it. Returns -EINVAL. */
int parse_fail(struct parser *parser, const struct word *word, size_t offset, const char *hint,
	       const char *format, ...) __attribute__((format(printf, 5, 6)));
int parse_objects(struct parser *parser);
/* The word with its variables. */
int parse_expand(struct parser *parser, const struct word *word, int how, char **ret);
/* A new item at the end of the line; NULL: no memory, or more objects than a policy may have. */
struct item *parse_item(struct parser *parser, const struct word *word, enum item_kind kind,
			bool except);

/* parse-objects.c */
int object_path(struct parser *parser, const struct word *word, bool except);
int object_exec(struct parser *parser, const struct word *word, bool except);
int object_unix(struct parser *parser, const struct word *word, bool except);
int object_dev(struct parser *parser, const struct word *word, bool except);
int object_address(struct parser *parser, const struct word *word, bool except);
int object_method(struct parser *parser, const struct word *word, bool except);
/* Does this device belong to a bundle? Its name, or NULL. */
const char *dev_bundle_of(const char *path);

/* parse-settings.c */
int parse_bind(struct parser *parser);
int parse_env(struct parser *parser);
int parse_limit(struct parser *parser);

/* policy.c */
int policy_load(struct policy *policy, struct parser *from, const char *name,
		struct policy_error *error);
int policy_add(struct policy *policy, struct line *line);

/* resolve.c: fills in found, followed, real and links. Returns 0 or -ENOMEM. */
int resolve_item(struct policy *policy, struct item *item);
/* The same for the first @count parts only; those behind them stay as they are. */
int resolve_parts(struct policy *policy, struct item *item, size_t count);
/* What a name that the child says means one level up, by the views. Returns false: too long. */
bool resolve_view(const struct policy *policy, const char *path, char *ret, size_t size);
/* Is @path the name @root or beneath it? */
bool path_is_in(const char *path, const char *root);

/* seal-binds.c: the views, before anything else is resolved. */
int seal_binds(struct policy *policy, struct policy_error *error);
/* seal-apart.c: under `sealed`, may anything below this root of execution be written? Complains. */
int seal_apart(const struct policy *policy, const char *root, struct policy_error *error);
/* Does policy_test run this `test` line? */
bool line_is_run(const struct line *line);
/* compile.c: the matcher of all path rules, and what stands in it. */
int compile_matcher(struct policy *policy, bool follow);
/* The complaint about a line after it was parsed. */
int seal_fail(struct policy_error *error, int code, const struct line *line,
	      const struct item *item, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* judge.c */
struct outcome judge_outcome(const struct policy *policy, const char *name);
struct verdict judge_verdict(const struct policy *policy, const struct outcome *outcome,
			     unsigned int want);

/* judge-address.c: an address and, if @host is given, the name that it was found by. */
struct verdict judge_address(const struct policy *policy, enum verb verb,
			     const struct address *address, const char *host, policy_lookup *lookup,
			     void *data, const struct sockaddr *sa);

#endif
