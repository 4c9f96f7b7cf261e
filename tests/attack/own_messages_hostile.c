/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hostile: messages that the caller is made to send itself, because their receiver is told who
 * writes, while another thread changes what is under the socket's number, what the message is of,
 * and the pages that it is sent from. See box.h.
 *
 * What gets out is seen outside: s/dgram must receive nothing.
 */
#include "race.h"

#include <dirent.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

static struct sockaddr_un victim;
static struct iovec vectors[2] = {
	{(void *)"x",  1},
	    { (void *)"y", 1}
};
static struct msghdr header = { .msg_iov = vectors, .msg_iovlen = 2 };
static int asked[2];	    /* the second end is told who writes */
static int outward;	    /* an unconnected datagram socket */
static const int slot = 50; /* the number that both are put under */

static union {
	char bytes[CMSG_SPACE(sizeof(struct ucred))];
	struct cmsghdr header;
} control;

static void setup(void)
{
	shared_make("");
	victim.sun_family = AF_UNIX;
	snprintf(victim.sun_path, sizeof(victim.sun_path), "%s", at("s/dgram"));
	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, asked) == 0);
	outward = socket(AF_UNIX, SOCK_DGRAM, 0);
	NEED(outward >= 0 && dup2(asked[0], slot) == slot);
	/* Natively this is the way out. */
	MUST_FAIL(
		sendto(outward, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&victim, sizeof(victim)));
	NEED(setsockopt(asked[1], SOL_SOCKET, SO_PASSCRED, &(int){ 1 }, sizeof(int)) == 0);
}

/* What came, and from whom: natively and boxed it is this process. */
static unsigned int drain(void)
{
	union {
		char bytes[256];
		struct cmsghdr header;
	} got;
	char data[64];
	struct iovec vector = { data, sizeof(data) };
	unsigned int count = 0;

	for (;;) {
		struct msghdr message = { .msg_iov = &vector,
					  .msg_iovlen = 1,
					  .msg_control = &got,
					  .msg_controllen = sizeof(got) };

		if (recvmsg(asked[1], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
			return count;
		count++;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
			struct ucred who;

			memcpy(&who, CMSG_DATA(c), sizeof(who));
			if (c->cmsg_type == SCM_CREDENTIALS && who.pid != getpid())
				broke("another wrote it");
		}
	}
}

/* Turns it while messages are sent by the number, until many have been. */
static void race(void *(*run)(void *), ssize_t (*send_one)(void))
{
	double end = stopwatch_seconds() + RACE;
	unsigned long came = 0;

	atomic_store(&shared->stop, 0);
	atomic_store(&shared->flips, 0);
	thread_start(run);
	while (race_on(end, came > 100)) {
		TRY(send_one());
		came += drain();
	}
	thread_end();
	NEED(broken || came > 20);
}

static void *swap_sockets(void *data)
{
	(void)data;
	pin(1);
	while (!atomic_load(&shared->stop)) {
		dup2(outward, slot);
		dup2(asked[0], slot);
		if (atomic_fetch_add(&shared->flips, 1) % 63 == 0)
			sched_yield();
	}
	return NULL;
}

/* The same, and the message has an address at times. */
static void *swap_all(void *data)
{
	(void)data;
	pin(1);
	header.msg_namelen = sizeof(victim);
	while (!atomic_load(&shared->stop)) {
		*(void *volatile *)&header.msg_name = &victim;
		dup2(outward, slot);
		*(void *volatile *)&header.msg_name = NULL;
		dup2(asked[0], slot);
		if (atomic_fetch_add(&shared->flips, 1) % 63 == 0)
			sched_yield();
	}
	header.msg_name = NULL;
	return NULL;
}

static ssize_t send_slot(void)
{
	return sendmsg(slot, &header, MSG_DONTWAIT);
}

static ssize_t send_slot_one(void)
{
	struct msghdr one = { .msg_iov = vectors,
			      .msg_iovlen = 1,
			      .msg_name = header.msg_name,
			      .msg_namelen = header.msg_namelen };

	return sendmsg(slot, &one, MSG_DONTWAIT);
}

static void a14_sockets(void)
{
	setup();
	race(swap_sockets, send_slot);
	race(swap_all, send_slot);
	race(swap_all, send_slot_one);
}

/* Where the pages are: its maps say so. */
static char *pages_find(size_t *ret_size)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	unsigned long from = 0, to = 0;

	NEED(maps);
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "pcall-sealed") && sscanf(line, "%lx-%lx", &from, &to) == 2)
			break;
	fclose(maps);
	*ret_size = to - from;
	return (char *)from;
}

/* No thread puts anything else there, or writes on them. */
static void pages_hold(char *pages, size_t size)
{
	char *const other =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec local = { (void *)"x", 1 }, remote = { pages, 1 };
	int in[2];

	MUST_FAIL(munmap(pages, size));
	MUST_FAIL(munmap(pages, 4096));
	MUST_FAIL(munmap(pages - 4096, size + 8192));
	MUST_FAIL(mprotect(pages, size, PROT_READ | PROT_WRITE));
	MUST_FAIL(mprotect(pages, 4096, PROT_NONE));
	MUST_FAIL(syscall(SYS_pkey_mprotect, pages, size, PROT_READ | PROT_WRITE, -1));
	MUST_FAIL(mmap(pages, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		       -1, 0) == pages
			  ? 0
			  : -1);
	MUST_FAIL(mremap(other, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, pages) == pages ? 0
											   : -1);
	MUST_FAIL(mremap(pages, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, other) == other ? 0
											   : -1);
	MUST_FAIL(madvise(pages, size, MADV_REMOVE));
	MUST_FAIL(syscall(SYS_remap_file_pages, pages, 4096, 0, 1, 0));
	MUST_FAIL(syscall(SYS_process_vm_writev, getpid(), &local, 1, &remote, 1, 0));
	NEED(pipe(in) == 0 && write(in[1], "x", 1) == 1);
	MUST_FAIL(read(in[0], pages, 1));
}

/* Nor by the file, which is caught while the caller is given it. */
static void file_holds(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	MUST_FAIL(write(fd, "x", 1));
	MUST_FAIL(ftruncate(fd, 0));
	MUST_FAIL(fallocate(fd, 0x3 /* PUNCH_HOLE | KEEP_SIZE */, 0, 4096));
	MUST_FAIL(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1
											    : 0);
	MUST_FAIL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	MUST_FAIL(fchmod(fd, 0777));
	fd = open(path, O_RDWR);
	if (fd >= 0) {
		MUST_FAIL(write(fd, "x", 1));
		MUST_FAIL(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
		close(fd);
	}
}

static _Atomic int caught = -1;

static bool is_pages_file(int fd)
{
	char path[64], link[64] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return readlink(path, link, sizeof(link) - 1) > 0 && strstr(link, "pcall-sealed");
}

/* The lowest free number is the one that it gets. */
static void *catch_file(void *data)
{
	int next = *(int *)data;

	pin(1);
	while (!atomic_load(&shared->stop)) {
		int fd = fcntl(next, F_DUPFD, 100);

		if (fd >= 0 && is_pages_file(fd)) {
			atomic_store(&caught, fd);
			return NULL;
		}
		if (fd >= 0)
			close(fd);
		atomic_fetch_add(&shared->flips, 1);
	}
	return NULL;
}

/* In forks, each of which is given the pages anew once they were never there. */
static void a14_pages(void)
{
	int next;
	char *pages;
	size_t size;

	setup();
	next = open("/dev/null", O_RDONLY);
	NEED(next >= 0);
	close(next);
	NEED(pthread_create(&thread, NULL, catch_file, &next) == 0);
	NEED(send_slot() == 2 && drain() == 1);
	atomic_store(&shared->stop, 1);
	pthread_join(thread, NULL);
	pages = pages_find(&size);
	NEED(pages && size);
	pages_hold(pages, size);
	if (atomic_load(&caught) >= 0)
		file_holds(atomic_load(&caught));
	NEED(send_slot() == 2 && drain() == 1);
}

/* Something else lies where they are to be: of who began with a copy of its memory, and knows. */
static void a14_place(void)
{
	int in[2];
	char *pages;
	size_t size;

	setup();
	NEED(pipe(in) == 0);
	if (fork() == 0) {
		NEED(send_slot() == 2);
		pages = pages_find(&size);
		NEED(write(in[1], &pages, sizeof(pages)) == sizeof(pages));
		_exit(0);
	}
	NEED(read(in[0], &pages, sizeof(pages)) == sizeof(pages) && pages);
	wait(NULL);
	while (recv(asked[1], &size, sizeof(size), MSG_DONTWAIT) >= 0)
		continue;
	NEED(mmap(pages, 4096 * 6, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == pages);
	((struct msghdr *)pages)->msg_name = &victim;
	((struct msghdr *)pages)->msg_namelen = sizeof(victim);
	((struct msghdr *)pages)->msg_iov = vectors;
	((struct msghdr *)pages)->msg_iovlen = 1;
	NEED(dup2(outward, slot) == slot);
	MUST_FAIL(send_slot());
	NEED(dup2(asked[0], slot) == slot);
	MUST_FAIL(send_slot());
}

/* Credentials of others, said while they are being looked at. */
static void *flip_credentials(void *data)
{
	const pid_t pids[] = { getpid(), atoi(getenv("SUP")), 1, getppid() };
	volatile struct ucred *ucred = (struct ucred *)CMSG_DATA(&control.header);

	(void)data;
	pin(1);
	for (unsigned long turn = 0; !atomic_load(&shared->stop); turn++) {
		ucred->pid = pids[turn % COUNT(pids)];
		if (atomic_fetch_add(&shared->flips, 1) % 63 == 0)
			sched_yield();
	}
	return NULL;
}

static void a14_credentials(void)
{
	struct ucred who = { getpid(), getuid(), getgid() };

	setup();
	control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
					   .cmsg_type = SCM_CREDENTIALS,
					   .cmsg_len = CMSG_LEN(sizeof(who)) };
	memcpy(CMSG_DATA(&control.header), &who, sizeof(who));
	header.msg_control = &control;
	header.msg_controllen = sizeof(control);
	race(flip_credentials, send_slot);
}

static const struct hostile_attack attacks[] = {
	{"a14_sockets",	 a14_sockets    },
	{ "a14_pages",       a14_pages	 },
	{ "a14_place",       a14_place	 },
	{ "a14_credentials", a14_credentials},
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
