/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers of a plain policy about trees that change their name. */
#ifndef JUDGE_JUDGE_MOVE_H
#define JUDGE_JUDGE_MOVE_H

#include <stdbool.h>

#include "judge/verdict.h"

struct verdict judge_move(const struct policy *policy, const char *from, const char *to,
			  bool folded);
unsigned int judge_move_gains(const struct policy *policy, const char *from, const char *to);

#endif
