/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file system whose file "stall" cannot be read: whoever touches a page of it waits, until it is
 * released. And whoever closes its file "close", from when that was read first. What a hung server
 * of files is, made by hand. While somebody waits there is a file "held" beside the mount.
 */
#ifndef TESTS_ATTACK_STALL_H
#define TESTS_ATTACK_STALL_H

/* Mounts it, in a mount namespace that is ours, with a server that dies with us. A byte written to
 * *ret_release, or its end, releases all. 0 or a negative errno. */
int stall_mount(const char *directory, int *ret_release);

#endif
