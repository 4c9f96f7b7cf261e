/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies of several levels as one: each case of what joining means. tests/nested has the model.
 */
#include "policy_help.h"
#include "scratch.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "judge/restrict.h"
#include "policy/image.h"
#include "policy/image_read.h"

static void make_tree(void)
{
	static const char *const names[] = { "a", "b", "c", "a/x", "b/x", "a/x/y" };

	scratch_make();
	for (size_t i = 0; i < array_size(names); i++)
		ck_assert_int_eq(mkdir(scratch_path(names[i]), 0700), 0);
}

/* A policy of lines in which @ stands for the tree. */
static struct policy *make(const char *lines)
{
	char text[1024];
	size_t n = 0;

	for (; *lines; lines++)
		n += (size_t)(*lines == '@' ? sprintf(text + n, "%s", scratch)
					    : sprintf(text + n, "%c", *lines));
	text[n] = '\0';
	return help_policy(text);
}

static const char *at(const char *name)
{
	static char paths[4][256];
	static unsigned int turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s%s", scratch, name);
	return path;
}

static struct policy *join(struct policy *outer, struct policy *inner)
{
	struct policy *joined;

	ck_assert_int_eq(policy_join(outer, inner, &joined), 0);
	policy_free(outer);
	policy_free(inner);
	return joined;
}

static struct policy *join_lines(const char *outer, const char *inner)
{
	return join(make(outer), make(inner));
}

START_TEST(join_grants_what_both_grant)
{
	static const struct {
		const char *outer, *inner, *name;
		unsigned int right;
		enum decision decision;
		const char *rule; /* that decided */
	} rows[] = {
		{"read /a",	     "read /a",	"/a",   RIGHT_READ,  DECISION_ALLOW, "read /a"	    },
		{ "read /a",	     "write /a",	 "/a",   RIGHT_WRITE, DECISION_DENY,  NULL		},
		{ "read /a",	     "write /a",	 "/a",   RIGHT_READ,  DECISION_ALLOW, "write /a"    },
		{ "read /b",	     "read /a",	"/a",   RIGHT_READ,  DECISION_DENY,	 NULL	      },
		{ "hide /a/b",	       "read /a",	  "/a/b", RIGHT_READ,  DECISION_HIDE,  "hide /a/b"	 },
		{ "read /a",	     "hide /a",	"/a",   RIGHT_READ,  DECISION_HIDE,	 "hide /a"	   },
		{ "read /a\nhide /a", "deny read /a", "/a",   RIGHT_READ,	DECISION_HIDE,  "hide /a"	 },
		{ "read /a",	     "ask read /a",  "/a",	  RIGHT_READ,  DECISION_ASK,   "ask read /a" },
		{ "ask read /a",	 "read /a",	    "/a",	  RIGHT_READ,  DECISION_ASK,   "ask read /a" },
		{ "deny read /a",	  "ask read /a",	 "/a",   RIGHT_READ,  DECISION_DENY,  "deny read /a"},
 /* no line allows it inside, and a line refuses it outside: the line is told */
		{ "deny read /a",	  "list /",	    "/a",	  RIGHT_READ,  DECISION_DENY,  "deny read /a"},
		{ "list /",	    "deny read /a", "/a",	  RIGHT_READ,  DECISION_DENY,  "deny read /a"},
		{ "read /a",	     "read /a/b",	  "/a",	RIGHT_STAT,  DECISION_ALLOW, "read /a/b"	},
		{ "read /a/b",	       "read /a",	  "/",    RIGHT_STAT,  DECISION_ALLOW, "read /a"     },
		{ "write /\nsealed",  "exec /",       "/x",   RIGHT_EXEC,	 DECISION_DENY,	NULL	     },
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct policy *joined = join_lines(rows[i].outer, rows[i].inner);

		/* the second time it is remembered */
		for (int j = 0; j < 2; j++) {
			struct verdict v = policy_judge(joined, rows[i].name, rows[i].right);

			ck_assert_msg(v.decision == rows[i].decision, "%s | %s", rows[i].outer,
				      rows[i].inner);
			if (rows[i].rule)
				ck_assert_str_eq(v.rule->text, rows[i].rule);
			else
				ck_assert_ptr_null(v.rule);
		}
		policy_free(joined);
	}
}
END_TEST

START_TEST(join_leads_names_through_the_views)
{
	/* the level sees @/a/x as @/b; its child sees @/b as @/c */
	struct policy *joined =
		join_lines("read @/a @/b @/c\nbind @/b @/a/x rw\ndeny read @/a/x/no",
			   "read @/b @/c\nbind @/c @/b rw\nhide @/b/h");

	ck_assert_int_eq(help_judge(joined, at("/c/f"), RIGHT_READ), DECISION_ALLOW);
	ck_assert_int_eq(help_judge(joined, at("/c/f"), RIGHT_WRITE), DECISION_ALLOW);
	/* by the level's second name, by its own, by neither */
	ck_assert_int_eq(help_judge(joined, at("/c/no"), RIGHT_READ), DECISION_DENY);
	ck_assert_int_eq(help_judge(joined, at("/b/no"), RIGHT_READ), DECISION_DENY);
	ck_assert_int_eq(help_judge(joined, at("/c/h"), RIGHT_READ), DECISION_HIDE);
	ck_assert_int_eq(help_judge(joined, at("/a/f"), RIGHT_READ), DECISION_DENY);
	/* real names are the outermost level's */
	ck_assert_int_eq(policy_judge_carved(joined, at("/a/x/no"), RIGHT_READ).decision,
			 DECISION_DENY);
	ck_assert_int_eq(policy_judge_carved(joined, at("/b/h"), RIGHT_READ).decision,
			 DECISION_ALLOW);
	policy_free(joined);
}
END_TEST

static void check_binds(const struct policy *policy, const char *want)
{
	size_t count;
	const struct policy_bind *binds = policy_binds(policy, &count);
	char text[1024] = "";

	for (size_t i = 0; i < count; i++)
		sprintf(text + strlen(text), "%s=%s:%s\n",
			binds[i].name + (strncmp(binds[i].name, scratch, strlen(scratch))
						 ? 0
						 : strlen(scratch)),
			binds[i].target + strlen(scratch), binds[i].writable ? "rw" : "ro");
	ck_assert_str_eq(text, want);
}

START_TEST(join_composes_views)
{
	static const struct {
		const char *outer, *inner, *want;
	} rows[] = {
		{"bind @/b @/a ro",    "read /",			       "/b=/a:ro\n"			    },
		{ "read /",	    "bind @/b @/a rw",		       "/b=/a:rw\n"			    },
		{ "bind @/b @/a/x ro", "bind @/c @/b rw",			  "/b=/a/x:ro\n/c=/a/x:ro\n"	     },
		{ "bind @/b @/a rw",   "bind @/c @/b/x ro",		  "/b=/a:rw\n/c=/a/x:ro\n"		   },
 /* what is bound below a target comes along, unless another view hides it */
		{ "bind @/a/x @/c rw", "bind @/b @/a rw",			  "/a/x=/c:rw\n/b/x=/c:rw\n/b=/a:rw\n"},
		{ "bind @/a/x @/c rw", "bind @/b @/a ro\nbind @/b/x @/b rw",
		  "/a/x=/c:rw\n/b/x=/b:rw\n/b=/a:ro\n"							    },
		{ "bind @/a/x @/c rw", "bind @/b @/a ro",			  "/a/x=/c:rw\n/b/x=/c:ro\n/b=/a:ro\n"},
 /* an outer view below an inner one's name is out of sight */
		{ "bind @/a/x @/c rw", "bind @/a @/b rw",			  "/a=/b:rw\n"			       },
		{ "bind @/a @/b rw",   "bind @/a/x @/a rw",		  "/a/x=/b:rw\n/a=/b:rw\n"		   },
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct policy *joined = join_lines(rows[i].outer, rows[i].inner);

		check_binds(joined, rows[i].want);
		policy_free(joined);
	}
}
END_TEST

static void check_places(const struct policy *policy, const char *want)
{
	size_t count;
	const char *const *places = policy_exec_places(policy, &count);
	char text[1024] = "";

	for (size_t i = 0; i < count; i++)
		sprintf(text + strlen(text), "%s ",
			places[i] + (strncmp(places[i], scratch, strlen(scratch))
					     ? 0
					     : strlen(scratch)));
	ck_assert_str_eq(text, want);
}

START_TEST(join_intersects_the_floors)
{
	static const struct {
		const char *outer, *inner, *want;
	} rows[] = {
		{"exec /u /v",				"exec /u /w",		      "/u "	    },
		{ "exec /u",				 "exec /u/b",			  "/u/b "	  },
		{ "exec /u/b /u/c /v",		       "exec /u",			  "/u/b /u/c "},
		{ "exec /u",				 "exec /ub",			 ""	    },
		{ "exec /u/b /u-b /u",		       "exec /u /u-b/c",		 "/u /u-b/c "},
		{ "exec /",				  "exec /u/**",		  "/u "	},
		{ "exec /u",				 "read /u",			""	   },
		{ "exec /",				  "exec /u /u-b /u/z",		 "/u /u-b "  },
		{ "exec /u /u/z /u-b",		       "exec /",			 "/u /u-b "  },
 /* what is bound below a root comes along */
		{ "exec /",				  "exec @/b\nbind @/b/x @/a ro", "/a /b "    },
 /* through the views of both levels */
		{ "exec @/a/x\nbind @/b @/a/x ro\nexec @/b", "exec @/c\nbind @/c @/b ro",	  "/a/x "	  },
		{ "exec @/a",				"exec @/c\nbind @/c @/b ro",   ""	      },
		{ "exec @/b\nbind @/b @/a ro",	       "exec @/b/x",		     "/a/x "     },
 /* the level gives itself nothing by naming its own place as the target */
		{ "exec /u",				 "exec @/c\nbind @/c / ro",	"/u "	      },
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct policy *joined = join_lines(rows[i].outer, rows[i].inner);

		check_places(joined, rows[i].want);
		policy_free(joined);
	}
}
END_TEST

START_TEST(join_leaves_equal_layers_out)
{
	struct policy *chain = make("read @/a\nexec /u"), *same = make("read @/a\nexec /u");
	struct policy *joined;

	for (int i = 0; i < 64; i++) {
		ck_assert_int_eq(policy_join(chain, same, &joined), 0);
		ck_assert_ptr_eq(joined, chain);
		policy_free(joined);
	}
	ck_assert_uint_eq(policy_layers(chain), 1);
	ck_assert(policy_equal(chain, same));
	/* one that is equal to a layer further out, without a view between them */
	chain = join(chain, make("read @/a @/b\nexec /u"));
	ck_assert(policy_equal(chain, chain) && !policy_equal(chain, same));
	ck_assert_int_eq(policy_join(chain, same, &joined), 0);
	ck_assert_ptr_eq(joined, chain);
	policy_free(joined);
	/* and with one: it judges other names */
	chain = join(chain, make("read @/a @/b\nbind @/b @/a"));
	ck_assert_int_eq(policy_join(chain, same, &joined), 0);
	ck_assert_uint_eq(policy_layers(joined), 4);
	policy_free(joined);
	policy_free(chain);
	policy_free(same);
	/* equal views are no equal layers either */
	joined = join_lines("read @/a @/b\nbind @/b @/a", "read @/a @/b\nbind @/b @/a");
	ck_assert_uint_eq(policy_layers(joined), 2);
	policy_free(joined);
}
END_TEST

START_TEST(join_of_joined_policies_is_the_same_chain)
{
	struct policy *abc, *bc, *b = make("read @/a @/b\nbind @/b @/a rw"), *c, *a;
	struct policy *ab, *chain;

	a = make("write @/a\nhide @/a/h");
	c = make("read @/c\nbind @/c @/b rw");
	ck_assert_int_eq(policy_join(a, b, &ab), 0);
	ck_assert_int_eq(policy_join(ab, c, &abc), 0);
	ck_assert_int_eq(policy_join(b, c, &bc), 0);
	ck_assert_int_eq(policy_join(a, bc, &chain), 0);
	ck_assert_uint_eq(policy_layers(abc), 3);
	ck_assert_uint_eq(policy_layers(chain), 3);
	ck_assert_int_eq(help_judge(abc, at("/c/h"), RIGHT_READ), DECISION_HIDE);
	ck_assert_int_eq(help_judge(chain, at("/c/h"), RIGHT_READ), DECISION_HIDE);
	ck_assert_int_eq(help_judge(chain, at("/c/f"), RIGHT_WRITE), DECISION_ALLOW);
	check_binds(chain, "/b=/a:rw\n/c=/a:rw\n");
	policy_free(a);
	policy_free(b);
	policy_free(c);
	policy_free(ab);
	policy_free(bc);
	policy_free(abc);
	ck_assert_int_eq(help_judge(chain, at("/c/g"), RIGHT_WRITE), DECISION_ALLOW);
	policy_free(chain);
}
END_TEST

START_TEST(join_no_view_touches_processes)
{
	struct policy *outer = make("read /proc @/a\nlist /"), *inner, *joined;

	/* The engine opens /proc/NUMBER and judges /proc/self. */
	inner = make("bind /proc/self/x @/a rw");
	ck_assert_int_eq(policy_join(outer, inner, &joined), -EINVAL);
	policy_free(inner);
	inner = make("bind /proc/12 @/a rw");
	ck_assert_int_eq(policy_join(outer, inner, &joined), -EINVAL);
	ck_assert_int_eq(policy_join(inner, outer, &joined), -EINVAL);
	policy_free(inner);
	inner = make("bind @/c /proc ro\nread /");
	ck_assert_int_eq(policy_join(outer, inner, &joined), 0);
	ck_assert_int_eq(help_judge(joined, at("/c/self/mem"), RIGHT_READ), DECISION_HIDE);
	ck_assert_int_eq(help_judge(joined, at("/c/version"), RIGHT_READ), DECISION_ALLOW);
	ck_assert_int_eq(help_judge(joined, "/proc/self/status", RIGHT_READ), DECISION_ALLOW);
	policy_free(joined);
	policy_free(inner);
	inner = make("bind /proc @/a ro\nread /");
	ck_assert_int_eq(policy_join(outer, inner, &joined), 0);
	ck_assert_int_eq(help_judge(joined, "/proc/self/status", RIGHT_READ), DECISION_HIDE);
	ck_assert_int_eq(help_judge(joined, "/proc/version", RIGHT_READ), DECISION_ALLOW);
	policy_free(joined);
	policy_free(inner);
	policy_free(outer);
}
END_TEST

START_TEST(join_moves_keep_what_every_layer_carved_out)
{
	struct policy *joined = join_lines("write @\ndeny write **/.git/hooks/**\nhide @/a/x/h",
					   "write @\nbind @/b @/a rw\ndeny exec @/c/data");

	ck_assert_int_eq(policy_judge_move(joined, at("/c/p"), at("/c/q")).decision,
			 DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_move(joined, at("/c/.git"), at("/c/q")).decision,
			 DECISION_DENY);
	ck_assert_int_eq(policy_judge_move(joined, at("/c/data"), at("/c/q")).decision,
			 DECISION_DENY);
	/* @/b/x is @/a/x one level out, and there is something hidden below it */
	ck_assert_int_eq(policy_judge_move(joined, at("/b/x"), at("/c/q")).decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_move(joined, at("/b/y"), at("/c/q")).decision,
			 DECISION_ALLOW);
	policy_free(joined);
	/* by the names that the layer's own view leads to, on either side */
	joined = join_lines("write @",
			    "write @\nbind @/b @/a rw\ndeny exec @/a/data\ndeny write @/a/keep");
	ck_assert_int_eq(policy_judge_move(joined, at("/b/q"), at("/c/q")).decision,
			 DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_move(joined, at("/b/data"), at("/c/q")).decision,
			 DECISION_DENY);
	ck_assert_int_eq(policy_judge_move(joined, at("/c/q"), at("/b/keep")).decision,
			 DECISION_DENY);
	policy_free(joined);
	/* and none to where processes are */
	joined = join_lines("write /", "write /\nbind @/b /proc rw");
	ck_assert_int_eq(policy_judge_move(joined, at("/b/x"), at("/c/q")).decision,
			 DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_move(joined, at("/b/self/x"), at("/c/q")).decision,
			 DECISION_DENY);
	ck_assert_int_eq(policy_judge_move(joined, at("/c/q"), at("/b/7/x")).decision,
			 DECISION_DENY);
	policy_free(joined);
}
END_TEST

/* A directory is listed as it is only where no layer hides a name of it. */
START_TEST(join_hides_in_what_a_layer_hides_in)
{
	static const struct {
		const char *outer, *inner, *directory;
		bool hides;
	} rows[] = {
		{"read /\nhide @/a/x/h",  "read /",				    "/a/x",    true },
		{ "read /",		    "read /\nhide @/a/x/h",		    "/a/x",    true },
		{ "read /\nhide @/a/x/h", "read /",				    "/c",	  false},
		{ "read /\nhide @/a/x/h", "read /\nbind @/c @/a rw",		     "/c/x",    true },
		{ "read /",		    "read /\nbind @/c @/a rw\nhide @/a/x/h", "/c/x",    true },
		{ "read /",		    "read /\nbind @/c @/a rw\nhide @/a/x/h", "/c/y",    false},
		{ "read /",		    "read /\nbind @/c /proc rw",		 "/c/self", true },
		{ "read /",		    "read /\nbind @/c /proc rw",		 "/c/sys",  false},
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct policy *joined = join_lines(rows[i].outer, rows[i].inner);

		ck_assert_msg(policy_hides_in(joined, at(rows[i].directory)) == rows[i].hides,
			      "%zu", i);
		policy_free(joined);
	}
}
END_TEST

/* More patterns than a walk has room for: nobody knows, and so it is refused. And more lines. */
static struct policy *make_wide(const char *more)
{
	char *text = calloc(1, 1 << 17), many[256];
	size_t n = (size_t)sprintf(text, "%s", more);
	struct policy *policy;

	memset(many, 'a', sizeof(many));
	for (int i = 1; i <= 200; i++)
		n += (size_t)sprintf(text + n, "\nread /%.*s*/x /*%.*s/x", i, many, i, many);
	policy = help_policy(text);
	free(text);
	return policy;
}

START_TEST(join_refuses_what_a_layer_cannot_tell)
{
	struct policy *joined;
	char name[512], below[1024], more[600];

	name[0] = '/';
	memset(name + 1, 'a', 220);
	strcpy(name + 221, "/x");
	for (int i = 0; i < 2; i++) {
		joined = i ? join(make("read /"), make_wide("read /q"))
			   : join(make_wide("read /q"), make("read /"));
		ck_assert_int_eq(help_judge(joined, name, RIGHT_READ), DECISION_DENY);
		ck_assert_int_eq(help_judge(joined, "/ab/x", RIGHT_READ), DECISION_ALLOW);
		policy_free(joined);
	}
	/* the same of a name that only the layer's own view leads to */
	snprintf(more, sizeof(more), "read %s\nbind %s / rw", at("/b"), at("/b"));
	joined = join(make("read /"), make_wide(more));
	snprintf(below, sizeof(below), "%s%s", at("/b"), name);
	ck_assert_int_eq(help_judge(joined, below, RIGHT_READ), DECISION_DENY);
	ck_assert_int_eq(help_judge(joined, at("/b/ab/x"), RIGHT_READ), DECISION_ALLOW);
	policy_free(joined);
}
END_TEST

static unsigned int looked_up;

static bool lookup(void *data, const char *host, const struct sockaddr *address, bool widely)
{
	looked_up++;
	return strcmp(host, data) == 0;
}

static enum decision connect_to(const struct policy *policy, uint32_t ip, uint16_t port,
				const char *host)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	in.sin_addr.s_addr = htonl(ip);
	return policy_judge_address(policy, VERB_CONNECT, (struct sockaddr *)&in, sizeof(in),
				    lookup, (void *)host)
		.decision;
}

static void count_host(void *data, const char *host)
{
	*(unsigned int *)data += strcmp(host, "x.org") == 0;
}

START_TEST(join_addresses_need_every_layer)
{
	struct policy *joined = join_lines("connect 10.0.0.0/8:* *:443\nask connect *:80",
					   "connect *:443 10.1.0.0/16:* *:80");

	ck_assert_int_eq(connect_to(joined, 0x0a010101, 9, ""), DECISION_ALLOW);
	ck_assert_int_eq(connect_to(joined, 0x0a020101, 9, ""), DECISION_DENY);
	ck_assert_int_eq(connect_to(joined, 0x01020304, 443, ""), DECISION_ALLOW);
	ck_assert_int_eq(connect_to(joined, 0x01020304, 80, ""), DECISION_ASK);
	policy_free(joined);
	/* who would ask does not have to where another refuses */
	joined = join_lines("ask connect *:80", "connect *:443");
	ck_assert_int_eq(connect_to(joined, 0x01020304, 80, ""), DECISION_DENY);
	policy_free(joined);
}
END_TEST

/* A question to a name server tells the world something; a level may have none asked that the
 * levels outside would not ask. */
START_TEST(join_resolves_no_name_that_an_outer_layer_does_not_know)
{
	static const struct {
		const char *outer, *inner;
		unsigned int hosts;
		enum decision decision;
	} rows[] = {
		{"connect *:443",	   "connect x.org:443",		1, DECISION_ALLOW},
		{ "connect x.org:443",     "connect x.org:443 y.org:443", 2, DECISION_ALLOW},
		{ "connect x.org:443",     "connect *:443",		1, DECISION_ALLOW},
		{ "connect 1.0.0.0/8:443", "connect x.org:443",		0, DECISION_DENY },
		{ "connect y.org:443",     "connect x.org:443",	    0, DECISION_DENY },
		{ "read /",		    "connect x.org:443",		 0, DECISION_DENY },
		{ "ask connect x.org:443", "connect x.org:443",		2, DECISION_ASK	},
	};

	for (size_t i = 0; i < array_size(rows); i++) {
		struct policy *joined = join_lines(rows[i].outer, rows[i].inner);
		unsigned int hosts = 0;

		policy_each_host(joined, count_host, &hosts);
		ck_assert_uint_eq(hosts, rows[i].hosts);
		/* y.org is a name, too */
		ck_assert(policy_names_hosts(joined) == (hosts > 0 || i == 4));
		looked_up = 0;
		ck_assert_msg(connect_to(joined, 0x01020304, 443, "x.org") == rows[i].decision,
			      "%zu", i);
		if (i == 3 || i == 5)
			ck_assert_uint_eq(looked_up, 0);
		policy_free(joined);
	}
}
END_TEST

START_TEST(join_of_the_rest)
{
	struct policy *joined =
		join(help_policy("unix @bus-*\nmethod camera.*\ndeny method camera.raw\n"
				 "limit mem=2G procs=9 pending=5"),
		     help_policy("unix @bus-a @q\nmethod *\nask method camera.ask\n"
				 "limit mem=1G children=3 pending=7\nenv keep A"));
	const char *value;

	ck_assert_int_eq(policy_judge_abstract(joined, "bus-a", 5).decision, DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_abstract(joined, "bus-b", 5).decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_abstract(joined, "q", 1).decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_method(joined, "camera.x").decision, DECISION_ALLOW);
	ck_assert_ptr_nonnull(policy_judge_method(joined, "camera.x").rule);
	ck_assert_int_eq(policy_judge_method(joined, "camera.raw").decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_method(joined, "log").decision, DECISION_DENY);
	ck_assert_uint_eq(policy_limit(joined, LIMIT_MEM), (uint64_t)1 << 30);
	ck_assert_uint_eq(policy_limit(joined, LIMIT_PROCS), 9);
	ck_assert_uint_eq(policy_limit(joined, LIMIT_CHILDREN), 3);
	ck_assert_uint_eq(policy_limit(joined, LIMIT_PENDING), 5);
	ck_assert_uint_eq(policy_limit(joined, LIMIT_CPU), 0);
	ck_assert(!policy_has(joined, VERB_SEALED));
	ck_assert(policy_has(joined, VERB_METHOD));
	ck_assert(policy_env_keep(joined, "A", &value));
	policy_free(joined);
	joined = join_lines("method camera.*\nunix @a", "ask method camera.x log\nunix @b");
	ck_assert_int_eq(policy_judge_method(joined, "camera.x").decision, DECISION_ASK);
	ck_assert_int_eq(policy_judge_method(joined, "log").decision, DECISION_DENY);
	policy_free(joined);
	joined = join_lines("sealed", "read /");
	ck_assert(policy_has(joined, VERB_SEALED) && policy_sealed(joined));
	policy_free(joined);
}
END_TEST

START_TEST(method_is_denied_unless_a_line_allows_it)
{
	struct policy *policy = help_policy("method camera.* log except camera.raw\n"
					    "deny method *.off\nask method ask.me");
	static const struct {
		const char *name;
		enum decision decision;
	} rows[] = {
		{"camera.frame", DECISION_ALLOW},
		    { "log",	     DECISION_ALLOW},
		{ "logs",	  DECISION_DENY },
		    { "camera",	DECISION_DENY },
		{ "camera.raw",	DECISION_DENY },
		    { "camera.off",  DECISION_DENY },
		{ "ask.me",	    DECISION_ASK	 },
		    { "",		  DECISION_DENY },
	};

	for (size_t i = 0; i < array_size(rows); i++)
		ck_assert_int_eq(policy_judge_method(policy, rows[i].name).decision,
				 rows[i].decision);
	ck_assert_str_eq(policy_judge_method(policy, "camera.off").rule->text, "deny method *.off");
	policy_free(policy);
}
END_TEST

/* How often a layer that has a view, so that it is not left out, can be joined to itself. */
static int join_often(struct policy *layer, size_t *ret_layers)
{
	struct policy *chain = policy_ref(layer), *joined;
	int r;

	while ((r = policy_join(chain, layer, &joined)) == 0) {
		policy_free(chain);
		chain = joined;
	}
	*ret_layers = policy_layers(chain);
	policy_free(chain);
	policy_free(layer);
	return r;
}

START_TEST(join_bounds_hold)
{
	struct policy *layer;
	struct policy_error error;
	char bind[256];
	size_t layers;

	ck_assert_int_eq(join_often(make("bind @/b @/a"), &layers), -E2BIG);
	ck_assert_uint_eq(layers, 1024);
	ck_assert_int_eq(policy_new(&help_env, &layer), 0);
	snprintf(bind, sizeof(bind), "bind %s %s", at("/b"), at("/a"));
	ck_assert_int_eq(policy_line(layer, "x", bind, &error), 0);
	for (int i = 1; i < 4096; i++)
		ck_assert_int_eq(policy_line(layer, "x", "sealed", &error), 0);
	ck_assert_int_eq(policy_finish(layer, &error), 0);
	ck_assert_int_eq(join_often(layer, &layers), -E2BIG);
	ck_assert_uint_eq(layers, 15); /* 16 times 4,096 is one too many */
}
END_TEST

/* A policy of one view, and one of many. */
static struct policy *make_view(const char *name, const char *target)
{
	struct policy_error error;
	struct policy *policy;
	char text[16384];

	snprintf(text, sizeof(text), "pcall-flat 1\nf\ts\tp\nl\t1\tbind\t-\tw\tx\nb\t%s\t%s\nend\n",
		 name, target);
	ck_assert_int_eq(policy_image_read(text, strlen(text), &help_env, &policy, &error), 0);
	return policy;
}

static struct policy *make_views(char letter, int count)
{
	struct policy_error error;
	struct policy *policy;
	char *text = malloc((size_t)count * 64 + 64);
	int n = sprintf(text, "pcall-flat 1\nf\ts\tp\n");

	for (int i = 0; i < count; i++)
		n += sprintf(text + n, "l\t1\tbind\t-\tw\tx\nb\t/%c%d\t/t\n", letter, i);
	n += sprintf(text + n, "end\n");
	ck_assert_int_eq(policy_image_read(text, (size_t)n, &help_env, &policy, &error), 0);
	free(text);
	return policy;
}

static int try_join(struct policy *outer, struct policy *inner)
{
	struct policy *joined;
	int r = policy_join(outer, inner, &joined);

	policy_free(outer);
	policy_free(inner);
	if (r == 0)
		policy_free(joined);
	return r;
}

START_TEST(join_bounds_views)
{
	char large[3001], middle[1501];

	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = i % 100 ? 'a' : '/';
	large[sizeof(large) - 1] = '\0';
	/* a target that is led on; and a view below a target, which comes along */
	ck_assert_int_eq(try_join(make_view("/n", large), make_view("/m", "/n/x")), 0);
	snprintf(middle, sizeof(middle), "/n%.1480s", large);
	ck_assert_int_eq(try_join(make_view("/n", large), make_view("/m", middle)), -ENAMETOOLONG);
	ck_assert_int_eq(try_join(make_view(middle, "/t"), make_view("/m", "/n")), 0);
	ck_assert_int_eq(try_join(make_view(middle, "/t"), make_view(large, "/n")), -ENAMETOOLONG);
	ck_assert_int_eq(try_join(make_views('o', 256), make_views('i', 256)), 0);
	ck_assert_int_eq(try_join(make_views('o', 256), make_views('i', 257)), -E2BIG);
	ck_assert_int_eq(try_join(make_views('o', 512), make_views('i', 512)), -E2BIG);
}
END_TEST

START_TEST(join_needs_sealed_policies)
{
	struct policy *policy, *sealed = make("read /a"), *joined;

	ck_assert_int_eq(policy_new(&help_env, &policy), 0);
	ck_assert_int_eq(policy_join(sealed, policy, &joined), -EINVAL);
	ck_assert_int_eq(policy_join(policy, sealed, &joined), -EINVAL);
	policy_free(policy);
	policy_free(sealed);
}
END_TEST

static void *judge_and_free(void *data)
{
	struct policy *joined = data;

	for (int i = 0; i < 20000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "/a/%d", i % 700);
		ck_assert_int_eq(help_judge(joined, name, RIGHT_READ),
				 i % 700 == 7 ? DECISION_HIDE : DECISION_ALLOW);
	}
	policy_free(joined);
	return NULL;
}

START_TEST(join_is_shared_by_threads_and_freed_by_the_last)
{
	struct policy *joined = join_lines("read /a\nhide /a/7", "read /a /b");
	pthread_t threads[4];

	for (size_t i = 0; i < array_size(threads); i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, judge_and_free, policy_ref(joined)), 0);
	policy_free(joined);
	for (size_t i = 0; i < array_size(threads); i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}
END_TEST

static bool whole(const char *lines, const char *directory)
{
	struct policy *policy = help_policy(lines);
	bool r = policy_gives_whole(policy, directory, RIGHT_UNIX | RIGHT_WRITE);

	policy_free(policy);
	return r;
}

START_TEST(a_directory_is_given_as_a_whole_or_not)
{
	ck_assert(whole("write /a\nunix /a", "/a"));
	ck_assert(whole("write /a\nunix /a", "/a/b/c"));
	ck_assert(!whole("write /a\nunix /a", "/"));
	ck_assert(!whole("write /a", "/a"));
	ck_assert(!whole("write /a/*\nunix /a", "/a"));
	ck_assert(whole("write /a/**\nunix /a", "/a"));
	ck_assert(!whole("write /a\nunix /a\nhide /a/b/c", "/a"));
	ck_assert(whole("write /a\nunix /a\nhide /a/b/c", "/a/c"));
	ck_assert(!whole("write /a\nunix /a\ndeny write **/x", "/a"));
	ck_assert(!whole("write /a\nunix /a\ndeny unix /a/*/x", "/a/b"));
	ck_assert(whole("write /a\nunix /a\ndeny exec **/x", "/a"));
	ck_assert(!whole("write /a except /a/b\nunix /a", "/a"));
	/* What a line that takes away leaves alone. */
	ck_assert(whole("write /a\nunix /a\ndeny write **/x except /a", "/a/b"));
	ck_assert(!whole("write /a\nunix /a\ndeny write **/x except /a/b", "/a"));
	ck_assert(whole("write /a\nunix /a\ndeny write **/x except /a/b", "/a/b"));
}
END_TEST

START_TEST(levels_give_as_a_whole_what_all_of_them_do)
{
	struct policy *outer = make("write @/a @/b\nunix @/a @/b\ndeny write @/b/x/y");
	struct policy *inner = make("write @\nunix @\nbind @/a/v @/b rw");
	unsigned int want = RIGHT_UNIX | RIGHT_WRITE;
	struct policy *both;

	ck_assert_int_eq(policy_join(outer, inner, &both), 0);
	ck_assert(policy_gives_whole(both, at("/a/x"), want));
	ck_assert(!policy_gives_whole(both, at("/a"), want)); /* a view lies there */
	ck_assert(!policy_gives_whole(both, at("/b"), want));
	ck_assert(!policy_gives_whole(both, at("/a/v/x"), want));
	ck_assert(policy_gives_whole(both, at("/a/v/z"), want));
	ck_assert(!policy_gives_whole(both, at("/c"), want));
	policy_free(both);
	policy_free(inner);
	policy_free(outer);
}
END_TEST

START_TEST(a_verb_that_each_level_has)
{
	struct policy *outer = help_policy("connect 10.0.0.1:80\nconnect 10.0.0.2:80");
	struct policy *inner = help_policy("listen 127.0.0.1:80"), *bare = help_policy("read /");
	struct policy *both, *all;

	ck_assert(policy_each_has(outer, VERB_CONNECT, VERB_CONNECT));
	ck_assert(!policy_each_has(outer, VERB_LISTEN, VERB_LISTEN));
	ck_assert(!policy_each_has(bare, VERB_CONNECT, VERB_LISTEN));
	ck_assert_int_eq(policy_join(outer, inner, &both), 0);
	ck_assert(policy_each_has(both, VERB_CONNECT, VERB_LISTEN));
	ck_assert(!policy_each_has(both, VERB_CONNECT, VERB_CONNECT));
	ck_assert_int_eq(policy_join(both, bare, &all), 0);
	ck_assert(!policy_each_has(all, VERB_CONNECT, VERB_LISTEN));
	policy_free(all);
	policy_free(both);
	policy_free(bare);
	policy_free(inner);
	policy_free(outer);
}
END_TEST

START_TEST(except_of_sockets_and_names_on_one_line)
{
	struct policy *policy = help_policy("unix /a @b-* except /a/x @b-x");

	ck_assert_int_eq(help_judge(policy, "/a/y", RIGHT_UNIX), DECISION_ALLOW);
	ck_assert_int_eq(help_judge(policy, "/a/x", RIGHT_UNIX), DECISION_DENY);
	ck_assert_int_eq(policy_judge_abstract(policy, "b-x", 3).decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_abstract(policy, "b-y", 3).decision, DECISION_ALLOW);
	policy_free(policy);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_join");
	TCase *tcase = test_case(suite, "join");

	tcase_set_timeout(tcase, 25);
	tcase_add_checked_fixture(tcase, make_tree, scratch_remove);
	tcase_add_test(tcase, join_grants_what_both_grant);
	tcase_add_test(tcase, join_leads_names_through_the_views);
	tcase_add_test(tcase, join_composes_views);
	tcase_add_test(tcase, join_intersects_the_floors);
	tcase_add_test(tcase, join_leaves_equal_layers_out);
	tcase_add_test(tcase, join_of_joined_policies_is_the_same_chain);
	tcase_add_test(tcase, join_no_view_touches_processes);
	tcase_add_test(tcase, join_moves_keep_what_every_layer_carved_out);
	tcase_add_test(tcase, join_hides_in_what_a_layer_hides_in);
	tcase_add_test(tcase, join_refuses_what_a_layer_cannot_tell);
	tcase_add_test(tcase, join_addresses_need_every_layer);
	tcase_add_test(tcase, join_resolves_no_name_that_an_outer_layer_does_not_know);
	tcase_add_test(tcase, join_of_the_rest);
	tcase_add_test(tcase, method_is_denied_unless_a_line_allows_it);
	tcase_add_test(tcase, join_bounds_hold);
	tcase_add_test(tcase, join_bounds_views);
	tcase_add_test(tcase, join_needs_sealed_policies);
	tcase_add_test(tcase, join_is_shared_by_threads_and_freed_by_the_last);
	tcase_add_test(tcase, a_directory_is_given_as_a_whole_or_not);
	tcase_add_test(tcase, levels_give_as_a_whole_what_all_of_them_do);
	tcase_add_test(tcase, a_verb_that_each_level_has);
	tcase_add_test(tcase, except_of_sockets_and_names_on_one_line);
	return suite;
}
