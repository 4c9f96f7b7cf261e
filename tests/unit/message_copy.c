/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages copied from a caller: what is taken, what is refused, what is left of control data. */
#include "check_main.h"

#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "net/message.h"
#include "net_fakes.h"
#include "common/cleanup.h"

static const struct socket_kind local_stream = { AF_UNIX, SOCK_STREAM, 0, true };
static const struct socket_kind local_datagram = { AF_UNIX, SOCK_DGRAM, 0, true };
static const struct socket_kind udp = { AF_INET, SOCK_DGRAM, IPPROTO_UDP, true };

static char data[] = "0123456789";

/* A header of one vector, with control data. */
static struct message_header header_of(struct iovec *vector, const void *control, size_t size)
{
	*vector = (struct iovec){ data, sizeof(data) - 1 };
	return (struct message_header){
		.vectors = (uint64_t)(uintptr_t)vector,
		.vector_count = 1,
		.control = (uint64_t)(uintptr_t)control,
		.control_size = size,
	};
}

static int copy(const struct socket_kind *kind, const struct message_header *header,
		struct message **ret)
{
	*ret = NULL;
	return message_copy(&fake_call, kind, header, true, ret);
}

START_TEST(vectors_become_one_buffer)
{
	struct iovec vectors[] = {
		{data,	3},
		     { NULL,     0},
		  { data + 3, 4}
	};
	struct message_header header = { .vectors = (uint64_t)(uintptr_t)vectors,
					 .vector_count = 3 };
	struct message *message;
	struct msghdr msg;
	struct iovec rest;

	ck_assert_int_eq(copy(&local_stream, &header, &message), 0);
	message_rest(message, &msg, &rest);
	ck_assert_uint_eq(rest.iov_len, 7);
	ck_assert_mem_eq(rest.iov_base, "0123456", 7);
	ck_assert(!message_sent(message, 5));
	message_rest(message, &msg, &rest);
	ck_assert_uint_eq(rest.iov_len, 2);
	ck_assert_mem_eq(rest.iov_base, "56", 2);
	ck_assert(message_sent(message, 2));
	message_free(message);
}
END_TEST

/* What its head takes is paid for as what it holds. */
START_TEST(every_vector_is_charged)
{
	static struct iovec vectors[MESSAGE_VECTORS_MAX];
	struct message_header header = { .vectors = (uint64_t)(uintptr_t)vectors };
	struct message *message;
	size_t without;

	ck_assert_int_eq(copy(&local_stream, &header, &message), 0);
	without = message->charge;
	message_free(message);
	header.vector_count = array_size(vectors);
	ck_assert_int_eq(copy(&local_stream, &header, &message), 0);
	ck_assert_uint_eq(message->charge, without + sizeof(vectors));
	message_free(message);
}
END_TEST

START_TEST(a_sum_that_overflows_is_refused)
{
	struct iovec vectors[] = {
		{data,	SSIZE_MAX},
		     { data, 1	       }
	};
	struct message_header header = { .vectors = (uint64_t)(uintptr_t)vectors,
					 .vector_count = 2 };
	struct message *message;

	ck_assert_int_eq(copy(&local_stream, &header, &message), EINVAL);
	vectors[0].iov_len = SIZE_MAX;
	ck_assert_int_eq(copy(&local_stream, &header, &message), EINVAL);
}
END_TEST

START_TEST(what_is_too_much_is_refused_before_it_is_read)
{
	struct iovec vector = { data, MESSAGE_DATAGRAM_MAX + 1 };
	struct message_header header = { .vectors = (uint64_t)(uintptr_t)&vector,
					 .vector_count = 1 };
	struct message *message;

	ck_assert_int_eq(copy(&local_datagram, &header, &message), EMSGSIZE);
	header.vector_count = MESSAGE_VECTORS_MAX + 1;
	ck_assert_int_eq(copy(&local_stream, &header, &message), EMSGSIZE);
	header.vector_count = UINT64_MAX;
	ck_assert_int_eq(copy(&local_stream, &header, &message), EMSGSIZE);
	header = header_of(&vector, data, MESSAGE_CONTROL_MAX + 1);
	ck_assert_int_eq(copy(&local_stream, &header, &message), ENOBUFS);
	header.control_size = UINT64_MAX;
	ck_assert_int_eq(copy(&local_stream, &header, &message), ENOBUFS);
}
END_TEST

START_TEST(a_long_stream_is_cut)
{
	size_t size = MESSAGE_CHUNK_MAX + 5;
	cleanup_free char *bytes = calloc(1, size);
	struct message *message;

	ck_assert_int_eq(message_copy_buffer(&fake_call, &local_stream, (uint64_t)(uintptr_t)bytes,
					     size, false, &message),
			 0);
	ck_assert_uint_eq(message->size, MESSAGE_CHUNK_MAX);
	message_free(message);
}
END_TEST

START_TEST(memory_that_cannot_be_read_is_efault)
{
	struct iovec vector = { (void *)8, 4 };
	struct message_header header = { .vectors = (uint64_t)(uintptr_t)&vector,
					 .vector_count = 1 };
	struct message *message;

	ck_assert_int_eq(copy(&local_stream, &header, &message), EFAULT);
	header.vectors = 8;
	ck_assert_int_eq(copy(&local_stream, &header, &message), EFAULT);
	header = header_of(&vector, (void *)8, 32);
	ck_assert_int_eq(copy(&local_stream, &header, &message), EFAULT);
	header = header_of(&vector, NULL, 0);
	header.name = 8;
	header.name_size = 16;
	ck_assert_int_eq(copy(&udp, &header, &message), EFAULT);
	header.name_size = -1;
	ck_assert_int_eq(copy(&udp, &header, &message), EINVAL);
}
END_TEST

union control {
	unsigned char bytes[4096];
	struct cmsghdr header;
};

static struct cmsghdr *control_put(union control *control, int level, int type, const void *bytes,
				   size_t size)
{
	control->header = (struct cmsghdr){ CMSG_LEN(size), level, type };
	memcpy(CMSG_DATA(&control->header), bytes, size);
	return &control->header;
}

START_TEST(descriptors_become_copies_of_ours)
{
	union control control;
	int fds[2] = { 0, 2 };
	struct message *message;
	struct iovec vector;
	struct message_header header;
	struct cmsghdr *made;
	struct stat given, held;

	control_put(&control, SOL_SOCKET, SCM_RIGHTS, fds, sizeof(fds));
	header = header_of(&vector, &control, control.header.cmsg_len);
	ck_assert_int_eq(copy(&local_stream, &header, &message), 0);
	ck_assert_uint_eq(message->fd_count, 2);
	made = (struct cmsghdr *)message->control;
	ck_assert_uint_eq(made->cmsg_len, control.header.cmsg_len);
	ck_assert_mem_eq(CMSG_DATA(made), message->fds, sizeof(fds));
	ck_assert_int_eq(fstat(2, &given), 0);
	ck_assert_int_eq(fstat(message->fds[1], &held), 0);
	ck_assert_uint_eq(given.st_ino, held.st_ino);
	ck_assert_int_ne(message->fds[1], 2);
	message_free(message);
}
END_TEST

START_TEST(a_descriptor_that_is_none_is_refused)
{
	union control control;
	int fds[3] = { 0, -1, 1 };
	struct message *message;
	struct iovec vector;
	struct message_header header;

	control_put(&control, SOL_SOCKET, SCM_RIGHTS, fds, sizeof(fds));
	header = header_of(&vector, &control, control.header.cmsg_len);
	ck_assert_int_eq(copy(&local_stream, &header, &message), EBADF);
}
END_TEST

START_TEST(more_descriptors_than_the_kernel_takes_are_refused)
{
	union control control;
	int fds[MESSAGE_FDS_MAX + 1] = { 0 };
	struct message *message;
	struct iovec vector;
	struct message_header header;

	control_put(&control, SOL_SOCKET, SCM_RIGHTS, fds, sizeof(fds));
	header = header_of(&vector, &control, control.header.cmsg_len);
	ck_assert_int_eq(copy(&local_stream, &header, &message), EINVAL);
}
END_TEST

START_TEST(only_true_credentials_are_taken)
{
	union control control;
	struct ucred ucred = { getpid(), geteuid(), getegid() };
	struct message *message;
	struct iovec vector;
	struct message_header header;

	control_put(&control, SOL_SOCKET, SCM_CREDENTIALS, &ucred, sizeof(ucred));
	header = header_of(&vector, &control, control.header.cmsg_len);
	ck_assert_int_eq(copy(&local_stream, &header, &message), 0);
	ck_assert_uint_eq(message->control_size, 0);
	message_free(message);
	ucred.pid = 1;
	control_put(&control, SOL_SOCKET, SCM_CREDENTIALS, &ucred, sizeof(ucred));
	ck_assert_int_eq(copy(&local_stream, &header, &message), EPERM);
	ucred = (struct ucred){ getpid(), geteuid() + 1, getegid() };
	control_put(&control, SOL_SOCKET, SCM_CREDENTIALS, &ucred, sizeof(ucred));
	ck_assert_int_eq(copy(&local_stream, &header, &message), EPERM);
}
END_TEST

START_TEST(control_data_with_false_lengths_is_refused)
{
	static const size_t lengths[] = { 0, 1, 15, 33, 4096, SIZE_MAX, SIZE_MAX - 7 };
	union control control;
	struct message *message;
	struct iovec vector;
	struct message_header header;

	for (size_t i = 0; i < array_size(lengths); i++) {
		control_put(&control, SOL_SOCKET, SCM_RIGHTS, &(int){ 0 }, sizeof(int));
		control.header.cmsg_len = lengths[i];
		header = header_of(&vector, &control, 32);
		ck_assert_int_eq(copy(&local_stream, &header, &message), EINVAL);
	}
}
END_TEST

START_TEST(a_route_is_refused)
{
	static const struct {
		int level, type;
	} routes[] = {
		{IPPROTO_IP,    IP_RETOPTS},
		    { IPPROTO_IPV6, IPV6_RTHDR},
		  { SOL_SOCKET,	SO_MARK	}
	};
	union control control;
	struct message *message;
	struct iovec vector;
	struct message_header header;

	for (size_t i = 0; i < array_size(routes); i++) {
		control_put(&control, routes[i].level, routes[i].type, data, 8);
		header = header_of(&vector, &control, control.header.cmsg_len);
		ck_assert_int_eq(copy(&udp, &header, &message), EINVAL);
	}
}
END_TEST

START_TEST(what_says_how_and_not_where_goes_on)
{
	union control control;
	struct message *message;
	struct iovec vector;
	struct message_header header;
	struct cmsghdr *made;

	control_put(&control, IPPROTO_IP, IP_TTL, &(int){ 9 }, sizeof(int));
	header = header_of(&vector, &control, control.header.cmsg_len);
	ck_assert_int_eq(copy(&udp, &header, &message), 0);
	made = (struct cmsghdr *)message->control;
	ck_assert_int_eq(made->cmsg_type, IP_TTL);
	ck_assert_int_eq(*(int *)CMSG_DATA(made), 9);
	ck_assert(message_sent(message, 10));
	ck_assert_uint_eq(message->control_size, 0);
	message_free(message);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_cut)
{
	struct sockaddr_storage name[2] = { { .ss_family = AF_INET } };
	struct message *message;
	struct iovec vector;
	struct message_header header = header_of(&vector, NULL, 0);

	header.name = (uint64_t)(uintptr_t)name;
	header.name_size = sizeof(name);
	ck_assert_int_eq(copy(&udp, &header, &message), 0);
	ck_assert_uint_eq(message->to.size, sizeof(name[0]));
	message_free(message);
}
END_TEST

START_TEST(flags_that_would_wait_or_signal_stay_here)
{
	ck_assert_int_eq(message_flags(MSG_DONTWAIT | MSG_NOSIGNAL | MSG_FASTOPEN | MSG_ZEROCOPY),
			 0);
	ck_assert_int_eq(message_flags(MSG_MORE | MSG_OOB | MSG_EOR), MSG_MORE | MSG_OOB | MSG_EOR);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("message");
	TCase *tcase = test_case(suite, "data");

	tcase_add_test(tcase, vectors_become_one_buffer);
	tcase_add_test(tcase, every_vector_is_charged);
	tcase_add_test(tcase, a_sum_that_overflows_is_refused);
	tcase_add_test(tcase, what_is_too_much_is_refused_before_it_is_read);
	tcase_add_test(tcase, a_long_stream_is_cut);
	tcase_add_test(tcase, memory_that_cannot_be_read_is_efault);
	tcase_add_test(tcase, a_name_that_is_too_long_is_cut);
	tcase_add_test(tcase, flags_that_would_wait_or_signal_stay_here);
	tcase = test_case(suite, "control");
	tcase_add_test(tcase, descriptors_become_copies_of_ours);
	tcase_add_test(tcase, a_descriptor_that_is_none_is_refused);
	tcase_add_test(tcase, more_descriptors_than_the_kernel_takes_are_refused);
	tcase_add_test(tcase, only_true_credentials_are_taken);
	tcase_add_test(tcase, control_data_with_false_lengths_is_refused);
	tcase_add_test(tcase, a_route_is_refused);
	tcase_add_test(tcase, what_says_how_and_not_where_goes_on);
	return suite;
}
