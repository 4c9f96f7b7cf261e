/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a command runs, and so what the words of a policy mean. */
#include "pcall-site.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "pcall-empty.h"

static const char *absolute(const char *path)
{
	return path && path[0] == '/' ? path : NULL;
}

/* The directories of policies: PCALL_POLICY_PATH, the user's, the machine's, those installed with
 * us. */
static int site_search(struct site *site)
{
	const char *path = getenv("PCALL_POLICY_PATH"),
		   *config = absolute(getenv("XDG_CONFIG_HOME"));
	const char *home = site->env.home;
	size_t n = 0, most = 5;
	int r;

	path = path ? path : "";
	for (const char *p = path; *p; p++)
		most += *p == ':';
	r = asprintf(&site->search, "%s:%s%s:/etc/pcall:" PCALL_POLICY_DIR, path,
		     config ? config : home, config ? "/pcall" : "/.config/pcall");
	if (r < 0) {
		site->search = NULL;
		return -ENOMEM;
	}
	site->directories = calloc(most + 1, sizeof(*site->directories));
	if (!site->directories)
		return -ENOMEM;
	for (char *rest = site->search, *one; (one = strsep(&rest, ":"));)
		if (absolute(one))
			site->directories[n++] = one;
	site->env.directories = site->directories;
	return 0;
}

int site_init(struct site *site, const char *chdir, const struct message *message)
{
	struct stat st;

	site->cwd = chdir ? realpath(chdir, NULL) : getcwd(NULL, 0);
	if (chdir && site->cwd && (stat(site->cwd, &st) < 0 || !S_ISDIR(st.st_mode))) {
		free(steal_pointer(&site->cwd));
		errno = ENOTDIR;
	}
	if (!site->cwd && chdir)
		return message_say(message, "cannot run in %s: %s", chdir, strerror(errno));
	if (!site->cwd && errno == ENOENT)
		return message_say(
			message,
			"the current directory was removed; go to another, or use --chdir");
	if (!site->cwd || site->cwd[0] != '/') /* "(unreachable)" */
		return message_say(message, "cannot find out the current directory: %s",
				   site->cwd ? "it is outside the root" : strerror(errno));

	site->env.cwd = site->cwd;
	site->home = policy_home();
	if (!site->home)
		return message_say(message, "out of memory");
	site->env.home = site->home;
	site->env.path = getenv("PATH");
	site->env.environment = (const char *const *)environ;
	if (site_search(site) < 0)
		return message_say(message, "out of memory");
	return 0;
}

static char *tmp_template(void)
{
	const char *parent = absolute(getenv("TMPDIR"));
	char *ret;

	return asprintf(&ret, "%s/pcall-XXXXXX", parent ? parent : "/tmp") < 0 ? NULL : ret;
}

void site_name_tmp(struct site *site)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	unsigned char random[6];
	char *path = tmp_template();

	if (!path || getrandom(random, sizeof(random), 0) != sizeof(random)) {
		free(path);
		return;
	}
	for (size_t i = 0, end = strlen(path); i < sizeof(random); i++)
		path[end - 1 - i] = letters[random[i] % (sizeof(letters) - 1)];
	site->tmp = path;
	site->env.tmp = path;
}

int site_make_tmp(struct site *site)
{
	if (mkdir(site->tmp, 0700) < 0)
		return -errno;
	site->tmp_fd = open(site->tmp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (site->tmp_fd < 0) {
		int r = -errno;

		rmdir(site->tmp);
		return r;
	}
	return 0;
}

void site_pretend_tmp(struct site *site)
{
	site->tmp = tmp_template();
	site->env.tmp = site->tmp;
}

int site_remove_tmp(struct site *site)
{
	cleanup_fd int fd = steal_fd(&site->tmp_fd);
	int r = 0;

	if (fd < 0)
		return 0;
	if (rmdir(site->tmp) == 0)
		return 0;
	r = directory_empty(fd);
	if (rmdir(site->tmp) < 0 && errno != ENOENT && r == 0)
		r = -errno;
	return r;
}

int site_use(struct policy *policy, const char *name, struct policy_error *error)
{
	static const char ending[] = ".policy";
	size_t size = strlen(name), n = sizeof(ending) - 1;
	cleanup_free char *path = NULL;

	if (strchr(name, '/') || size <= n || strcmp(name + size - n, ending))
		return policy_use(policy, name, error);
	if (asprintf(&path, "./%s", name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	return policy_use(policy, path, error);
}

void site_deinit(struct site *site)
{
	site_remove_tmp(site);
	free(site->cwd);
	free(site->home);
	free(site->tmp);
	free(site->search);
	free(site->directories);
	*site = (struct site)SITE_INIT;
}
