/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Host names, what they may stand for, and who resolves them. */
#include "check_main.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "net/private_nets.h"
#include "net/hostnames.h"
#include "net/resolv_conf.h"
#include "block/signals.h"
#include "common/cleanup.h"
#include "policyc/api.h"
#include "policyc/finish/finish.h"

static struct in6_addr address_of(const char *text)
{
	struct in6_addr address;
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s", strchr(text, ':') ? "" : "::ffff:", text);
	ck_assert_int_eq(inet_pton(AF_INET6, mapped, &address), 1);
	return address;
}

static const struct {
	const char *address;
	bool inside;
} inside_cases[] = {
	{"0.0.0.0",	     true },
	{ "0.1.2.3",	     true },
	{ "9.255.255.255",	   false},
	{ "10.0.0.0",	      true },
	{ "10.255.255.255",    true },
	{ "11.0.0.0",	      false},
	{ "100.63.255.255",    false},
	{ "100.64.0.0",	true },
	{ "100.127.255.255",   true },
	{ "100.128.0.0",	 false},
	{ "127.0.0.1",	       true },
	{ "128.0.0.1",	       false},
	{ "169.254.169.254",   true },
	{ "169.255.0.0",	 false},
	{ "172.15.255.255",    false},
	{ "172.16.0.0",	true },
	{ "172.31.255.255",    true },
	{ "172.32.0.0",	false},
	{ "192.167.255.255",   false},
	{ "192.168.0.1",	 true },
	{ "192.169.0.0",	 false},
	{ "203.0.113.80",	  false},
	{ "223.255.255.255",   false},
	{ "224.0.0.1",	       true },
	{ "255.255.255.255",   true },
	{ "::",		true },
	{ "::1",		 true },
	{ "::7f00:1",	      true },
	{ "2001:db8::1",	 false},
	{ "2600::",	    false},
	{ "fc00::1",	     true },
	{ "fdff::1",	     true },
	{ "fe00::1",	     false},
	{ "fe80::1",	     true },
	{ "febf::1",	     true },
	{ "fec0::1",	     true },
	{ "ff02::1",	     true },
	{ "64:ff9b::10.0.0.1", true },
	{ "64:ff9b::8.8.8.8",  false},
	{ "64:ff9b:1::a00:1",  true },
	{ "64:ff9b:2::a00:1",  false},
	{ "::ffff:0:10.0.0.1", true },
	{ "::ffff:0:8.8.8.8",  false},
	{ "2002:0a00:0001::",  true },
	{ "2002:0808:0808::",  false},
};

START_TEST(an_address_is_inside_or_not)
{
	struct in6_addr address = address_of(inside_cases[_i].address);

	ck_assert_int_eq(address_is_inside(&address), inside_cases[_i].inside);
}
END_TEST

static bool has(const struct resolvers *resolvers, const char *text)
{
	struct in6_addr address = address_of(text);

	return resolvers_has(resolvers, &address);
}

START_TEST(name_servers_are_read_as_the_c_library_reads_them)
{
	struct resolvers resolvers;

	resolvers_parse("# nameserver 1.1.1.1\nsearch x\nnameserver 8.8.8.8\nnameserver\t "
			"2001:db8::1%eth0\n"
			"nameserver 9.9.9.9 # quad\n nameserver 7.7.7.7\nnameserverx "
			"6.6.6.6\nnameserver junk\n"
			"nameserver 5.5.5.5",
			&resolvers);
	ck_assert_uint_eq(resolvers.count, 4);
	ck_assert(has(&resolvers, "8.8.8.8"));
	ck_assert(has(&resolvers, "2001:db8::1"));
	ck_assert(has(&resolvers, "9.9.9.9"));
	ck_assert(has(&resolvers, "5.5.5.5"));
	ck_assert(!has(&resolvers, "1.1.1.1"));
	ck_assert(!has(&resolvers, "7.7.7.7"));
}
END_TEST

START_TEST(without_a_name_server_it_is_this_machine)
{
	struct resolvers resolvers;

	resolvers_parse("", &resolvers);
	ck_assert_uint_eq(resolvers.count, 1);
	ck_assert(has(&resolvers, "127.0.0.1"));
}
END_TEST

START_TEST(name_servers_are_bounded)
{
	struct resolvers resolvers;
	char text[4096] = "";

	for (int i = 0; i < 100; i++)
		sprintf(text + strlen(text), "nameserver 1.1.1.%d\n", i);
	resolvers_parse(text, &resolvers);
	ck_assert_uint_eq(resolvers.count, RESOLVERS_MAX);
}
END_TEST

START_TEST(a_fifo_is_no_list_of_name_servers)
{
	struct resolvers resolvers = { .count = 3 };

	ck_assert_int_eq(mkfifo("resolv.fifo", 0600), 0);
	resolvers_load("resolv.fifo", &resolvers);
	unlink("resolv.fifo");
	ck_assert_uint_eq(resolvers.count, 0);
}
END_TEST

static struct names *names_of(const char *line)
{
	struct policy_env env = { .cwd = "/", .environment = (const char *const[]){ NULL } };
	struct policy_error error;
	struct policy *policy;
	struct names *names;

	ck_assert_int_eq(policy_new(&env, &policy), 0);
	ck_assert_msg(policy_line(policy, "test", line, &error) == 0, "%s", error.text);
	ck_assert_int_eq(policy_finish(policy, &error), 0);
	ck_assert_int_eq(names_new(policy, &names), 0);
	policy_free(policy);
	return names;
}

static bool match(struct names *names, const char *host, const char *address)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };

	ck_assert_int_eq(inet_pton(AF_INET, address, &v4.sin_addr), 1);
	return names_match(names, host, (const struct sockaddr *)&v4, false);
}

START_TEST(a_policy_without_names_has_no_helper)
{
	ck_assert_ptr_null(names_of("connect 127.0.0.1:80"));
}
END_TEST

START_TEST(localhost_stands_for_this_machine)
{
	struct names *names = names_of("connect localhost:80");

	ck_assert(match(names, "localhost", "127.0.0.1"));
	ck_assert(match(names, "LocalHost.", "127.0.0.1"));
	ck_assert(names_match(names, "localhost",
			      (const struct sockaddr *)&(struct sockaddr_in6){
				      .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT },
			      false));
	ck_assert(!match(names, "localhost", "127.0.0.2"));
	ck_assert(!match(names, "local host", "127.0.0.1"));
	ck_assert(!match(names, "", "127.0.0.1"));
	ck_assert(!match(names, "other", "127.0.0.1"));
	names_free(names);
}
END_TEST

/* What getaddrinfo takes for an address is a name that stands for it: 127.1 is 127.0.0.1. */
START_TEST(another_name_never_stands_for_this_machine)
{
	struct names *names =
		names_of("connect localhost.localdomain:80 ip6-localhost:80 localhost.:80");

	ck_assert(!match(names, "localhost.localdomain", "127.0.0.1"));
	ck_assert(!match(names, "ip6-localhost", "127.0.0.1"));
	ck_assert(match(names, "localhost", "127.0.0.1"));
	names_free(names);
}
END_TEST

/* What it has mapped is the helper's, too, which has room besides, and no more. */
START_TEST(a_large_supervisor_has_a_helper_with_room)
{
	struct sockaddr_in outside = { .sin_family = AF_INET, .sin_addr.s_addr = 0x01020304 };
	size_t size = (size_t)1 << 34;
	void *much = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct names *names = names_of("connect localhost:80");
	struct rlimit own, limit = { 0 };
	FILE *children = fopen("/proc/thread-self/children", "re");
	int pid = -1;

	ck_assert_ptr_ne(much, MAP_FAILED);
	/* who has answered is confined */
	names_match(names, "localhost", (const struct sockaddr *)&outside, false);
	ck_assert(children && fscanf(children, "%d", &pid) == 1);
	fclose(children);
	ck_assert_int_eq(prlimit(pid, RLIMIT_AS, NULL, &limit), 0);
	getrlimit(RLIMIT_AS, &own);
	ck_assert_uint_gt(limit.rlim_cur, size);
	ck_assert_uint_lt(limit.rlim_cur, own.rlim_cur);
	names_free(names);
	munmap(much, size);
}
END_TEST

START_TEST(signals_are_read_from_the_lines_of_a_status)
{
	struct signals signals;

	ck_assert(signals_parse(
		"Name:\tx\\nSigPnd:\\t1\nTgid:\t42\nSigPnd:\t0000000000000004\n"
		"ShdPnd:\t8000000000000000\nSigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n",
		&signals));
	ck_assert_int_eq(signals.tgid, 42);
	ck_assert_uint_eq(signals.own, 4);
	ck_assert_uint_eq(signals.shared, UINT64_C(1) << 63);
	ck_assert_uint_eq(signals.blocked, 1);
	ck_assert_uint_eq(signals.ignored, 0x1000);
	ck_assert(!signals_parse("Tgid:\t42\n", &signals));
}
END_TEST

START_TEST(a_blocked_signal_of_ours_is_seen)
{
	struct signals signals;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	ck_assert_int_eq(signals_read(gettid(), &signals), 0);
	ck_assert_int_eq(signals.tgid, getpid());
	ck_assert(signals.own & (UINT64_C(1) << (SIGUSR1 - 1)));
	ck_assert(signals.blocked & (UINT64_C(1) << (SIGUSR1 - 1)));
	ck_assert_int_eq(signals_read(0x3fffffff, &signals), -ESRCH);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("names");
	TCase *tcase = test_case(suite, "addresses");

	tcase_add_loop_test(tcase, an_address_is_inside_or_not, 0, (int)array_size(inside_cases));
	tcase_add_test(tcase, name_servers_are_read_as_the_c_library_reads_them);
	tcase_add_test(tcase, without_a_name_server_it_is_this_machine);
	tcase_add_test(tcase, name_servers_are_bounded);
	tcase_add_test(tcase, a_fifo_is_no_list_of_name_servers);
	tcase = test_case(suite, "helper");
	tcase_add_test(tcase, a_policy_without_names_has_no_helper);
	tcase_add_test(tcase, localhost_stands_for_this_machine);
	tcase_add_test(tcase, another_name_never_stands_for_this_machine);
	tcase_add_test(tcase, a_large_supervisor_has_a_helper_with_room);
	tcase = test_case(suite, "signals");
	tcase_add_test(tcase, signals_are_read_from_the_lines_of_a_status);
	tcase_add_test(tcase, a_blocked_signal_of_ours_is_seen);
	return suite;
}
