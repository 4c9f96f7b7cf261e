/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * folding_fs BACKING MOUNTPOINT: a file system that takes names in small and in capital letters for
 * the same, as those of other systems do. Names are kept in small letters in a backing directory.
 * It speaks the kernel's own protocol, knows what the test needs of it, and ends when it is
 * unmounted.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	NODES_MAX = 4096,
	PATH_SIZE = 512,
	BUFFER_SIZE = 1 << 17,
};

static char *paths[NODES_MAX]; /* by node, below the backing directory; [1] is its own */
static size_t node_count = 2;
static int device;

static void answer(uint64_t unique, int error, const void *data, size_t size)
{
	struct fuse_out_header header = { (uint32_t)(sizeof(header) + (error ? 0 : size)), -error,
					  unique };
	struct iovec parts[] = {
		{&header,	   sizeof(header)  },
		     { (void *)data, error ? 0 : size}
	};

	if (writev(device, parts, 2) < 0 && errno != ENOENT)
		perror("writev");
}

static const char *below(uint64_t node, const char *name)
{
	static char path[2 * PATH_SIZE];
	int n = snprintf(path, sizeof(path), "%s/", paths[node]);

	snprintf(path + n, sizeof(path) - (size_t)n, "%s", name);
	for (char *c = path + n; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return path;
}

static uint64_t node_of(const char *path)
{
	for (size_t i = 1; i < node_count; i++)
		if (strcmp(paths[i], path) == 0)
			return i;
	if (node_count == NODES_MAX)
		exit(1);
	paths[node_count] = strdup(path);
	return node_count++;
}

static int attributes(const char *path, struct fuse_attr *ret)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno;
	*ret = (struct fuse_attr){ .ino = st.st_ino,
				   .size = (uint64_t)st.st_size,
				   .blocks = (uint64_t)st.st_blocks,
				   .mode = st.st_mode,
				   .nlink = (uint32_t)st.st_nlink,
				   .uid = st.st_uid,
				   .gid = st.st_gid,
				   .blksize = 4096 };
	return 0;
}

static int entry(const char *path, struct fuse_entry_out *ret)
{
	*ret = (struct fuse_entry_out){ .nodeid = 0 };
	if (attributes(path, &ret->attr) != 0)
		return ENOENT;
	ret->nodeid = node_of(path);
	return 0;
}

static void lookup(uint64_t unique, const char *path)
{
	struct fuse_entry_out out;
	int r = entry(path, &out);

	answer(unique, r, &out, sizeof(out));
}

static void create(uint64_t unique, const char *path, const struct fuse_create_in *in)
{
	struct {
		struct fuse_entry_out entry;
		struct fuse_open_out open;
	} out = { .open.fh = 0 };
	int fd = open(path, O_CREAT | O_CLOEXEC | O_RDWR, in->mode & 0777);
	int r = fd < 0 ? errno : entry(path, &out.entry);

	out.open.fh = (uint64_t)fd;
	answer(unique, r, &out, sizeof(out));
}

static void list(uint64_t unique, const char *path, const struct fuse_read_in *in)
{
	static char buffer[BUFFER_SIZE];
	DIR *directory = opendir(path);
	size_t size = 0;
	uint64_t at = 0;
	struct dirent *e;

	while (directory && (e = readdir(directory))) {
		struct fuse_dirent *out = (struct fuse_dirent *)(buffer + size);
		size_t length = strlen(e->d_name);

		if (at++ < in->offset)
			continue;
		if (size + FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + length) > in->size)
			break;
		*out = (struct fuse_dirent){ e->d_ino, at, (uint32_t)length, e->d_type };
		memcpy(out->name, e->d_name, length);
		size += FUSE_DIRENT_SIZE(out);
	}
	if (directory)
		closedir(directory);
	answer(unique, directory ? 0 : ENOENT, buffer, size);
}

static void serve_file(const struct fuse_in_header *in, const void *data)
{
	static char buffer[BUFFER_SIZE];
	const struct fuse_read_in *read_in = data;
	const struct fuse_write_in *write_in = data;
	struct fuse_write_out written = { 0 };
	struct fuse_open_out opened = { 0 };
	ssize_t n;
	int fd;

	switch (in->opcode) {
	case FUSE_OPEN:
		fd = open(paths[in->nodeid],
			  (int)((const struct fuse_open_in *)data)->flags & (O_ACCMODE | O_TRUNC));
		opened.fh = (uint64_t)fd;
		answer(in->unique, fd < 0 ? errno : 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		n = pread((int)read_in->fh, buffer, read_in->size, (off_t)read_in->offset);
		answer(in->unique, n < 0 ? errno : 0, buffer, n < 0 ? 0 : (size_t)n);
		break;
	case FUSE_WRITE:
		n = pwrite((int)write_in->fh, write_in + 1, write_in->size,
			   (off_t)write_in->offset);
		written.size = (uint32_t)n;
		answer(in->unique, n < 0 ? errno : 0, &written, sizeof(written));
		break;
	case FUSE_RELEASE:
		close((int)((const struct fuse_release_in *)data)->fh);
		answer(in->unique, 0, NULL, 0);
		break;
	default: answer(in->unique, ENOSYS, NULL, 0);
	}
}

static void rename_to(const struct fuse_in_header *in, uint64_t directory, const char *names)
{
	char *from = strdup(below(in->nodeid, names));

	answer(in->unique,
	       rename(from, below(directory, names + strlen(names) + 1)) < 0 ? errno : 0, NULL, 0);
	free(from);
}

static void serve(const struct fuse_in_header *in, const void *data)
{
	static const struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
						   .minor = 31,
						   .max_write = 65536 };
	const struct fuse_open_out directory = { .fh = 0 };
	const struct fuse_statfs_out statfs = { .st.namelen = 255 };
	struct fuse_attr_out out = { .attr_valid = 0 };
	int r;

	switch (in->opcode) {
	case FUSE_INIT: answer(in->unique, 0, &init, sizeof(init)); break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT: break;
	case FUSE_LOOKUP: lookup(in->unique, below(in->nodeid, data)); break;
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		r = attributes(paths[in->nodeid], &out.attr);
		answer(in->unique, r, &out, sizeof(out));
		break;
	case FUSE_CREATE:
		create(in->unique,
		       below(in->nodeid, (const char *)data + sizeof(struct fuse_create_in)), data);
		break;
	case FUSE_MKDIR:
		r = mkdir(below(in->nodeid, (const char *)data + sizeof(struct fuse_mkdir_in)),
			  0755);
		if (r < 0)
			answer(in->unique, errno, NULL, 0);
		else
			lookup(in->unique, below(in->nodeid, (const char *)data +
								     sizeof(struct fuse_mkdir_in)));
		break;
	case FUSE_UNLINK:
		answer(in->unique, unlink(below(in->nodeid, data)) < 0 ? errno : 0, NULL, 0);
		break;
	case FUSE_RENAME:
		rename_to(in, ((const struct fuse_rename_in *)data)->newdir,
			  (const char *)data + sizeof(struct fuse_rename_in));
		break;
	case FUSE_RENAME2:
		rename_to(in, ((const struct fuse_rename2_in *)data)->newdir,
			  (const char *)data + sizeof(struct fuse_rename2_in));
		break;
	case FUSE_OPENDIR: answer(in->unique, 0, &directory, sizeof(directory)); break;
	case FUSE_READDIR: list(in->unique, paths[in->nodeid], data); break;
	case FUSE_RELEASEDIR: answer(in->unique, 0, NULL, 0); break;
	case FUSE_STATFS: answer(in->unique, 0, &statfs, sizeof(statfs)); break;
	default: serve_file(in, data);
	}
}

int main(int argc, char **argv)
{
	static char buffer[BUFFER_SIZE + 4096];
	char options[128];
	ssize_t n;

	if (argc != 3)
		return 2;
	paths[1] = argv[1];
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=%d,group_id=%d,allow_other", device, (int)getuid(),
		 (int)getgid());
	if (device < 0 || mount("folding", argv[2], "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		return 77;
	while ((n = read(device, buffer, sizeof(buffer))) > 0 || errno == EINTR || errno == ENOENT)
		if (n > 0)
			serve((const struct fuse_in_header *)buffer,
			      buffer + sizeof(struct fuse_in_header));
	return 0;
}
