/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hostile: messages whose header, name, vectors, control data and batch change while the call is
 * under way, or are larger than they can be. See box.h.
 *
 * Where a message gets to is seen outside: s/dgram must receive nothing. What it is made of is
 * seen here: all memory that a message may be of is full of MARK, so any other byte that arrives
 * on a socket of ours is of somebody else's memory.
 */
#include "race.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

enum {
	MARK = 'x',
	ROOM = 16384,
	VECTORS = 8,
};

static struct sockaddr_un granted, victim;
static struct msghdr header;
static struct mmsghdr slots[4];
static struct iovec good[VECTORS], bad[VECTORS];
static char *room; /* ROOM bytes that are MARK */
static char *gone; /* a page of a file that comes and goes */
static int gone_file;
static int pair[2]; /* what we send to ourselves */
static void (*flip)(unsigned long turn);

static struct sockaddr_un address(const char *name)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", at(name));
	return to;
}

static void setup(void)
{
	int size = 1 << 20;

	shared_make("");
	granted = address("w/dgram");
	victim = address("s/dgram");
	room = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	gone_file = open(at("w/page"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	NEED(gone_file >= 0 && ftruncate(gone_file, 4096) == 0);
	gone = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, gone_file, 0);
	NEED(room != MAP_FAILED && gone != MAP_FAILED);
	memset(room, MARK, ROOM);
	memset(gone, MARK, 4096);
	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	for (size_t i = 0; i < VECTORS; i++) {
		good[i] = (struct iovec){ room + i, 16 };
		bad[i] = (struct iovec){ i % 2 ? room : gone, i % 3 ? 256 : ROOM };
	}
	header = (struct msghdr){ .msg_iov = good, .msg_iovlen = VECTORS };
}

/* The page goes, and comes back with what was on it. */
static void flip_page(unsigned long turn)
{
	if (turn % 2)
		munmap(gone, 4096);
	else
		mmap(gone, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, gone_file, 0);
}

static void *flip_turns(void *data)
{
	(void)data;
	pin(1);
	for (unsigned long turn = 0; !atomic_load(&shared->stop); turn++) {
		flip(turn);
		if (atomic_fetch_add(&shared->flips, 1) % 63 == 0)
			sched_yield();
	}
	return NULL;
}

/* Everything that has come must be of our memory; the answer is how many messages. */
static unsigned int drain(void)
{
	static char bytes[ROOM * VECTORS + 1];
	unsigned int count = 0;
	ssize_t n;

	while ((n = recv(pair[1], bytes, sizeof(bytes), MSG_DONTWAIT)) >= 0) {
		count++;
		for (ssize_t i = 0; i < n; i++)
			if (bytes[i] != MARK) {
				broke("sent what was not ours");
				break;
			}
	}
	return count;
}

/* Sends while the other side flips, until both went both ways often enough. */
static void race(void (*flips)(unsigned long), ssize_t (*call)(void))
{
	unsigned long sent = 0, refused = 0;
	double end = stopwatch_seconds() + RACE / 2;

	flip = flips;
	atomic_store(&shared->stop, 0);
	atomic_store(&shared->flips, 0);
	thread_start(flip_turns);
	while (race_on(end, sent > 20 && refused > 20)) {
		if (call() >= 0)
			sent++;
		else
			refused += errno != EAGAIN;
		drain();
	}
	thread_end();
	flip_page(0);
	if (sent <= 20 || refused <= 20)
		printf("%lu sent, %lu refused\n", sent, refused);
	NEED(broken || (sent > 2 && refused > 2));
}

static int outward; /* a datagram socket */

static ssize_t send_header(void)
{
	return sendmsg(outward, &header, MSG_DONTWAIT);
}

static ssize_t send_named(void)
{
	return sendto(outward, room, 4, MSG_DONTWAIT, (struct sockaddr *)&granted, sizeof(granted));
}

static ssize_t send_batch(void)
{
	return sendmmsg(outward, slots, COUNT(slots), MSG_DONTWAIT);
}

static ssize_t send_self(void)
{
	return sendmsg(pair[0], &header, MSG_DONTWAIT);
}

static ssize_t send_batch_self(void)
{
	return sendmmsg(pair[0], slots, COUNT(slots), MSG_DONTWAIT);
}

static void flip_path(unsigned long turn)
{
	(void)turn;
	*(volatile char *)(granted.sun_path + strlen(getenv("X")) + 1) ^= 'w' ^ 's';
}

static void flip_name(unsigned long turn)
{
	*(void *volatile *)&header.msg_name = turn % 2 ? &victim : &granted;
	for (size_t i = 0; i < COUNT(slots); i++)
		*(void *volatile *)&slots[i].msg_hdr.msg_name = (turn + i) % 2 ? &victim : &granted;
}

/* The length cuts the path, or goes past all that is known. */
static void flip_name_size(unsigned long turn)
{
	static const socklen_t sizes[] = { sizeof(granted), 3, 2, 0, 128, 129, 1 << 30,
					   (socklen_t)-1 };

	*(volatile socklen_t *)&header.msg_namelen = sizes[turn % COUNT(sizes)];
}

static void a12_names(void)
{
	setup();
	outward = socket(AF_UNIX, SOCK_DGRAM, 0);
	/* Natively this is the way out. */
	MUST_FAIL(
		sendto(outward, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&victim, sizeof(victim)));
	header.msg_name = &granted;
	header.msg_namelen = sizeof(granted);
	for (size_t i = 0; i < COUNT(slots); i++)
		slots[i].msg_hdr = header;
	race(flip_path, send_named);
	granted = address("w/dgram");
	race(flip_path, send_header);
	granted = address("w/dgram");
	race(flip_name, send_header);
	race(flip_name, send_batch);
	header.msg_name = &granted;
	race(flip_name_size, send_header);
}

static void flip_vectors(unsigned long turn)
{
	static const size_t counts[] = { VECTORS, 1, 1024, 1025, (size_t)-1 };

	*(struct iovec *volatile *)&header.msg_iov = turn % 3 ? good : turn % 2 ? bad : NULL;
	*(volatile size_t *)&header.msg_iovlen = counts[turn % COUNT(counts)];
}

static void flip_one_vector(unsigned long turn)
{
	static const size_t sizes[] = { 1, ROOM, 16, 1UL << 40, (size_t)-1, 0 };
	struct iovec *vector = &good[3];
	void *const places[] = { room, gone, (void *)-4096L, NULL };

	*(volatile size_t *)&vector->iov_len = sizes[turn % COUNT(sizes)];
	*(void *volatile *)&vector->iov_base = turn % 5 ? room : places[turn % COUNT(places)];
}

static void a12_vectors(void)
{
	int fd;

	setup();
	fd = open(at("s/canary"), O_RDONLY);
	MUST_FAIL(fd);
	race(flip_vectors, send_self);
	header.msg_iov = good;
	header.msg_iovlen = VECTORS;
	race(flip_one_vector, send_self);
	for (size_t i = 0; i < VECTORS; i++)
		good[i] = (struct iovec){ i % 2 ? gone + i : room, 16 };
	race(flip_page, send_self);
	/* The vectors themselves stand on the page that comes and goes. */
	memcpy(gone, good, sizeof(good));
	for (size_t i = 0; i < VECTORS; i++)
		((struct iovec *)gone)[i].iov_base = room;
	header.msg_iov = (struct iovec *)gone;
	race(flip_page, send_self);
}

static union {
	char bytes[CMSG_SPACE(sizeof(struct ucred)) * 4];
	struct cmsghdr header;
} control;

/* The length of the first message swallows the second, or goes past the end. */
static void flip_control(unsigned long turn)
{
	static const size_t sizes[] = {
		CMSG_LEN(sizeof(int)),	   0,	      1, CMSG_LEN(0), 1UL << 40,
		CMSG_LEN(8 * sizeof(int)), (size_t)-1
	};
	static const size_t all[] = { CMSG_SPACE(sizeof(int)), sizeof(control), 1 << 16,
				      (1 << 16) + 1, 15 };

	*(volatile size_t *)&control.header.cmsg_len =
		turn % 2 ? sizes[0] : sizes[turn / 2 % COUNT(sizes)];
	*(volatile size_t *)&header.msg_controllen = turn % 3 ? all[0] : all[turn / 3 % COUNT(all)];
}

static void flip_rights(unsigned long turn)
{
	static const int numbers[] = { 0, 3, 20, 21, 100, 1 << 30, -1 };

	*(volatile int *)CMSG_DATA(&control.header) = numbers[turn % COUNT(numbers)];
}

static void flip_credentials(unsigned long turn)
{
	const pid_t pids[] = { getpid(), atoi(getenv("SUP")), 1, 0, -1, getppid() };
	volatile struct ucred *ucred = (struct ucred *)CMSG_DATA(&control.header);

	ucred->pid = pids[turn % COUNT(pids)];
	ucred->uid = getuid() + (turn % 7 == 0);
	ucred->gid = getgid();
}

/* What came with a message: no descriptor but one that we have, nobody's process but ours. */
static void receive_control(int fd)
{
	union {
		char bytes[1024];
		struct cmsghdr header;
	} got;
	char byte[256];
	struct iovec vector = { byte, sizeof(byte) };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };

	for (;;) {
		message.msg_control = &got;
		message.msg_controllen = sizeof(got);
		if (recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
			return;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
			size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			int *fds = (int *)CMSG_DATA(c);

			for (size_t i = 0; c->cmsg_type == SCM_RIGHTS && i < count; i++) {
				struct stat given, have;

				NEED(fstat(fds[i], &given) == 0);
				if (fstat(0, &have) < 0 || given.st_ino != have.st_ino)
					if (fstat(3, &have) < 0 || given.st_ino != have.st_ino)
						broke("a descriptor that we do not have");
				close(fds[i]);
			}
		}
	}
}

static ssize_t send_control(void)
{
	ssize_t n = sendmsg(pair[0], &header, MSG_DONTWAIT);
	int error = errno;

	receive_control(pair[1]);
	errno = error;
	return n;
}

static void control_make(int type, size_t size)
{
	memset(&control, 0, sizeof(control));
	control.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
					   .cmsg_type = type,
					   .cmsg_len = CMSG_LEN(size) };
	header = (struct msghdr){ .msg_iov = good,
				  .msg_iovlen = VECTORS,
				  .msg_control = &control,
				  .msg_controllen = CMSG_SPACE(size) };
}

static void a12_control(void)
{
	int null = open("/dev/null", O_RDONLY);

	NEED(null >= 0 && dup2(null, 0) == 0 && dup2(null, 3) == 3);
	close_range(4, ~0U, 0);
	setup();
	control_make(SCM_RIGHTS, sizeof(int));
	race(flip_control, send_control);
	control_make(SCM_RIGHTS, sizeof(int));
	race(flip_rights, send_control);
	control_make(SCM_CREDENTIALS, sizeof(struct ucred));
	race(flip_credentials, send_control);
}

/* The batch: where lengths are written to, and what a slot points to. */
static void flip_slots(unsigned long turn)
{
	static const struct msghdr none;
	struct msghdr *slot = &slots[turn % COUNT(slots)].msg_hdr;

	*slot = turn % 3 ? header : none;
	if (turn % 7 == 0)
		slot->msg_iov = (struct iovec *)-8L;
	if (turn % 11 == 0)
		slot->msg_iovlen = 1UL << 33;
}

static struct mmsghdr *page_slots;

static ssize_t send_page_batch(void)
{
	return sendmmsg(pair[0], page_slots, COUNT(slots), MSG_DONTWAIT);
}

static void a12_batches(void)
{
	setup();
	for (size_t i = 0; i < COUNT(slots); i++)
		slots[i].msg_hdr = header;
	race(flip_slots, send_batch_self);
	/* The lengths are to be written where no page is, or one that may only be read. */
	page_slots = (struct mmsghdr *)gone;
	for (size_t i = 0; i < COUNT(slots); i++)
		page_slots[i].msg_hdr = header;
	race(flip_page, send_page_batch);
	flip_page(0);
	NEED(mprotect(gone, 4096, PROT_READ) == 0);
	TRY(send_page_batch());
	flip_page(1);
	MUST_FAIL_WITH(send_page_batch(), EFAULT);
	drain();
}

/* Each size past what is known: the kernel's own answer, and nothing is sent. */
static void a12_sizes(void)
{
	static char much[128 * 1024];
	struct msghdr sane;

	setup();
	outward = socket(AF_UNIX, SOCK_DGRAM, 0);
	MUST_FAIL(
		sendto(outward, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&victim, sizeof(victim)));
	header.msg_name = &granted;
	header.msg_namelen = sizeof(granted);
	sane = header;
	header.msg_iovlen = 1025;
	MUST_FAIL_WITH(send_header(), EMSGSIZE);
	header.msg_iovlen = 1UL << 63;
	MUST_FAIL_WITH(send_header(), EMSGSIZE);
	header = sane;
	header.msg_namelen = (socklen_t)-1;
	MUST_FAIL_WITH(send_header(), EINVAL);
	header.msg_namelen = 1;
	MUST_FAIL_WITH(send_header(), EINVAL);
	/* As long as an address can be, no longer than a path's: too long for its family. */
	header.msg_namelen = 128;
	MUST_FAIL_WITH(send_header(), EINVAL);
	header.msg_namelen = 1 << 20;
	MUST_FAIL(send_header());
	MUST_FAIL_WITH(sendto(outward, "x", 1, 0, (struct sockaddr *)much, 129), EINVAL);
	MUST_FAIL_WITH(sendto(outward, "x", 1, 0, (struct sockaddr *)much, 1U << 31), EINVAL);
	header = sane;
	header.msg_control = much;
	header.msg_controllen = (size_t)1 << 31;
	MUST_FAIL_WITH(send_header(), ENOBUFS);
	header.msg_controllen = sizeof(much);
	MUST_FAIL(send_header());
	header = sane;
	good[3].iov_len = (size_t)-1;
	MUST_FAIL_WITH(send_header(), EINVAL);
	good[3].iov_len = SSIZE_MAX;
	MUST_FAIL(send_header());
	MUST_FAIL(sendmmsg(outward, (struct mmsghdr *)-8L, UINT_MAX, MSG_DONTWAIT));
	MUST_FAIL(sendmmsg(outward, NULL, 1, MSG_DONTWAIT));
	MUST_FAIL_WITH(sendmsg(outward, (struct msghdr *)(1UL << 63), 0), EFAULT);
	NEED(drain() == 0);
}

static const struct hostile_attack attacks[] = {
	{"a12_names",    a12_names	 },
	{ "a12_vectors", a12_vectors},
	{ "a12_control", a12_control},
	{ "a12_batches", a12_batches},
	{ "a12_sizes",   a12_sizes	 },
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
