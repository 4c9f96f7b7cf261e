/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The idea stands in exec_fd.h. */
#include "call/exec_fd.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include "call/call.h"
#include "call/caller.h"
#include "call/tracee.h"
#include "common/cleanup.h"
#include "call/pool.h"
#include "tree/child.h"

enum {
	PAGE_BYTES = 4096,
	STACK_MAX = 8 << 20, /* bytes: the kernel gives 6 MiB of words, strings and all */
	TEXT_MAX = (EXEC_WORDS_MAX + 1) * PATH_MAX,
};

/* What the kernel leaves on the stack: the number of words, they, NULL, the environment, NULL,
 * pairs about the program, a pair of AT_NULL. */
struct start {
	uint64_t *word;
	size_t count;
	size_t aux; /* index of the first pair */
};

/* Up to the end of the page: less is there or nothing. */
static size_t read_page(const struct tracee *tracee, void *ours, uint64_t theirs)
{
	size_t size = PAGE_BYTES - theirs % PAGE_BYTES;

	return tracee_read(tracee, ours, theirs, size) ? size : 0;
}

/* Is it all there? Finds where the pairs begin. */
static bool start_is_whole(struct start *start, size_t words)
{
	size_t ends = 0;

	start->aux = 0;
	for (size_t i = 1; i < words; i++) {
		if (ends < 2 && start->word[i] == 0 && ++ends == 2)
			start->aux = i + 1;
		start->count = i + 1;
		if (ends == 2 && i > start->aux && (i - start->aux) % 2 == 1 &&
		    start->word[i - 1] == AT_NULL)
			return true;
	}
	return false;
}

/* 0 or a negative errno; .word is the caller's to free, always. */
static int start_read(const struct tracee *tracee, struct start *start)
{
	size_t size = 0, n;

	*start = (struct start){ 0 };
	do {
		void *more = realloc(start->word, size + PAGE_BYTES);

		if (!more)
			return -ENOMEM;
		start->word = more;
		n = read_page(tracee, (char *)start->word + size, tracee->regs.rsp + size);
		size += n;
		if (n == 0 || size > STACK_MAX)
			return -EFAULT;
	} while (!start_is_whole(start, size / sizeof(uint64_t)));
	return 0;
}

static uint64_t *start_aux(const struct start *start, uint64_t kind)
{
	for (size_t i = start->aux; i + 1 < start->count; i += 2)
		if (start->word[i] == kind)
			return &start->word[i + 1];
	return NULL;
}

/* An instruction of the new program's that calls the kernel. */
static bool find_instruction(struct tracee *tracee, const struct start *start)
{
	static const unsigned char call_kernel[] = { 0x0f, 0x05 };
	const uint64_t *vdso = start_aux(start, AT_SYSINFO_EHDR);
	unsigned char code[PAGE_BYTES] __attribute__((uninitialized)), *found = NULL;
	size_t n = 1;

	for (uint64_t at = vdso ? *vdso : 0; at && !found && n; at += n) {
		n = read_page(tracee, code, at);
		found = memmem(code, n, call_kernel, sizeof(call_kernel));
		if (found)
			tracee->at = at + (uint64_t)(found - code);
	}
	return found;
}

/* The strings that it is to have besides its own, in memory of its own, which it keeps. */
static int64_t put_strings(struct tracee *tracee, const struct exec_fd *exec, uint64_t *ret_name,
			   uint64_t ret_words[EXEC_WORDS_MAX])
{
	cleanup_free char *text = malloc(TEXT_MAX);
	size_t size = 0;
	int64_t at;

	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i <= exec->count; i++) {
		const char *string = i < exec->count ? exec->words[i] : exec->name;

		*(i < exec->count ? &ret_words[i] : ret_name) = size;
		size += strlen(string) + 1;
		if (size > TEXT_MAX)
			return -ENAMETOOLONG;
		memcpy(text + size - strlen(string) - 1, string, strlen(string) + 1);
	}
	at = tracee_call(tracee, SYS_mmap, 0, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS);
	if (at < 0 && at > -PAGE_BYTES)
		return at;
	if (!tracee_write(tracee, text, (uint64_t)at, size))
		return -EFAULT;
	*ret_name += (uint64_t)at;
	for (size_t i = 0; i < exec->count; i++)
		ret_words[i] += (uint64_t)at;
	return 0;
}

/* The words that are to precede what followed the caller's first. The end stays where it is: above
 * it lie the strings. */
static int put_words(struct tracee *tracee, struct start *start, const uint64_t *words,
		     size_t count)
{
	size_t given = start->word[0] > 0, grown = start->count + count - given;
	uint64_t end = tracee->regs.rsp + start->count * sizeof(uint64_t);
	uint64_t at = (end - grown * sizeof(uint64_t)) & ~UINT64_C(15); /* the ABI's alignment */
	cleanup_free uint64_t *all = malloc(grown * sizeof(uint64_t));

	if (!all)
		return -ENOMEM;
	all[0] = start->word[0] - given + count;
	memcpy(all + 1, words, count * sizeof(uint64_t));
	memcpy(all + 1 + count, start->word + 1 + given,
	       (start->count - 1 - given) * sizeof(uint64_t));
	tracee->regs.rsp = at;
	return tracee_write(tracee, all, at, grown * sizeof(uint64_t)) ? 0 : -EFAULT;
}

/* The new program gets what it would have by the path. 0 or a negative errno. */
static int start_mend(struct tracee *tracee, const struct exec_fd *exec, struct start *start)
{
	uint64_t words[EXEC_WORDS_MAX] = { 0 }, name = 0, *known;
	const char *slash = strrchr(exec->name, '/');
	int64_t r = find_instruction(tracee, start) ? 0 : -ENOSYS;

	if (r == 0)
		r = put_strings(tracee, exec, &name, words);
	if (r < 0)
		return (int)r;
	known = start_aux(start, AT_EXECFN);
	if (known)
		*known = name;
	tracee_call(tracee, SYS_prctl, PR_SET_NAME,
		    name + (slash ? (uint64_t)(slash + 1 - exec->name) : 0), 0, 0);
	return put_words(tracee, start, exec->count ? words : start->word + 1,
			 exec->count ? exec->count : start->word[0] > 0);
}

/* What was executed cannot fail any more: it dies, as it does where the kernel gets no further. */
static void program_begin(struct tracee *tracee, const struct exec_fd *exec)
{
	struct start start;

	if (start_read(tracee, &start) == 0 && start_mend(tracee, exec, &start) == 0)
		tracee_begin(tracee);
	else
		tracee_kill(tracee);
	free(start.word);
}

static void program_run(struct call *call, struct tracee *tracee, int64_t fd,
			const struct exec_fd *exec)
{
	uint64_t empty = arg_u64(call, 0) + strlen(call->path[0]);
	int64_t r =
		fd < 0 ? fd
		       : tracee_exec(tracee, (int)fd, empty, arg_u64(call, 1), arg_u64(call, 2));

	if (r == 0) {
		program_begin(tracee, exec);
		return;
	}
	if (fd >= 0)
		tracee_call(tracee, SYS_close, (uint64_t)fd, 0, 0, 0);
	tracee_return(tracee, r);
}

int exec_fd_answer(struct call *call, const struct exec_fd *exec)
{
	static const int made[] = { SYS_execveat, SYS_close, SYS_mmap, SYS_prctl };
	struct seccomp_notif_addfd add = {
		.id = call->id,
		.newfd_flags = O_CLOEXEC,
		.srcfd = (uint32_t)exec->fd,
	};
	struct tracee tracee;
	pid_t first;
	int64_t fd;
	int r = task_tgid(call, &first);

	if (r == 0 && first != call->regs.tid)
		r = EBUSY;
	/* execveat is always notified, and somebody else has to receive it. */
	if (r == 0 && !receiver_pass_lead(call->receiver))
		return receiver_defer(call) ? 0 : EAGAIN;
	if (r == 0)
		r = tracee_seize(call, made, array_size(made));
	if (r != 0)
		return r;
	fd = ioctl(call->regs.child->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	if (fd < 0)
		fd = -errno; /* the table is full, or the caller dies */
	if (tracee_stop_seized(call, &tracee) == 0)
		program_run(call, &tracee, fd, exec);
	return 0;
}
