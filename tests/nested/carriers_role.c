/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* carriers_role PART: calls what carriers.c defines, by each spelling, and compares. Exit status 0:
 * all was as it should be. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "common/carrier.h"
#include "common/cleanup.h"
#include "pcall.h"

enum {
	PAGE = 4096,
	RACES = 2000,
};

static bool failed;

static void check(bool good, const char *what, unsigned long detail)
{
	if (good)
		return;
	fprintf(stderr, "carriers_role: not so (%#lx): %s\n", detail, what);
	failed = true;
}

#define CHECK(expression, detail) check(expression, #expression, (unsigned long)(detail))

static long result(long r)
{
	return r < 0 ? -errno : r;
}

static long by_number(unsigned int slot, const uint64_t w[6])
{
	return result(syscall(PCALL_BASE + slot, w[0], w[1], w[2], w[3], w[4], w[5]));
}

static long by_carrier(unsigned int slot, const uint64_t w[6])
{
	return result(syscall(CARRIER, w[0], w[1], w[2], w[3], w[4], carrier_head(slot, w[5])));
}

static long by_memory(unsigned int slot, const uint64_t w[6])
{
	return result(syscall(CARRIER_WIDE, carrier_head(slot, 0), w, -1L, -1L, -1L, -1L));
}

typedef long spelling(unsigned int slot, const uint64_t w[6]);

static spelling *const spellings[] = { by_number, by_carrier, by_memory };

static unsigned int slot_of(const char *name)
{
	return (unsigned int)(pcall_method(name) - PCALL_BASE);
}

static long mixed(const uint64_t w[6])
{
	uint64_t all = 0;

	for (unsigned int i = 0; i < 6; i++)
		all = all * 31 + w[i];
	return (long)(all >> 2);
}

static void words(void)
{
	static const uint64_t narrow[][6] = {
		{0		    },
		{  1,	     2,		3,	   4,	      5, 6 },
		{		  UINT64_MAX, 1UL << 63, UINT32_MAX, 1UL << 32, 1UL << 47, -1UL },
		{		  6,	     5,		4,	   3,	      2, (1UL << 47) - 1 },
		{ 6,	     5,		4,	   3,	      2, -(1UL << 47) },
	};
	static const uint64_t wide[][6] = {
		{1,  2, 3, 4, 5, 1UL << 47	   },
		{ 1, 2, 3, 4, 5, 1UL << 63	   },
		{ 1, 2, 3, 4, 5, 0x8021000000000007},
	};
	unsigned int slot = slot_of("test.mix");

	for (size_t i = 0; i < array_size(narrow); i++)
		for (size_t k = 0; k < array_size(spellings); k++)
			CHECK(spellings[k](slot, narrow[i]) == mixed(narrow[i]), i * 16 + k);
	for (size_t i = 0; i < array_size(wide); i++) {
		const uint64_t *w = wide[i];

		CHECK(by_number(slot, w) == mixed(w), i);
		CHECK(by_memory(slot, w) == mixed(w), i);
		CHECK(pcall((int)slot + PCALL_BASE, w[0], w[1], w[2], w[3], w[4], w[5]) == mixed(w),
		      i);
	}
}

/* A descriptor is a descriptor, whatever its number. */
static long no_number(long r)
{
	if (r < 0)
		return r;
	close((int)r);
	return 0;
}

/* What only looks at its arguments, and finds them wrong: with every slot, those of levels first.
 */
static void slots(void)
{
	static const uint64_t wrong[6] = { 77, 77, 77, 77, 77, 77 };

	for (unsigned int slot = 0; slot < CARRIER_SLOTS; slot += slot < 2000 ? 1 : 997) {
		long by[array_size(spellings)];

		for (size_t k = 0; k < array_size(spellings); k++)
			by[k] = slot == PCALL_SLOT_SYMBOLS ? no_number(spellings[k](slot, wrong))
							   : spellings[k](slot, wrong);
		CHECK(by[0] == by[1], slot);
		CHECK(by[0] == by[2], slot);
		if (slot >= PCALL_SLOT_MAX)
			CHECK(by[1] == -ENOSYS, slot);
	}
}

static void faults(void)
{
	static const uint64_t good[6] = { 1, 2, 3, 4, 5, 6 };
	unsigned int slot = slot_of("test.mix");
	char *pages =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *end = pages + PAGE;
	const uint64_t bad[] = {
		0, 1, PAGE, 1UL << 47, 1UL << 63, UINT64_MAX, (uint64_t)(end - 40), (uint64_t)end
	};

	munmap(end, PAGE);
	memcpy(end - sizeof(good), good, sizeof(good));
	CHECK(by_memory(slot, (uint64_t *)(end - sizeof(good))) == mixed(good), 0);
	memcpy(pages + 1, good, sizeof(good)); /* they need not be aligned */
	CHECK(result(syscall(CARRIER_WIDE, carrier_head(slot, 0), pages + 1)) == mixed(good), 0);
	for (size_t i = 0; i < array_size(bad); i++)
		CHECK(result(syscall(CARRIER_WIDE, carrier_head(slot, 0), bad[i])) == -EFAULT, i);
	/* no method at all, and no words either */
	CHECK(result(syscall(CARRIER_WIDE, carrier_head(CARRIER_SLOTS - 1, 0), bad[0])) == -EFAULT,
	      0);
	CHECK(by_number(slot, good) == mixed(good), 0);
}

static void masks(void)
{
	static const uint64_t w[6] = { 1, 2, 3, 4, 5, 6 };
	unsigned int slot = slot_of("test.mix");
	int mask = pcall_method("test.mask");

	CHECK(pcall(mask, 0L) == 0, 0);
	for (size_t k = 0; k < array_size(spellings); k++)
		CHECK(spellings[k](slot, w) == -EACCES, k);
	CHECK(pcall(mask, 1L) == 0, 1);
	/* The numbers are no other method that could be taken away beside it. */
	pcall(mask, (long)CARRIER);
	pcall(mask, (long)CARRIER_WIDE);
	for (size_t k = 0; k < array_size(spellings); k++)
		CHECK(spellings[k](slot, w) == mixed(w), k);
}

/* Whoever means the real calls finds them as everywhere. */
static void plain(void)
{
	static const uint64_t sixths[] = { 0, 1, 0x7ffd12345678, 0x7fffffffffffffff };

	for (size_t i = 0; i < array_size(sixths); i++) {
		CHECK(result(syscall(CARRIER, 3L, 1L, 4L, &failed, 0L, sixths[i])) == -ENOSYS, i);
		CHECK(result(syscall(CARRIER_WIDE, sixths[i], sixths, 1L, -1L)) == -ENOSYS, i);
	}
}

static void intercepted(void)
{
	int seen = pcall_method("test.seen");

	words();
	CHECK(pcall(seen) == 0, 0);
	plain();
	CHECK(pcall(seen) == 8, 0);
	words();
	CHECK(pcall(seen) == 8, 0);
}

/* Numbers from one to another get this. */
static void filter_self(unsigned int from, unsigned int to, unsigned int action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, from, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, to, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { array_size(code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(99);
}

/* The wait status of this program with another part, under such a filter. */
static int under(const char *part, unsigned int from, unsigned int to, unsigned int action)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		filter_self(from, to, action);
		execl("/proc/self/exe", "carriers_role", part, NULL);
		_exit(98);
	}
	CHECK(waitpid(pid, &status, 0) == pid, errno);
	return status;
}

static void library(void)
{
	static const uint64_t w[6] = { 1, 2, 3, 4, 5, 1UL << 60 };
	struct pcall_info info = { .size = sizeof(info) };

	CHECK(pcall_inside(&info) == 0, 0);
	CHECK(pcall(pcall_method("test.mix"), w[0], w[1], w[2], w[3], w[4], w[5]) == mixed(w), 0);
}

static void alone(void)
{
	struct pcall_info info = { .size = sizeof(info) };

	CHECK(pcall_inside(&info) == -ENOTCONN, 0);
	CHECK(pcall_method("test.mix") == -ENOENT, 0);
}

static void filters(void)
{
	const unsigned int error = SECCOMP_RET_ERRNO;

	CHECK(under("library", PCALL_BASE, 0x3fffffff, SECCOMP_RET_KILL_PROCESS) == 0, 0);
	CHECK(under("library", PCALL_BASE, 0x3fffffff, error | EPERM) == 0, 0);
	CHECK(under("library", PCALL_BASE, 0x3fffffff, error | ENOSYS) == 0, 0);
	CHECK(under("library", CARRIER, CARRIER_WIDE, error | EPERM) == 0, 0);
	CHECK(under("library", CARRIER, CARRIER_WIDE, error | EACCES) == 0, 0);
	/* As outside of a tree: there nothing is tried that could kill. */
	CHECK(under("alone", CARRIER, CARRIER_WIDE, error | ENOSYS) == 0, 0);
	library();
}

/* The words go round in memory: an answer is of words that stood there, and the slot does not. */
static _Atomic uint64_t shared[6];
static atomic_bool over;

static void *turn(void *data)
{
	while (!atomic_load(&over))
		for (uint64_t i = 0; i < 6; i++)
			atomic_fetch_xor(&shared[i], i + 1);
	return data;
}

static bool could_be(long r)
{
	for (unsigned int set = 0; set < 64; set++) {
		uint64_t w[6];

		for (unsigned int i = 0; i < 6; i++)
			w[i] = set >> i & 1 ? i + 1 : 0;
		if (mixed(w) == r)
			return true;
	}
	return false;
}

static void race(void)
{
	unsigned int slot = slot_of("test.mix");
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, turn, NULL) == 0, 0);
	for (unsigned int i = 0; i < RACES; i++)
		CHECK(could_be(by_memory(slot, (const uint64_t *)shared)), i);
	atomic_store(&over, true);
	pthread_join(thread, NULL);
}

static const struct {
	const char *name;
	void (*run)(void);
} parts[] = {
	{"words",	   words	 },
	{ "slots",	   slots	 },
	{ "faults",	    faults	   },
	{ "masks",	   masks	 },
	{ "plain",	   plain	 },
	{ "intercepted", intercepted},
	{ "filters",     filters    },
	{ "library",     library    },
	{ "alone",	   alone	 },
	{ "race",	  race       },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < array_size(parts); i++)
		if (argc == 2 && !strcmp(argv[1], parts[i].name)) {
			parts[i].run();
			return failed;
		}
	return 99;
}
