/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The name servers of resolv.conf(5). */
#include "net/resolv_conf.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/cleanup.h"

enum {
	FILE_MAX = 64 * 1024,
};

static bool server_parse(const char *text, struct in6_addr *ret)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1) {
		*ret = (struct in6_addr){ .s6_addr16[5] = 0xffff };
		ret->s6_addr32[3] = v4.s_addr;
		return true;
	}
	return inet_pton(AF_INET6, text, ret) == 1;
}

/* "nameserver ADDRESS[%SCOPE]" at the start of a line. */
static void line_parse(const char *line, size_t size, struct resolvers *resolvers)
{
	static const char key[] = "nameserver";
	char address[INET6_ADDRSTRLEN];
	size_t n;

	if (size < sizeof(key) || memcmp(line, key, sizeof(key) - 1) != 0)
		return;
	line += sizeof(key) - 1;
	size -= sizeof(key) - 1;
	while (size > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		size--;
	}
	for (n = 0; n < size && n < sizeof(address) - 1 && !strchr(" \t\r%#;", line[n]); n++)
		address[n] = line[n];
	address[n] = '\0';
	if (resolvers->count < RESOLVERS_MAX &&
	    server_parse(address, &resolvers->servers[resolvers->count]))
		resolvers->count++;
}

void resolvers_parse(const char *text, struct resolvers *ret)
{
	struct resolvers resolvers = { 0 };

	while (*text) {
		size_t size = strcspn(text, "\n");

		line_parse(text, size, &resolvers);
		text += size + (text[size] == '\n');
	}
	if (resolvers.count == 0)
		server_parse("127.0.0.1", &resolvers.servers[resolvers.count++]);
	*ret = resolvers;
}

void resolvers_load(const char *path, struct resolvers *ret)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	cleanup_free char *text = malloc(FILE_MAX + 1);
	struct stat st;
	size_t size = 0;
	ssize_t n = 0;

	ret->count = 0;
	if (fd < 0 || !text || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	do {
		size += (size_t)n;
		n = read(fd, text + size, FILE_MAX + 1 - size);
	} while (n > 0);
	if (n < 0 || size > FILE_MAX)
		return;
	text[size] = '\0';
	resolvers_parse(text, ret);
}

bool resolvers_has(const struct resolvers *resolvers, const struct in6_addr *address)
{
	for (size_t i = 0; i < resolvers->count; i++)
		if (memcmp(&resolvers->servers[i], address, sizeof(*address)) == 0)
			return true;
	return false;
}
