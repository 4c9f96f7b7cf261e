/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libpcall: the calling side of methods. See include/pcall.h.
 *
 * Runs in the child, and nobody trusts it (R9): it saves its caller a look-up by hand, and that is
 * all. It uses nothing of libc, so that a library loaded by any program finds what it needs.
 *
 * What is known is learnt before main and then only read: no locks, and nothing that a fork of
 * another thread could leave half-made.
 */
#include "pcall.h"

#include <errno.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <asm/stat.h>
#include <asm/unistd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/carrier.h"
#include "common/pcall-wire.h"
#include "raw.h"
#include "symbols.h"

_Static_assert(PCALL_BASE == 0x100000, "pcall.h and the wire agree");

/* A system call with one to six words. No array of them: filling one may be a call of memset. */
#define RAW(number, ...)		       RAW_SIX(number, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define RAW_SIX(number, a, b, c, d, e, f, ...) raw_call(number, a, b, c, d, e, f)

static struct symbols symbols;	   /* empty where this process is in no tree */
static bool by_number;		   /* a list of calls above refuses carriers */
static struct wire_inside *inside; /* set once, by whoever asks first */

/*
 * A method, called by a carrier: that passes the lists of calls that containers have, and is safe
 * to try under one that kills for a number that is not on it.
 */
static long method_call(int method, const long w[6])
{
	long slot = (long)method - PCALL_BASE;

	if (by_number)
		return raw_call(method, w[0], w[1], w[2], w[3], w[4], w[5]);
	if (slot >= CARRIER_SLOTS)
		return -ENOSYS;
	if (!carrier_fits((uint64_t)w[5]))
		return RAW(CARRIER_WIDE, (long)carrier_head((unsigned int)slot, 0), (long)w);
	return raw_call(CARRIER, w[0], w[1], w[2], w[3], w[4],
			(long)carrier_head((unsigned int)slot, (uint64_t)w[5]));
}

/* A table that shrinks under us is a fault, and one that changes was checked for nothing: it has to
 * be sealed. Its size; 0: it is none. */
static size_t table_size(int fd)
{
	const long wanted = F_SEAL_SHRINK | F_SEAL_WRITE;
	long seals = RAW(__NR_fcntl, fd, F_GET_SEALS);
	struct stat st;

	if (seals < 0 || (seals & wanted) != wanted)
		return 0;
	if (RAW(__NR_fstat, fd, (long)&st) < 0 || st.st_size <= 0)
		return 0;
	return (uint64_t)st.st_size > symbols_size_max ? 0 : (size_t)st.st_size;
}

/* A signal may come before a call is taken: then it was not run. */
static long ask(enum pcall_slot slot, long a, long b)
{
	const long words[6] = { a, b };
	long r;

	do {
		r = method_call(PCALL_BASE + (int)slot, words);
	} while (r == -EINTR);
	return r;
}

/* The one call of loading. Where no supervisor answers it, the kernel says ENOSYS; a list that
 * refuses carriers says something else, and may let the method's own number pass. */
static long symbols_ask(void)
{
	long fd = ask(PCALL_SLOT_SYMBOLS, 0, 0);

	if (fd != -EPERM && fd != -EACCES)
		return fd;
	by_number = true;
	return ask(PCALL_SLOT_SYMBOLS, 0, 0);
}

__attribute__((constructor(101))) static void load(void)
{
	long fd = symbols_ask(), address;
	size_t size;

	if (fd < 0)
		return;
	size = table_size((int)fd);
	address = size ? RAW(__NR_mmap, 0, (long)size, PROT_READ, MAP_PRIVATE, fd, 0) : -ENODATA;
	RAW(__NR_close, fd);
	if (address < 0)
		return;
	if (symbols_init(&symbols, raw_pointer(address), size) < 0)
		RAW(__NR_munmap, address, (long)size);
}

int pcall_method(const char *name)
{
	return symbols_find(&symbols, name);
}

const char *pcall_method_name(unsigned int index)
{
	return symbols_name(&symbols, index);
}

long pcall(int method, ...)
{
	long words[6];
	va_list args;

	if (method < 0)
		return method;
	va_start(args, method);
	for (unsigned int i = 0; i < 6; i++)
		words[i] = va_arg(args, long);
	va_end(args);
	if (method >= PCALL_BASE)
		return method_call(method, words);
	return raw_call(method, words[0], words[1], words[2], words[3], words[4], words[5]);
}

long pcall_message(int method, const void *in, size_t in_size, void *out, size_t out_size)
{
	return pcall(method, (long)in, (long)in_size, (long)out, (long)out_size, 0L, 0L);
}

/*
 * The label lives as long as the process, and is asked for once: in pages of its own, since two
 * threads may ask at a time. Who comes second throws his answer away, which is the same.
 */
static int inside_learn(struct wire_inside **ret)
{
	const size_t size = sizeof(struct wire_inside);
	struct wire_inside *mine, *before = NULL;
	long address, r;

	address = RAW(__NR_mmap, 0, (long)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	if (address < 0)
		return (int)address;
	mine = raw_pointer(address);
	r = ask(PCALL_SLOT_INSIDE, address, (long)size);
	if (r < 0) {
		RAW(__NR_munmap, address, (long)size);
		return (int)r;
	}
	mine->label[sizeof(mine->label) - 1] = 0;
	if (__atomic_compare_exchange_n(&inside, &before, mine, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE)) {
		*ret = mine;
		return 0;
	}
	RAW(__NR_munmap, address, (long)size);
	*ret = before;
	return 0;
}

/* What pcall.h had in its first release; headers that come may have more. */
static const size_t info_size_first = sizeof(struct pcall_info);

int pcall_inside(struct pcall_info *ret)
{
	struct wire_inside *known = __atomic_load_n(&inside, __ATOMIC_ACQUIRE);
	int r;

	if (!ret || ret->size < info_size_first)
		return -EINVAL;
	if (!symbols.bytes)
		return -ENOTCONN;
	r = known ? 0 : inside_learn(&known);
	if (r < 0)
		return r;
	if (ret->size > sizeof(*ret))
		ret->size = sizeof(*ret);
	ret->label = known->label;
	ret->depth = known->depth;
	ret->methods = symbols.count;
	ret->tier = PCALL_TIER_NOTIFICATION;
	return 0;
}
