/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Variables. */
#include "policyc/expand.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/cleanup.h"
#include "common/glob.h"
#include "policy/policy.h"
#include "policyc/nearest.h"
#include "policyc/disk/witness.h"

/* An expanded word is no longer than this: longer than any path. */
#define EXPANDED_MAX 16384

struct output {
	char *bytes;
	size_t size;
	bool full;
};

static void put(struct output *out, char c)
{
	if (out->size + 1 < EXPANDED_MAX)
		out->bytes[out->size++] = c;
	else
		out->full = true;
}

static void put_value(struct output *out, const char *value, enum expand how)
{
	for (; *value; value++) {
		if (how != EXPAND_TEXT && glob_is_special(*value))
			put(out, '\\');
		put(out, *value);
	}
}

static int fail(struct expand_failure *failure, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct expand_failure *failure, size_t offset, const char *format, ...)
{
	va_list args;

	failure->offset = offset;
	va_start(args, format);
	vsnprintf(failure->why, sizeof(failure->why), format, args);
	va_end(args);
	return -EINVAL;
}

static const char *value_of(const struct policy_env *env, const char *name, size_t size)
{
	if (size == 3 && memcmp(name, "cwd", 3) == 0)
		return env->cwd;
	if (size == 4 && memcmp(name, "home", 4) == 0)
		return env->home;
	if (size == 3 && memcmp(name, "tmp", 3) == 0)
		return env->tmp;
	if (size == 5 && memcmp(name, "cache", 5) == 0)
		return env->cache;
	return witness_variable(env->witness, env->environment, name, size);
}

static void hint_at(const struct policy_env *env, const char *name, size_t size,
		    struct expand_failure *failure)
{
	static const char *const own[] = { "cwd", "home", "tmp", "cache" };
	char word[64], candidate[64];
	struct nearest nearest;
	const char *const *e;

	snprintf(word, sizeof(word), "%.*s", (int)(size < 63 ? size : 63), name);
	nearest_init(&nearest, word);
	for (size_t i = 0; i < array_size(own); i++)
		nearest_try(&nearest, own[i]);
	for (e = env->environment; e && *e; e++) {
		size_t n = strcspn(*e, "=");

		if (n >= sizeof(candidate))
			continue;
		memcpy(candidate, *e, n);
		candidate[n] = '\0';
		nearest_try(&nearest, candidate);
	}
	memcpy(failure->hint, nearest.best, sizeof(failure->hint));
}

/* Puts in the variable at text[*i], which begins with "${", and steps over it. */
static int put_variable(struct output *out, const struct policy_env *env, const char *text,
			size_t *i, enum expand how, struct expand_failure *failure)
{
	const char *name = text + *i + 2, *end = strchr(name, '}'), *value;
	size_t size = end ? (size_t)(end - name) : 0, at = *i;

	if (!end)
		return fail(failure, at, "no } ends this variable");
	for (size_t j = 0; j < size; j++)
		if (!strchr("_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
			    name[j]))
			return fail(failure, at,
				    "a variable's name has letters, digits and _ only");
	value = value_of(env, name, size);
	if (!value || size == 0) {
		hint_at(env, name, size, failure);
		return fail(failure, at, "there is no variable ${%.*s}", (int)size, name);
	}
	if (how == EXPAND_PATH && at == 0 && value[0] != '/')
		return fail(failure, at, "the value of ${%.*s} is no absolute path: \"%s\"",
			    (int)size, name, value);
	put_value(out, value, how);
	*i += size + 3;
	return 0;
}

/* What stands before a path that does not begin with /. */
static int put_start(struct output *out, const struct policy_env *env, const char *text, size_t *i,
		     struct expand_failure *failure)
{
	const char *start = env->cwd;

	if (text[0] == '/' || strncmp(text, "${", 2) == 0)
		return 0;
	if (text[0] == '~') {
		if (text[1] != '\0' && text[1] != '/')
			return fail(failure, 0, "only ~/ is known, not other people's homes");
		if (!env->home)
			return fail(failure, 0, "there is no home directory");
		start = env->home;
		*i = 1;
	} else if (strncmp(text, "**", 2) == 0 && (text[2] == '\0' || text[2] == '/')) {
		start = "";
	}
	if (*i == 0 && !start)
		return fail(failure, 0, "there is no ${cwd} for this to begin at");
	put_value(out, start, EXPAND_PATH);
	put(out, '/');
	return 0;
}

static int expand_to(struct output *out, const struct policy_env *env, const char *text,
		     enum expand how, struct expand_failure *failure)
{
	size_t i = 0;
	int r = 0;

	if (text[0] == '\0' && how == EXPAND_PATH)
		return fail(failure, 0, "this word is empty");
	if (how == EXPAND_PATH)
		r = put_start(out, env, text, &i, failure);
	while (r == 0 && text[i]) {
		if (text[i] == '$' && text[i + 1] == '{') {
			r = put_variable(out, env, text, &i, how, failure);
			continue;
		}
		/* $HOME would be a name in the cwd, and the rule about nothing */
		if (text[i] == '$')
			return fail(failure, i,
				    "a variable is written ${NAME}, the byte itself \\$");
		if (text[i] == '\\') {
			if (how != EXPAND_TEXT)
				put(out, '\\');
			i++;
		}
		put(out, text[i++]);
	}
	if (r == 0 && out->full)
		r = fail(failure, 0, "this is longer than any path");
	return r;
}

/* Most words of most policies are absolute paths, and mean what they say. */
static bool is_plain(const char *text, enum expand how)
{
	size_t size = strcspn(text, "$\\");

	return size < EXPANDED_MAX - 1 && text[size] == '\0' &&
	       (how != EXPAND_PATH || text[0] == '/');
}

int expand(struct arena *arena, const struct policy_env *env, const char *text, enum expand how,
	   char **ret, struct expand_failure *failure)
{
	cleanup_free char *bytes = NULL;
	struct output out = { 0 };
	int r;

	failure->offset = 0;
	failure->why[0] = failure->hint[0] = '\0';
	if (is_plain(text, how)) {
		*ret = arena_copy(arena, text, strlen(text));
		return *ret ? 0 : -ENOMEM;
	}
	out.bytes = bytes = malloc(EXPANDED_MAX);
	if (!bytes)
		return -ENOMEM;
	r = expand_to(&out, env, text, how, failure);
	if (r < 0)
		return r;
	*ret = arena_copy(arena, bytes, out.size);
	return *ret ? 0 : -ENOMEM;
}
