/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pages of a child's processes that they can read, and that nobody but us can change: for a call
 * that a process is made to do (tracee.h) with words in memory that were judged.
 *
 * They are a file in memory that we alone have mapped to be written (F_SEAL_FUTURE_WRITE), mapped
 * in the process to be read, and sealed there (mseal, Linux 6.10): until its exec no thread of it
 * can put anything else in their place, or reach them by another address to write. That they are
 * what lies there is looked at after they were sealed, and asked of the kernel (PROCMAP_QUERY,
 * 6.11), not of the process.
 *
 * All processes of a child have the same pages, and see what is written for one of them. Who writes
 * holds them alone until the call is over.
 */
#ifndef OWN_SEALED_PAGE_H
#define OWN_SEALED_PAGE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/lock.h"

struct child;
struct tracee;

LOCK_KIND(sealed)

enum {
	SEALED_SIZE = 6 * 4096, /* of all of them */
};

struct sealed_page {
	int memfd;
	unsigned char *ours; /* the same to be written */
	uint64_t at;	     /* where they lie in the child's processes */
	uint64_t inode;
	dev_t device;
	atomic_bool lacking;	 /* the kernel, or what stands above us, knows no such thing */
	struct sealed_lock lock; /* held by who writes */
};

/* Those of the child, made when they are first asked for. 0; an errno: EOPNOTSUPP, ENOMEM. */
int sealed_page_get(struct child *child, struct sealed_page **ret);
/* Frees what the child has of them; nobody else knows the child any more. */
void sealed_page_free(struct child *child);

/* Does this process have something there? Else it is to be given the file before sealed_page_enter.
 */
bool sealed_page_is_there(const struct sealed_page *page, pid_t tid);

/*
 * The stopped one has them from now on. @fd: the file, a number of its own, which is closed; -1: it
 * had something there. 0 or an errno: EOPNOTSUPP, from now on for all; what its memory says.
 */
int sealed_page_enter(struct sealed_page *page, struct tracee *tracee, int64_t fd);

#endif
