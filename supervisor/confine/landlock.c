/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The floor as a Landlock ruleset: all that the kernel's ABI knows is handled, and nothing is
 * granted but reading and executing below the policy's exec places, which execve takes.
 *
 * The places of a policy that several levels made are what their places have in common by the
 * letters. A link on the way would lead elsewhere than the letters say, so none is passed there.
 */
#include "confine/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "policy/policy.h"
#include "base/landlock.h"

/* What came with which ABI. Bits of a later ABI than ours are not handled: nobody has said what
 * they bound. */
static const struct {
	int abi;
	struct landlock_ruleset bits;
} handled[] = {
	{1,  { .handled_access_fs = (1ULL << 13) - 1 }				       },
	{ 2, { .handled_access_fs = LANDLOCK_ACCESS_FS_REFER }			       },
	{ 3, { .handled_access_fs = LANDLOCK_ACCESS_FS_TRUNCATE }			  },
	{ 4,
	  { .handled_access_net =
		    LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP }  },
	{ 5, { .handled_access_fs = LANDLOCK_ACCESS_FS_IOCTL_DEV }			   },
	{ 6, { .scoped = LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL }},
};

int floor_abi(void)
{
	int abi = landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : abi;
}

/* Grants one place at our level. What is not there, or not to be reached, needs no grant. */
static int place_grant(int ruleset, const char *path, uint64_t resolve)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = resolve };
	struct landlock_path_beneath_attr attr = {
		.allowed_access = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE,
	};
	cleanup_fd int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP
			       ? 0
			       : -errno;
	attr.parent_fd = fd;
	return landlock_add_path(ruleset, &attr) < 0 ? -errno : 0;
}

int floor_build(const struct policy *policy, int *ret_fd)
{
	struct landlock_ruleset attr = { 0 };
	cleanup_fd int ruleset = -1;
	uint64_t resolve = policy_layers(policy) > 1 ? RESOLVE_NO_SYMLINKS : 0;
	const char *const *places;
	int abi = floor_abi();
	size_t count;

	if (abi == 0) {
		*ret_fd = -1;
		return 0;
	}
	for (size_t i = 0; i < array_size(handled) && handled[i].abi <= abi; i++) {
		attr.handled_access_fs |= handled[i].bits.handled_access_fs;
		attr.handled_access_net |= handled[i].bits.handled_access_net;
		attr.scoped |= handled[i].bits.scoped;
	}
	/* an older kernel takes the longer struct, since what it does not know is 0 */
	ruleset = landlock_create_ruleset(&attr, sizeof(attr), 0);
	if (ruleset < 0)
		return -errno;
	places = policy_exec_places(policy, &count);
	for (size_t i = 0; i < count; i++) {
		int r = place_grant(ruleset, places[i], resolve);

		if (r < 0)
			return r;
	}
	*ret_fd = steal_fd(&ruleset);
	return 0;
}
