/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a path leads, and where it begins: what is pinned of both, and the names of it. */
#ifndef PATH_PLACE_H
#define PATH_PLACE_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct call;

enum place_kind {
	PLACE_NAMED,   /* .name is the object's name */
	PLACE_UNNAMED, /* pipe, socket, anonymous or deleted file, reached through a descriptor that
			  the child holds */
};

struct place {
	enum place_kind kind;
	int fd; /* O_PATH, or for an empty path the caller's own descriptor, pinned; -1: absent */
	int parent;	/* O_PATH directory; -1 unless VIEW_PARENT */
	bool directory; /* the path ended in "/": must be a directory */
	int held_mode;	/* PLACE_UNNAMED: O_ACCMODE of the descriptor that leads there; -1: O_PATH,
			   or unknown */
	bool lost;	/* PLACE_UNNAMED: .name is the one that it had (path/held.h) */
	bool guessed;	/* where .name begins is not proven yet: nothing may be changed by it */
	bool made;	/* the act has made something: it is not repeated */
	int at;		/* while it is acted on: .path begins at this directory, or at AT_FDCWD; */
	const char *path;	 /* borrowed, as .at: .real from there */
	const char *given;	 /* the path as the child wrote it; borrowed from the call */
	bool looked;		 /* .stat is what fd is */
	struct stat stat;	 /* see place_stat */
	char last[NAME_MAX + 1]; /* the last component of name */
	char name[PATH_MAX];	 /* canonical, in the child's terms: what is judged and shown */
	char real[PATH_MAX];	 /* the same at our level: what is opened */
};

#define PLACE_INIT                                                  \
	{                                                           \
		.fd = -1, .parent = -1, .at = AT_FDCWD, .path = "/" \
	}

/* The kernel met a link on the way: the name was no proof, and the path is followed again. No
 * errno, so that nothing the kernel says can be taken for it. */
#define PLACE_AGAIN (-0x10000)

/* openat2 of a name with proof: no link is passed. A descriptor, or negative: PLACE_AGAIN where one
 * was, or an errno. @ret_stat: what fstat says of it; may be NULL. For acts, as place_lstat. */
int place_openat2(const struct place *place, uint64_t flags, uint64_t mode, struct stat *ret_stat);

/* lstat of the name, without proof. 0, or -1 and errno. */
int place_lstat(const struct place *place, struct stat *ret);

/* What such a failure is to the child; PLACE_AGAIN stays. */
int place_error(int r);

/* What the pinned object is, as it was when it was pinned or is now: &place->stat, or NULL and
 * errno. */
const struct stat *place_stat(struct place *place);

/* As PLACE_INIT, for a place that is declared uninitialized: names are not cleared. */
void place_init(struct place *place);
void place_deinit(struct place *place);

/* Where the kernel is to begin. */
void place_start(struct place *place, int at, const char *path);
/* place_openat2 of what is no place. @real: the name that is shown. */
int proven_openat(int at, const char *path, const char *real, uint64_t flags, uint64_t mode,
		  struct stat *ret_stat);

/* Is this name one that the view binds? Like a mount point, it is not moved or removed: EBUSY. */
bool place_bound(const struct call *call, const struct place *place);

/* Where a path begins: a directory of the caller's, pinned, and the names it has. */
struct base {
	int dirfd;   /* the caller's number, or AT_FDCWD */
	int fd;	     /* -1: the path is absolute, and begins at "/" */
	bool proven; /* the name was read from fd, and not guessed */
	char real[PATH_MAX];
	char name[PATH_MAX]; /* for the child */
};

/* Opens the directory with this number of the caller's, where the path is relative. 0 or an errno,
 * as the others. */
int base_open(struct call *call, int dirfd, bool relative, struct base *base);
void base_close(struct call *call, struct base *base);
/* Takes ".." from the path where the directory has no name, and goes there. */
int base_climb(struct call *call, struct base *base, const char **path);
/* Finds its name; or, with @may_guess, what it was the last time. */
int base_name(struct call *call, struct base *base, bool may_guess);
/* Is its name what was judged? */
bool base_holds(const struct call *call, struct base *base);

/*
 * The name by the letters alone, where there is nothing in the path that needs following: no "..",
 * no view, not /proc. Links that were met before are read and put in (call/caller.h). Whether there
 * are others is the kernel's to say. False: the path is to be walked. @follow: a link as the last
 * component, too.
 */
bool lexical_name(const struct call *call, const char *base, const char *path, bool follow,
		  struct place *place);

/* Tells the caller why, where r says that a name is too long. Returns r. */
int name_told(struct call *call, int r);

#endif
