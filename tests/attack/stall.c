/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file system that answers everything but reads of one file and closing of another: see stall.h.
 */
#include "stall.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ROOT = 1,
	STALL_ID = 2,
	CLOSE_ID = 3,
	REQUEST_MAX = 1 << 17,
	HELD_MAX = 256,
};

struct request {
	struct fuse_in_header header;
	char body[REQUEST_MAX];
};

static int device;
static bool released, armed;
static struct fuse_in_header held[HELD_MAX];
static size_t held_count;
static char mark[256]; /* a file that comes to be when a request is held */

static void reply(uint64_t unique, int error, const void *data, size_t size)
{
	struct {
		struct fuse_out_header header;
		char data[4096];
	} out = {
		.header = {.len = (uint32_t)(sizeof(out.header) + size),
			    .error = -error,
			    .unique = unique}
	};

	if (size > 0)
		memcpy(out.data, data, size);
	/* Whoever asked may be gone. */
	if (write(device, &out, out.header.len) < 0)
		return;
}

static struct fuse_attr attributes(uint64_t node)
{
	return (struct fuse_attr){ .ino = node,
				   .size = node == ROOT ? 0 : 4096,
				   .mode = node == ROOT ? S_IFDIR | 0755 : S_IFREG | 0644,
				   .nlink = 1,
				   .blksize = 4096 };
}

/* What is held, when it is released. */
static void answer_late(const struct fuse_in_header *header)
{
	static const char page[4096] = "/etc/passwd";

	reply(header->unique, 0, page, header->opcode == FUSE_READ ? sizeof(page) : 0);
}

static void hold(const struct fuse_in_header *header)
{
	if (released || held_count == HELD_MAX) {
		answer_late(header);
		return;
	}
	held[held_count++] = *header;
	close(open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

static void answer_lookup(uint64_t unique, const char *name)
{
	uint64_t id = strcmp(name, "stall") == 0   ? STALL_ID
		      : strcmp(name, "close") == 0 ? CLOSE_ID
						   : 0;
	struct fuse_entry_out entry = { .nodeid = id, .attr = attributes(id) };

	reply(unique, id ? 0 : ENOENT, &entry, id ? sizeof(entry) : 0);
}

static void answer(const struct request *request)
{
	const struct fuse_in_header *h = &request->header;
	struct fuse_attr_out attr = { .attr = attributes(h->nodeid) };
	struct fuse_statfs_out statfs = {
		.st = {.bsize = 4096, .namelen = 255}
	};
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
				      .minor = FUSE_KERNEL_MINOR_VERSION,
				      .max_write = 4096 };

	switch (h->opcode) {
	case FUSE_INIT: reply(h->unique, 0, &init, sizeof(init)); break;
	case FUSE_LOOKUP: answer_lookup(h->unique, request->body); break;
	case FUSE_GETATTR: reply(h->unique, 0, &attr, sizeof(attr)); break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		reply(h->unique, 0, &(struct fuse_open_out){ .fh = 1 },
		      sizeof(struct fuse_open_out));
		break;
	case FUSE_STATFS: reply(h->unique, 0, &statfs, sizeof(statfs)); break;
	case FUSE_READ:
		if (h->nodeid == CLOSE_ID)
			answer_late(h);
		else
			hold(h);
		armed |= h->nodeid == CLOSE_ID;
		break;
	case FUSE_FLUSH:
		if (armed && h->nodeid == CLOSE_ID)
			hold(h);
		else
			reply(h->unique, 0, NULL, 0);
		break;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR: reply(h->unique, 0, NULL, 0); break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT: break; /* have no answer; and nothing is hurried */
	default: reply(h->unique, ENOSYS, NULL, 0);
	}
}

static void serve(int release)
{
	static struct request request;
	struct pollfd fds[] = {
		{.fd = device,	.events = POLLIN},
		    { .fd = release, .events = POLLIN}
	};

	while (poll(fds, 2, -1) > 0) {
		if (fds[1].revents) {
			released = true;
			fds[1].fd = -1;
			while (held_count > 0)
				answer_late(&held[--held_count]);
		}
		if (!fds[0].revents)
			continue;
		memset(&request.body, 0, 64);
		if (read(device, &request, sizeof(request)) < 0 && errno == ENODEV)
			return;
		answer(&request);
	}
}

int stall_mount(const char *directory, int *ret_release)
{
	char options[128];
	int pair[2];

	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (device < 0 || pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=%d,group_id=%d,allow_other", device, (int)getuid(),
		 (int)getgid());
	if (mount("stall", directory, "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		return -errno;
	snprintf(mark, sizeof(mark), "%s/../held", directory);
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pair[1]);
		serve(pair[0]);
		_exit(0);
	}
	close(pair[0]);
	close(device);
	*ret_release = pair[1];
	return 0;
}
