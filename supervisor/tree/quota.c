/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What children may use together with those below them. */
#include "tree/quota.h"

#include <errno.h>
#include <stdlib.h>

int quota_new(struct quota *outer, struct quota **ret)
{
	struct quota *quota = calloc(1, sizeof(*quota));

	if (!quota)
		return -ENOMEM;
	quota->users = 1;
	quota->outer = outer ? quota_ref(outer) : NULL;
	*ret = quota;
	return 0;
}

struct quota *quota_ref(struct quota *quota)
{
	atomic_fetch_add(&quota->users, 1);
	return quota;
}

struct quota *quota_drop(struct quota *quota)
{
	while (quota && atomic_fetch_sub(&quota->users, 1) == 1) {
		struct quota *outer = quota->outer;

		free(quota);
		quota = outer;
	}
	return NULL;
}

bool quota_room(const struct quota *outer)
{
	for (; outer; outer = outer->outer)
		if (outer->children >= outer->children_most)
			return false;
	return true;
}

void quota_enter(struct quota *quota)
{
	while ((quota = quota->outer))
		quota->children++;
}

void quota_leave(struct quota *quota)
{
	while ((quota = quota->outer))
		quota->children--;
}

void quota_add_tasks(struct quota *quota, uint64_t tasks)
{
	for (; quota; quota = quota->outer)
		quota->tasks += tasks;
}

const char *quota_passed(const struct quota *quota, bool all, uint64_t now_ms)
{
	for (; quota; quota = all ? quota->outer : NULL) {
		if (quota->deadline_ms && now_ms >= quota->deadline_ms)
			return "time";
		if (quota->procs && quota->tasks > quota->procs)
			return "procs";
	}
	return NULL;
}

uint64_t quota_deadline(const struct quota *quota, bool all)
{
	uint64_t first = 0;

	for (; quota; quota = all ? quota->outer : NULL)
		if (quota->deadline_ms && (!first || quota->deadline_ms < first))
			first = quota->deadline_ms;
	return first;
}

bool quota_counts_tasks(const struct quota *quota, bool all)
{
	for (; quota; quota = all ? quota->outer : NULL)
		if (quota->procs)
			return true;
	return false;
}
