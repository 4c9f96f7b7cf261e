/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a policy is made of: lines and their objects, files, layers. For those who make one, and
 * those who judge by it.
 */
#ifndef POLICY_PARTS_H
#define POLICY_PARTS_H

#include <stdatomic.h>

#include "common/address.h"
#include "common/arena.h"
#include "common/pattern.h"
#include "policy/matcher.h"
#include "policy/policy.h"

#define LINES_MAX  4096
#define ITEMS_MAX  16384
#define GUARDS_MAX 512
#define BINDS_MAX  512
#define LAYERS_MAX 1024

enum item_kind {
	ITEM_PATH,     /* pattern */
	ITEM_COMMAND,  /* text: a bare name, for PATH */
	ITEM_ABSTRACT, /* text: a glob, without the @ */
	ITEM_ADDRESS,  /* address */
	ITEM_NAME,     /* text: a glob, of an environment variable or a method */
	ITEM_SET,      /* text = value */
	ITEM_LIMIT,    /* limit = number */
	ITEM_MARK,     /* pattern, for the matcher as it is: of an image */
};

/* What a name of a line is to the matcher. */
enum mark {
	MARK_GIVES,  /* the line allows it */
	MARK_TAKES,  /* the line takes it away, carves it out of itself, or asks about it */
	MARK_SPARES, /* what a line that takes away leaves alone */
	MARK_LINK,   /* a link on the way to what it allows: may be looked up, and that is all */
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
	bool at_cwd; /* it begins at ${cwd} */
	unsigned int column;
	const char *text;
	const char *value;
	enum limit limit;
	uint64_t number;
	struct address_pattern *address;
	struct pattern pattern;
	enum mark mark;

	/* What finishing finds. */
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
	bool yields;		  /* to what policy_line gives by name */
};

/* One of the policies that a joined one is made of; plain itself. */
struct layer {
	struct policy *policy;
	unsigned int first; /* its lines are numbered from here on, among those of all layers */
};

struct policy {
	atomic_uint references; /* besides the first */
	struct layer *layers;	/* of a joined policy, the outermost first; NULL: it is plain */
	size_t layer_count;
	char *strings; /* of a joined policy's binds and places */

	struct arena arena;
	struct policy_env env;
	bool broken; /* a line failed */
	bool finished;
	_Atomic uint64_t content; /* a hash of what policy/image.c writes; 0: not known yet */

	struct line **lines;
	size_t count;
	size_t room;
	size_t item_count; /* of all lines */

	const struct rule **rules; /* made by finishing */
	size_t rule_count;

	struct policy_file **files; /* read already: a file that is used twice counts once */
	size_t file_count;
	size_t file_room;
	const char *about;

	struct resolving *resolving; /* while finishing; NULL: not needed yet */
	struct matcher *matcher;
	const struct line *sealed; /* the first `sealed`; NULL: there is none */
	struct memo *memo;
	struct policy_bind *binds;
	size_t bind_count;
	const char **exec_roots;
	size_t exec_root_count;
	const char *const *exec_places; /* the roots, views followed */
	size_t exec_place_count;
	uint16_t guard_count;
	uint16_t *guard_line; /* by guard */
};

/* Is this `test` line run? Not those of policies that others use: who uses them may allow more. */
static inline bool line_is_run(const struct line *line)
{
	return !line->file || line->file->named;
}

int policy_add(struct policy *policy, struct line *line);
/* One more item at the end of a line, not filled in; @room: how many the first ones get, not 0.
 * NULL: no memory. */
struct item *line_item(struct policy *policy, struct line *line, size_t room);
/* Adds the lines up for policy_rules. */
int collect_rules(struct policy *policy);
/* Are these bytes such a name? */
bool is_env_name(const char *name, size_t size, bool glob);
bool is_method_byte(char c);

#endif
