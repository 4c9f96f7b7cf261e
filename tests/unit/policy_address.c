/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Patterns of addresses, and what they match. */
#include "policy_help.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "common/address.h"
#include "common/cleanup.h"

/* An address written as a pattern, as the kernel would be given it. */
static socklen_t sockaddr_of(const char *text, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	const char *colon = strrchr(text, ':');
	char host[64] = "";

	memset(ret, 0, sizeof(*ret));
	if (text[0] == '[') {
		memcpy(host, text + 1, (size_t)(colon - text) - 2);
		ck_assert_int_eq(inet_pton(AF_INET6, host, &in6.sin6_addr), 1);
		in6.sin6_port = htons((uint16_t)atoi(colon + 1));
		memcpy(ret, &in6, sizeof(in6));
		return sizeof(in6);
	}
	memcpy(host, text, (size_t)(colon - text));
	ck_assert_int_eq(inet_pton(AF_INET, host, &in.sin_addr), 1);
	in.sin_port = htons((uint16_t)atoi(colon + 1));
	memcpy(ret, &in, sizeof(in));
	return sizeof(in);
}

static enum decision judge(const char *lines, enum verb verb, const char *text)
{
	struct policy *policy = help_policy(lines);
	struct sockaddr_storage sa;
	socklen_t size = sockaddr_of(text, &sa);
	struct verdict v =
		policy_judge_address(policy, verb, (struct sockaddr *)&sa, size, NULL, NULL);

	policy_free(policy);
	return v.decision;
}

static bool connects(const char *lines, const char *text)
{
	return judge(lines, VERB_CONNECT, text) == DECISION_ALLOW;
}

static bool listens(const char *lines, const char *text)
{
	return judge(lines, VERB_LISTEN, text) == DECISION_ALLOW;
}

START_TEST(address_patterns_match_what_they_say)
{
	static const struct {
		const char *rule;
		const char *address;
		bool expect;
	} cases[] = {
		{"connect 10.1.2.3:80",	 "10.1.2.3:80",		true },
		{ "connect 10.1.2.3:80",	 "10.1.2.3:81",		false},
		{ "connect 10.1.2.3:80",	 "10.1.2.4:80",		false},
		{ "connect 10.0.0.0/8:5432",   "10.255.0.1:5432",	true },
		{ "connect 10.0.0.0/8:5432",   "11.0.0.1:5432",	      false},
		{ "connect 10.16.0.0/12:*",    "10.31.255.255:9",     true },
		{ "connect 10.16.0.0/12:*",    "10.32.0.0:9",	   false},
		{ "connect 0.0.0.0/0:*",	 "9.9.9.9:53",	       true },
		{ "connect 0.0.0.0/0:*",	 "[2001:db8::1]:53",    false},
		{ "connect *:443",		   "9.9.9.9:443",	  true },
		{ "connect *:443",		   "[2001:db8::1]:443",	true },
		{ "connect *:443",		   "9.9.9.9:80",		 false},
		{ "connect *:8000-8010",	 "9.9.9.9:8010",	 true },
		{ "connect *:8000-8010",	 "9.9.9.9:8011",	 false},
		{ "connect [::1]:80",	      "[::1]:80",		  true },
		{ "connect [::1]:80",	      "[::2]:80",		  false},
		{ "connect [2001:db8::/32]:*", "[2001:db8:5::1]:7",   true },
		{ "connect [2001:db8::/32]:*", "[2001:db9::1]:7",	  false},
		{ "connect [2001:db8::/33]:*", "[2001:db8:8000::]:7", false},
		{ "connect example.org:80",    "10.0.0.1:80",	   false},
	};

	for (size_t i = 0; i < array_size(cases); i++)
		ck_assert_msg(connects(cases[i].rule, cases[i].address) == cases[i].expect, "%s %s",
			      cases[i].rule, cases[i].address);
}
END_TEST

START_TEST(address_v4_mapped_is_v4)
{
	ck_assert(connects("connect 10.0.0.1:80", "[::ffff:10.0.0.1]:80"));
	ck_assert(!connects("connect *:*\ndeny connect 10.0.0.0/8:*", "[::ffff:10.0.0.1]:80"));
	ck_assert(!connects("connect [::/0]:80", "[::ffff:10.0.0.1]:80"));
}
END_TEST

START_TEST(address_connect_to_nothing_means_this_machine)
{
	ck_assert(!connects("connect *:* except 127.0.0.0/8:*", "0.0.0.0:80"));
	ck_assert(!connects("connect *:*\ndeny connect [::1]:*", "[::]:80"));
	ck_assert(!connects("connect *:* except 127.0.0.1:*", "[::ffff:0.0.0.0]:80"));
	ck_assert(connects("connect 127.0.0.1:80", "0.0.0.0:80"));
}
END_TEST

START_TEST(address_listening_everywhere_is_listening_where_it_is_denied)
{
	ck_assert(!listens("listen *:*\ndeny listen 10.0.0.1:*", "0.0.0.0:80"));
	ck_assert(!listens("listen *:*\ndeny listen 10.0.0.1:*", "[::]:80"));
	ck_assert(!listens("listen *:* except [2001:db8::/32]:*", "[::]:80"));
	ck_assert(listens("listen *:*\ndeny listen 10.0.0.1:81", "0.0.0.0:80"));
	ck_assert(!listens("listen 127.0.0.1:80", "0.0.0.0:80"));
	ck_assert(listens("listen 0.0.0.0:80", "0.0.0.0:80"));
	ck_assert(listens("listen 8080", "0.0.0.0:8080"));
	ck_assert(listens("listen 127.0.0.1:*", "127.0.0.1:0"));
}
END_TEST

START_TEST(address_deny_wins_and_ask_yields)
{
	ck_assert_int_eq(judge("deny connect *:25\nconnect *:*", VERB_CONNECT, "9.9.9.9:25"),
			 DECISION_DENY);
	ck_assert_int_eq(judge("ask connect *:25\nconnect *:80", VERB_CONNECT, "9.9.9.9:25"),
			 DECISION_ASK);
	ck_assert_int_eq(judge("ask connect *:25\nconnect *:25", VERB_CONNECT, "9.9.9.9:25"),
			 DECISION_ALLOW);
	ck_assert_int_eq(judge("ask connect *:25\ndeny connect *:*", VERB_CONNECT, "9.9.9.9:25"),
			 DECISION_DENY);
	ck_assert_int_eq(judge("connect *:80", VERB_LISTEN, "9.9.9.9:80"), DECISION_DENY);
}
END_TEST

START_TEST(address_except_limits_its_own_line)
{
	ck_assert(!connects("connect *:* except 10.0.0.0/8:*", "10.0.0.1:80"));
	ck_assert(connects("connect *:*\ndeny connect 10.0.0.0/8:* except 10.0.0.1:*",
			   "10.0.0.1:80"));
	ck_assert(!connects("connect *:*\ndeny connect 10.0.0.0/8:* except 10.0.0.1:*",
			    "10.0.0.2:80"));
	ck_assert(connects("connect *:* except 10.0.0.0/8:*\nconnect 10.0.0.1:80", "10.0.0.1:80"));
}
END_TEST

static bool stands_for(void *data, const char *host, const struct sockaddr *address, bool widely)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;

	(*(unsigned int *)data)++;
	return strcmp(host, "example.org") == 0 && in->sin_family == AF_INET &&
	       in->sin_addr.s_addr == htonl(0x0a000001);
}

START_TEST(address_of_a_host_is_looked_up)
{
	struct policy *policy = help_policy("connect Example.ORG.:443 other.net:443");
	struct sockaddr_storage sa;
	socklen_t size = sockaddr_of("[::ffff:10.0.0.1]:443", &sa);
	unsigned int asked = 0;
	struct verdict v;

	v = policy_judge_address(policy, VERB_CONNECT, (struct sockaddr *)&sa, size, stands_for,
				 &asked);
	ck_assert_int_eq(v.decision, DECISION_ALLOW);
	ck_assert_ptr_nonnull(v.rule);
	size = sockaddr_of("10.0.0.2:443", &sa);
	asked = 0;
	v = policy_judge_address(policy, VERB_CONNECT, (struct sockaddr *)&sa, size, stands_for,
				 &asked);
	ck_assert_int_eq(v.decision, DECISION_DENY);
	ck_assert_uint_eq(asked, 2);
	size = sockaddr_of("10.0.0.1:80", &sa);
	asked = 0;
	policy_judge_address(policy, VERB_CONNECT, (struct sockaddr *)&sa, size, stands_for,
			     &asked);
	ck_assert_uint_eq(asked, 0);
	policy_free(policy);
}
END_TEST

START_TEST(address_that_is_none_is_refused)
{
	struct policy *policy = help_policy("connect *:*");
	struct sockaddr_storage sa;
	socklen_t size = sockaddr_of("10.0.0.1:80", &sa);
	const struct sockaddr *p = (struct sockaddr *)&sa;

	for (socklen_t n = 0; n < size; n++)
		ck_assert_int_eq(
			policy_judge_address(policy, VERB_CONNECT, p, n, NULL, NULL).decision,
			DECISION_DENY);
	sa.ss_family = AF_UNIX;
	ck_assert_int_eq(policy_judge_address(policy, VERB_CONNECT, p, size, NULL, NULL).decision,
			 DECISION_DENY);
	sa.ss_family = AF_INET6;
	ck_assert_int_eq(policy_judge_address(policy, VERB_CONNECT, p, size, NULL, NULL).decision,
			 DECISION_DENY);
	sa.ss_family = AF_INET;
	ck_assert_int_eq(policy_judge_address(policy, VERB_READ, p, size, NULL, NULL).decision,
			 DECISION_DENY);
	policy_free(policy);
}
END_TEST

START_TEST(address_patterns_that_are_wrong_are_refused)
{
	static const char *const wrong[] = {
		"",
		"*",
		"host",
		"host:",
		":80",
		"host:70000",
		"host:http",
		"host:80-70",
		"host:-80",
		"host:80-",
		"host:+80",
		"10.0.0.1/33:80",
		"10.0.0.1/8:80",
		"10.0.0/8:80",
		"1.2.3.4.5:80",
		"999.1.1.1:80",
		"::1:80",
		"[::1:80",
		"[::1]",
		"[fe80::1%eth0]:80",
		"[::1/129]:80",
		"[2001:db8::1/32]:80",
		"[::ffff:1.2.3.4]:80",
		"a..b:80",
		"-a.b:80",
		"a-.b:80",
		"a b:80",
		"a_b.c/:80",
		"*.org:80",
		"h\xc3\xbc.de:80",
		"123:80",
		"[]:80",
		"[*]:80",
		"1234567890123456789012345678901234567890123456789012345678901234x.de:80",
	};
	struct address_pattern pattern;
	size_t offset;

	for (size_t i = 0; i < array_size(wrong); i++)
		ck_assert_msg(address_parse(wrong[i], false, &pattern, &offset), "accepted: %s",
			      wrong[i]);
}
END_TEST

static void count_host(void *data, const char *host)
{
	ck_assert_ptr_nonnull(host);
	(*(unsigned int *)data)++;
}

START_TEST(address_hosts_are_told)
{
	struct policy *policy = help_policy("connect a.org:80 1.2.3.4:80 b.org:*");
	unsigned int count = 0;

	ck_assert(policy_names_hosts(policy));
	policy_each_host(policy, count_host, &count);
	ck_assert_uint_eq(count, 2);
	policy_free(policy);
	policy = help_policy("connect *:80\ndeny connect a.org:80\ntest deny connect b.org:1");
	ck_assert(!policy_names_hosts(policy));
	policy_free(policy);
}
END_TEST

START_TEST(address_of_abstract_sockets)
{
	struct policy *policy = help_policy("unix @app-* @odd\\*\ndeny unix @app-secret*");

	ck_assert_int_eq(policy_judge_abstract(policy, "app-1", 5).decision, DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_abstract(policy, "app-\0/x", 7).decision, DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_abstract(policy, "app-secret1", 11).decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_abstract(policy, "xapp-1", 6).decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_abstract(policy, "odd*", 4).decision, DECISION_ALLOW);
	ck_assert_int_eq(policy_judge_abstract(policy, "oddx", 4).decision, DECISION_DENY);
	ck_assert_int_eq(policy_judge_abstract(policy, "", 0).decision, DECISION_DENY);
	policy_free(policy);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_address");
	TCase *tcase = test_case(suite, "address");

	tcase_add_test(tcase, address_patterns_match_what_they_say);
	tcase_add_test(tcase, address_v4_mapped_is_v4);
	tcase_add_test(tcase, address_connect_to_nothing_means_this_machine);
	tcase_add_test(tcase, address_listening_everywhere_is_listening_where_it_is_denied);
	tcase_add_test(tcase, address_deny_wins_and_ask_yields);
	tcase_add_test(tcase, address_except_limits_its_own_line);
	tcase_add_test(tcase, address_of_a_host_is_looked_up);
	tcase_add_test(tcase, address_that_is_none_is_refused);
	tcase_add_test(tcase, address_patterns_that_are_wrong_are_refused);
	tcase_add_test(tcase, address_hosts_are_told);
	tcase_add_test(tcase, address_of_abstract_sockets);
	return suite;
}
