/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Traits: one row each for those of prctl. */
#include "zygote/proc_attrs.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include "common/cleanup.h"

#ifndef PR_SET_MDWE /* 6.3 */
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#endif

enum {
	NOT_RANDOM = 1u << 31, /* the trait that is no prctl */
	MDWE = 1 << 0,	       /* PR_MDWE_REFUSE_EXEC_GAIN */
};

/* One that is off is turned off where there is a value for that; some have no way back. */
static const struct {
	int get, set;
	unsigned long which; /* of several that one option is about; else it is not passed */
	int on_is;	     /* the bit of what one gets */
	unsigned long on, off;
	bool many, must; /* must: it takes away, and without it there is no child */
} rows[] = {
	{PR_GET_THP_DISABLE,	      PR_SET_THP_DISABLE,	  0,			     1,		1,			   0,	      false, false},
	{ PR_GET_MDWE,	       PR_SET_MDWE,		    0,		       MDWE,	     MDWE,		   0,	      false, true },
	{ PR_GET_SPECULATION_CTRL, PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS,	  PR_SPEC_DISABLE,
	  PR_SPEC_DISABLE,												    PR_SPEC_ENABLE, true,	 true },
	{ PR_GET_SPECULATION_CTRL, PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS,
	  PR_SPEC_FORCE_DISABLE,								       PR_SPEC_FORCE_DISABLE, 0,		   true,	 true },
	{ PR_GET_SPECULATION_CTRL, PR_SET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH,
	  PR_SPEC_DISABLE,									     PR_SPEC_DISABLE,	    PR_SPEC_ENABLE, true,  true },
	{ PR_GET_SPECULATION_CTRL, PR_SET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH,
	  PR_SPEC_FORCE_DISABLE,								       PR_SPEC_FORCE_DISABLE, 0,		   true,	 true },
};

struct traits traits_tell(void)
{
	struct traits ret = { .known = NOT_RANDOM };
	int slack = prctl(PR_GET_TIMERSLACK, 0L, 0L, 0L, 0L);

	for (size_t i = 0; i < array_size(rows); i++) {
		int is = prctl(rows[i].get, rows[i].which, 0L, 0L, 0L);

		ret.known |= is >= 0 ? 1u << i : 0;
		ret.set |= is >= 0 && is & rows[i].on_is ? 1u << i : 0;
	}
	if (personality(0xffffffff) & ADDR_NO_RANDOMIZE)
		ret.set |= NOT_RANDOM;
	ret.timer_slack = slack > 0 ? (uint64_t)slack : 0;
	return ret;
}

static int row_take(size_t i, bool on)
{
	unsigned long value = on ? rows[i].on : rows[i].off;
	int is = prctl(rows[i].get, rows[i].which, 0L, 0L, 0L);

	if (is >= 0 && on == ((is & rows[i].on_is) != 0))
		return 0;
	if (rows[i].many)
		return !value ? 0 : prctl(rows[i].set, rows[i].which, value, 0L, 0L);
	return prctl(rows[i].set, value, 0L, 0L, 0L);
}

int traits_take(const struct traits *traits)
{
	for (size_t i = 0; i < array_size(rows); i++) {
		bool on = traits->set & 1u << i;

		if (traits->known & 1u << i && row_take(i, on) < 0 && on && rows[i].must)
			return -errno;
	}
	if (traits->known & NOT_RANDOM) {
		unsigned long is =
			(unsigned long)personality(0xffffffff) & ~(unsigned long)ADDR_NO_RANDOMIZE;

		personality(is | (traits->set & NOT_RANDOM ? ADDR_NO_RANDOMIZE : 0));
	}
	if (traits->timer_slack)
		prctl(PR_SET_TIMERSLACK, (unsigned long)traits->timer_slack, 0L, 0L, 0L);
	return 0;
}
