/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The matcher against a slow, obvious one, on random policies and names; and moves against the
 * enumeration of everything that could lie beneath.
 *
 * Names are made of few letters, so that patterns and names meet often.
 */
#include "policy_help.h"

#include <fnmatch.h>

#include "common/cleanup.h"

#define PATTERN_MAX 4
#define RULE_MAX    6
#define DEPTH_MAX   4

static const char *const words[] = { "a", "b", "ab", "?", "*", "a*", "[!a]", "**" };
static const char *const names[] = { "a", "b", "ab" };

struct pattern_made {
	size_t count;
	const char *part[5];
};

enum kind { READ_RULE, WRITE_RULE, EXEC_RULE, LIST_RULE, HIDE_RULE, DENY_RULE, ASK_RULE, KINDS };

static const struct {
	const char *text;
	unsigned int rights;
} kinds[KINDS] = {
	{"read",	  RIGHT_STAT | RIGHT_LIST | RIGHT_READ	       },
	{ "write",	   RIGHT_STAT | RIGHT_LIST | RIGHT_READ | RIGHT_WRITE},
	{ "exec",	  RIGHT_STAT | RIGHT_LIST | RIGHT_READ | RIGHT_EXEC },
	{ "list",	  RIGHT_STAT | RIGHT_LIST				  },
	{ "hide",	  0x7f					      },
	{ "deny write", RIGHT_WRITE				       },
	{ "ask read",   RIGHT_STAT | RIGHT_LIST | RIGHT_READ		   },
};

struct rule_made {
	enum kind kind;
	struct pattern_made pattern;
	bool has_except;
	struct pattern_made except;
};

struct name_made {
	size_t count;
	const char *part[DEPTH_MAX + 4];
};

static unsigned int seed;

static size_t below(size_t n)
{
	return (size_t)rand_r(&seed) % n;
}

static void make_pattern(struct pattern_made *p)
{
	p->count = 1 + below(PATTERN_MAX);
	for (size_t i = 0; i < p->count; i++)
		p->part[i] = words[below(array_size(words))];
}

static void print_pattern(char *to, const struct pattern_made *p)
{
	strcat(to, " ");
	for (size_t i = 0; i < p->count; i++) {
		strcat(to, "/");
		strcat(to, p->part[i]);
	}
}

static void print_name(char *to, const struct name_made *name)
{
	to[0] = '\0';
	for (size_t i = 0; i < name->count; i++) {
		strcat(to, "/");
		strcat(to, name->part[i]);
	}
	if (name->count == 0)
		strcat(to, "/");
}

/* Does the pattern from i on match exactly the name's parts from j to end? */
static bool matches(const struct pattern_made *p, size_t i, const struct name_made *n, size_t j,
		    size_t end)
{
	if (i == p->count)
		return j == end;
	if (strcmp(p->part[i], "**") == 0) {
		for (size_t k = j; k <= end; k++)
			if (matches(p, i + 1, n, k, end))
				return true;
		return false;
	}
	return j < end && fnmatch(p->part[i], n->part[j], FNM_PATHNAME) == 0 &&
	       matches(p, i + 1, n, j + 1, end);
}

/* The name, or one above it. */
static bool covers(const struct pattern_made *p, const struct name_made *n)
{
	for (size_t end = 0; end <= n->count; end++)
		if (matches(p, 0, n, 0, end))
			return true;
	return false;
}

/* Is the name above what the pattern literally starts with? */
static bool is_ancestor(const struct pattern_made *p, const struct name_made *n)
{
	size_t literal = 0;

	while (literal < p->count && strpbrk(p->part[literal], "*?[") == NULL)
		literal++;
	if (n->count > literal || (literal == p->count && n->count == literal))
		return false;
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(p->part[i], n->part[i]) != 0)
			return false;
	return true;
}

static enum decision reference(const struct rule_made *rules, size_t count,
			       const struct name_made *name, unsigned int right)
{
	bool allow = false, ask = false, deny = false;

	for (size_t i = 0; i < count; i++) {
		bool hit = covers(&rules[i].pattern, name) &&
			   !(rules[i].has_except && covers(&rules[i].except, name));

		if (rules[i].kind == HIDE_RULE && hit)
			return DECISION_HIDE;
		if (rules[i].kind < HIDE_RULE && right == RIGHT_STAT &&
		    is_ancestor(&rules[i].pattern, name))
			allow = true;
		if (!hit || !(kinds[rules[i].kind].rights & right))
			continue;
		if (rules[i].kind == DENY_RULE)
			deny = true;
		else if (rules[i].kind == ASK_RULE)
			ask = true;
		else
			allow = true;
	}
	if (deny)
		return DECISION_DENY;
	return allow ? DECISION_ALLOW : ask ? DECISION_ASK : DECISION_DENY;
}

static struct policy *make_policy(struct rule_made *rules, size_t *ret_count, char *text)
{
	*ret_count = 1 + below(RULE_MAX);
	text[0] = '\0';
	for (size_t i = 0; i < *ret_count; i++) {
		rules[i].kind = (enum kind)below(KINDS);
		rules[i].has_except = rules[i].kind != ASK_RULE && below(3) == 0;
		make_pattern(&rules[i].pattern);
		make_pattern(&rules[i].except);
		strcat(text, kinds[rules[i].kind].text);
		print_pattern(text, &rules[i].pattern);
		if (rules[i].has_except) {
			strcat(text, " except");
			print_pattern(text, &rules[i].except);
		}
		strcat(text, "\n");
	}
	return help_policy(text);
}

static void make_name(struct name_made *name, size_t least)
{
	name->count = least + below(DEPTH_MAX - least + 1);
	for (size_t i = 0; i < name->count; i++)
		name->part[i] = names[below(array_size(names))];
}

START_TEST(judge_agrees_with_the_slow_and_obvious)
{
	seed = 42;
	for (int round = 0; round < 600; round++) {
		struct rule_made rules[RULE_MAX];
		char text[1024], path[64];
		size_t count;
		struct policy *policy = make_policy(rules, &count, text);

		for (int i = 0; i < 30; i++) {
			struct name_made name;

			make_name(&name, 0);
			print_name(path, &name);
			for (unsigned int right = RIGHT_STAT; right <= RIGHT_EXEC; right <<= 1)
				ck_assert_msg(help_judge(policy, path, right) ==
						      reference(rules, count, &name, right),
					      "%s%s right %#x", text, path, right);
		}
		policy_free(policy);
	}
}
END_TEST

/* Calls check for every name of at most two components beneath both. */
static void each_beneath(const struct policy *policy, const char *text,
			 const struct name_made *from, const struct name_made *to, size_t depth)
{
	static const unsigned int rights[] = { RIGHT_LIST, RIGHT_READ, RIGHT_WRITE, RIGHT_EXEC };
	char x[96], y[96];

	print_name(x, from);
	print_name(y, to);
	for (size_t i = 0; i < array_size(rights); i++) {
		bool carved_x = policy_judge_carved(policy, x, rights[i]).decision;
		bool carved_y = policy_judge_carved(policy, y, rights[i]).decision;

		ck_assert_msg(!carved_x || help_judge(policy, y, rights[i]) != DECISION_ALLOW,
			      "%smoving uncovers %s as %s, %#x", text, x, y, rights[i]);
		ck_assert_msg(rights[i] != RIGHT_WRITE || !carved_y ||
				      help_judge(policy, x, rights[i]) != DECISION_ALLOW,
			      "%smoving plants %s as %s", text, x, y);
	}
	for (size_t i = 0; depth > 0 && i < array_size(names); i++) {
		struct name_made deeper_from = *from, deeper_to = *to;

		deeper_from.part[deeper_from.count++] = names[i];
		deeper_to.part[deeper_to.count++] = names[i];
		each_beneath(policy, text, &deeper_from, &deeper_to, depth - 1);
	}
}

START_TEST(move_is_allowed_only_where_nothing_beneath_gets_out_or_in)
{
	unsigned int allowed = 0, refused = 0;

	seed = 7;
	for (int round = 0; round < 400; round++) {
		struct rule_made rules[RULE_MAX];
		struct name_made from, to;
		char text[1024], x[64], y[64];
		size_t count;
		struct policy *policy = make_policy(rules, &count, text);

		for (int i = 0; i < 8; i++) {
			make_name(&from, 1);
			make_name(&to, 1);
			print_name(x, &from);
			print_name(y, &to);
			if (policy_judge_move(policy, x, y).decision != DECISION_ALLOW) {
				refused++;
				continue;
			}
			allowed++;
			each_beneath(policy, text, &from, &to, 3);
		}
		policy_free(policy);
	}
	/* else the property would say nothing */
	ck_assert_uint_gt(allowed, 200);
	ck_assert_uint_gt(refused, 200);
}
END_TEST

START_TEST(move_decides_the_usual_cases)
{
	static const struct {
		const char *lines;
		const char *from;
		const char *to;
		bool expect;
	} cases[] = {
		{"write /a\ndeny write **/.git/hooks/**",		   "/a/.git",	      "/a/x",	      false},
		{ "write /a\ndeny write **/.git/hooks/**",	   "/a/x",	   "/a/.git",	      false},
		{ "write /a\ndeny write **/.git/hooks/**",	   "/a/repo",	      "/a/repo2",	  true },
		{ "write /a\ndeny write **/.git/hooks/**",	   "/a/repo/.git",   "/a/b/.git",	true },
		{ "write /a\ndeny write **/.git/hooks/**",	   "/a/.git/x.lock", "/a/.git/x",	  true },
		{ "write /a\ndeny write **/.git/hooks/**",	   "/a/.git/hooks",  "/a/.git/h",	 false},
		{ "write /a\ndeny write **/.git/hooks/**",	   "/a/.git/h",	"/a/.git/hooks", false},
		{ "write /a\nhide /a/b/secret",			"/a/b",		"/a/c",		false},
		{ "write /a\nhide /a/b/secret",			"/a/b/x",	  "/a/c/x",	    true },
		{ "write /a\nhide /a/b/secret",			"/a/b/secret",    "/a/c",	       false},
		{ "write /a\nhide **/.env",			    "/a/d",	    "/a/e",	    true },
		{ "write /a\nhide **/.env",			    "/a/d/.env",	 "/a/e",		 false},
		{ "write /a\ndeny exec /a/data",			 "/a/data",	    "/a/bin",	      false},
		{ "write /a\ndeny exec /a/data",			 "/a/bin",	   "/a/data",	      true },
		{ "write /a\ndeny read /a/one /a/two",	       "/a/one/x",	   "/a/two/y",      true },
		{ "write /a except **/.env",			     "/a/d",	     "/a/e",	     true },
		{ "write /a except **/.env\nwrite /b",	       "/a/d",	       "/b/d",	       false},
		{ "write /a except **/.env\nwrite /b",	       "/b/d",	       "/a/d",	       false},
		{ "write /a /b except **/.env",			"/a/d",		"/b/d",		true },
		{ "read /a except **/.env\nwrite /a/n /b",	   "/a/n/x",	     "/b/x",	     true },
		{ "exec /a except **/x\nwrite /a\nexec /a/o",	      "/a/d",	      "/a/o/d",	false},
		{ "write /a\nbind /a/v / ro",			      "/a/v",	      "/a/w",	      false},
		{ "write /a",					"/a/x",	      "/a/y",	      true },
		{ "write /a",					"/q",		    "/r",		  true },
		{ "write /\ndeny write **/.git except **/.git/* /t", "/w/d",	     "/w/e",	     true },
		{ "write /\ndeny write **/.git except **/.git/* /t", "/w/d",	     "/t/e",	     false},
		{ "write /\ndeny write **/.git except **/.git/* /t", "/t/d",	     "/w/e",	     false},
		{ "write /\ndeny write **/.git except **/.git/* /t", "/t/d",	     "/t/.git",	true },
		{ "write /\ndeny write **/.git except **/.git/* /t", "/w/d",	     "/w/.git",	false},
		{ "write /\ndeny write **/.git except **/.git/* /t", "/w/.git/a",	  "/w/.git/b",
		  true											},
	};

	for (size_t i = 0; i < array_size(cases); i++) {
		struct policy *policy = help_policy(cases[i].lines);
		struct verdict v = policy_judge_move(policy, cases[i].from, cases[i].to);

		ck_assert_msg((v.decision == DECISION_ALLOW) == cases[i].expect, "%s\n%s to %s",
			      cases[i].lines, cases[i].from, cases[i].to);
		ck_assert_msg(cases[i].expect || v.rule, "%s", cases[i].lines);
		policy_free(policy);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_reference");
	TCase *tcase = test_case(suite, "reference");

	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, judge_agrees_with_the_slow_and_obvious);
	tcase_add_test(tcase, move_is_allowed_only_where_nothing_beneath_gets_out_or_in);
	tcase_add_test(tcase, move_decides_the_usual_cases);
	return suite;
}
