/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A newborn's own side of its birth. */
#ifndef ZYGOTE_CHILD_H
#define ZYGOTE_CHILD_H

#include <sys/types.h>

/* From the clone to the exec: takes its order at this socket, and dies with its parent. */
_Noreturn void newborn_wait(int socket, pid_t parent);

#endif
