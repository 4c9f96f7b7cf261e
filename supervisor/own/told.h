/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who asked to be told who writes to it (SO_PASSCRED): sockets of all children of one tree, by
 * their inodes. What is written to one of them its writer has to send itself (own/own_message.h),
 * which takes longer; so it is asked first whether a message goes to one.
 *
 * Who is at the other end of a socket the kernel tells by a socket of its own (unix_diag(7)). Where
 * that is not to be had, or too many have asked, every message counts as one that goes there.
 * Nothing is judged by this: it is what is told that would be wrong.
 */
#ifndef OWN_TOLD_H
#define OWN_TOLD_H

#include <stdbool.h>

struct told;

struct told *told_new(void);
/* Takes NULL. */
void told_free(struct told *told);

/* This local socket asks, and, if it listens or is about to (@accepts), what it accepts. */
void told_note(struct told *told, int socket, bool accepts);
/* Has anybody asked yet? */
bool told_is_asked(const struct told *told);
/* Does the other end of this one ask, as far as anybody knows? */
bool told_asked(struct told *told, int socket);

#endif
