/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The homes that the password file knows, and what a start somewhere would give away of them. */
#ifndef PROGRAM_HOMES_H
#define PROGRAM_HOMES_H

#include <stdbool.h>

/*
 * The home that /etc/passwd gives this account, whatever HOME says: *@ret is NULL if it gives none,
 * else the caller frees it. No other source is asked: their libraries do not bear that memory ends.
 * A negative errno: it could not be read.
 */
int home_of_account(char **ret);

typedef bool home_lived_in(const char *home);

/*
 * What root, started at @path, could look into unasked: the first home of anybody's at or below it
 * in which somebody lives who may log in; or @path itself, if it lies in what such a home keeps out
 * of sight (~/.ssh).
 * @known: the home whose secrets a policy hides, or NULL. *@ret and the result are as above.
 */
int home_exposed(const char *path, const char *known, home_lived_in *lived_in, char **ret);

#endif
