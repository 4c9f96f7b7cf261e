/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What host names stand for: asked of the helper, remembered. The idea stands in net/hostnames.h.
 */
#include "net/hostnames.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/lock.h"
#include "net/private_nets.h"
#include "net/resolver_helper.h"
#include "net/resolv_conf.h"
#include "common/cleanup.h"
#include "judge/verdict.h"

enum {
	ANSWER_WAIT_MS = 5000,
	ASK_AGAIN_MS = 2000,	      /* not sooner, whatever does not match */
	REMEMBER_MS = 10 * 60 * 1000, /* what a name stood for */
	REMEMBERED_MAX = 256,	      /* addresses of one host */
};

struct remembered {
	struct in6_addr address;
	int64_t until_ms;
};

struct host {
	struct host *next;
	char name[NAMES_HOST_MAX];
	int64_t asked_ms; /* 0: never */
	bool answered;	  /* ever; what it stands for is unknown until then */
	size_t count;
	struct remembered addresses[REMEMBERED_MAX];
};

LOCK_KIND(names);

struct names {
	int pidfd; /* the number may be another's: whoever embeds us may wait for all its children
		    */
	int socket;
	uint32_t serial;
	struct names_lock lock;		      /* guards what follows */
	bool asking GUARDED_BY(names_locked); /* one question at a time */
	pthread_cond_t asked;		      /* that one is over */
	struct host *hosts;
	struct resolvers resolvers;
	uint64_t resolvers_ms; /* when they were read */
};

/* As it is asked for: lower case, no dot at the end. False: what no resolver should see. */
static bool host_plain(const char *name, char ret[NAMES_HOST_MAX])
{
	size_t size = strlen(name);

	if (size > 0 && name[size - 1] == '.')
		size--;
	if (size == 0 || size >= NAMES_HOST_MAX)
		return false;
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)name[i];

		if (!isascii(c) || (!isalnum(c) && c != '-' && c != '_' && c != '.'))
			return false;
		ret[i] = (char)tolower(c);
	}
	ret[size] = '\0';
	return true;
}

static struct host *host_find(struct names *names, const char *name)
{
	struct host *host = names->hosts;

	while (host && strcmp(host->name, name) != 0)
		host = host->next;
	return host;
}

/* The hosts are those of the policy: their number is bounded by it. */
static void host_add(void *data, const char *given)
{
	struct names *names = data;
	char name[NAMES_HOST_MAX];
	struct host *host;

	if (!host_plain(given, name) || host_find(names, name))
		return;
	host = calloc(1, sizeof(*host));
	if (!host)
		return; /* a host that is not there stands for nothing */
	memcpy(host->name, name, sizeof(name));
	host->next = names->hosts;
	names->hosts = host;
}

static bool address_plain(const struct sockaddr *address, struct in6_addr *ret)
{
	if (address->sa_family == AF_INET6) {
		*ret = ((const struct sockaddr_in6 *)address)->sin6_addr;
		return true;
	}
	if (address->sa_family != AF_INET)
		return false;
	*ret = (struct in6_addr){ .s6_addr16[5] = 0xffff };
	ret->s6_addr32[3] = ((const struct sockaddr_in *)address)->sin_addr.s_addr;
	return true;
}

/* May a name that somebody else resolves mean this address? "localhost" is this machine, whatever a
 * resolver says. */
static bool host_may_be(const char *name, const struct in6_addr *address)
{
	if (strcmp(name, "localhost") != 0)
		return !address_is_inside(address);
	return IN6_IS_ADDR_LOOPBACK(address) ||
	       (IN6_IS_ADDR_V4MAPPED(address) && address->s6_addr[12] == IN_LOOPBACKNET);
}

/* The two that "localhost" is. */
static bool address_is_loopback(const struct in6_addr *address)
{
	return IN6_IS_ADDR_LOOPBACK(address) ||
	       (IN6_IS_ADDR_V4MAPPED(address) && address->s6_addr32[3] == htonl(INADDR_LOOPBACK));
}

static bool host_has(const struct host *host, const struct in6_addr *address, int64_t now)
{
	for (size_t i = 0; i < host->count; i++)
		if (host->addresses[i].until_ms > now &&
		    memcmp(&host->addresses[i].address, address, sizeof(*address)) == 0)
			return true;
	return false;
}

/* In the place of what it was before, or of one that is over, or of the oldest. */
static void host_remember(struct host *host, const struct in6_addr *address, int64_t now)
{
	struct remembered *to = host->addresses;

	for (size_t i = 0; i < host->count; i++) {
		struct remembered *r = &host->addresses[i];

		if (memcmp(&r->address, address, sizeof(*address)) == 0) {
			to = r;
			break;
		}
		if (r->until_ms < to->until_ms)
			to = r;
	}
	if (host->count < REMEMBERED_MAX &&
	    (host->count == 0 || memcmp(&to->address, address, sizeof(*address)) != 0))
		to = &host->addresses[host->count++];
	*to = (struct remembered){ *address, now + REMEMBER_MS };
}

/* Waits for the answer to this question; those to earlier ones, which came too late, are dropped.
 */
static bool answer_receive(struct names *names, struct names_answer *answer)
{
	int64_t end = clock_ms() + ANSWER_WAIT_MS;

	for (;;) {
		struct pollfd p = { .fd = names->socket, .events = POLLIN };
		int64_t left = end - clock_ms();
		ssize_t n;

		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			return false;
		n = recv(names->socket, answer, sizeof(*answer), MSG_DONTWAIT);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n != sizeof(*answer) || answer->count > NAMES_ADDRESSES_MAX)
			return false;
		if (answer->serial == names->serial)
			return true;
	}
}

/* By who has the turn at asking. */
static bool host_ask(struct names *names, const char *name, struct names_answer *answer)
{
	struct names_question question = { .serial = ++names->serial };

	memcpy(question.host, name, strlen(name));
	return send(names->socket, &question, sizeof(question), MSG_NOSIGNAL | MSG_DONTWAIT) ==
		       sizeof(question) &&
	       answer_receive(names, answer);
}

/* Asks again what the host stands for, unless that was done just now. */
static void host_refresh(struct names *names, struct host *host)
{
	struct names_answer answer;
	bool due, answered;
	int64_t now;

	names_lock_take(&names->lock);
	while (names->asking)
		names_lock_wait(&names->lock, &names->asked);
	names->asking = true;
	now = clock_ms();
	due = host->asked_ms == 0 || now - host->asked_ms >= ASK_AGAIN_MS;
	if (due)
		host->asked_ms = now;
	names_lock_give(&names->lock);
	answered = due && host_ask(names, host->name, &answer);
	names_lock_take(&names->lock);
	now = clock_ms();
	for (uint32_t i = 0; answered && i < answer.count; i++)
		host_remember(host, &answer.addresses[i], now);
	host->answered |= answered && answer.known;
	if (due)
		host->asked_ms = now;
	names->asking = false;
	pthread_cond_signal(&names->asked);
	names_lock_give(&names->lock);
}

bool names_match(void *data, const char *given, const struct sockaddr *address, bool widely)
{
	struct names *names = data;
	char name[NAMES_HOST_MAX];
	struct in6_addr plain;
	struct host *host;
	bool found;

	if (!names || !host_plain(given, name) || !address_plain(address, &plain))
		return widely;
	host = host_find(names, name);
	if (!host)
		return widely;
	if (strcmp(name, "localhost") == 0 && address_is_loopback(&plain))
		return true; /* RFC 6761, whatever is in /etc/hosts */
	names_lock_take(&names->lock);
	found = host_has(host, &plain, clock_ms());
	names_lock_give(&names->lock);
	if (!found) {
		host_refresh(names, host);
		names_lock_take(&names->lock);
		found = host_has(host, &plain, clock_ms()) || (widely && !host->answered);
		names_lock_give(&names->lock);
	}
	return found && (widely || host_may_be(name, &plain));
}

bool names_inside_host(struct names *names, const struct sockaddr *address,
		       char ret_host[NAMES_HOST_MAX])
{
	struct in6_addr plain;
	bool found = false;

	if (!address_plain(address, &plain) || !address_is_inside(&plain))
		return false;
	names_lock_take(&names->lock);
	for (const struct host *host = names->hosts; host && !found; host = host->next) {
		found = strcmp(host->name, "localhost") != 0 && host_has(host, &plain, clock_ms());
		if (found)
			memcpy(ret_host, host->name, NAMES_HOST_MAX);
	}
	names_lock_give(&names->lock);
	return found;
}

bool names_is_resolver(struct names *names, const struct sockaddr *address)
{
	in_port_t port = address->sa_family == AF_INET
				 ? ((const struct sockaddr_in *)address)->sin_port
				 : ((const struct sockaddr_in6 *)address)->sin6_port;
	struct in6_addr plain;
	bool found;

	if (!address_plain(address, &plain) || port != htons(53))
		return false;
	names_lock_take(&names->lock);
	found = resolvers_has(&names->resolvers, &plain);
	/* The file changes when the machine moves to another network. */
	if (!found && clock_ms() - names->resolvers_ms >= ASK_AGAIN_MS) {
		resolvers_load(RESOLVERS_FILE, &names->resolvers);
		names->resolvers_ms = clock_ms();
		found = resolvers_has(&names->resolvers, &plain);
	}
	names_lock_give(&names->lock);
	return found;
}

static int helper_start(struct names *names)
{
	bool main_thread = gettid() == getpid();
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		names_helper(pair[1], main_thread);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return -errno;
	}
	names->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	names->socket = pair[0];
	return 0;
}

int names_new(const struct policy *policy, struct names **ret)
{
	struct names *names;
	int r;

	*ret = NULL;
	if (!policy_names_hosts(policy))
		return 0;
	names = calloc(1, sizeof(*names));
	if (!names)
		return -ENOMEM;
	names->socket = names->pidfd = -1;
	pthread_cond_init(&names->asked, NULL);
	names_lock_init(&names->lock);
	r = helper_start(names);
	if (r < 0) {
		names_free(names);
		return r;
	}
	policy_each_host(policy, host_add, names);
	resolvers_load(RESOLVERS_FILE, &names->resolvers);
	names->resolvers_ms = clock_ms();
	*ret = names;
	return 0;
}

struct names *names_free(struct names *names)
{
	if (!names)
		return NULL;
	if (names->socket >= 0)
		close(names->socket);
	if (names->pidfd >= 0) {
		syscall(SYS_pidfd_send_signal, names->pidfd, SIGKILL, NULL, 0);
		waitid(P_PIDFD, (id_t)names->pidfd, &(siginfo_t){ 0 }, WEXITED);
		close(names->pidfd);
	}
	while (names->hosts) {
		struct host *host = names->hosts;

		names->hosts = host->next;
		free(host);
	}
	pthread_cond_destroy(&names->asked);
	names_lock_deinit(&names->lock);
	free(names);
	return NULL;
}
