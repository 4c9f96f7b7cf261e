/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Killing by descent, and by tag. */
#ifndef ZYGOTE_KILL_TREE_H
#define ZYGOTE_KILL_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Kill everything that descends from pid, pid excluded, until nothing is left. Used by the zygote
 * on its own children (orphans come to it: it is a subreaper), and by the engine when the zygote
 * was killed. */
void reap_descendants(pid_t pid);

/* Every process whose soft RLIMIT_LOCKS is the tag of one that is looked for: all that belongs to
 * these children, wherever it hangs. */
enum reap_want {
	REAP_NOT,
	REAP_ONE,
	REAP_MANY, /* one of many, whose ends may take their time: whoever lives goes first */
};

struct reap_look {
	enum reap_want (*want)(uint32_t tag, void *data);
	void *data;
	uint8_t *known; /* whom looks have killed; NULL before the first */
};

/* Goes through /proc once and kills them, however many are looked for; does not wait for their
 * deaths. False: there is no /proc. @ret_fresh: is there one that no look before had killed? */
bool reap_look(struct reap_look *look, bool *ret_fresh);
void reap_look_end(struct reap_look *look);
/* Continues those that are in this process group, in one look, too. */
void reap_continue(const struct reap_look *look, pid_t group);
/* Calls @each with the soft RLIMIT_LOCKS of every process that has one a tag could be. */
void reap_each_tag(void (*each)(uint32_t tag, void *data), void *data);

#endif
