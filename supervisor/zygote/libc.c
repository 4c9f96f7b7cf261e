/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the zygote's program needs of libc, on the kernel alone: a copy of it is to be small and to
 * hold nothing, it starts in a tenth of the time that a libc takes to look at the machine, and
 * there is no library to be found where it is started. Names and signatures are libc's, so that
 * what the engine uses as well need not know where it is.
 *
 * Nothing here allocates. There is one thread, and so one errno.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "raw.h"

enum {
	ERRNO_MAX = 4095,
	SIGNALS_SIZE = 8, /* of the kernel's set of signals */
};

int *__errno_location(void)
{
	static int error;

	return &error;
}

static long result(long r)
{
	if (r >= 0 || r < -ERRNO_MAX)
		return r;
	errno = (int)-r;
	return -1;
}

/* What an optional argument is, as a word. */
#define WORD(x) ((long)(uintptr_t)(x))

/* A call of up to four words, the rest 0. */
static long call(long number, long a, long b, long c, long d)
{
	return result(raw_call(number, a, b, c, d, 0, 0));
}

long syscall(long number, ...)
{
	long word[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		word[i] = va_arg(list, long);
	va_end(list);
	return result(raw_call(number, word[0], word[1], word[2], word[3], word[4], word[5]));
}

/* Calls whose last arguments are optional: the kernel looks at as many as it needs. */
int prctl(int option, ...)
{
	long word[4];
	va_list list;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		word[i] = va_arg(list, long);
	va_end(list);
	return (int)result(raw_call(SYS_prctl, option, word[0], word[1], word[2], word[3], 0));
}

int fcntl(int fd, int command, ...)
{
	va_list list;
	long word;

	va_start(list, command);
	word = va_arg(list, long);
	va_end(list);
	return (int)call(SYS_fcntl, fd, command, word, 0);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	long word;

	va_start(list, request);
	word = va_arg(list, long);
	va_end(list);
	return (int)call(SYS_ioctl, fd, (long)request, word, 0);
}

int openat(int directory, const char *path, int flags, ...)
{
	return (int)call(SYS_openat, directory, WORD(path), flags, 0);
}

int open(const char *path, int flags, ...)
{
	return openat(AT_FDCWD, path, flags);
}

/* Descriptors */
int close(int fd)
{
	return (int)call(SYS_close, fd, 0, 0, 0);
}

int close_range(unsigned int first, unsigned int last, int flags)
{
	return (int)call(SYS_close_range, first, last, flags, 0);
}

int dup2(int fd, int number)
{
	return (int)call(SYS_dup2, fd, number, 0, 0);
}

off_t lseek(int fd, off_t offset, int whence)
{
	return call(SYS_lseek, fd, offset, whence, 0);
}

ssize_t read(int fd, void *to, size_t size)
{
	return call(SYS_read, fd, WORD(to), (long)size, 0);
}

ssize_t write(int fd, const void *from, size_t size)
{
	return call(SYS_write, fd, WORD(from), (long)size, 0);
}

ssize_t readlinkat(int directory, const char *restrict path, char *restrict to, size_t size)
{
	return call(SYS_readlinkat, directory, WORD(path), WORD(to), (long)size);
}

int poll(struct pollfd *fds, nfds_t count, int ms)
{
	return (int)call(SYS_poll, WORD(fds), (long)count, ms, 0);
}

int signalfd(int fd, const sigset_t *signals, int flags)
{
	return (int)call(SYS_signalfd4, fd, WORD(signals), SIGNALS_SIZE, flags);
}

/* Sockets */
ssize_t recv(int fd, void *to, size_t size, int flags)
{
	return result(raw_call(SYS_recvfrom, fd, WORD(to), (long)size, flags, 0, 0));
}

ssize_t send(int fd, const void *from, size_t size, int flags)
{
	return result(raw_call(SYS_sendto, fd, WORD(from), (long)size, flags, 0, 0));
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	return call(SYS_recvmsg, fd, WORD(message), flags, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	return call(SYS_sendmsg, fd, WORD(message), flags, 0);
}

/* Processes */
pid_t getpid(void)
{
	return (pid_t)call(SYS_getpid, 0, 0, 0, 0);
}

pid_t getppid(void)
{
	return (pid_t)call(SYS_getppid, 0, 0, 0, 0);
}

pid_t getpgid(pid_t pid)
{
	return (pid_t)call(SYS_getpgid, pid, 0, 0, 0);
}

int setpgid(pid_t pid, pid_t group)
{
	return (int)call(SYS_setpgid, pid, group, 0, 0);
}

pid_t setsid(void)
{
	return (pid_t)call(SYS_setsid, 0, 0, 0, 0);
}

int kill(pid_t pid, int signal)
{
	return (int)call(SYS_kill, pid, signal, 0, 0);
}

int pidfd_open(pid_t pid, unsigned int flags)
{
	return (int)call(SYS_pidfd_open, pid, flags, 0, 0);
}

int pidfd_send_signal(int fd, int signal, siginfo_t *info, unsigned int flags)
{
	return (int)call(SYS_pidfd_send_signal, fd, signal, WORD(info), flags);
}

int waitid(idtype_t type, id_t id, siginfo_t *info, int flags)
{
	return (int)result(raw_call(SYS_waitid, type, id, WORD(info), flags, 0, 0));
}

int execve(const char *path, char *const argv[], char *const envp[])
{
	return (int)call(SYS_execve, WORD(path), WORD(argv), WORD(envp), 0);
}

void _exit(int status)
{
	for (;;)
		call(SYS_exit_group, status, 0, 0, 0);
}

/* What a process has */
int chdir(const char *path)
{
	return (int)call(SYS_chdir, WORD(path), 0, 0, 0);
}

int fchdir(int fd)
{
	return (int)call(SYS_fchdir, fd, 0, 0, 0);
}

mode_t umask(mode_t mask)
{
	return (mode_t)call(SYS_umask, mask, 0, 0, 0);
}

int personality(unsigned long persona)
{
	return (int)call(SYS_personality, (long)persona, 0, 0, 0);
}

int prlimit(pid_t pid, __rlimit_resource_t resource, const struct rlimit *new_limit,
	    struct rlimit *old_limit)
{
	return (int)call(SYS_prlimit64, pid, resource, WORD(new_limit), WORD(old_limit));
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	return prlimit(0, resource, limit, NULL);
}

int getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
	return prlimit(0, resource, NULL, limit);
}

/* Also those that libc has for itself. */
__sighandler_t signal(int number, __sighandler_t handler)
{
	struct {
		__sighandler_t handler;
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = { .handler = handler };
	long r = call(SYS_rt_sigaction, number, WORD(&action), WORD(&action), SIGNALS_SIZE);

	return r < 0 ? SIG_ERR : action.handler;
}

int sigprocmask(int how, const sigset_t *set, sigset_t *before)
{
	return (int)call(SYS_rt_sigprocmask, how, WORD(set), WORD(before), SIGNALS_SIZE);
}

int sigemptyset(sigset_t *set)
{
	memset(set, 0, sizeof(*set));
	return 0;
}

int sigfillset(sigset_t *set)
{
	memset(set, 0xff, sizeof(*set));
	return 0;
}

int sigaddset(sigset_t *set, int signal)
{
	((uint64_t *)set)[0] |= 1ull << (signal - 1);
	return 0;
}

/* Memory and time */
void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	return raw_pointer(result(
		raw_call(SYS_mmap, WORD(address), (long)size, protection, flags, fd, offset)));
}

int munmap(void *address, size_t size)
{
	return (int)call(SYS_munmap, WORD(address), (long)size, 0, 0);
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
	return (int)call(SYS_nanosleep, WORD(time), WORD(left), 0, 0);
}

/* Bytes and strings: the compiler asks for the first four itself */
void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	char *t = to;
	const char *f = from;

	while (size--)
		*t++ = *f++;
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	char *t = to;
	const char *f = from;

	if (t <= f)
		return memcpy(to, from, size);
	while (size--)
		t[size] = f[size];
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	char *t = to;

	while (size--)
		*t++ = (char)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *x = a, *y = b;

	for (; size--; x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *string)
{
	size_t size = 0;

	while (string[size])
		size++;
	return size;
}

char *strrchr(const char *string, int byte)
{
	char *last = NULL;

	do
		if (*string == (char)byte)
			last = (char *)string;
	while (*string++);
	return last;
}

char *strstr(const char *string, const char *part)
{
	size_t size = strlen(part);

	for (; *string; string++) {
		size_t i = 0;

		while (i < size && string[i] == part[i])
			i++;
		if (i == size)
			return (char *)string;
	}
	return NULL;
}

int isdigit(int c)
{
	return c >= '0' && c <= '9';
}

static unsigned long long number(const char *string, int base)
{
	unsigned long long value = 0;

	while (*string == ' ' || *string == '\t')
		string++;
	for (;; string++) {
		int digit = *string >= '0' && *string <= '9'   ? *string - '0'
			    : *string >= 'a' && *string <= 'f' ? *string - 'a' + 10
							       : base;

		if (digit >= base)
			return value;
		value = value * (unsigned int)base + (unsigned int)digit;
	}
}

/* No sign, and no end told: what is read so is the kernel's. */
long strtol(const char *restrict string, char **restrict end, int base)
{
	return (long)number(string, base);
}

unsigned long long strtoull(const char *restrict string, char **restrict end, int base)
{
	return number(string, base);
}

int atoi(const char *string)
{
	return (int)number(string, 10);
}

static char *put_number(char *at, const char *end, int value)
{
	char digits[12];
	size_t count = 0;

	do
		digits[count++] = (char)('0' + value % 10);
	while (value /= 10);
	while (count && at < end)
		*at++ = digits[--count];
	return at;
}

/* Knows %d, and nothing below 0. */
int snprintf(char *restrict to, size_t size, const char *restrict format, ...)
{
	char *at = to;
	const char *end = to + size - 1;
	va_list list;

	va_start(list, format);
	for (; *format && at < end; format++) {
		if (format[0] != '%' || format[1] != 'd') {
			*at++ = *format;
			continue;
		}
		at = put_number(at, end, va_arg(list, int));
		format++;
	}
	va_end(list);
	*at = '\0';
	return (int)(at - to);
}
