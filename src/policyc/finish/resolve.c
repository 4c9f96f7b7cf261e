/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where names lead when the policy is finished: symbolic links, bare names of commands.
 *
 * The child's names are resolved as the child will see them: a bound name leads one level up, and
 * below /proc nothing is resolved that depends on who asks.
 */
#include "policyc/finish/resolve.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/arena.h"
#include "common/cleanup.h"
#include "common/pattern.h"
#include "policy/binds.h"
#include "policy/parts.h"
#include "policyc/disk/witness.h"

/* As Linux: path_resolution(7). */
#define LINKS_MAX 40
#define KNOWN_MAX 509
#define ROOM	  (2 * PATH_MAX)

struct resolving {
	char out[ROOM];	  /* canonical so far; "" is the root */
	char rest[ROOM];  /* components to come */
	char given[ROOM]; /* as it was spelled */
	char there[ROOM]; /* what out means one level up */
	char target[PATH_MAX];
	unsigned int link_count;
	bool missing;		      /* out does not exist: the rest is taken as it is spelled */
	const char *known[KNOWN_MAX]; /* see known_slot */
};

/* Rules name the same directories again and again: what was seen to be no link. */
static const char **known_slot(struct policy *policy, const char *path)
{
	uint32_t h = 0;

	while (*path)
		h = h * 31 + (unsigned char)*path++;
	return &policy->resolving->known[h % KNOWN_MAX];
}

static bool is_known(struct policy *policy, const char *path)
{
	const char *known = *known_slot(policy, path);

	return known && strcmp(known, path) == 0;
}

static int remember(struct policy *policy, const char *path)
{
	char *copy = arena_copy(&policy->arena, path, strlen(path));

	if (!copy)
		return -ENOMEM;
	*known_slot(policy, path) = copy;
	return 0;
}

/* /proc/self and the like mean the child, which is not there yet. */
static bool depends_on_asker(const char *out, const char *name, size_t size)
{
	if (strcmp(out, "/proc") != 0)
		return false;
	return isdigit((unsigned char)name[0]) || (size == 4 && !memcmp(name, "self", 4)) ||
	       (size == 11 && !memcmp(name, "thread-self", 11));
}

static size_t count_slashes(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

static struct link *link_new(struct policy *policy, const char *path)
{
	struct link *link = arena_alloc(&policy->arena, sizeof(*link));

	if (!link)
		return NULL;
	link->path = arena_copy(&policy->arena, path, strlen(path));
	link->pattern.parts =
		arena_alloc(&policy->arena, (count_slashes(path) + 1) * sizeof(struct part));
	if (!link->path || !link->pattern.parts)
		return NULL;
	link->pattern.count = path_cut(link->path, link->pattern.parts);
	link->pattern.literal = link->pattern.count;
	return link;
}

/* out is a symbolic link to the first n bytes of target: they come next. Returns 0, -ELOOP or
 * -ENOMEM. */
static int follow(struct policy *policy, struct resolving *s, struct item *item, size_t parent,
		  size_t n)
{
	struct link *link = link_new(policy, s->out);
	size_t rest = strlen(s->rest);

	if (!link)
		return -ENOMEM;
	if (n == 0 || n == sizeof(s->target) || n + rest + 2 > ROOM || s->link_count++ == LINKS_MAX)
		return -ELOOP;
	link->next = item->links;
	item->links = link;
	memmove(s->rest + n + 1, s->rest, rest + 1);
	memcpy(s->rest, s->target, n);
	s->rest[n] = '/';
	s->out[s->target[0] == '/' ? 0 : parent] = '\0';
	return 0;
}

/* Takes one component off the rest. */
static int advance(struct policy *policy, struct resolving *s, struct item *item)
{
	size_t skip = strspn(s->rest, "/"), size = strcspn(s->rest + skip, "/");
	size_t parent = strlen(s->out);
	char name[NAME_MAX + 1] __attribute__((uninitialized));
	ssize_t n;

	if (size > NAME_MAX || parent + size + 2 > ROOM)
		return -ELOOP;
	memcpy(name, s->rest + skip, size);
	name[size] = '\0';
	memmove(s->rest, s->rest + skip + size, strlen(s->rest + skip + size) + 1);
	if (size == 0 || strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		char *slash = strrchr(s->out, '/');

		if (slash)
			*slash = '\0';
		return 0;
	}
	s->missing = s->missing || depends_on_asker(s->out, name, size);
	s->out[parent] = '/';
	memcpy(s->out + parent + 1, name, size + 1);
	if (s->missing || is_known(policy, s->out))
		return 0;
	if (!resolve_view(policy, s->out, s->there, sizeof(s->there)))
		return -ELOOP;
	n = witness_readlink(policy->env.witness, s->there, s->target, sizeof(s->target));
	if (n >= 0)
		return follow(policy, s, item, parent, (size_t)n);
	if (errno == EINVAL) /* it is there, and no link */
		return remember(policy, s->out);
	s->missing = true;
	return 0;
}

/* real = the names of out, then the parts of the pattern from @from on. */
static int finish(struct policy *policy, const struct resolving *s, struct item *item, size_t from)
{
	size_t more = item->pattern.count - from, names;
	struct pattern *real = &item->real;
	char *out;

	item->found = true;
	if (strcmp(s->out, s->given) == 0)
		return 0;
	out = arena_copy(&policy->arena, s->out, strlen(s->out));
	real->parts = arena_alloc(&policy->arena,
				  (count_slashes(s->out) + more + 1) * sizeof(*real->parts));
	if (!out || !real->parts)
		return -ENOMEM;
	names = path_cut(out, real->parts);
	memcpy(real->parts + names, item->pattern.parts + from, more * sizeof(*real->parts));
	real->count = names + more;
	real->literal = names + item->pattern.literal - from;
	item->followed = true;
	return 0;
}

int resolve_parts(struct policy *policy, struct item *item, size_t count)
{
	struct resolving *s = policy->resolving;
	size_t n = 0;
	int r = 0;

	if (!s) {
		s = policy->resolving = malloc(sizeof(*s));
		if (!s)
			return -ENOMEM;
		memset(s->known, 0, sizeof(s->known));
	}
	s->out[0] = s->rest[0] = '\0';
	s->link_count = 0;
	s->missing = false;
	for (size_t i = 0; i < count; i++) {
		const struct part *part = &item->pattern.parts[i];

		if (n + part->size + 2 > ROOM)
			return 0;
		s->rest[n++] = '/';
		memcpy(s->rest + n, part->text, part->size);
		n += part->size;
	}
	s->rest[n] = '\0';
	memcpy(s->given, s->rest, n + 1);
	while (r == 0 && s->rest[0])
		r = advance(policy, s, item);
	/* A name that leads nowhere is no error: it stands for itself. */
	if (r == -ELOOP)
		return 0;
	return r < 0 ? r : finish(policy, s, item, count);
}

/* Looks for a command in PATH; directories that are no absolute paths are passed over. */
static int find_command(struct policy *policy, struct item *item)
{
	const char *path = policy->env.path ? policy->env.path : "/usr/local/bin:/usr/bin:/bin";
	char candidate[PATH_MAX];
	struct link *names;

	for (size_t n; *path; path += n + (path[n] == ':')) {
		n = strcspn(path, ":");
		if (path[0] != '/' || n + strlen(item->text) + 2 > sizeof(candidate))
			continue;
		snprintf(candidate, sizeof(candidate), "%.*s/%s", (int)n, path, item->text);
		if (!witness_runs(policy->env.witness, candidate))
			continue;
		names = link_new(policy, candidate);
		if (!names)
			return -ENOMEM;
		item->pattern = names->pattern;
		item->found = true;
		return 0;
	}
	return 0;
}

int resolve_item(struct policy *policy, struct item *item)
{
	int r;

	if (item->kind == ITEM_COMMAND) {
		r = find_command(policy, item);
		if (r < 0 || !item->found)
			return r;
	}
	/* Until it is known better: no symbolic link, and it stands for itself. */
	item->found = !item->pattern.climbs;
	item->real = item->pattern;
	return resolve_parts(policy, item, item->pattern.literal);
}
