/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a command runs, and so what the words of a policy mean: its directory, the home, a private
 * temporary directory, the directories of policies.
 */
#ifndef PROGRAM_SITE_H
#define PROGRAM_SITE_H

#include "policy/policy.h"
#include "program/message.h"

struct site {
	char *cwd;
	char *home;
	char *account; /* the home that the password file knows; NULL: none */
	char *tmp;     /* path of the private directory, or of one that could be; NULL: none */
	char *cache;   /* path of the directory that is kept; NULL: there is no home */
	int tmp_fd;    /* -1: it was not made */
	char *search;  /* what directories points into */
	const char **directories;
	const char *
		*yielding; /* of those: the ones named by PCALL_POLICY_PATH, and the installed */
	char *precious[8]; /* the root, the homes, where one's own and the machine's policies are */
	struct policy_env env;
};

#define SITE_INIT            \
	{                    \
		.tmp_fd = -1 \
	}

/* @chdir: the command's directory; NULL: the current one. Says what is wrong. 0 or an exit status.
 */
int site_init(struct site *site, const char *chdir, const struct message *message);
/* Gives the private directory a name that nobody can guess. Without one, ${tmp} is an error. */
void site_name_tmp(struct site *site);
/* Makes it: to make and remove one takes as long as all else does, so it is made for policies that
 * speak of it. 0 or a negative errno. */
int site_make_tmp(struct site *site);
/* The directories in it that this policy, finished, makes views of. */
int site_make_views(const struct site *site, const struct policy *policy);
/* Makes the directory of ${cache} if it is not there. 0 or a negative errno; -EEXIST: it is that of
 * another directory, whose name has the same hash. */
int site_make_cache(const struct site *site);
/* A name for ${tmp}, for those who only read policies. */
void site_pretend_tmp(struct site *site);
/* Removes the private directory and all that is in it. 0, or a negative errno and something is
 * left. */
int site_remove_tmp(struct site *site);
/* A directory below the current one for those who only read policies, where the current one is
 * more than a policy should give. Returns 1 where it is, 0, or -ENOMEM. */
int site_pretend_cwd(struct site *site);
/* policy_use, for which a name that ends in .policy is a path too. */
int site_use(struct policy *policy, const char *name, struct policy_error *error);
void site_deinit(struct site *site); /* calls site_remove_tmp */

#endif
