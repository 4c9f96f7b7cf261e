/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The helper that resolves names: a process that holds one socket and nothing else, so that what
 * the network answers meets a parser that has nothing to lose.
 */
#include "net/resolver_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/procfs.h"
#include "confine/capabilities.h"

enum {
	SOCKET = 3,			/* its number; 0 to 2 are /dev/null */
	MEMORY_MAX = 256 * 1024 * 1024, /* besides what the engine had mapped when it forked */
};

static void answer_add(struct names_answer *answer, const struct sockaddr *address)
{
	struct in6_addr *to = &answer->addresses[answer->count];

	if (address->sa_family == AF_INET6) {
		*to = ((const struct sockaddr_in6 *)address)->sin6_addr;
	} else if (address->sa_family == AF_INET) {
		memset(to, 0, sizeof(*to));
		to->s6_addr16[5] = 0xffff;
		to->s6_addr32[3] = ((const struct sockaddr_in *)address)->sin_addr.s_addr;
	} else {
		return;
	}
	answer->count++;
}

static void resolve(const char *host, struct names_answer *answer)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *found;
	int r = getaddrinfo(host, NULL, &hints, &found);

	answer->known = r == 0 || r == EAI_NONAME || r == EAI_NODATA;
	if (r != 0)
		return;
	for (const struct addrinfo *a = found; a && answer->count < NAMES_ADDRESSES_MAX;
	     a = a->ai_next)
		answer_add(answer, a->ai_addr);
	freeaddrinfo(found);
}

/* The address space is a copy of the engine's, however large that is: without room the resolver
 * would answer nothing. */
static rlim_t memory_max(void)
{
	char pages[32];

	if (proc_read("/proc/self/statm", pages, sizeof(pages)) < 0)
		return MEMORY_MAX;
	return strtoull(pages, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE) + MEMORY_MAX;
}

/* Should be able to ask the resolver. Mustn't hold anything of the engine's, or outlive it. */
static void confine(int socket, bool forked_by_main)
{
	rlim_t most = memory_max();
	struct rlimit memory = { most, most }, none = { 0, 0 };
	sigset_t empty;
	int null;

	/*
	 * The socket hangs up when the engine ends; this is for an engine that ends while the
	 * resolver waits. It is the end of the thread that it tells of, so only the main thread
	 * will do.
	 */
	if (forked_by_main)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (confine_capabilities(0) < 0)
		_exit(1);
	prctl(PR_SET_NAME, "pcall-names");
	prctl(PR_SET_DUMPABLE, 0);
	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	if (socket == SOCKET) {
		fcntl(socket, F_SETFD, FD_CLOEXEC);
	} else if (dup3(socket, SOCKET, O_CLOEXEC) < 0) {
		_exit(1);
	}
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	close_range(SOCKET + 1, ~0U, 0);
	setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_FSIZE, &none);
	/* ^C and ^Z are for the command. */
	setpgid(0, 0);
}

void names_helper(int socket, bool forked_by_main)
{
	struct names_question question;

	confine(socket, forked_by_main);
	for (;;) {
		struct names_answer answer = { 0 };
		ssize_t n = recv(SOCKET, &question, sizeof(question), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof(question) || question.host[sizeof(question.host) - 1] != '\0')
			_exit(0);
		answer.serial = question.serial;
		resolve(question.host, &answer);
		if (send(SOCKET, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			_exit(0);
	}
}
