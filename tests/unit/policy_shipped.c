/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policies that come with pcall decide what they say they do, for root and for a user. */
#include "policy_help.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "pcall/selftest.h"

static const char *folder;

static const struct policy_env worlds[] = {
	{.cwd = "/root/project",
	  .home = "/root",
	  .tmp = "/tmp/pcall-1/tmp",
	  .cache = "/root/.cache/pcall/project-1"	  },
	{ .cwd = "/home/somebody/src/project",
	  .home = "/home/somebody",
	  .tmp = "/tmp/pcall-2/tmp",
	  .cache = "/home/somebody/.cache/pcall/project-2"},
 /* people do start things in the wrong place */
	{ .cwd = "/srv/project",
	  .home = "/home/somebody",
	  .tmp = "/var/tmp/pcall-3",
	  .cache = "/home/somebody/.cache/pcall/project-3"},
	{ .cwd = "/tmp",
	  .home = "/home/somebody",
	  .tmp = "/var/tmp/pcall-4",
	  .cache = "/home/somebody/.cache/pcall/tmp-4"    },
};

static struct policy *load(const char *name, const struct policy_env *world)
{
	const char *const directories[] = { folder, NULL };
	struct policy_env env = *world;
	struct policy_error error;
	struct policy *policy;

	env.directories = directories;
	ck_assert_int_eq(policy_new(&env, &policy), 0);
	ck_assert_msg(policy_use(policy, name, &error) == 0, "%s", error.text);
	ck_assert_msg(policy_finish(policy, &error) == 0, "%s", error.text);
	return policy;
}

START_TEST(policies_pass_their_own_tests_everywhere)
{
	cleanup_dir DIR *dir = opendir(folder);
	const struct dirent *entry;
	unsigned int count = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		size_t size = strlen(entry->d_name);
		char name[256];

		if (size < 7 || strcmp(entry->d_name + size - 7, ".policy") != 0)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)size - 7, entry->d_name);
		count++;
		for (size_t i = 0; i < array_size(worlds); i++) {
			struct policy *policy = load(name, &worlds[i]);
			char *told = NULL;
			size_t told_size = 0;
			FILE *out = open_memstream(&told, &told_size);
			unsigned int run, failed = policy_test(policy, out, &run);

			fclose(out);
			ck_assert_msg(failed == 0, "%s", told);
			ck_assert_msg(run >= 5, "%s has %u tests", name, run);
			ck_assert_ptr_nonnull(policy_about(policy));
			policy_free(policy);
			free(told);
		}
	}
	ck_assert_uint_ge(count, 7);
}
END_TEST

START_TEST(policies_never_give_the_keys_away)
{
	static const char *const names[] = { "base",  "untrusted", "readonly", "workspace",
					     "build", "net",	   "npm" };
	static const char *const secrets[] = { "/etc/shadow",
					       "/etc/gshadow",
					       "/etc/sudoers",
					       "/etc/ssl/private/x.key",
					       "/etc/ssh/ssh_host_rsa_key",
					       "/home/somebody/.ssh/id_rsa",
					       "/home/somebody/.aws/credentials",
					       "/home/somebody/.gnupg/x",
					       "/home/somebody/.netrc",
					       "/home/somebody/.bash_history",
					       "/home/somebody/.config/git/credentials",
					       "/proc/kcore",
					       "/proc/1/mem",
					       "/proc/sysrq-trigger",
					       "/root/.ssh/id_rsa",
					       "/boot/vmlinuz",
					       "/var/log/auth.log",
					       "/run/docker.sock",
					       "/dev/mem" };

	for (size_t i = 0; i < array_size(names); i++) {
		struct policy *policy = load(names[i], &worlds[1]);

		for (size_t j = 0; j < array_size(secrets); j++)
			ck_assert_msg((policy_rights(policy, secrets[j]) &
				       ~(unsigned int)(RIGHT_STAT | RIGHT_LIST)) == 0,
				      "%s gives %s", names[i], secrets[j]);
		policy_free(policy);
	}
}
END_TEST

static void *judge_for_long(void *data)
{
	static const char *const names[] = { "/usr/bin/env", "/etc/passwd", "/etc/shadow",
					     "/root/project/a/b/c", "/root/.ssh/x" };
	static const enum decision expected[] = { DECISION_ALLOW, DECISION_ALLOW, DECISION_DENY,
						  DECISION_ALLOW, DECISION_HIDE };
	unsigned long wrong = 0;
	char name[64];

	for (unsigned int i = 0; i < 100000; i++) {
		wrong += help_judge(data, names[i % 5], RIGHT_READ) != expected[i % 5];
		/* other names, so that entries are always being replaced */
		snprintf(name, sizeof(name), "/root/project/%u", i % 700);
		wrong += help_judge(data, name, RIGHT_READ) != DECISION_ALLOW;
	}
	return (void *)wrong;
}

START_TEST(policies_are_judged_by_many_threads_at_once)
{
	struct policy *policy = load("readonly", &worlds[0]);
	pthread_t threads[3];
	void *wrong;

	for (size_t i = 0; i < array_size(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, judge_for_long, policy), 0);
	for (size_t i = 0; i < array_size(threads); i++) {
		pthread_join(threads[i], &wrong);
		ck_assert_ptr_null(wrong);
	}
	policy_free(policy);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_shipped");
	TCase *tcase = test_case(suite, "policies");

	folder = getenv("PCALL_POLICY_PATH");
	if (!folder)
		folder = "policies";
	tcase_set_timeout(tcase, 10);
	tcase_add_test(tcase, policies_pass_their_own_tests_everywhere);
	tcase_add_test(tcase, policies_never_give_the_keys_away);
	tcase_add_test(tcase, policies_are_judged_by_many_threads_at_once);
	return suite;
}
