/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the home is: by the environment, and by the account. */
#ifndef COMMON_HOME_H
#define COMMON_HOME_H

/*
 * A home where nobody says which: $HOME; where that is missing or no absolute path, what the
 * password file says. Whoever has no home at all gets a name where nothing is: what a policy hides
 * there need not be hidden, and what it grants is not there. NULL: out of memory. The caller frees
 * it.
 */
char *home_find(void);

#endif
