/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A record for each thing that was looked at: what kind of look, the name, what was found. Found is
 * an errno and some bytes, so that looking again and comparing is the same for all kinds.
 */
#include "policyc/disk/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/cleanup.h"
#include "policyc/disk/reader.h"

enum look {
	LOOK_STAT,
	LOOK_LINK,
	LOOK_RUNS,
	LOOK_FILE,
	LOOK_VARIABLE,
	LOOK_END, /* no look: reading has ended */
	LOOK_MAX,
};

struct head {
	uint32_t look;
	int32_t error;
	uint32_t name; /* bytes, without a NUL */
	uint32_t found;
};

static void put(struct witness *witness, const void *bytes, size_t size)
{
	memcpy(witness->bytes + witness->size, bytes, size);
	witness->size += size;
}

static void note(struct witness *witness, enum look look, const char *name, size_t name_size,
		 int error, const void *found, size_t size)
{
	const struct head head = { look, error, (uint32_t)name_size, (uint32_t)size };
	size_t more = sizeof(head) + name_size + size;

	if (!witness || witness->failed)
		return;
	if (witness->room - witness->size < more) {
		size_t room = 2 * witness->room + more + 4096;
		char *bytes = realloc(witness->bytes, room);

		if (!bytes) {
			witness->failed = true;
			return;
		}
		witness->bytes = bytes;
		witness->room = room;
	}
	put(witness, &head, sizeof(head));
	put(witness, name, name_size);
	put(witness, found, size);
}

int witness_stat(struct witness *witness, const char *path, struct stat *ret)
{
	int r = stat(path, ret), error = r < 0 ? errno : 0;
	mode_t type = r < 0 ? 0 : ret->st_mode & S_IFMT;

	note(witness, LOOK_STAT, path, strlen(path), error, &type, sizeof(type));
	errno = error;
	return r;
}

ssize_t witness_readlink(struct witness *witness, const char *path, char *ret, size_t size)
{
	ssize_t n = readlink(path, ret, size);
	int error = n < 0 ? errno : 0;

	note(witness, LOOK_LINK, path, strlen(path), error, ret, n < 0 ? 0 : (size_t)n);
	errno = error;
	return n;
}

static bool runs(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

bool witness_runs(struct witness *witness, const char *path)
{
	bool r = runs(path);

	note(witness, LOOK_RUNS, path, strlen(path), 0, &r, sizeof(r));
	return r;
}

void witness_file(struct witness *witness, const char *path, const char *bytes, size_t size)
{
	note(witness, LOOK_FILE, path, strlen(path), 0, bytes, size);
}

static const char *variable(const char *const *environment, const char *name, size_t size)
{
	for (const char *const *e = environment; e && *e; e++)
		if (strncmp(*e, name, size) == 0 && (*e)[size] == '=')
			return *e + size + 1;
	return NULL;
}

const char *witness_variable(struct witness *witness, const char *const *environment,
			     const char *name, size_t size)
{
	const char *value = variable(environment, name, size);

	note(witness, LOOK_VARIABLE, name, size, value ? 0 : ENOENT, value ? value : "",
	     value ? strlen(value) : 0);
	return value;
}

void witness_read_end(struct witness *witness)
{
	note(witness, LOOK_END, "", 0, 0, "", 0);
}

/* --- looking again ---------------------------------------------------------------------------- */

/* A record; @name ends in a NUL. */
struct record {
	struct head head;
	char name[2 * PATH_MAX];
	const char *found;
};

static bool same(const struct record *record, int error, const void *found, size_t size)
{
	return record->head.error == error && record->head.found == size &&
	       memcmp(record->found, found, size) == 0;
}

static bool holds_stat(const struct record *record, const char *const *environment)
{
	struct stat st;
	int r = stat(record->name, &st);
	mode_t type = r < 0 ? 0 : st.st_mode & S_IFMT;

	(void)environment;
	return same(record, r < 0 ? errno : 0, &type, sizeof(type));
}

static bool holds_link(const struct record *record, const char *const *environment)
{
	char target[PATH_MAX];
	ssize_t n = readlink(record->name, target, sizeof(target));

	(void)environment;
	return same(record, n < 0 ? errno : 0, target, n < 0 ? 0 : (size_t)n);
}

static bool holds_runs(const struct record *record, const char *const *environment)
{
	bool r = runs(record->name);

	(void)environment;
	return same(record, 0, &r, sizeof(r));
}

static bool holds_file(const struct record *record, const char *const *environment)
{
	struct arena arena = { 0 };
	struct reader_file file;
	const char *why;
	bool r = reader_load(record->name, &arena, &file, &why) == 0 &&
		 same(record, 0, file.bytes, file.size);

	(void)environment;
	arena_deinit(&arena);
	return r;
}

static bool holds_variable(const struct record *record, const char *const *environment)
{
	const char *value = variable(environment, record->name, record->head.name);

	return same(record, value ? 0 : ENOENT, value ? value : "", value ? strlen(value) : 0);
}

static bool holds_end(const struct record *record, const char *const *environment)
{
	(void)environment;
	return same(record, 0, "", 0);
}

static bool (*const looks[LOOK_MAX])(const struct record *record,
				     const char *const *environment) = {
	[LOOK_STAT] = holds_stat, [LOOK_LINK] = holds_link,	    [LOOK_RUNS] = holds_runs,
	[LOOK_FILE] = holds_file, [LOOK_VARIABLE] = holds_variable, [LOOK_END] = holds_end,
};

/* Takes the next record; its size, or 0: it is not whole. */
static size_t record_take(const char *bytes, size_t size, struct record *ret)
{
	size_t n = sizeof(ret->head);

	if (size < n)
		return 0;
	memcpy(&ret->head, bytes, n);
	if (ret->head.look >= LOOK_MAX || ret->head.name >= sizeof(ret->name) ||
	    size - n < ret->head.name || size - n - ret->head.name < ret->head.found)
		return 0;
	memcpy(ret->name, bytes + n, ret->head.name);
	ret->name[ret->head.name] = '\0';
	ret->found = bytes + n + ret->head.name;
	return n + ret->head.name + ret->head.found;
}

size_t witness_read_size(const char *bytes, size_t size)
{
	struct record record __attribute__((uninitialized));
	size_t at = 0, n;

	while ((n = record_take(bytes + at, size - at, &record))) {
		if (record.head.look == LOOK_END)
			break;
		at += n;
	}
	return at;
}

bool witness_holds(const char *bytes, size_t size, const char *const *environment)
{
	struct record record __attribute__((uninitialized));

	while (size) {
		size_t n = record_take(bytes, size, &record);

		if (n == 0 || !looks[record.head.look](&record, environment))
			return false;
		bytes += n;
		size -= n;
	}
	return true;
}
