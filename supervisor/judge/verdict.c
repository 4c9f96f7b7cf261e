/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is asked of a policy, and who answers: a plain one's lines (judge*.c), or those of all its
 * layers (layers.c), which ask each layer's.
 */
#include "judge/verdict.h"

#include <netinet/in.h>
#include <string.h>

#include "common/address.h"
#include "judge/judge.h"
#include "judge/judge_address.h"
#include "judge/judge_move.h"
#include "judge/layers.h"
#include "policy/matcher.h"
#include "policy/memo.h"
#include "policy/parts.h"
#include "policy/verbs.h"

bool verdict_is_said(struct verdict verdict)
{
	return rule_takes_away(verdict.rule);
}

static struct outcome joined(const struct policy *policy, const char *name)
{
	return join_outcome(policy, name, false);
}

static struct outcome remembered(const struct policy *policy, const char *name)
{
	return judge_remembered(policy, name, policy->layers ? joined : judge_outcome);
}

struct verdict policy_judge(const struct policy *policy, const char *name, unsigned int want)
{
	struct outcome outcome = remembered(policy, name);

	return judge_verdict(policy, &outcome, want);
}

struct verdict policy_judge_folded(const struct policy *policy, const char *name, unsigned int want)
{
	struct outcome outcome = outcome_unknown;

	if (policy->finished)
		outcome = policy->layers ? join_outcome(policy, name, true)
					 : judge_folded(policy, name);
	return judge_verdict(policy, &outcome, want);
}

static struct verdict carved(const struct policy *policy, const struct outcome *outcome,
			     unsigned int want)
{
	struct verdict verdict = { .decision = DECISION_ALLOW };

	if (outcome->decisions & OUTCOME_UNKNOWN)
		return judge_decided(policy, DECISION_DENY, NO_LINE);
	for (unsigned int left = want & RIGHTS_ALL; left; left &= left - 1) {
		int bit = __builtin_ctz(left);
		enum decision decision = decision_of(outcome, bit);

		if (decision == DECISION_HIDE)
			return judge_decided(policy, decision, outcome->line[bit]);
		if (decision == DECISION_DENY && outcome->line[bit] != NO_LINE)
			verdict = judge_decided(policy, decision, outcome->line[bit]);
	}
	verdict.folds = outcome->decisions & OUTCOME_FOLDS;
	return verdict;
}

struct verdict policy_judge_carved(const struct policy *policy, const char *name, unsigned int want)
{
	struct outcome outcome;

	if (policy->layers)
		policy = policy->layers[0].policy;
	outcome = remembered(policy, name);
	return carved(policy, &outcome, want);
}

struct verdict policy_judge_carved_folded(const struct policy *policy, const char *name,
					  unsigned int want)
{
	struct outcome outcome = outcome_unknown;

	if (policy->layers)
		policy = policy->layers[0].policy;
	if (policy->finished)
		outcome = judge_folded(policy, name);
	return carved(policy, &outcome, want);
}

unsigned int policy_rights(const struct policy *policy, const char *name)
{
	struct outcome outcome = remembered(policy, name);
	unsigned int rights = 0;

	for (int bit = 0; bit < RIGHT_COUNT; bit++)
		if (decision_of(&outcome, bit) == DECISION_ALLOW)
			rights |= 1U << bit;
	return rights;
}

bool policy_hides_in(const struct policy *policy, const char *directory)
{
	return policy->layers ? join_hides_in(policy, directory)
			      : judge_hides_in(policy, directory);
}

bool policy_gives_whole(const struct policy *policy, const char *directory, unsigned int rights)
{
	return policy->layers ? join_gives_whole(policy, directory, rights)
			      : judge_gives_whole(policy, directory, rights);
}

static struct verdict move(const struct policy *policy, const char *from, const char *to,
			   bool folded)
{
	return policy->layers ? join_judge_move(policy, from, to, folded)
			      : judge_move(policy, from, to, folded);
}

struct verdict policy_judge_move(const struct policy *policy, const char *from, const char *to)
{
	return move(policy, from, to, false);
}

struct verdict policy_judge_move_folded(const struct policy *policy, const char *from,
					const char *to)
{
	return move(policy, from, to, true);
}

unsigned int policy_move_gains(const struct policy *policy, const char *from, const char *to)
{
	return policy->layers ? join_move_gains(policy, from, to)
			      : judge_move_gains(policy, from, to);
}

/* The address as it was understood, for those who compare it with what names stand for. */
static void address_write(const struct address *address, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(address->port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(address->port) };

	memset(ret, 0, sizeof(*ret));
	memcpy(&in6.sin6_addr, address->bytes, 16);
	memcpy(&in.sin_addr, address->bytes, 4);
	if (address->v6)
		memcpy(ret, &in6, sizeof(in6));
	else
		memcpy(ret, &in, sizeof(in));
}

struct verdict policy_judge_address(const struct policy *policy, enum verb verb,
				    const struct sockaddr *address, socklen_t size,
				    policy_lookup *lookup, void *data)
{
	struct sockaddr_storage sa;
	struct address read;

	if (!policy->finished || (verb != VERB_CONNECT && verb != VERB_LISTEN) ||
	    address_read(address, size, &read) < 0)
		return (struct verdict){ DECISION_DENY, NULL };
	if (verb == VERB_CONNECT)
		address_normalise_peer(&read);
	address_write(&read, &sa);
	if (policy->layers)
		return join_judge_address(policy, verb, &read, lookup, data,
					  (struct sockaddr *)&sa);
	return judge_address(policy, verb, &read, NULL, lookup, data, (struct sockaddr *)&sa);
}

struct verdict policy_judge_abstract(const struct policy *policy, const char *name, size_t size)
{
	if (!policy->finished)
		return (struct verdict){ DECISION_DENY, NULL };
	return policy->layers ? join_judge_abstract(policy, name, size)
			      : judge_abstract(policy, name, size);
}

struct verdict policy_judge_method(const struct policy *policy, const char *name)
{
	if (!policy->finished || name[0] == '\0')
		return (struct verdict){ DECISION_DENY, NULL };
	return policy->layers ? join_judge_method(policy, name) : judge_method(policy, name);
}

bool policy_names_hosts(const struct policy *policy)
{
	return policy->layers ? join_names_hosts(policy) : judge_names_hosts(policy);
}

void policy_each_host(const struct policy *policy, void (*each)(void *data, const char *host),
		      void *data)
{
	if (policy->layers)
		join_each_host(policy, each, data);
	else
		judge_each_host(policy, each, data);
}
