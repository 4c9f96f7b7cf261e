/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines and their objects, as they are added to a policy. */
#include "policy/parts.h"

#include <errno.h>
#include <string.h>

#include "common/arena.h"
#include "common/cleanup.h"

int policy_add(struct policy *policy, struct line *line)
{
	int r;

	if (policy->count == LINES_MAX)
		return -E2BIG;
	r = array_grow(&policy->lines, &policy->room, policy->count, sizeof(*policy->lines));
	if (r < 0)
		return r;
	line->index = (uint16_t)policy->count;
	policy->lines[policy->count++] = line;
	return 0;
}

struct item *line_item(struct policy *policy, struct line *line, size_t room)
{
	struct item *items;

	if (line->count == line->room) {
		room = line->room ? 2 * line->room : room;
		items = arena_alloc(&policy->arena, room * sizeof(*items));
		if (!items)
			return NULL;
		if (line->count)
			memcpy(items, line->items, line->count * sizeof(*items));
		line->items = items;
		line->room = room;
	}
	return &line->items[line->count++];
}

int collect_rules(struct policy *policy)
{
	policy->rules = arena_alloc(&policy->arena, (policy->count + 1) * sizeof(*policy->rules));
	if (!policy->rules)
		return -ENOMEM;
	for (size_t i = 0; i < policy->count; i++)
		policy->rules[i] = &policy->lines[i]->rule;
	policy->rule_count = policy->count;
	return 0;
}

bool is_env_name(const char *name, size_t size, bool glob)
{
	static const char letters[] = "_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	if (size == 0 || (name[0] >= '0' && name[0] <= '9'))
		return false;
	for (size_t i = 0; i < size; i++)
		if (!memchr(letters, name[i], sizeof(letters) - 1) &&
		    !(name[i] >= '0' && name[i] <= '9') && !(glob && name[i] == '*'))
			return false;
	return true;
}

bool is_method_byte(char c)
{
	return c != '\0' &&
	       strchr("_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-*", c);
}
