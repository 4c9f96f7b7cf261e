/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a policy is made of. Nobody outside this folder looks at it.
 *
 *   policy.c        life, files, lines, what others ask about single rules
 *   parse.c         words of a line to objects, by the table of verbs; parse-*.c the verbs' words
 *   resolve.c       where names lead: symbolic links, bare names, views
 *   policyc/finish.c          objects to one matcher
 *   judge*.c        answers
 *   join*.c         several levels' policies as one
 *   flat*.c         a sealed policy as text, on its way to another process
 */
#ifndef CORE_POLICY_INTERNAL_H
#define CORE_POLICY_INTERNAL_H

#include <stdatomic.h>

#include "common/address.h"
#include "common/arena.h"
#include "policyc/complain.h"
#include "policy/matcher.h"
#include "policy/memo.h"
#include "common/pattern.h"
#include "policy/policy.h"
#include "policyc/words.h"

#define USE_DEPTH_MAX 8
#define LINES_MAX     4096
#define ITEMS_MAX     16384
#define GUARDS_MAX    512
#define KNOWN_MAX     509
#define BINDS_MAX     512
#define LAYERS_MAX    1024

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
	ITEM_MARK,     /* pattern, for the matcher as it is: of a policy that was flattened */
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
	bool sealed;
	_Atomic uint64_t content; /* a hash of what policy/image.c writes; 0: not known yet */

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

	struct resolving *resolving; /* while sealing; NULL: not needed yet */
	struct matcher *matcher;
	const struct line *seal; /* the first `sealed`; NULL: there is none */
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
/* The word with its variables. */
int parse_expand(struct parser *parser, const struct word *word, int how, char **ret);
/* A new item at the end of the line; NULL: no memory, or more objects than a policy may have. */
struct item *parse_item(struct parser *parser, const struct word *word, enum item_kind kind,
			bool except);

/* policyc/parse_objects.c */
int object_path(struct parser *parser, const struct word *word, bool except);
int object_exec(struct parser *parser, const struct word *word, bool except);
int object_unix(struct parser *parser, const struct word *word, bool except);
int object_dev(struct parser *parser, const struct word *word, bool except);
int object_address(struct parser *parser, const struct word *word, bool except);
int object_method(struct parser *parser, const struct word *word, bool except);
/* Does this device belong to a bundle? Its name, or NULL. */
const char *dev_bundle_of(const char *path);

/* policyc/parse_settings.c */
int parse_bind(struct parser *parser);
int parse_env(struct parser *parser);
int parse_limit(struct parser *parser);

/* policyc/load.c: what policy_use does; @from: the line that uses it, or NULL. */
int policy_load(struct policy *policy, struct parser *from, const char *name,
		struct policy_error *error);

/* policy/parts.c */
int policy_add(struct policy *policy, struct line *line);
/* One more item at the end of a line, not filled in; @room: how many the first ones get, not 0.
 * NULL: no memory. */
struct item *line_item(struct policy *policy, struct line *line, size_t room);
/* Adds the lines up for policy_rules. */
int collect_rules(struct policy *policy);
/* Are these bytes such a name? */
bool is_env_name(const char *name, size_t size, bool glob);
bool is_method_byte(char c);

/* resolve.c: fills in found, followed, real and links. Returns 0 or -ENOMEM. */
int resolve_item(struct policy *policy, struct item *item);
/* The same for the first @count parts only; those behind them stay as they are. */
int resolve_parts(struct policy *policy, struct item *item, size_t count);

/* policyc/finish_binds.c: the views, before anything else is resolved. */
int seal_binds(struct policy *policy, struct policy_error *error);
/* policyc/finish_named.c: what policy_line gives by name. Lines that give a precious ${cwd} give
 * nothing if it is named, and are complained of if not; names are to be resolved. */
int check_precious(struct policy *policy, struct policy_error *error);
/* Carves what is named out of one line of a policy that yields. Returns whether there was any; then
 * the policy is to be compiled again. */
bool lift_one(struct policy *policy);
/* policyc/check_wx.c: under `sealed`, may anything below this root of execution be written?
 * Complains. */
int seal_apart(const struct policy *policy, const char *root, struct policy_error *error);
/* Does policy_test run this `test` line? */
bool line_is_run(const struct line *line);
/* compile.c: the matcher of all path rules, and what stands in it. */
int compile_matcher(struct policy *policy, bool follow);
/* Calls @each, in this order, for all names of a line that go into the matcher. */
typedef int compile_mark(void *data, const struct line *line, enum mark mark,
			 const struct pattern *pattern);
int compile_each(struct arena *arena, const struct line *line, bool follow, compile_mark *each,
		 void *data);
/* policyc/complain.c: the complaint about a line after it was parsed. */
int seal_fail(struct policy_error *error, int code, const struct line *line,
	      const struct item *item, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* judge.c: by the matcher of a plain policy; folded, what takes away takes from other spellings,
 * too (fold.h); by the memo, or else by all layers. */
struct outcome judge_outcome(const struct policy *policy, const char *name);
struct outcome judge_folded(const struct policy *policy, const char *name);
/* Does it take something away? So does an `except`, but for that of a line that takes away. */
bool effect_takes(const struct policy *policy, const struct effect *effect);
typedef struct outcome judge_name(const struct policy *policy, const char *name);
struct outcome judge_remembered(const struct policy *policy, const char *name, judge_name *judge);
bool judge_hides_in(const struct policy *policy, const char *directory);
bool judge_gives_whole(const struct policy *policy, const char *directory, unsigned int rights);
/* A decision with the rule of its line; NO_LINE: none. */
struct verdict judge_decided(const struct policy *policy, enum decision decision, uint16_t line);
enum decision decision_of(const struct outcome *outcome, int bit);
/* hide is worse than deny, deny than ask, ask than allow. */
bool decision_worse(enum decision a, enum decision b);
/* Nothing could be found out: every right is denied, and nobody may take it for "no line says so".
 */
#define OUTCOME_UNKNOWN 0x8000
/* Folded, the outcome is another one. */
#define OUTCOME_FOLDS 0x4000
extern const struct outcome outcome_unknown;
struct verdict judge_verdict(const struct policy *policy, const struct outcome *outcome,
			     unsigned int want);

/* policy/judge_address.c: an address and, if @host is given, the name that it was found by. */
struct verdict judge_address(const struct policy *policy, enum verb verb,
			     const struct address *address, const char *host, policy_lookup *lookup,
			     void *data, const struct sockaddr *sa);

struct verdict judge_abstract(const struct policy *policy, const char *name, size_t size);
struct verdict judge_method(const struct policy *policy, const char *name);
bool judge_names_hosts(const struct policy *policy);
void judge_each_host(const struct policy *policy, void (*each)(void *data, const char *host),
		     void *data);

/* policy/judge_move.c */
struct verdict judge_move(const struct policy *policy, const char *from, const char *to,
			  bool folded);
unsigned int judge_move_gains(const struct policy *policy, const char *from, const char *to);

/* policy/policy.c: the layer that speaks the child's names. */
const struct policy *policy_innermost(const struct policy *policy);
/* The rule of a line; of a joined policy's, which are counted over all layers, too. NO_LINE: NULL.
 */
const struct rule *policy_rule_at(const struct policy *policy, uint16_t line);

/* policy/layers.c: the same questions, of a joined policy. */
struct outcome join_outcome(const struct policy *policy, const char *name, bool folded);
struct verdict join_judge_move(const struct policy *policy, const char *from, const char *to,
			       bool folded);
unsigned int join_move_gains(const struct policy *policy, const char *from, const char *to);
bool join_gives_whole(const struct policy *policy, const char *directory, unsigned int rights);
bool join_hides_in(const struct policy *policy, const char *directory);
struct verdict join_judge_address(const struct policy *policy, enum verb verb,
				  const struct address *address, policy_lookup *lookup, void *data,
				  const struct sockaddr *sa);
struct verdict join_judge_abstract(const struct policy *policy, const char *name, size_t size);
struct verdict join_judge_method(const struct policy *policy, const char *name);
bool join_names_hosts(const struct policy *policy);
void join_each_host(const struct policy *policy, void (*each)(void *data, const char *host),
		    void *data);

/* policy/binds.c: the longest name first. */
void binds_sort(struct policy_bind *binds, size_t count);
/* What a name means one level up by views, the longest name first. Returns false: too long. */
bool binds_translate(const struct policy_bind *binds, size_t count, const char *path, char *ret,
		     size_t size);
/* The same by the views of a plain policy. */
bool resolve_view(const struct policy *policy, const char *path, char *ret, size_t size);
/* The real places below which a plain policy's roots lie, in the arena. */
int exec_places(struct arena *arena, const char *const *roots, size_t root_count,
		const struct policy_bind *binds, size_t bind_count, const char *const **ret,
		size_t *ret_count);
/* Drops what lies below another, in place, and sorts. Returns how many are left. */
size_t places_normalise(const char **places, size_t count);
/* What two normalised lists have in common; @ret has room for both. */
size_t places_intersect(const char *const *a, size_t a_count, const char *const *b, size_t b_count,
			const char **ret);
/* The views @inner, of names that the views @outer lead further. Returns 0, -E2BIG,
 * -ENAMETOOLONG or -ENOMEM. */
int binds_compose(struct arena *arena, const struct policy_bind *inner, size_t inner_count,
		  const struct policy_bind *outer, size_t outer_count, struct policy_bind **ret,
		  size_t *ret_count);
/* Is it, or is it below, what /proc has of one process? */
bool name_is_of_process(const char *name);

#endif
