/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies in files: found by name, read once each, in no circles. */
#include "policyc/load.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/arena.h"
#include "common/cleanup.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policyc/complain.h"
#include "policyc/nearest.h"
#include "policyc/parse.h"
#include "policyc/parse_objects.h"
#include "policyc/disk/reader.h"
#include "policyc/disk/witness.h"

#define SUFFIX	      ".policy"
#define USE_DEPTH_MAX 8

/* Complains about the `use` that led here: a line of a file, or the caller's word. */
static int use_fail(struct parser *from, struct policy_error *error, int code, const char *name,
		    const char *hint, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

static int use_fail(struct parser *from, struct policy_error *error, int code, const char *name,
		    const char *hint, const char *format, ...)
{
	const struct place alone = { .source = name };
	char message[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return complain(error, code, from ? &from->place : &alone,
			from ? from->words.word[1].column : 0, hint, "%s%s%s", from ? name : "",
			from ? ": " : "", message);
}

static bool has_climb(const char *path)
{
	for (size_t n; *path; path += n + (path[n] == '/')) {
		n = strcspn(path, "/");
		if (n == 2 && memcmp(path, "..", 2) == 0)
			return true;
	}
	return false;
}

/* A path is a policy's own, or stands beside the policy that uses it. */
static int find_path(struct policy *policy, struct parser *from, const char *name, const char **ret,
		     struct policy_error *error)
{
	const char *base = from && from->file ? from->file->path : NULL;
	const char *slash = base ? strrchr(base, '/') : NULL;
	size_t prefix = slash && name[0] != '/' ? (size_t)(slash + 1 - base) : 0;
	char *path;

	if (prefix && strncmp(name, "./", 2) == 0)
		name += 2;
	if (from && has_climb(name))
		return use_fail(from, error, -EINVAL, name, NULL,
				"a policy uses nothing through \"..\"");
	path = arena_alloc(&policy->arena, prefix + strlen(name) + 1);
	if (!path)
		return -ENOMEM;
	if (prefix)
		memcpy(path, base, prefix);
	memcpy(path + prefix, name, strlen(name));
	*ret = path;
	return 0;
}

/* The name of the policy in the file @file, or false. */
static bool policy_name_of(const char *file, char *ret, size_t size)
{
	size_t n = strlen(file);

	if (n <= strlen(SUFFIX) || strcmp(file + n - strlen(SUFFIX), SUFFIX) != 0)
		return false;
	n -= strlen(SUFFIX);
	if (n >= size)
		return false;
	memcpy(ret, file, n);
	ret[n] = '\0';
	return true;
}

static void find_nearest(const struct policy *policy, struct nearest *nearest)
{
	for (const char *const *d = policy->env.directories; *d; d++) {
		cleanup_dir DIR *dir = opendir(*d);
		const struct dirent *entry;
		char name[64];

		while (dir && (entry = readdir(dir)))
			if (policy_name_of(entry->d_name, name, sizeof(name)))
				nearest_try(nearest, name);
	}
}

static bool is_plain_name(const char *name)
{
	return name[0] && name[0] != '.' && strlen(name) < 64 &&
	       name[strspn(name,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] ==
		       '\0';
}

static int find_name(struct policy *policy, struct parser *from, const char *name, const char **ret,
		     struct policy_error *error)
{
	const char *closed = NULL;
	struct nearest nearest;
	struct stat st;

	if (!is_plain_name(name))
		return use_fail(from, error, -EINVAL, name, NULL,
				"a policy's name has letters, digits, . _ and - only");
	for (const char *const *d = policy->env.directories; *d; d++) {
		size_t size = strlen(*d) + strlen(name) + sizeof(SUFFIX) + 1;
		char *path = arena_alloc(&policy->arena, size);

		if (!path)
			return -ENOMEM;
		snprintf(path, size, "%s/%s" SUFFIX, *d, name);
		if (witness_stat(policy->env.witness, path, &st) == 0 ||
		    (errno != ENOENT && errno != ENOTDIR && errno != EACCES)) {
			*ret = path;
			return 0;
		}
		/* What may not be looked into, as a home in a box, is passed by. */
		if (errno == EACCES && !closed)
			closed = *d;
	}
	nearest_init(&nearest, name);
	find_nearest(policy, &nearest);
	if (closed)
		return use_fail(
			from, error, -ENOENT, name, nearest.best,
			"there is no policy of this name where it may be looked for; %s may not "
			"be looked into",
			closed);
	return use_fail(from, error, -ENOENT, name, nearest.best,
			"there is no policy of this name");
}

/* "a -> b -> a" */
static int circle(struct parser *from, struct policy_error *error, const struct policy_file *top,
		  const char *name)
{
	char chain[512] = "";
	size_t n = 0;

	for (const struct policy_file *f = from->file; f; f = f->user) {
		char longer[512];
		int size = snprintf(longer, sizeof(longer), "%s -> %s", f->name, chain);

		if ((size_t)size >= sizeof(longer))
			break;
		memcpy(chain, longer, (size_t)size + 1);
		n = (size_t)size;
		if (f == top)
			break;
	}
	snprintf(chain + n, sizeof(chain) - n, "%s", top ? top->name : name);
	return use_fail(from, error, -ELOOP, name, NULL,
			top ? "policies use each other in a circle: %s"
			    : "policies use each other more than 8 deep: %s",
			chain);
}

static int check_chain(struct parser *from, struct policy_error *error, const char *name,
		       const struct reader_file *file)
{
	unsigned int depth = 1;

	for (const struct policy_file *f = from ? from->file : NULL; f; f = f->user) {
		if (f->device == file->device && f->inode == file->inode)
			return circle(from, error, f, name);
		if (++depth > USE_DEPTH_MAX)
			return circle(from, error, NULL, name);
	}
	return 0;
}

static struct policy_file *find_file(const struct policy *policy, const struct reader_file *read)
{
	for (size_t i = 0; i < policy->file_count; i++)
		if (policy->files[i]->device == read->device &&
		    policy->files[i]->inode == read->inode)
			return policy->files[i];
	return NULL;
}

static bool policy_yields(const struct policy *policy, const char *path)
{
	for (const char *const *d = policy->env.yielding; *d; d++) {
		size_t size = strlen(*d);

		if (strncmp(path, *d, size) == 0 && path[size] == '/' &&
		    !strchr(path + size + 1, '/'))
			return true;
	}
	return false;
}

static struct policy_file *add_file(struct policy *policy, const char *path,
				    const struct reader_file *read, struct policy_file *user)
{
	const char *slash, *base;
	struct policy_file *file = arena_alloc(&policy->arena, sizeof(*file));
	char name[64];

	if (!file || !path ||
	    array_grow(&policy->files, &policy->file_room, policy->file_count,
		       sizeof(*policy->files)) < 0)
		return NULL;
	slash = strrchr(path, '/');
	base = slash ? slash + 1 : path;
	if (policy_name_of(base, name, sizeof(name)))
		base = name;
	file->path = path;
	file->name = arena_copy(&policy->arena, base, strlen(base));
	file->device = read->device;
	file->inode = read->inode;
	file->user = user;
	file->yields = policy_yields(policy, path);
	policy->files[policy->file_count++] = file;
	return file->name ? file : NULL;
}

/* The lines stay where they were read: each line end becomes a NUL. */
static int parse_file(struct parser *parser, const struct reader_file *read)
{
	for (size_t i = 0, n; i < read->size; i += n + 1) {
		char *end = memchr(read->bytes + i, '\n', read->size - i);
		int r;

		n = end ? (size_t)(end - read->bytes) - i : read->size - i;
		if (end)
			*end = '\0';
		parser->place.line++;
		parser->place.text = read->bytes + i;
		r = parse_line(parser, n);
		if (r < 0)
			return r;
	}
	if (parser->versioned)
		return 0;
	parser->place.text = NULL;
	parser->place.line = 1;
	return complain(parser->error, -EINVAL, &parser->place, 1, NULL,
			"the first line of a policy is \"policy 1\", and here is none");
}

int policy_load(struct policy *policy, struct parser *from, const char *name,
		struct policy_error *error)
{
	struct parser parser = { .policy = policy, .error = error, .use = load_used };
	struct reader_file read;
	const char *path = NULL, *why;
	int r;

	r = strchr(name, '/') ? find_path(policy, from, name, &path, error)
			      : find_name(policy, from, name, &path, error);
	if (r < 0)
		return r;
	r = reader_load(path, &policy->arena, &read, &why);
	if (r < 0)
		return use_fail(from, error, r, path, NULL, "%s", why ? why : strerror(-r));
	witness_file(policy->env.witness, path, read.bytes, read.size);
	r = check_chain(from, error, name, &read);
	if (r < 0)
		return r;
	parser.file = find_file(policy, &read);
	if (!parser.file) {
		parser.file = add_file(policy, path, &read, from ? from->file : NULL);
		if (!parser.file)
			return -ENOMEM;
		parser.place.source = path;
		r = parse_file(&parser, &read);
	}
	if (r == 0 && !from) {
		parser.file->named = true;
		policy->about = parser.file->about;
	}
	return r;
}

int load_used(struct parser *from, const char *name)
{
	return policy_load(from->policy, from, name, from->error);
}
