/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a command runs, and so what the words of a policy mean. */
#include "program/site.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "common/home.h"
#include "policyc/api.h"
#include "program/empty.h"
#include "program/homes.h"

static const char *absolute(const char *path)
{
	return path && path[0] == '/' ? path : NULL;
}

/* Where one's own policies are; NULL: nowhere, or no memory. */
static char *own_policies(const struct site *site)
{
	const char *config = absolute(getenv("XDG_CONFIG_HOME"));
	char *ret = NULL;

	if (!config && !site->env.home)
		return NULL;
	if (asprintf(&ret, "%s%s/pcall", config ? config : site->env.home,
		     config ? "" : "/.config") < 0)
		return NULL;
	return ret;
}

/*
 * Does anybody live there? A directory that HOME was pointed at for a while, by a test or a build,
 * holds none of what makes a home precious: keys, and what shells and tools read unasked. All that
 * begins with a dot. One that cannot be looked into may hold anything.
 */
static bool is_lived_in(const char *home)
{
	static const char *const harmless[] = { ".", "..", ".cache", ".git" };
	struct dirent *entry;
	DIR *dir = opendir(home);
	bool found = !dir;

	while (!found && (entry = readdir(dir))) {
		found = entry->d_name[0] == '.';
		for (size_t i = 0; found && i < array_size(harmless); i++)
			found = strcmp(entry->d_name, harmless[i]) != 0;
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Of somebody else: what we cannot look into, no command of ours can. */
static bool is_open_and_lived_in(const char *home)
{
	return access(home, R_OK) == 0 && is_lived_in(home);
}

/* What the current directory gives away if it is there or above. Places that are not there hold
 * nothing yet. */
static int site_find_precious(struct site *site, const char *own)
{
	cleanup_free char *others = NULL;
	int r = home_of_account(&site->account);
	const char *home = is_lived_in(site->env.home) ? site->env.home : NULL;
	size_t n = 0;

	r = r ? r : home_exposed(site->cwd, site->env.home, is_open_and_lived_in, &others);

	const char *const places[] = { "/", home,	  site->account,   others,
				       own, "/etc/pcall", PCALL_POLICY_DIR };

	_Static_assert(array_size(places) < array_size(site->precious), "and a NULL");
	if (r < 0)
		return r;
	for (size_t i = 0; i < array_size(places); i++) {
		site->precious[n] = places[i] ? realpath(places[i], NULL) : NULL;
		if (places[i] && !site->precious[n] && errno == ENOMEM)
			return -ENOMEM;
		n += site->precious[n] != NULL;
	}
	site->env.precious = (const char *const *)site->precious;
	return 0;
}

/* The directories of policies: PCALL_POLICY_PATH, the user's, the machine's, those installed with
 * us. Those of the first and the last come with pcall, and yield to the command line. */
static int site_search(struct site *site)
{
	const char *path = getenv("PCALL_POLICY_PATH");
	cleanup_free char *own = own_policies(site);
	size_t n = 0, yielding = 0, most = 5, given = path ? strlen(path) : 0;

	for (const char *p = path; p && *p; p++)
		most += *p == ':';
	if (asprintf(&site->search, "%s:%s:/etc/pcall:" PCALL_POLICY_DIR, path ? path : "",
		     own ? own : "") < 0) {
		site->search = NULL;
		return -ENOMEM;
	}
	site->directories = calloc(most + 1, sizeof(*site->directories));
	site->yielding = calloc(most + 1, sizeof(*site->yielding));
	if (!site->directories || !site->yielding)
		return -ENOMEM;
	for (char *rest = site->search, *one; (one = strsep(&rest, ":"));) {
		if (!absolute(one))
			continue;
		site->directories[n++] = one;
		if (one < site->search + given || !rest)
			site->yielding[yielding++] = one;
	}
	site->env.directories = site->directories;
	site->env.yielding = site->yielding;
	return site_find_precious(site, own);
}

/*
 * A directory for each place that commands are started in: what a box leaves in it is seen by boxes
 * that were started there, and by nothing else.
 */
static char *cache_name(const struct site *site)
{
	const char *base = absolute(getenv("XDG_CACHE_HOME")), *name = strrchr(site->cwd, '/') + 1;
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */
	char *ret;

	if (!base && !site->env.home)
		return NULL;
	for (const char *p = site->cwd; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 0x100000001b3;
	if (asprintf(&ret, "%s%s/pcall/%.64s-%016" PRIx64, base ? base : site->env.home,
		     base ? "" : "/.cache", name, hash) < 0)
		return NULL;
	return ret;
}

/* Where a command is to run. One that is not here may be in a view: who starts it will see. */
static char *directory_name(const char *name)
{
	char *real = realpath(name, NULL);

	return !real && errno == ENOENT && name[0] == '/' ? strdup(name) : real;
}

int site_init(struct site *site, const char *chdir, const struct message *message)
{
	struct stat st;
	int r;

	site->cwd = chdir ? directory_name(chdir) : getcwd(NULL, 0);
	if (chdir && site->cwd && stat(site->cwd, &st) == 0 && !S_ISDIR(st.st_mode)) {
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
	site->home = home_find();
	if (!site->home)
		return message_say(message, "out of memory");
	site->env.home = site->home;
	site->cache = cache_name(site);
	site->env.cache = site->cache;
	site->env.path = getenv("PATH");
	site->env.environment = (const char *const *)environ;
	r = site_search(site);
	if (r < 0)
		return message_say(message, "cannot find out where policies and homes are: %s",
				   strerror(-r));
	return 0;
}

/*
 * Whose the directory is stands beside it, where no box writes: another directory's hash can be the
 * same, if somebody looked for a name that has it.
 */
static int cache_claim(const struct site *site)
{
	char whose[PATH_MAX];
	cleanup_free char *mark = NULL;
	ssize_t n;

	if (asprintf(&mark, "%s.of", site->cache) < 0) {
		mark = NULL;
		return -ENOMEM;
	}
	if (symlink(site->cwd, mark) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	n = readlink(mark, whose, sizeof(whose));
	if (n < 0)
		return -errno;
	return (size_t)n == strlen(site->cwd) && memcmp(whose, site->cwd, (size_t)n) == 0 ? 0
											  : -EEXIST;
}

int site_make_cache(const struct site *site)
{
	cleanup_free char *path = site->cache ? strdup(site->cache) : NULL;

	if (!path)
		return site->cache ? -ENOMEM : -ENOENT;
	for (char *slash = path + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(path, 0700);
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	return cache_claim(site);
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

/* Each directory of a path below it. */
static int make_below(int tmp, const char *below)
{
	char path[PATH_MAX];
	size_t size = 0;

	while (*below) {
		size_t part = strcspn(below, "/"), rest = part + strspn(below + part, "/");

		if (size + rest >= sizeof(path))
			return -ENAMETOOLONG;
		memcpy(path + size, below, part);
		path[size + part] = '\0';
		if (part && mkdirat(tmp, path, 0700) < 0 && errno != EEXIST)
			return -errno;
		size += part;
		path[size++] = '/';
		below += rest;
	}
	return 0;
}

int site_make_views(const struct site *site, const struct policy *policy)
{
	/* Targets are canonical. */
	cleanup_free char *tmp = site->tmp_fd >= 0 ? realpath(site->tmp, NULL) : NULL;
	size_t count, size = tmp ? strlen(tmp) : 0;
	const struct policy_bind *binds = policy_binds(policy, &count);
	int r = site->tmp_fd >= 0 && !tmp ? -errno : 0;

	for (size_t i = 0; tmp && i < count && r == 0; i++)
		if (!strncmp(binds[i].target, tmp, size) && binds[i].target[size] == '/')
			r = make_below(site->tmp_fd, binds[i].target + size + 1);
	return r;
}

void site_pretend_tmp(struct site *site)
{
	site->tmp = tmp_template();
	site->env.tmp = site->tmp;
}

static bool is_below(const char *path, const char *directory)
{
	size_t size = strcmp(directory, "/") == 0 ? 0 : strlen(directory);

	return strncmp(path, directory, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

int site_pretend_cwd(struct site *site)
{
	for (size_t i = 0; site->precious[i]; i++) {
		char *below;

		if (!is_below(site->precious[i], site->cwd))
			continue;
		if (asprintf(&below, "%s/project", strcmp(site->cwd, "/") ? site->cwd : "") < 0)
			return -ENOMEM;
		free(site->cwd);
		site->cwd = below;
		site->env.cwd = below;
		return 1;
	}
	return 0;
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
	free(site->account);
	free(site->tmp);
	free(site->cache);
	free(site->search);
	free(site->directories);
	free(site->yielding);
	for (size_t i = 0; i < array_size(site->precious); i++)
		free(site->precious[i]);
	*site = (struct site)SITE_INIT;
}
