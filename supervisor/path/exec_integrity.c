/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Code of a sealed child: what was there before the child was, in places where it cannot write.
 *
 * By name: what exec rules name, which under `sealed` never is what may be written (the policy
 * judges so), and the libraries in the loader's own directories, if they may be read. A view is
 * judged by the name at our level, where the object is.
 *
 * By time: the inode must not have changed since the child was made. That covers what names do not
 * tell: second names (hard links) in a place that may be written, descriptors that were inherited
 * or received open for writing. The kernel stamps every change, and nobody without a capability
 * sets this stamp back.
 */
#include "path/exec_integrity.h"

#include <string.h>
#include <time.h>
#include <unistd.h>
#include "tree/child.h"
#include "path/folding.h"
#include "path/held.h"
#include "path/resolve.h"
#include "policy/policy.h"

static const char *const library_directories[] = {
	"/lib/",       "/lib32/",     "/lib64/",      "/libx32/",	 "/usr/lib/",
	"/usr/lib32/", "/usr/lib64/", "/usr/libx32/", "/usr/local/lib/",
};

#define SECOND INT64_C(1000000000)

int64_t code_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

bool code_is_old(const struct child *child, const struct stat *st)
{
	int64_t changed = (int64_t)st->st_ctim.tv_sec * SECOND + st->st_ctim.tv_nsec;

	/* Some file systems keep whole seconds, or two of them: cut off, not rounded. */
	if (st->st_ctim.tv_nsec == 0)
		changed += 2 * SECOND;
	return changed < child->born;
}

/* lib*.so, lib*.so.6: as opposed to programs that are kept beside libraries. */
static bool is_library(const char *name)
{
	const char *base = strrchr(name, '/'), *so;
	bool there = false;

	for (size_t i = 0; i < sizeof(library_directories) / sizeof(library_directories[0]); i++)
		there |= strncmp(name, library_directories[i], strlen(library_directories[i])) == 0;
	so = there ? strstr(base, ".so") : NULL;
	return so && (so[3] == '\0' || so[3] == '.');
}

/* Does a view let this place of ours be written? */
static bool is_bound_writable(const struct policy *policy, const char *real)
{
	const struct policy_bind *binds;
	size_t count;

	binds = policy_binds(policy, &count);
	for (size_t i = 0; i < count; i++) {
		size_t size = strlen(binds[i].target);

		if (binds[i].writable && strncmp(real, binds[i].target, size) == 0 &&
		    (real[size] == '/' || real[size] == '\0' || size == 1))
			return true;
	}
	return false;
}

void code_name(int fd, char *ret_name, size_t size)
{
	char link[PROC_FD_MAX];

	if (link_text(proc_fd_path(fd, link), ret_name, size))
		ret_name[0] = '\0';
}

struct verdict code_judge(const struct child *child, int fd, const char *name)
{
	struct verdict sealed = { DECISION_DENY, policy_sealed(child->policy) };
	unsigned int rights = policy_rights(child->policy, name);
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !name_exists(name, fd) ||
	    !code_is_old(child, &st))
		return sealed;
	if (rights & RIGHT_WRITE || is_bound_writable(child->policy, name))
		return sealed;
	return folding_judge(child->policy, name, name,
			     rights & RIGHT_READ && is_library(name) ? RIGHT_READ : RIGHT_EXEC);
}
