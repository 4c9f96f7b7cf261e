/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of a notification: who is asked, a level or the row. */
#ifndef ENGINE_DISPATCH_H
#define ENGINE_DISPATCH_H

struct receiver;
struct seccomp_notif;

/* Serves one notification: decode, judge, act, answer. */
void call_serve(struct receiver *receiver, const struct seccomp_notif *notification);

#endif
