/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Under `sealed` what may be written does not run. Name by name the judge sees to that; the floor
 * knows only whole trees, and execve's path is bounded by the floor. So a tree that may be written
 * is no root of execution, and one that may be written here and there cannot be bounded at all:
 * such a policy is refused, with the line that writes.
 */
#include "policyc/finish/check_wx.h"

#include <errno.h>
#include <string.h>

#include "common/glob.h"
#include "common/pattern.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policy/verbs.h"
#include "policyc/complain.h"

/* Could a name that @pattern matches lie below @root? That @root itself is none was judged. */
static bool may_be_below(const struct pattern *pattern, const char *root)
{
	for (size_t i = 0; i < pattern->count; i++) {
		const struct part *part = &pattern->parts[i];
		size_t size;

		root += strspn(root, "/");
		size = strcspn(root, "/");
		if (size == 0 || part->kind == PART_DEEP)
			return true;
		if (part->kind == PART_GLOB
			    ? !glob_match(part->text, part->size, root, size)
			    : part->size != size || memcmp(part->text, root, size) != 0)
			return false;
		root += size;
	}
	return false;
}

/* Nothing runs from these, whatever a rule says: their file systems are mounted so. */
static bool is_of_kernel(const struct pattern *pattern)
{
	const struct part *first = pattern->parts;

	return pattern->literal > 0 && ((first->size == 4 && !memcmp(first->text, "proc", 4)) ||
					(first->size == 3 && !memcmp(first->text, "sys", 3)));
}

static bool item_below(const struct item *item, const char *root)
{
	if (!item->found || item->except)
		return false;
	if (!item->pattern.climbs && !is_of_kernel(&item->pattern) &&
	    may_be_below(&item->pattern, root))
		return true;
	return item->followed && !item->tainted && !is_of_kernel(&item->real) &&
	       may_be_below(&item->real, root);
}

/* The objects of a line that may be written: of a view its target, which is what is written. */
static const struct item *written(const struct line *line, size_t *ret_count)
{
	*ret_count = 0;
	if (line->rule.verb == VERB_WRITE)
		*ret_count = line->count;
	else if (line->rule.verb == VERB_BIND && line->writable)
		*ret_count = 1;
	return line->rule.verb == VERB_BIND ? &line->items[1] : line->items;
}

int check_wx(const struct policy *policy, const char *root, struct policy_error *error)
{
	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];
		size_t count;
		const struct item *items = written(line, &count);

		for (size_t j = 0; j < count; j++)
			if (item_below(&items[j], root))
				return line_fail(error, -EINVAL, line, &items[j],
						 "\"sealed\" keeps what is written apart from what "
						 "runs: this may lie below %s, which an exec rule "
						 "names",
						 root);
	}
	return 0;
}
