/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A caller whose code another thread changes while it is made to send its descriptor: the
 * instruction that the supervisor has it run becomes a jump to a message for 127.0.0.2, which no
 * line allows.
 *
 * fd_sender_code PORT: tries for three seconds.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	SECONDS = 3,
	SYSCALL = 0x050f,
	JUMP = 0x10eb, /* over so many bytes */
	DETOUR = 0x12, /* and so to there */
};

static uint8_t *page;
static atomic_bool over;
static struct sockaddr_in allowed, forbidden;
static char letter[] = "x";
static struct iovec word = { .iov_base = letter, .iov_len = 1 };
static struct msghdr message = {
	.msg_name = &forbidden, .msg_namelen = sizeof(forbidden), .msg_iov = &word, .msg_iovlen = 1
};

static uint8_t *put(uint8_t *at, const void *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return at + size;
}

/* sendmsg(fd, &message, 0) */
static void detour_write(uint64_t fd)
{
	const uint64_t to = (uintptr_t)&message;
	uint8_t *at = page + DETOUR;

	at = put(at, "\x48\xbf", 2); /* mov rdi, */
	at = put(at, &fd, sizeof(fd));
	at = put(at, "\x48\xbe", 2); /* mov rsi, */
	at = put(at, &to, sizeof(to));
	at = put(at, "\x31\xd2\xb8", 3); /* xor edx, edx; mov eax, */
	at = put(at, &(uint32_t){ SYS_sendmsg }, sizeof(uint32_t));
	put(at, "\x0f\x05\xc3", 3);
}

static void *flip(void *data)
{
	while (!atomic_load(&over)) {
		*(volatile uint16_t *)page = JUMP;
		*(volatile uint16_t *)page = SYSCALL;
	}
	return data;
}

/* sendto(fd, "x", 1, 0, &allowed, sizeof(allowed)), by the instruction that changes. */
static void send_one(long fd)
{
	register long flags __asm__("r10") = 0;
	register const void *to __asm__("r8") = &allowed;
	register long size __asm__("r9") = sizeof(allowed);
	long result = SYS_sendto;

	__asm__ volatile("sub $128, %%rsp\n\tcall *%[page]\n\tadd $128, %%rsp"
			 : "+a"(result)
			 : "D"(fd), "S"("x"), "d"(1L), "r"(flags), "r"(to),
			   "r"(size), [page] "r"(page)
			 : "rcx", "r11", "memory", "cc");
}

int main(int argc, char **argv)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	time_t end = time(NULL) + SECONDS;
	pthread_t thread;

	if (argc != 2 || fd < 0)
		return 2;
	allowed.sin_family = forbidden.sin_family = AF_INET;
	allowed.sin_port = forbidden.sin_port = htons((uint16_t)atoi(argv[1]));
	inet_aton("127.0.0.1", &allowed.sin_addr);
	inet_aton("127.0.0.2", &forbidden.sin_addr);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (page == MAP_FAILED)
		return 2;
	detour_write((uint64_t)fd);
	put(page, "\x0f\x05\xc3", 3);
	if (pthread_create(&thread, NULL, flip, NULL) != 0)
		return 2;
	while (time(NULL) < end)
		send_one(fd);
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	puts("tried");
	return 0;
}
