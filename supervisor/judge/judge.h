/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers of a plain policy about names. */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "judge/verdict.h"
#include "judge/match.h"
#include "policy/memo.h"

/* By the matcher of a plain policy; folded, what takes away takes from other spellings,
 * too (fold.h); by the memo, or else by all layers. */
struct outcome judge_outcome(const struct policy *policy, const char *name);
struct outcome judge_folded(const struct policy *policy, const char *name);
/* Does it take something away? So does an `except`, but for that of a line that takes away. */
bool effect_takes(const struct policy *policy, const struct effect *effect);
typedef struct outcome judge_name(const struct policy *policy, const char *name);
struct outcome judge_remembered(const struct policy *policy, const char *name, judge_name *judge);
bool judge_hides_in(const struct policy *policy, const char *directory);
bool judge_gives_whole(const struct policy *policy, const char *directory, unsigned int rights);
/* A decision with the rule of its line; NO_LINE: none. */
struct verdict judge_decided(const struct policy *policy, enum decision decision, uint16_t line);
enum decision decision_of(const struct outcome *outcome, int bit);
/* hide is worse than deny, deny than ask, ask than allow. */
bool decision_worse(enum decision a, enum decision b);
/* Nothing could be found out: every right is denied, and nobody may take it for "no line says so".
 */
#define OUTCOME_UNKNOWN 0x8000
/* Folded, the outcome is another one. */
#define OUTCOME_FOLDS 0x4000
extern const struct outcome outcome_unknown;
struct verdict judge_verdict(const struct policy *policy, const struct outcome *outcome,
			     unsigned int want);

#endif
