/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both spellings of a parent-call become one: see common/carrier.h. */
#ifndef SUPERVISOR_CARRIER_H
#define SUPERVISOR_CARRIER_H

struct child;
struct receiver;
struct seccomp_notif;

/**
 * carrier_unpack - make a call that came by a carrier what it would be by its own number
 *
 * Rewrites number and words in @notification, before anything looks at them; what did not come by a
 * carrier, or has no head, stays as it is. 0, or the errno for the caller: its words cannot be
 * read.
 */
int carrier_unpack(struct receiver *receiver, struct child *child,
		   struct seccomp_notif *notification);

#endif
