/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What paths mean to a child, and the proof that they mean it.
 *
 * A path becomes a canonical name: no link, no "..", in the child's terms. The verdict is on that
 * name (R6). The name is then used with openat2(RESOLVE_NO_SYMLINKS): if the kernel gets there
 * without passing a link, the object is the one of that name; if not, the name was a wrong guess,
 * and the path is followed again. So no answer rests on what was read before: guesses may be cheap,
 * the proof is the kernel's.
 *
 * A relative path begins at an object: the directory that the caller stands in or has open is
 * pinned for the call, whatever name it goes by meanwhile, and what is beneath it is reached from
 * there. Its name is read before the verdict, or guessed, and read again after the act: if it is
 * another one, the verdict was on a name that means something else, and all is done again.
 *
 * A handler does: view_lookup (resolve, judge, pin), act on the pinned descriptors, place_deinit.
 */
#ifndef SUPERVISOR_VIEW_H
#define SUPERVISOR_VIEW_H

#include <fcntl.h>
#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include "base/procfs.h"

struct call;

enum view_flags {
	VIEW_FOLLOW = 1 << 0, /* a link as the last component is followed */
	VIEW_EMPTY = 1 << 1,  /* AT_EMPTY_PATH: "" (or NULL) is the descriptor itself */
	VIEW_PARENT =
		1
		<< 2, /* pin the directory that holds the last component, too: .parent and .last */
	VIEW_ABSENT = 1 << 3, /* the call may make it: it may be absent, .fd is -1 then */
	VIEW_NEW = 1 << 4,    /* with VIEW_ABSENT: it must be absent, else EEXIST */
	VIEW_QUIET = 1 << 5,  /* a refusal is not told: the deed's will be */
	VIEW_ACTS = 1 << 6,   /* the act changes something, which cannot be taken back */
};

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

/**
 * view_lookup - find what a path means, judge it, pin it
 * @dir: index of the directory descriptor argument, or -1 where the call has none
 * @path: index into call->path
 * @rights: enum right, all needed
 * @ret: PLACE_INIT before; place_deinit after, also on failure
 *
 * Returns 0, or a positive errno for the child, or a negative errno of ours. The verdict comes
 * before anything that would tell whether the object exists:
 *  - what may be looked up is as the kernel finds it. Only what is there can be refused: EACCES;
 *  - what may not be looked up is ENOENT, there or not, and EACCES for a call that would make it;
 *    EACCES, too, if a line denies what is asked for, and where a descriptor leads there.
 */
int view_lookup(struct call *call, int dir, int path, unsigned int flags, unsigned int rights,
		struct place *ret);

/* The same for a directory descriptor that is not an argument, and a path from elsewhere (a
 * sockaddr, say). */
int view_lookup_at(struct call *call, int dirfd, const char *path, unsigned int flags,
		   unsigned int rights, struct place *ret);

/*
 * Of a place that was looked up, pinned: does the path lead the kernel there, too, which knows no
 * views? By its object, so that it does not matter what lies between.
 */
bool view_is_kernels(struct call *call, int dirfd, const char *path, unsigned int flags,
		     struct place *place);

/* Judges one more right on a place that may be looked up, or be made (VIEW_PARENT | VIEW_ABSENT).
 * As view_lookup; PLACE_AGAIN as of a view_act. The refusal is told. */
int view_permit(struct call *call, struct place *place, unsigned int flags, unsigned int rights);

/* The kernel met a link on the way: the name was no proof, and the path is followed again. No
 * errno, so that nothing the kernel says can be taken for it. */
#define PLACE_AGAIN (-0x10000)

/*
 * What is done with a name once it is judged: pin it, or open it. Returns 0, an errno for the
 * child, or PLACE_AGAIN.
 */
typedef int view_act(struct call *call, struct place *place, void *data);

/**
 * view_resolve - look a path up, judge it, and act on it
 * @resolve: RESOLVE_* of openat2 as the child gave them, 0 for other calls
 * @tell: the right that a refusal is told as
 *
 * view_lookup is this with an act that pins.
 */
int view_resolve(struct call *call, int dirfd, const char *path, unsigned int flags,
		 uint64_t resolve, unsigned int rights, unsigned int tell, view_act *act,
		 void *data, struct place *place);

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

#endif
