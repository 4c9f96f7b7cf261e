/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the filter would have said of a call, had nobody asked to see it: see decide.c. */
#ifndef SUPERVISOR_DECIDE_H
#define SUPERVISOR_DECIDE_H

#include <stdbool.h>
#include "confine/sysrow.h"

enum decided {
	DECIDED_ALLOW,
	DECIDED_PRETEND,
	DECIDED_ERROR, /* of Linux's own */
	DECIDED_REFUSE,
	DECIDED_NOTIFY,
};

struct refusal {
	int error;
	const char *what; /* NULL: the call as such, or with this argument */
	int arg;	  /* -1: none */
	bool lacking;	  /* see struct sysrow */
};

/* By registers alone, as the kernel does. *ret: of DECIDED_REFUSE, and the error of DECIDED_ERROR.
 */
enum decided row_decide(const struct sysrow *row, const union arg args[6], unsigned int features,
			struct refusal *ret);

#endif
