/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Views of views, and where the floor is: names that one level knows, in the terms of the
 * outermost.
 *
 * Places are compared by their letters alone, as trees: /a holds /a/b and not /ab. Two sorted lists
 * of trees that do not hold each other are cut in one pass, since a tree's names stand together.
 */
#include "policy/binds.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/pattern.h"
#include "policy/parts.h"
#include "policy/policy.h"

bool name_is_of_process(const char *name)
{
	static const char proc[] = "/proc/";
	size_t size = sizeof(proc) - 1;

	return strncmp(name, proc, size) == 0 &&
	       ((name[size] >= '0' && name[size] <= '9') || strncmp(name + size, "self", 4) == 0 ||
		strncmp(name + size, "thread-self", 11) == 0);
}

/* The directory, then the rest, which is "" or begins with a slash; in the arena. */
static int name_join(struct arena *arena, const char *directory, const char *rest, const char **ret)
{
	size_t size = strcmp(directory, "/") ? strlen(directory) : 0, more = strlen(rest);
	char *name;

	if (size + more >= PATH_MAX)
		return -ENAMETOOLONG;
	name = arena_alloc(arena, size + more + 2);
	if (!name)
		return -ENOMEM;
	memcpy(name, size + more ? directory : "/", size + more ? size : 1);
	memcpy(name + (size + more ? size : 1), rest, more + 1);
	*ret = name;
	return 0;
}

/* What follows the root in a path that is in it. */
static const char *rest_of(const char *path, const char *root)
{
	return path + (strcmp(root, "/") ? strlen(root) : 0);
}

struct composing {
	struct arena *arena;
	struct policy_bind *binds;
	size_t count;
};

static int add(struct composing *c, const struct policy_bind *bind)
{
	if (c->count == BINDS_MAX)
		return -E2BIG;
	c->binds[c->count++] = *bind;
	return 0;
}

/* The view that a name is seen through, or NULL. */
static const struct policy_bind *find_bind(const struct policy_bind *binds, size_t count,
					   const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (path_is_in(name, binds[i].name))
			return &binds[i];
	return NULL;
}

/* An inner view: its target is led on, and what lies bound below its target comes along. */
static int compose_one(struct composing *c, const struct policy_bind *inner, size_t inner_count,
		       const struct policy_bind *one, const struct policy_bind *outer,
		       size_t outer_count)
{
	const struct policy_bind *through = find_bind(outer, outer_count, one->target);
	struct policy_bind bind = *one;
	int r = 0;

	if (through) {
		r = name_join(c->arena, through->target, rest_of(one->target, through->name),
			      &bind.target);
		bind.writable = one->writable && through->writable;
	}
	r = r ? r : add(c, &bind);
	for (size_t i = 0; r == 0 && i < outer_count; i++) {
		if (strcmp(outer[i].name, one->target) == 0 ||
		    !path_is_in(outer[i].name, one->target))
			continue;
		r = name_join(c->arena, one->name, rest_of(outer[i].name, one->target), &bind.name);
		/* Another inner view may hide it. */
		if (r < 0 || find_bind(inner, inner_count, bind.name) != one)
			continue;
		bind.target = outer[i].target;
		bind.writable = one->writable && outer[i].writable;
		r = add(c, &bind);
	}
	return r;
}

int binds_compose(struct arena *arena, const struct policy_bind *inner, size_t inner_count,
		  const struct policy_bind *outer, size_t outer_count, struct policy_bind **ret,
		  size_t *ret_count)
{
	struct composing c = { .arena = arena };
	int r = 0;

	c.binds = arena_alloc(arena, BINDS_MAX * sizeof(*c.binds));
	if (!c.binds)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < inner_count; i++)
		r = compose_one(&c, inner, inner_count, &inner[i], outer, outer_count);
	for (size_t i = 0; r == 0 && i < outer_count; i++)
		if (!find_bind(inner, inner_count, outer[i].name))
			r = add(&c, &outer[i]);
	binds_sort(c.binds, c.count);
	*ret = c.binds;
	*ret_count = c.count;
	return r;
}

/* A root that lies below a view is the view's target, and a view below a root brings its target. */
static int root_places(struct arena *arena, const char *root, const struct policy_bind *binds,
		       size_t count, const char **places, size_t *ret_count)
{
	const struct policy_bind *through = find_bind(binds, count, root);
	size_t n = 0;
	int r = 0;

	places[n] = root;
	if (through)
		r = name_join(arena, through->target, rest_of(root, through->name), &places[n]);
	n++;
	for (size_t i = 0; i < count; i++)
		if (strcmp(binds[i].name, root) != 0 && path_is_in(binds[i].name, root))
			places[n++] = binds[i].target;
	*ret_count = n;
	return r;
}

int exec_places(struct arena *arena, const char *const *roots, size_t root_count,
		const struct policy_bind *binds, size_t bind_count, const char *const **ret,
		size_t *ret_count)
{
	const char **trees, **places;
	size_t count = 0;
	int r = 0;

	if (bind_count == 0 || root_count == 0) {
		*ret = roots;
		*ret_count = root_count;
		return 0;
	}
	/* No view lies below two of the trees, so there are at most so many places. */
	trees = arena_alloc(arena, root_count * sizeof(*trees));
	places = arena_alloc(arena, (root_count + bind_count) * sizeof(*places));
	if (!trees || !places)
		return -ENOMEM;
	memcpy(trees, roots, root_count * sizeof(*trees));
	root_count = places_normalise(trees, root_count);
	for (size_t i = 0; r == 0 && i < root_count; i++) {
		size_t more;

		r = root_places(arena, trees[i], binds, bind_count, places + count, &more);
		count += more;
	}
	*ret_count = r ? 0 : places_normalise(places, count);
	*ret = places;
	return r;
}

/* As the bytes, but a slash comes before everything: what a tree holds follows it at once. */
static int compare_names(const char *x, const char *y)
{
	while (*x && *x == *y) {
		x++;
		y++;
	}
	if (*x == *y)
		return 0;
	if (*x == '\0' || *y == '\0')
		return *x == '\0' ? -1 : 1;
	if (*x == '/' || *y == '/')
		return *x == '/' ? -1 : 1;
	return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
}

static int compare_places(const void *a, const void *b)
{
	return compare_names(*(const char *const *)a, *(const char *const *)b);
}

size_t places_normalise(const char **places, size_t count)
{
	size_t n = 0;

	if (count > 0)
		qsort(places, count, sizeof(*places), compare_places);
	for (size_t i = 0; i < count; i++)
		if (n == 0 || !path_is_in(places[i], places[n - 1]))
			places[n++] = places[i];
	return n;
}

size_t places_intersect(const char *const *a, size_t a_count, const char *const *b, size_t b_count,
			const char **ret)
{
	size_t i = 0, j = 0, n = 0;

	while (i < a_count && j < b_count) {
		if (path_is_in(b[j], a[i]))
			ret[n++] = b[j++];
		else if (path_is_in(a[i], b[j]))
			ret[n++] = a[i++];
		else if (compare_names(a[i], b[j]) < 0)
			i++;
		else
			j++;
	}
	return n;
}

bool resolve_view(const struct policy *policy, const char *path, char *ret, size_t size)
{
	const struct policy_bind *binds = policy->binds;
	const char *target = "";
	size_t target_size, path_size;

	for (size_t i = 0; i < policy->bind_count; i++) {
		if (!path_is_in(path, binds[i].name))
			continue;
		target = binds[i].target;
		path += strlen(binds[i].name);
		break;
	}
	if (strcmp(target, "/") == 0 && path[0] == '/')
		target = "";
	target_size = strlen(target);
	path_size = strlen(path);
	if (target_size + path_size >= size)
		return false;
	memcpy(ret, target, target_size);
	memcpy(ret + target_size, path, path_size + 1);
	return true;
}

/* The longest name first, so that the first that fits is the one. */
static int compare_binds(const void *a, const void *b)
{
	const struct policy_bind *x = a, *y = b;
	size_t n = strlen(x->name), m = strlen(y->name);

	return n != m ? (n < m ? 1 : -1) : strcmp(x->name, y->name);
}

void binds_sort(struct policy_bind *binds, size_t count)
{
	qsort(binds, count, sizeof(*binds), compare_binds);
}
