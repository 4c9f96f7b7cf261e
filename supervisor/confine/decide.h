/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the filter would have said of a call, had nobody asked to see it: see decide.c. */
#ifndef SUPERVISOR_DECIDE_H
#define SUPERVISOR_DECIDE_H

#include "confine/sysrow.h"

enum decided {
	DECIDED_ALLOW,
	DECIDED_REFUSE,
	DECIDED_PRETEND,
	DECIDED_NOTIFY,
};

/* By registers alone, as the kernel does. *ret_error: of DECIDED_REFUSE. */
enum decided row_decide(const struct sysrow *row, const union arg args[6], unsigned int features,
			int *ret_error);

#endif
