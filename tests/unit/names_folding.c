/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names that a file system may take for the same, and what is taken away by them. */
#include "policy_help.h"

#include <linux/magic.h>

#include "common/cleanup.h"
#include "common/fold.h"
#include "judge/restrict.h"
#include "path/folding.h"

static bool same(const char *pattern, const char *name)
{
	return fold_may_match(pattern, strlen(pattern), false, name, strlen(name));
}

static bool fits(const char *glob, const char *name)
{
	return fold_may_match(glob, strlen(glob), true, name, strlen(name));
}

START_TEST(names_that_differ_in_case_or_more_may_be_the_same)
{
	ck_assert(same(".git", ".git"));
	ck_assert(same(".git", ".GIT"));
	ck_assert(same("HEAD", "head"));
	ck_assert(same("HEAD", "Head"));
	/* dots and spaces at the end, and streams */
	ck_assert(same(".git", ".git."));
	ck_assert(same(".git", ".GIT . ."));
	ck_assert(same(".git", ".git::$INDEX_ALLOCATION"));
	ck_assert(same(".git", ".git:x"));
	/* short names */
	ck_assert(same(".git", "GIT~1"));
	ck_assert(same("id_ed25519", "ID_ED2~1"));
	ck_assert(same("workspace.code-workspace", "worksp~2.cod"));
	/* letters outside of ASCII, which may fold to it: K, a long s, a ligature, what is not seen
	 */
	ck_assert(same("config.lock", "config.loc\xe2\x84\xaa"));
	ck_assert(same(".ssh", ".s\xc5\xbfh"));
	ck_assert(same("office", "o\xef\xac\x83"
				 "ce"));
	ck_assert(same(".git", ".g\xe2\x80\x8cit"));
	ck_assert(same(".git", "\xe2\x80\x8c.git"));
	/* composed and not */
	ck_assert(same("caf\xc3\xa9", "cafe\xcc\x81"));
	ck_assert(same("cafe\xcc\x81", "CAF\xc3\x89"));
}
END_TEST

START_TEST(other_names_are_not)
{
	ck_assert(!same(".git", "git"));
	ck_assert(!same(".git", ".gi"));
	ck_assert(!same(".git", ".github"));
	ck_assert(!same(".git", ".git.x"));
	ck_assert(!same(".git", "caf\xc3\xa9"));
	ck_assert(!same(".git", ".gi\xc3\xa9x"));
	ck_assert(!same(".git", "x~"));
	ck_assert(!same(".git", "file.txt~1~"));
	ck_assert(!same(".git", "a.b.c~1"));
	ck_assert(!same(".git", "ninechars~1"));
	ck_assert(!same(".git", "..."));
	ck_assert(!same("", ".git"));
}
END_TEST

START_TEST(patterns_fold)
{
	ck_assert(fits("*.pem", "KEY.PEM"));
	ck_assert(fits("*.PEM", "key.pem"));
	ck_assert(fits("*.pem", "\xc3\xa9.pem"));
	ck_assert(fits("*.pem", "\xc3\xa9.p\xc3\xa9m"));
	ck_assert(fits("[Hh]ead", "HEAD"));
	ck_assert(fits("[]a]x", "AX"));
	ck_assert(fits("[!]a]x", "BX"));
	ck_assert(fits("a\\*b", "A*B"));
	ck_assert(!fits("a\\*b", "AxB"));
	ck_assert(fits("?x", "\xef\xac\x80x"));
	ck_assert(fits("???", "ff"));
	ck_assert(!fits("*.pem", "KEY.PEN"));
	ck_assert(!fits("*.pem", "pem"));
}
END_TEST

/* Long names on both sides take no more than their product. */
START_TEST(folding_ends_soon)
{
	char pattern[2048], name[2048];

	for (size_t i = 0; i < sizeof(name); i++) {
		pattern[i] = i % 2 ? '*' : 'a';
		name[i] = i % 2 ? '\xc3' : 'a';
	}
	ck_assert(fold_may_match(pattern, 1000, true, name, 1000));
	name[999] = 'b';
	ck_assert(fold_may_match(pattern, 1000, true, name, 1000));
	pattern[999] = 'c';
	ck_assert(!fold_may_match(pattern, 1000, true, name, 1000));
	/* too long for any name */
	ck_assert(fold_may_match(pattern, 2048, true, name, 2048));
}
END_TEST

static enum decision folded(const char *lines, const char *name, unsigned int right)
{
	struct policy *policy = help_policy(lines);
	struct verdict exact = policy_judge(policy, name, right);
	enum decision decision = policy_judge_folded(policy, name, right).decision;

	/* Whoever does not ask because of what policy_judge says misses nothing. */
	ck_assert_msg(exact.folds || exact.decision == decision, "%s", name);
	policy_free(policy);
	return decision;
}

START_TEST(what_takes_away_takes_other_spellings)
{
	static const char lines[] = "write /w\nhide /w/.ssh\ndeny write **/.git **/HEAD except "
				    "**/.git/*\nread /r except /r/Secret";

	ck_assert_int_eq(folded(lines, "/w/x", RIGHT_WRITE), DECISION_ALLOW);
	ck_assert_int_eq(folded(lines, "/w/X", RIGHT_WRITE), DECISION_ALLOW);
	ck_assert_int_eq(folded(lines, "/w/.SSH", RIGHT_STAT), DECISION_HIDE);
	ck_assert_int_eq(folded(lines, "/w/.SSH/id", RIGHT_STAT), DECISION_HIDE);
	ck_assert_int_eq(folded(lines, "/w/.ssh.", RIGHT_STAT), DECISION_HIDE);
	ck_assert_int_eq(folded(lines, "/w/SSH~1/id", RIGHT_STAT), DECISION_HIDE);
	ck_assert_int_eq(folded(lines, "/w/a/.GIT", RIGHT_WRITE), DECISION_DENY);
	ck_assert_int_eq(folded(lines, "/w/a/.GIT", RIGHT_READ), DECISION_ALLOW);
	ck_assert_int_eq(folded(lines, "/w/head", RIGHT_WRITE), DECISION_DENY);
	ck_assert_int_eq(folded(lines, "/w/head/x", RIGHT_WRITE), DECISION_DENY);
	ck_assert_int_eq(folded(lines, "/w/ahead", RIGHT_WRITE), DECISION_ALLOW);
	ck_assert_int_eq(folded(lines, "/r/x", RIGHT_READ), DECISION_ALLOW);
	ck_assert_int_eq(folded(lines, "/r/secret", RIGHT_READ), DECISION_DENY);
	ck_assert_int_eq(folded(lines, "/r/SECRET/x", RIGHT_READ), DECISION_DENY);
	/* What a line leaves alone, it leaves alone as it is spelled. */
	ck_assert_int_eq(folded(lines, "/w/.git/x", RIGHT_WRITE), DECISION_ALLOW);
	ck_assert_int_eq(folded(lines, "/w/.GIT/x", RIGHT_WRITE), DECISION_DENY);
}
END_TEST

START_TEST(what_gives_gives_what_is_spelled)
{
	ck_assert_int_eq(folded("read /r/x", "/r/X", RIGHT_READ), DECISION_DENY);
	ck_assert_int_eq(folded("read /r/X", "/r/x", RIGHT_READ), DECISION_DENY);
	ck_assert_int_eq(folded("read /r/*.c", "/r/A.C", RIGHT_READ), DECISION_DENY);
	ck_assert_int_eq(folded("read /r/*.c", "/r/A.c", RIGHT_READ), DECISION_ALLOW);
}
END_TEST

START_TEST(levels_fold_by_the_names_that_they_know)
{
	struct policy *outer = help_policy("write /usr\nhide /usr/Keys");
	struct policy *inner = help_policy("write /usr /v\nbind /v /usr rw\ndeny write /v/.git");
	struct policy *both;

	ck_assert_int_eq(policy_join(outer, inner, &both), 0);
	ck_assert_int_eq(policy_judge(both, "/v/keys", RIGHT_STAT).decision, DECISION_ALLOW);
	ck_assert(policy_judge(both, "/v/keys", RIGHT_STAT).folds);
	ck_assert_int_eq(policy_judge_folded(both, "/v/keys", RIGHT_STAT).decision, DECISION_HIDE);
	ck_assert(policy_judge(both, "/v/.GIT", RIGHT_WRITE).folds);
	ck_assert_int_eq(policy_judge_folded(both, "/v/.GIT", RIGHT_WRITE).decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_folded(both, "/v/x", RIGHT_WRITE).decision, DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_carved_folded(both, "/usr/keys", RIGHT_STAT).decision,
			 DECISION_HIDE);
	policy_free(both);
	policy_free(inner);
	policy_free(outer);
}
END_TEST

/* A policy and a name that would be compared for long: nothing is known, and where names fold it is
 * refused. */
START_TEST(comparisons_are_bounded)
{
	static char lines[120000], name[4000];
	struct policy *policy;
	size_t n = (size_t)sprintf(lines, "read /");

	for (int i = 0; i < 4000; i++) {
		if (i % 80 == 0)
			n += (size_t)sprintf(lines + n, "\ndeny read");
		n += (size_t)sprintf(lines + n, " **/name-%d", i);
	}
	for (n = 0; n + 4 < sizeof(name);)
		n += (size_t)sprintf(name + n, "/\xc3\xa9");
	policy = help_policy(lines);
	ck_assert_int_eq(policy_judge(policy, name, RIGHT_READ).decision, DECISION_ALLOW);
	ck_assert(policy_judge(policy, name, RIGHT_READ).folds);
	ck_assert_int_eq(policy_judge_folded(policy, name, RIGHT_READ).decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_folded(policy, "/X", RIGHT_READ).decision, DECISION_ALLOW);
	policy_free(policy);
}
END_TEST

/* Only what another spelling may change is judged by it; the rest of a policy costs a name nothing.
 */
START_TEST(names_that_nothing_else_means_are_not_judged_twice)
{
	struct policy *policy =
		help_policy("write /w\ndeny write **/HEAD* **/x/Refs **/caf\xc3\xa9");

	ck_assert(!policy_judge_move(policy, "/w/d/new", "/w/y").folds);
	ck_assert(!policy_judge_move(policy, "/w/ahead", "/w/hea").folds);
	ck_assert(policy_judge_move(policy, "/w/d/new", "/w/head").folds);
	ck_assert(policy_judge_move(policy, "/w/x/refs", "/w/y").folds);
	ck_assert(policy_judge_move(policy, "/w/cafe", "/w/y").folds);
	ck_assert(policy_judge(policy, "/w/headache/x", RIGHT_WRITE).folds);
	ck_assert(!policy_judge(policy, "/w/Other", RIGHT_WRITE).folds);
	policy_free(policy);
}
END_TEST

/* However many ways there are to spell it in the policy, and whatever they are spelled like. */
START_TEST(every_pattern_of_the_same_letters_is_found)
{
	static char lines[8192], deny[64];
	size_t n =
		(size_t)sprintf(lines, "write /w\ndeny write /w/ABc/1 /w/aBC/2 /w/abc/3 /w/AB?/4");

	ck_assert_int_eq(folded(lines, "/w/Abc/1", RIGHT_WRITE), DECISION_DENY);
	ck_assert_int_eq(folded(lines, "/w/Abc/2", RIGHT_WRITE), DECISION_DENY);
	ck_assert_int_eq(folded(lines, "/w/Abc/3", RIGHT_WRITE), DECISION_DENY);
	ck_assert_int_eq(folded(lines, "/w/Abc/4", RIGHT_WRITE), DECISION_DENY);
	ck_assert_int_eq(folded(lines, "/w/abc/4", RIGHT_WRITE), DECISION_DENY);
	ck_assert_int_eq(folded(lines, "/w/Abc/5", RIGHT_WRITE), DECISION_ALLOW);
	ck_assert_int_eq(folded(lines, "/w/ABC~1/2", RIGHT_WRITE), DECISION_DENY);
	for (int i = 0; i < 40; i++) {
		n += (size_t)sprintf(lines + n, "\ndeny write **/Q%d-*", i);
		snprintf(deny, sizeof(deny), "/w/a/q%d-x", i);
		ck_assert_int_eq(folded(lines, deny, RIGHT_WRITE), DECISION_DENY);
	}
}
END_TEST

static enum decision moved(const char *lines, const char *from, const char *to)
{
	struct policy *policy = help_policy(lines);
	struct verdict exact = policy_judge_move(policy, from, to);
	enum decision decision = policy_judge_move_folded(policy, from, to).decision;

	ck_assert(exact.folds || exact.decision == decision);
	policy_free(policy);
	return decision;
}

START_TEST(what_is_carved_out_beneath_is_not_moved_by_another_spelling)
{
	static const char lines[] = "write /w\nhide /w/Keys/x\ndeny write **/.git/config";

	ck_assert_int_eq(moved(lines, "/w/a", "/w/b"), DECISION_ALLOW);
	ck_assert_int_eq(moved(lines, "/w/a", "/w/B"), DECISION_ALLOW);
	ck_assert_int_eq(moved(lines, "/w/keys", "/w/b"), DECISION_DENY);
	ck_assert_int_eq(moved(lines, "/w/.GIT", "/w/b"), DECISION_DENY);
	ck_assert_int_eq(moved(lines, "/w/b", "/w/.GIT"), DECISION_DENY);
	ck_assert_int_eq(moved(lines, "/w/A/b", "/w/C/b"), DECISION_ALLOW);
}
END_TEST

START_TEST(listings_are_filtered_by_either_spelling)
{
	struct policy *policy = help_policy("read /r\nhide /r/Keys/x");

	ck_assert(policy_hides_in(policy, "/r/Keys"));
	ck_assert(policy_hides_in(policy, "/r/keys"));
	ck_assert(!policy_hides_in(policy, "/r/other"));
	ck_assert(!policy_hides_in(policy, "/r/Other"));
	policy_free(policy);
}
END_TEST

START_TEST(file_systems_that_fold)
{
	static const long always[] = { 0x4d44,	   0x2011bab0, 0x7366746e, 0x5346544e, 0xff534d42,
				       0xfe534d42, 0x482b,     0x4244,	   0x65735546, 0x6969,
				       0x01021997, 0x2fc12fc1, 0 };
	static const long by_flag[] = { EXT4_SUPER_MAGIC, (long)F2FS_SUPER_MAGIC, TMPFS_MAGIC,
					OVERLAYFS_SUPER_MAGIC, (int)0xca451a4e };

	for (size_t i = 0; i < array_size(always); i++)
		ck_assert_msg(folding_type(always[i], 0), "%#lx", always[i]);
	for (size_t i = 0; i < array_size(by_flag); i++) {
		ck_assert(!folding_type(by_flag[i], 0));
		ck_assert(!folding_type(by_flag[i], 0x80000));
		ck_assert(folding_type(by_flag[i], 0x40000000));
		ck_assert(folding_type(by_flag[i], 0x40080000));
		ck_assert(folding_type(by_flag[i], -1));
	}
	ck_assert(!folding_type(PROC_SUPER_MAGIC, -1));
	ck_assert(!folding_type((long)BTRFS_SUPER_MAGIC, 0));
	ck_assert(!folding_type((int)BTRFS_SUPER_MAGIC, 0));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("names_folding");
	TCase *tcase = test_case(suite, "folding");

	tcase_add_test(tcase, names_that_differ_in_case_or_more_may_be_the_same);
	tcase_add_test(tcase, other_names_are_not);
	tcase_add_test(tcase, patterns_fold);
	tcase_add_test(tcase, folding_ends_soon);
	tcase_add_test(tcase, what_takes_away_takes_other_spellings);
	tcase_add_test(tcase, what_gives_gives_what_is_spelled);
	tcase_add_test(tcase, levels_fold_by_the_names_that_they_know);
	tcase_add_test(tcase, what_is_carved_out_beneath_is_not_moved_by_another_spelling);
	tcase_add_test(tcase, listings_are_filtered_by_either_spelling);
	tcase_add_test(tcase, comparisons_are_bounded);
	tcase_add_test(tcase, names_that_nothing_else_means_are_not_judged_twice);
	tcase_add_test(tcase, every_pattern_of_the_same_letters_is_found);
	tcase_add_test(tcase, file_systems_that_fold);
	return suite;
}
