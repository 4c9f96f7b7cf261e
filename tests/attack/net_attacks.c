/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Section C of the attacks, C4 and C5, and H8: what comes in over sockets, and the families that
 * there are. Destinations are in net_destinations. The attacks themselves are in net_hostile.c.
 */
#include "box.h"
#include "check_main.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NET(name, ...) BOX_TEST(name, "net_hostile", __VA_ARGS__)

/* Whoever connects to w/sock gets s and r as descriptors: somebody outside who wants to help. */
static void helper(void)
{
	int fds[2] = { open("s", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		       open("s", O_PATH | O_CLOEXEC) };
	char control[CMSG_SPACE(sizeof(fds))] = { 0 };
	struct iovec vector = { (char[]){ "x" }, 1 };
	struct msghdr message = { .msg_iov = &vector,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&message);
	int client;

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(cmsg), fds, sizeof(fds));
	/* The listening socket of w/sock was made first. */
	while ((client = accept(100, NULL, NULL)) >= 0) {
		if (sendmsg(client, &message, 0) < 0)
			return;
		close(client);
	}
}

NET(c04_directories_from_outside_give_no_more, "c04_rights", .outside = helper)
NET(c04_credentials_do_not_show_the_supervisor, "c04_credentials", .no_native = true)
NET(c04_credentials_are_not_forged, "c04_forged", .no_native = true)
NET(c05_netlink_packet_raw_are_refused, "c05")
NET(c05_options_that_lead_elsewhere_are_refused, "c05_options", .lines = { "connect 127.0.0.1:1" })
NET(c05_listen_without_an_address_is_refused, "c05_listen",
    .lines = { "listen 127.0.0.1:* [::1]:*", "connect 127.0.0.1:*" })

/* As another box that may write there, and no slower than the kernel. */
static void turn_link(void)
{
	if (symlink(".", "w/here") < 0 || symlink("dir", "w/there") < 0)
		_exit(1);
	for (;;) {
		if (link("w/here", "w/turn.new") < 0 || rename("w/turn.new", "w/turn") < 0 ||
		    link("w/there", "w/turn.new") < 0 || rename("w/turn.new", "w/turn") < 0)
			_exit(1);
	}
}

NET(h07_a_socket_is_made_where_it_was_judged, "h07_bind", .lines = { "deny write $X/w/dir" },
    .outside = turn_link)
NET(h08_no_datagrams_without_a_rule, "h08_datagrams")
NET(h08_port_of_the_kernel_wants_somebody_who_may_answer, "h08_port_of_the_kernel",
    .lines = { "listen 127.0.0.1:45353" })
NET(h08_groups_are_listened_at, "h08_groups",
    .lines = { "connect *:*", "listen 224.0.0.251:45353 [ff01::fb]:45353" })

Suite *test_suite(void)
{
	Suite *suite = suite_create("net");
	TCase *tcase = test_case(suite, "net");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, c04_directories_from_outside_give_no_more);
	tcase_add_test(tcase, c04_credentials_do_not_show_the_supervisor);
	tcase_add_test(tcase, c04_credentials_are_not_forged);
	tcase_add_test(tcase, c05_netlink_packet_raw_are_refused);
	tcase_add_test(tcase, c05_options_that_lead_elsewhere_are_refused);
	tcase_add_test(tcase, c05_listen_without_an_address_is_refused);
	tcase_add_test(tcase, h07_a_socket_is_made_where_it_was_judged);
	tcase_add_test(tcase, h08_no_datagrams_without_a_rule);
	tcase_add_test(tcase, h08_port_of_the_kernel_wants_somebody_who_may_answer);
	tcase_add_test(tcase, h08_groups_are_listened_at);
	return suite;
}
