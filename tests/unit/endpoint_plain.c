/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses made plain: every reading that the kernel has of one, and no other. */
#include "check_main.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/un.h>
#include "net/endpoint.h"
#include "net_fakes.h"
#include "common/cleanup.h"
#include "policyc/api.h"
#include "policyc/finish/finish.h"

#define TCP                                             \
	{                                               \
		AF_INET, SOCK_STREAM, IPPROTO_TCP, true \
	}
#define TCP6                                             \
	{                                                \
		AF_INET6, SOCK_STREAM, IPPROTO_TCP, true \
	}
#define UDP                                            \
	{                                              \
		AF_INET, SOCK_DGRAM, IPPROTO_UDP, true \
	}
#define UDP6                                            \
	{                                               \
		AF_INET6, SOCK_DGRAM, IPPROTO_UDP, true \
	}
#define ICMP                                            \
	{                                               \
		AF_INET, SOCK_DGRAM, IPPROTO_ICMP, true \
	}
#define LOCAL                                 \
	{                                     \
		AF_UNIX, SOCK_STREAM, 0, true \
	}
#define LOCAL_DG                             \
	{                                    \
		AF_UNIX, SOCK_DGRAM, 0, true \
	}
#define ROUTE                                             \
	{                                                 \
		AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, true \
	}
#define UEVENT                                                     \
	{                                                          \
		AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT, true \
	}
#define VSOCK                            \
	{                                \
		40, SOCK_STREAM, 0, true \
	}

/* What is given, by family, address and size (0: that of the family), and what becomes of it. */
static const struct plain_case {
	struct socket_kind kind;
	enum endpoint_use use;
	int family;
	const char *address;
	int port;
	size_t size;
	int error;
	const char *text;
} plain_cases[] = {
	/* clang-format off: one case, one line */
	{TCP,       ENDPOINT_CONNECT, AF_INET,	  "1.2.3.4",	     443, 0,	     0,		"1.2.3.4:443"     },
	{ TCP,      ENDPOINT_CONNECT, AF_INET,	  "1.2.3.4",	     443, 128,	       0,		  "1.2.3.4:443"	},
	{ TCP,      ENDPOINT_CONNECT, AF_INET,	  "1.2.3.4",	     443, 15,	      EINVAL,	      NULL		   },
	{ TCP,      ENDPOINT_CONNECT, AF_INET,	  "1.2.3.4",	     443, 1,	     EINVAL,	     NULL		  },
	{ TCP,      ENDPOINT_CONNECT, AF_INET,	  "1.2.3.4",	     443, (size_t)-1, EINVAL,	      NULL		   },
	{ TCP,      ENDPOINT_CONNECT, AF_INET,	  "0.0.0.0",	     80,	 0,	    0,	       "127.0.0.1:80"    },
	{ TCP,      ENDPOINT_BIND,    AF_INET,    "0.0.0.0",	  80,  0,		 0,	    "0.0.0.0:80"	 },
	{ TCP,      ENDPOINT_CONNECT, AF_INET6,   "::1",		  80,  0,		 EAFNOSUPPORT, NULL		    },
	{ TCP,      ENDPOINT_CONNECT, AF_UNIX,	  "/x",		0,   110,	EAFNOSUPPORT, NULL		   },
	{ TCP,      ENDPOINT_CONNECT, AF_UNSPEC,  "1.2.3.4",	       443, 0,	       0,		  "address family 0"},
	{ TCP,      ENDPOINT_BIND,    AF_UNSPEC,	 "0.0.0.0",	    80,	0,	   0,	      "0.0.0.0:80"	   },
	{ TCP,      ENDPOINT_BIND,    AF_UNSPEC,	 "1.2.3.4",	    80,	0,	   EAFNOSUPPORT, NULL	      },
	{ UDP,      ENDPOINT_SEND,    AF_UNSPEC,	 "1.2.3.4",	    53,	0,	   0,	      "1.2.3.4:53"	   },
	{ UDP,      ENDPOINT_SEND,    AF_INET,    "0.0.0.0",	  53,  0,		 0,	    "127.0.0.1:53"	   },
	{ UDP,      ENDPOINT_SEND,    AF_INET6,	"::1",	       53,  0,	      EAFNOSUPPORT, NULL		 },
	{ UDP6,	ENDPOINT_SEND,    AF_INET,	"1.2.3.4",	   53,  0,	  0,	     "1.2.3.4:53"	  },
	{ UDP6,	ENDPOINT_CONNECT, AF_INET,	   "1.2.3.4",	      53,  0,	     0,		"1.2.3.4:53"	     },
	{ UDP6,	ENDPOINT_SEND,    AF_UNSPEC,  "1.2.3.4",	     53,	 0,	    0,	       "none"	      },
	{ UDP6,	ENDPOINT_SEND,    AF_UNIX,	"/x",	      0,	 110,	      EINVAL,	      NULL		   },
	{ UDP6,	ENDPOINT_BIND,    AF_INET,	"1.2.3.4",	   53,  28,	   EAFNOSUPPORT, NULL	      },
	{ TCP6,	ENDPOINT_CONNECT, AF_INET,	   "1.2.3.4",	      443, 28,	       EAFNOSUPPORT, NULL		  },
	{ TCP6,	ENDPOINT_CONNECT, AF_INET6,   "::",		  80,  0,		 0,	    "[::1]:80"	       },
	{ TCP6,	ENDPOINT_CONNECT, AF_INET6,   "::ffff:0.0.0.0", 80,  0,	     0,		"127.0.0.1:80"    },
	{ TCP6,	ENDPOINT_CONNECT, AF_INET6,   "::ffff:1.2.3.4", 80,  0,	     0,		"1.2.3.4:80"	     },
	{ TCP6,	ENDPOINT_CONNECT, AF_INET6,   "2001:db8::1",	   80,  24,	   0,	      "[2001:db8::1]:80"},
	{ TCP6,	ENDPOINT_CONNECT, AF_INET6,   "2001:db8::1",	   80,  23,	   EINVAL,	   NULL		},
	{ TCP6,	ENDPOINT_BIND,    AF_INET6,	 "::",	       80,  0,	      0,		 "[::]:80"	   },
	{ ICMP,	ENDPOINT_SEND,    AF_INET,	"1.2.3.4",	   443, 0,	   0,	      "1.2.3.4:0"	  },
	{ LOCAL,	 ENDPOINT_CONNECT, AF_UNIX,    "/run/x",	      0,	 0,	    0,	       "/run/x"		},
	{ LOCAL,	 ENDPOINT_CONNECT, AF_UNIX,    "/run/x",	      0,	 111,	      EINVAL,	      NULL		   },
	{ LOCAL,	 ENDPOINT_CONNECT, AF_UNIX,    "/run/x",	      0,	 2,	    EINVAL,	    NULL		 },
	{ LOCAL,	 ENDPOINT_BIND,	AF_UNIX,	 "",		     0,	2,	   0,	      "@"		  },
	{ LOCAL,	 ENDPOINT_CONNECT, AF_INET,    "1.2.3.4",	       1,	  0,	     EINVAL,	     NULL		  },
	{ LOCAL,	 ENDPOINT_CONNECT, AF_UNSPEC,  "1.2.3.4",	 1,   0,	       EINVAL,       NULL		    },
	{ LOCAL_DG, ENDPOINT_CONNECT, AF_UNSPEC,	 "1.2.3.4",	    1,   0,	  0,	     "address family 0"},
	{ LOCAL_DG, ENDPOINT_SEND,	   AF_UNSPEC,  "1.2.3.4",	 1,   0,	       EINVAL,       NULL		    },
	{ ROUTE,	 ENDPOINT_SEND,	AF_INET,	 "1.2.3.4",	    1,   0,	  EINVAL,	  NULL	       },
	{ ROUTE,	 ENDPOINT_BIND,	AF_NETLINK, "",		0,   11,	       EINVAL,       NULL		    },
	{ UEVENT,	  ENDPOINT_BIND,	 AF_NETLINK, "",		 0,   0,	       EACCES,       NULL		    },
	{ VSOCK,	 ENDPOINT_CONNECT, 40,	       "",		   0,   16,	  EACCES,	  NULL	       },
 /* clang-format on */
};

static size_t given_make(const struct plain_case *c, struct sockaddr_storage *to)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;

	/* What is behind an address must not count. */
	memset(to, 0x5a, sizeof(*to));
	to->ss_family = (sa_family_t)c->family;
	switch (c->family) {
	case AF_INET6:
		v6->sin6_port = htons((uint16_t)c->port);
		ck_assert_int_eq(inet_pton(AF_INET6, c->address, &v6->sin6_addr), 1);
		return sizeof(*v6);
	case AF_UNIX:
		strcpy(((struct sockaddr_un *)to)->sun_path, c->address);
		return offsetof(struct sockaddr_un, sun_path) + strlen(c->address) + 1;
	case AF_INET:
	case AF_UNSPEC:
		v4->sin_port = htons((uint16_t)c->port);
		ck_assert_int_eq(inet_pton(AF_INET, c->address, &v4->sin_addr), 1);
		return sizeof(*v4);
	default: return sizeof(struct sockaddr_nl);
	}
}

START_TEST(an_address_means_what_the_kernel_takes_it_for)
{
	const struct plain_case *c = &plain_cases[_i];
	struct sockaddr_storage given;
	size_t size = given_make(c, &given);
	struct endpoint endpoint;
	char text[ENDPOINT_TEXT_MAX];
	int r;

	if (c->size)
		size = c->size;
	r = endpoint_read(&fake_call, (uint64_t)(uintptr_t)&given, (int)size, &endpoint);
	if (r == 0)
		r = endpoint_plain(&c->kind, c->use, &endpoint);
	ck_assert_int_eq(r, c->error);
	if (r == 0)
		ck_assert_str_eq(endpoint.size ? endpoint_text(&endpoint, text) : "none", c->text);
}
END_TEST

START_TEST(nothing_behind_an_address_goes_on)
{
	const struct socket_kind kinds[] = { TCP, TCP6 };
	const int families[] = { AF_INET, AF_INET6 };
	struct sockaddr_storage given;

	for (size_t i = 0; i < array_size(kinds); i++) {
		struct endpoint endpoint;

		memset(&given, 0x5a, sizeof(given));
		given.ss_family = (sa_family_t)families[i];
		ck_assert_int_eq(
			endpoint_read(&fake_call, (uint64_t)(uintptr_t)&given, 100, &endpoint), 0);
		ck_assert_int_eq(endpoint_plain(&kinds[i], ENDPOINT_CONNECT, &endpoint), 0);
		for (size_t at = endpoint.size; at < sizeof(endpoint.room); at++)
			ck_assert_int_eq(((unsigned char *)&endpoint.room)[at], 0);
	}
}
END_TEST

START_TEST(a_path_that_fills_its_room_is_terminated)
{
	const struct socket_kind kind = LOCAL;
	struct sockaddr_un given = { .sun_family = AF_UNIX };
	struct endpoint endpoint;

	memset(given.sun_path, 'x', sizeof(given.sun_path));
	ck_assert_int_eq(
		endpoint_read(&fake_call, (uint64_t)(uintptr_t)&given, sizeof(given), &endpoint),
		0);
	ck_assert_int_eq(endpoint_plain(&kind, ENDPOINT_CONNECT, &endpoint), 0);
	ck_assert(endpoint_is_path(&endpoint));
	ck_assert_uint_eq(strlen(endpoint.local.sun_path), sizeof(given.sun_path));
}
END_TEST

START_TEST(an_abstract_name_may_hold_nul)
{
	const struct socket_kind kind = LOCAL;
	struct sockaddr_un given = { .sun_family = AF_UNIX, .sun_path = "\0a\0b" };
	struct endpoint endpoint;
	char text[ENDPOINT_TEXT_MAX];

	ck_assert_int_eq(endpoint_read(&fake_call, (uint64_t)(uintptr_t)&given, 2 + 4, &endpoint),
			 0);
	ck_assert_int_eq(endpoint_plain(&kind, ENDPOINT_CONNECT, &endpoint), 0);
	ck_assert(!endpoint_is_path(&endpoint));
	ck_assert_uint_eq(endpoint.size, 2 + 4);
	ck_assert_str_eq(endpoint_text(&endpoint, text), "@a@b");
}
END_TEST

START_TEST(an_address_that_cannot_be_read_is_efault)
{
	struct endpoint endpoint;

	ck_assert_int_eq(endpoint_read(&fake_call, 8, 16, &endpoint), EFAULT);
	ck_assert_int_eq(endpoint_read(&fake_call, 8, 129, &endpoint), EINVAL);
}
END_TEST

static void policy_begin(const char *line)
{
	struct policy_env env = { .cwd = "/", .environment = (const char *const[]){ NULL } };
	struct policy_error error;
	struct policy *policy;

	ck_assert_int_eq(policy_new(&env, &policy), 0);
	ck_assert_msg(policy_line(policy, "test", line, &error) == 0, "%s", error.text);
	ck_assert_int_eq(policy_finish(policy, &error), 0);
	fake_child.policy = policy;
}

static void policy_end(void)
{
	fake_child.policy = policy_free((struct policy *)fake_child.policy);
}

static int judge(struct socket_kind kind, enum endpoint_use use, const char *address, int port)
{
	struct endpoint endpoint = ENDPOINT_INIT;

	if (strchr(address, ':')) {
		endpoint.any.sa_family = AF_INET6;
		endpoint.size = sizeof(endpoint.v6);
		ck_assert_int_eq(inet_pton(AF_INET6, address, &endpoint.v6.sin6_addr), 1);
		endpoint.v6.sin6_port = htons((uint16_t)port);
	} else {
		endpoint.any.sa_family = AF_INET;
		endpoint.size = sizeof(endpoint.v4);
		ck_assert_int_eq(inet_pton(AF_INET, address, &endpoint.v4.sin_addr), 1);
		endpoint.v4.sin_port = htons((uint16_t)port);
	}
	fake_denied[0] = '\0';
	return endpoint_judge(&fake_call, &kind, use, &endpoint);
}

START_TEST(an_address_is_judged_as_where_it_leads)
{
	const struct socket_kind tcp = TCP, tcp6 = TCP6, udp = UDP;

	policy_begin("connect 1.2.3.4:443 127.0.0.1:80");
	ck_assert_int_eq(judge(tcp, ENDPOINT_CONNECT, "1.2.3.4", 443), 0);
	ck_assert_int_eq(judge(tcp6, ENDPOINT_CONNECT, "::ffff:1.2.3.4", 443), 0);
	ck_assert_int_eq(judge(tcp, ENDPOINT_CONNECT, "0.0.0.0", 80), 0);
	ck_assert_int_eq(judge(udp, ENDPOINT_SEND, "1.2.3.4", 443), 0);
	ck_assert_int_eq(judge(tcp, ENDPOINT_CONNECT, "0.0.0.0", 81), EACCES);
	ck_assert_str_eq(fake_denied, "connect 127.0.0.1:81");
	ck_assert_int_eq(judge(tcp6, ENDPOINT_CONNECT, "::ffff:1.2.3.5", 443), EACCES);
	ck_assert_str_eq(fake_denied, "connect 1.2.3.5:443");
	ck_assert_int_eq(judge(tcp, ENDPOINT_BIND, "127.0.0.1", 80), EACCES);
	ck_assert_str_eq(fake_denied, "listen 127.0.0.1:80");
	ck_assert_int_eq(judge(udp, ENDPOINT_BIND, "127.0.0.1", 0), 0);
	ck_assert_int_eq(judge(udp, ENDPOINT_BIND, "127.0.0.1", 1), EACCES);
	policy_end();
}
END_TEST

START_TEST(a_protocol_that_nobody_judges_is_refused)
{
	const struct socket_kind sctp = { AF_INET, SOCK_STREAM, IPPROTO_SCTP, true };

	policy_begin("connect *:*");
	ck_assert_int_eq(judge(sctp, ENDPOINT_CONNECT, "1.2.3.4", 443), EPROTONOSUPPORT);
	policy_end();
}
END_TEST

START_TEST(a_socket_file_is_addressed_by_what_was_pinned)
{
	cleanup_endpoint struct endpoint endpoint = { .pinned = -1, .size = 110 };
	const struct socket_kind kind = LOCAL;
	char path[PROC_FD_MAX];

	endpoint.any.sa_family = AF_UNIX;
	strcpy(endpoint.local.sun_path, "/");
	ck_assert_int_eq(endpoint_judge(&fake_call, &kind, ENDPOINT_CONNECT, &endpoint), 0);
	ck_assert_int_ge(endpoint.pinned, 0);
	ck_assert_str_eq(endpoint.local.sun_path, proc_fd_path(endpoint.pinned, path));
	ck_assert_uint_eq(endpoint.size, 2 + strlen(path) + 1);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("endpoint");
	TCase *tcase = test_case(suite, "plain");

	tcase_add_loop_test(tcase, an_address_means_what_the_kernel_takes_it_for, 0,
			    (int)array_size(plain_cases));
	tcase_add_test(tcase, nothing_behind_an_address_goes_on);
	tcase_add_test(tcase, a_path_that_fills_its_room_is_terminated);
	tcase_add_test(tcase, an_abstract_name_may_hold_nul);
	tcase_add_test(tcase, an_address_that_cannot_be_read_is_efault);
	tcase_add_test(tcase, an_address_is_judged_as_where_it_leads);
	tcase_add_test(tcase, a_protocol_that_nobody_judges_is_refused);
	tcase_add_test(tcase, a_socket_file_is_addressed_by_what_was_pinned);
	return suite;
}
