/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The supervisor's own filter. A stage of confinement says what the process should and mustn't be
 * able to do after. */
#ifndef CONFINE_SELF_FILTER_H
#define CONFINE_SELF_FILTER_H

/* Should be able to make the system calls that serving children takes; mustn't exec, ptrace, load,
 * mount, or open a listener. For all threads, those still to come included; the zygote, made
 * before, is not touched. */
int confine_filter(void);

#endif
