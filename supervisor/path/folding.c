/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names on file systems that do not compare them byte by byte. */
#include "path/folding.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>
#include "common/cleanup.h"

/* Linux 5.4, as the ones below of those that are not in linux/magic.h */
#ifndef FS_CASEFOLD_FL
#define FS_CASEFOLD_FL 0x40000000
#endif
#define BCACHEFS_MAGIC 0xca451a4e
#define EROFS_MAGIC    0xe0f5e1e2
#define JFFS2_MAGIC    0x72b6
#define UBIFS_MAGIC    0x24051905
#define XFS_MAGIC      0x58465342

/* Those that never do. */
static const uint32_t exact[] = {
	BTRFS_SUPER_MAGIC,  XFS_MAGIC,		 PROC_SUPER_MAGIC,   SYSFS_MAGIC,
	CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC, RAMFS_MAGIC,
	HUGETLBFS_MAGIC,    SQUASHFS_MAGIC,	 EROFS_MAGIC,	     JFFS2_MAGIC,
	UBIFS_MAGIC,	    DEBUGFS_MAGIC,	 TRACEFS_MAGIC,	     SECURITYFS_MAGIC,
	BPF_FS_MAGIC,	    NSFS_MAGIC,		 AUTOFS_SUPER_MAGIC, CRAMFS_MAGIC,
};

/* Those that do where a directory says so. */
static const uint32_t by_directory[] = {
	EXT4_SUPER_MAGIC, F2FS_SUPER_MAGIC, TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC, BCACHEFS_MAGIC,
};

static bool is_one_of(const uint32_t *types, size_t count, long type)
{
	for (size_t i = 0; i < count; i++)
		if (types[i] == (uint32_t)type)
			return true;
	return false;
}

bool folding_type(long type, long flags)
{
	if (is_one_of(by_directory, array_size(by_directory), type))
		return flags < 0 || flags & FS_CASEFOLD_FL;
	return !is_one_of(exact, array_size(exact), type);
}

static bool folds_in(int directory, bool readable)
{
	struct statfs fs;
	int flags = 0;

	if (fstatfs(directory, &fs) < 0)
		return true;
	if (!readable)
		return folding_type(fs.f_type, -1);
	if (ioctl(directory, FS_IOC_GETFLAGS, &flags) < 0)
		return folding_type(fs.f_type, errno == ENOTTY || errno == EOPNOTSUPP ? 0 : -1);
	return folding_type(fs.f_type, (long)(unsigned int)flags);
}

/* A directory, to be asked what it is, or where that is not allowed, only to be passed. */
static int directory_open(int at, const char *name, bool *ret_readable)
{
	const int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(at, name, flags | O_RDONLY | O_NONBLOCK);

	*ret_readable = fd >= 0;
	return fd < 0 && errno == EACCES ? openat(at, name, flags | O_PATH) : fd;
}

/* May one of the directories on the way to this name fold what is in it? One that is not there has
 * nothing in it, and what is made there is like its directory. */
static bool may_fold(const char *real)
{
	bool readable;
	cleanup_fd int at = directory_open(AT_FDCWD, "/", &readable);

	while (at >= 0 && !folds_in(at, readable)) {
		size_t size = strcspn(real += real[0] == '/', "/");
		char name[NAME_MAX + 1];
		int next;

		if (real[size] == '\0')
			return false;
		if (size > NAME_MAX)
			return true;
		memcpy(name, real, size);
		name[size] = '\0';
		next = directory_open(at, name, &readable);
		if (next < 0 && (errno == ENOENT || errno == ENOTDIR))
			return false;
		close(at);
		at = next;
		real += size;
	}
	return true;
}

/* What was judged by the letters is all that there is to say. */
static bool stands(struct verdict plain)
{
	return plain.decision != DECISION_ALLOW || !plain.folds;
}

/* A folded verdict, as far as the file systems may fold. @other: a second name, or NULL. */
static struct verdict settle(struct verdict folded, const char *real, const char *other)
{
	if (folded.decision == DECISION_ALLOW || may_fold(real) || (other && may_fold(other)))
		return folded;
	return (struct verdict){ .decision = DECISION_ALLOW };
}

struct verdict folding_judge(const struct policy *policy, const char *name, const char *real,
			     unsigned int rights)
{
	struct verdict plain = policy_judge(policy, name, rights);

	return stands(plain) ? plain
			     : settle(policy_judge_folded(policy, name, rights), real, NULL);
}

struct verdict folding_judge_carved(const struct policy *policy, const char *real,
				    unsigned int rights)
{
	struct verdict plain = policy_judge_carved(policy, real, rights);

	return stands(plain) ? plain
			     : settle(policy_judge_carved_folded(policy, real, rights), real, NULL);
}

struct verdict folding_judge_move(const struct policy *policy, const char *from, const char *to,
				  const char *from_real, const char *to_real)
{
	struct verdict plain = policy_judge_move(policy, from, to);

	return stands(plain)
		       ? plain
		       : settle(policy_judge_move_folded(policy, from, to), from_real, to_real);
}
