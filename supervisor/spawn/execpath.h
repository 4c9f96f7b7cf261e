/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a command may mean. */
#ifndef SPAWN_EXECPATH_H
#define SPAWN_EXECPATH_H

/* The paths that a command may mean, as execvpe tries them: NULL at the end, to be freed with all
 * that it holds. */
int candidates_find(const char *name, const char *const *envp, char ***ret);
void candidates_free(char **candidates);

#endif
