/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies that were read before. */
#include "run/image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "common/io.h"
#include "run/run.h"
#include "policy/image_read.h"
#include "policyc/disk/witness.h"

#define KEPT_MAX  64 /* entries */
#define ENTRY_MAX ((size_t)4 << 20)
#define NAME_SIZE 32
#define TMP_SIZE  13		     /* "/pcall-XXXXXX" */
#define MAGIC	  0x314b4d49706c6c63 /* "cllpIMK1" */

/* The head of an entry. Behind it the key, the name of the private directory, the image, and the
 * witness. */
struct head {
	uint64_t magic;
	uint64_t sum; /* of all behind it */
	uint32_t key, tmp, image, witness;
	uint32_t uses_tmp, uses_cache;
};

/* --- the key ---------------------------------------------------------------------------------- */

static void key_add(FILE *key, const char *what, const char *value)
{
	fprintf(key, "%s %s%s%c", what, value ? "=" : "-", value ? value : "", '\0');
}

static void key_add_all(FILE *key, const char *what, const char *const *values)
{
	for (; values && *values; values++)
		key_add(key, what, *values);
}

/* The private directory has another name each time, of the same length. */
static void key_add_tmp(FILE *key, const char *tmp)
{
	cleanup_free char *parent = tmp ? strndup(tmp, strlen(tmp) - 6) : NULL;

	key_add(key, "tmp", parent);
}

/* Another build of ours may read lines otherwise. */
static bool key_add_program(FILE *key)
{
	cleanup_free char *path = realpath("/proc/self/exe", NULL);
	struct stat st;

	if (!path || stat("/proc/self/exe", &st) < 0)
		return false;
	key_add(key, "program", path);
	fprintf(key, "%ju %ju %jd %jd.%09ld%c", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino,
		(intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, '\0');
	return true;
}

static bool key_fill(FILE *key, const struct run *run)
{
	const struct run_options *o = &run->options;
	const struct policy_env *env = &run->site.env;

	key_add(key, "version", PCALL_VERSION);
	fprintf(key, "%ju %ju %" PRIx64 "%c", (uintmax_t)geteuid(), (uintmax_t)getegid(),
		o->keep_caps, '\0');
	key_add(key, "cwd", env->cwd);
	key_add(key, "home", env->home);
	key_add(key, "account", run->site.account);
	key_add(key, "cache", env->cache);
	key_add(key, "PATH", env->path);
	key_add_tmp(key, env->tmp);
	key_add_all(key, "directory", env->directories);
	key_add_all(key, "yielding", env->yielding);
	key_add_all(key, "precious", env->precious);
	key_add(key, "config", getenv("XDG_CONFIG_HOME"));
	key_add(key, "path", getenv("PCALL_POLICY_PATH"));
	for (size_t i = 0; i < o->policies_count; i++)
		key_add(key, "use", o->policies[i]);
	for (size_t i = 0; i < o->rules_count; i++) {
		key_add(key, "flag", o->rules[i].flag);
		key_add(key, "line", o->rules[i].line);
	}
	return key_add_program(key);
}

static bool key_make(struct run *run)
{
	FILE *key = open_memstream(&run->kept.key, &run->kept.key_size);
	bool made = key && key_fill(key, run);

	made = key && fclose(key) == 0 && made;
	if (!made)
		run->kept.key_size = 0;
	return made;
}

/* FNV-1a by words: for names of files, and against what a disk loses. */
static uint64_t sum_of(const char *bytes, size_t size)
{
	uint64_t h = 0xcbf29ce484222325, word = 0;

	for (; size >= sizeof(word); size -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		h = (h ^ word) * 0x100000001b3;
		h ^= h >> 32;
	}
	word = 0;
	memcpy(&word, bytes, size);
	h = (h ^ word ^ size << 56) * 0x100000001b3;
	return h ^ h >> 32;
}

static void entry_name(const struct kept_image *kept, char ret[NAME_SIZE])
{
	snprintf(ret, NAME_SIZE, "%016" PRIx64, sum_of(kept->key, kept->key_size));
}

/* --- finding ---------------------------------------------------------------------------------- */

static bool is_ours(const struct stat *st, mode_t type)
{
	return (st->st_mode & S_IFMT) == type && st->st_uid == geteuid() &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* Below a directory of ours, and through no link: a box that may write there could have made one.
 */
static int below_open(int directory, const char *name)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};
	cleanup_fd int fd = (int)syscall(SYS_openat2, directory, name, &how, sizeof(how));
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && is_ours(&st, S_IFDIR) ? steal_fd(&fd) : -1;
}

/* Where they are kept, and made where it was not. Nothing is made where the home, or the directory
 * of caches, is not there or somebody else's. */
static int directory_open(const struct kept_image *kept)
{
	cleanup_free char *base = strndup(kept->directory, kept->base_size);
	cleanup_fd int fd = base ? open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	const char *at = kept->directory + kept->base_size;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !is_ours(&st, S_IFDIR))
		return -1;
	while (*at++ == '/') {
		char name[16];
		int below;

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, "/"), at);
		mkdirat(fd, name, 0700);
		below = below_open(fd, name);
		close(fd);
		fd = below;
		if (fd < 0)
			return -1;
		at += strlen(name);
	}
	return steal_fd(&fd);
}

/* An entry, whole; NULL: there is none that counts. */
static char *entry_load(const struct kept_image *kept, size_t *ret_size)
{
	cleanup_fd int directory = directory_open(kept), fd = -1;
	cleanup_free char *bytes = NULL;
	char name[NAME_SIZE];
	struct stat st;

	if (directory < 0)
		return NULL;
	entry_name(kept, name);
	fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !is_ours(&st, S_IFREG) || st.st_nlink != 1 ||
	    st.st_size < (off_t)sizeof(struct head) || st.st_size > (off_t)ENTRY_MAX)
		return NULL;
	*ret_size = (size_t)st.st_size;
	bytes = malloc(*ret_size);
	return bytes && read_whole(fd, bytes, *ret_size) ? steal_pointer(&bytes) : NULL;
}

static bool head_is_right(const struct head *head, const char *entry, size_t size)
{
	size_t sum_from = offsetof(struct head, key);

	return head->magic == MAGIC && head->key <= size && head->tmp <= size &&
	       head->image <= size && head->witness <= size &&
	       sizeof(*head) + (size_t)head->key + head->tmp + head->image + head->witness ==
		       size &&
	       head->sum == sum_of(entry + sum_from, size - sum_from);
}

/*
 * The private directory of then, wherever it is named, is that of now. By its own name alone, which
 * no other has, and which stays where links above it are followed.
 */
static void rename_tmp(char *bytes, size_t size, const char *before, const char *now)
{
	char *end = bytes + size;

	while ((bytes = memmem(bytes, (size_t)(end - bytes), before, TMP_SIZE))) {
		memcpy(bytes, now, TMP_SIZE);
		bytes += TMP_SIZE;
	}
}

/* Takes an entry apart. */
static bool entry_take(struct run *run, char *entry, size_t size, struct policy_uses *ret)
{
	struct kept_image *kept = &run->kept;
	const char *tmp_now = run->site.tmp ? run->site.tmp : "";
	char *tmp, *image, *witness;
	struct head head;
	size_t read;

	memcpy(&head, entry, sizeof(head));
	if (!head_is_right(&head, entry, size) || head.key != kept->key_size ||
	    memcmp(entry + sizeof(head), kept->key, head.key) != 0 || head.tmp != strlen(tmp_now))
		return false;
	tmp = entry + sizeof(head) + head.key;
	image = tmp + head.tmp;
	witness = image + head.image;
	read = witness_read_size(witness, head.witness);
	if (!witness_holds(witness, read, run->site.env.environment))
		return false;
	if (head.tmp >= TMP_SIZE)
		rename_tmp(image, head.image + (size_t)head.witness, tmp + head.tmp - TMP_SIZE,
			   tmp_now + head.tmp - TMP_SIZE);
	*ret = (struct policy_uses){ .tmp = head.uses_tmp, .cache = head.uses_cache };
	kept->image = image;
	kept->image_size = head.image;
	kept->names = witness + read;
	kept->names_size = head.witness - read;
	return true;
}

/* Where they are kept; NULL: nowhere. A name that a line of a policy could not say would not be
 * denied. */
static char *directory_name(const struct run *run, size_t *ret_base)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = run->site.env.home;
	char *ret = NULL;

	base = base && base[0] == '/' ? base : NULL;
	if ((!base && !home) ||
	    asprintf(&ret, "%s%s/pcall/images", base ? base : home, base ? "" : "/.cache") < 0)
		return NULL;
	*ret_base = strlen(base ? base : home);
	if (!policy_word_is_plain(ret))
		free(steal_pointer(&ret));
	return ret;
}

bool kept_image_find(struct run *run, struct policy_uses *ret)
{
	struct kept_image *kept = &run->kept;
	size_t size;

	/* In a box there is no time to gain: what is read there is read where it is. */
	if (run->options.dry_run || !policy_process_is_used())
		return false;
	kept->directory = directory_name(run, &kept->base_size);
	if (!kept->directory || !key_make(run))
		return false;
	kept->entry = entry_load(kept, &size);
	return kept->entry && entry_take(run, kept->entry, size, ret);
}

bool kept_image_read(struct run *run, struct policy **ret)
{
	struct policy_error why;

	return policy_names_hold(run->kept.names, run->kept.names_size, run->site.env.environment,
				 run->options.keep_caps) &&
	       policy_image_read_within(&image_own, run->kept.image, run->kept.image_size,
					&run->site.env, ret, &why) == 0;
}

/* --- keeping ---------------------------------------------------------------------------------- */

/* The oldest goes where there are too many. */
static void directory_prune(int directory)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_dir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char oldest[NAME_SIZE] = "";
	struct timespec when = { 0 };
	const struct dirent *entry;
	struct stat st;
	size_t count = 0;

	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= NAME_SIZE ||
		    fstatat(directory, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (count++ &&
		    (st.st_mtim.tv_sec > when.tv_sec ||
		     (st.st_mtim.tv_sec == when.tv_sec && st.st_mtim.tv_nsec >= when.tv_nsec)))
			continue;
		when = st.st_mtim;
		memcpy(oldest, entry->d_name,
		       strlen(entry->d_name) + 1); /* has room, as was seen */
	}
	if (count > KEPT_MAX)
		unlinkat(directory, oldest, 0);
}

/* Whole or not at all, whoever does the same meanwhile. */
static void entry_write(int directory, const char *name, const char *bytes, size_t size)
{
	char new[NAME_SIZE];
	cleanup_fd int fd = -1;

	snprintf(new, sizeof(new), ".new-%ld", (long)getpid());
	unlinkat(directory, new, 0); /* of one that had our number, and was killed */
	fd = openat(directory, new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (!write_whole(fd, bytes, size) || renameat(directory, new, directory, name) < 0)
		unlinkat(directory, new, 0);
}

void kept_image_put(const struct run *run, const struct policy_found *found)
{
	const struct kept_image *kept = &run->kept;
	const char *tmp = run->site.tmp ? run->site.tmp : "";
	struct head head = {
		.magic = MAGIC,
		.key = (uint32_t)kept->key_size,
		.tmp = (uint32_t)strlen(tmp),
		.image = (uint32_t)found->image_size,
		.witness = (uint32_t)found->witness_size,
		.uses_tmp = run->uses.tmp,
		.uses_cache = run->uses.cache,
	};
	size_t texts = found->image_size + found->witness_size;
	size_t size = sizeof(head) + kept->key_size + strlen(tmp) + texts;
	cleanup_free char *entry = NULL;
	cleanup_fd int directory = -1;
	char name[NAME_SIZE], *at;

	if (!kept->key_size || !found->image || size > ENTRY_MAX || !(entry = malloc(size)) ||
	    (directory = directory_open(kept)) < 0)
		return;
	at = mempcpy(entry, &head, sizeof(head));
	at = mempcpy(at, kept->key, kept->key_size);
	at = mempcpy(at, tmp, strlen(tmp));
	memcpy(at, found->image, texts);
	head.sum = sum_of(entry + offsetof(struct head, key), size - offsetof(struct head, key));
	memcpy(entry, &head, sizeof(head));
	entry_name(kept, name);
	entry_write(directory, name, entry, size);
	directory_prune(directory);
}

void kept_image_deinit(struct kept_image *kept)
{
	free(kept->directory);
	free(kept->key);
	free(kept->entry);
}
