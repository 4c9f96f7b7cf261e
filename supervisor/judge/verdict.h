/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is asked of a policy.
 *
 * Names are absolute and canonical from the child's point of view (policy/policy.h).
 */
#ifndef JUDGE_VERDICT_H
#define JUDGE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "policy/policy.h"

enum decision {
	DECISION_ALLOW,
	DECISION_DENY, /* EACCES, if verdict_is_said; else no line grants it, and it is not there */
	DECISION_HIDE, /* ENOENT */
	DECISION_ASK,  /* nobody to ask yet: as DENY, and the message says so */
};

struct verdict {
	enum decision decision;
	const struct rule *rule; /* the rule that decided; NULL: no rule allows it. Lives as long as
				    the policy */
	bool folds; /* where a file system takes other spellings for the same name, the verdict is
		       another one: policy_judge_folded */
};

/* Does a line refuse it, and not only none grant it? `except` does no more than not to grant. */
bool verdict_is_said(struct verdict verdict);

/**
 * policy_judge - may the object of this name be used so?
 * @name: canonical, in the child's terms
 * @want: rights, all of which are needed
 *
 * hide and deny win over every line that allows; ask loses to deny and yields to allow. The same
 * question is answered in about 100 ns: it is asked at every mediated call.
 */
struct verdict policy_judge(const struct policy *policy, const char *name, unsigned int want);

/*
 * The same where a file system does not compare names byte by byte (common/fold.h): what a line
 * takes away by any spelling that may be the same one is taken away. Not remembered: for the few
 * names of whose verdict ->folds is set, on such file systems.
 */
struct verdict policy_judge_folded(const struct policy *policy, const char *name,
				   unsigned int want);

/*
 * Only the lines that take away (hide, deny, except): for the second name of an object seen in a
 * view. That is a name of the outermost level, so of a joined policy only the outermost layer's
 * lines speak of it; what the others take away by their second names, policy_judge refused already.
 */
struct verdict policy_judge_carved(const struct policy *policy, const char *name,
				   unsigned int want);
struct verdict policy_judge_carved_folded(const struct policy *policy, const char *name,
					  unsigned int want);

/* The rights that the name has: the union of all for which policy_judge says ALLOW. */
unsigned int policy_rights(const struct policy *policy, const char *name);

/*
 * May a name directly in this directory not be there for the child, by a hide rule or an `except`?
 * false: its listing needs no filter.
 */
bool policy_hides_in(const struct policy *policy, const char *directory);

/*
 * Does whatever lies at or beneath this directory have all of these rights, with nothing carved
 * out? In doubt not.
 */
bool policy_gives_whole(const struct policy *policy, const char *directory, unsigned int rights);

/**
 * policy_judge_move - may the tree at @from become the tree at @to?
 *
 * A carve-out that could match something at or below @from must match the same thing at or below
 * @to, else renaming a directory would be the way around it. And one that takes RIGHT_WRITE and
 * could match at or below @to must have matched the same thing at or below @from, else what may not
 * be written would be written elsewhere and moved in. Says nothing about RIGHT_WRITE on either
 * name.
 */
struct verdict policy_judge_move(const struct policy *policy, const char *from, const char *to);
/* As policy_judge_folded: what may be carved out at one name has to be so, without a doubt, at the
 * other. */
struct verdict policy_judge_move_folded(const struct policy *policy, const char *from,
					const char *to);
/*
 * The rights that something at or below @from may have as something at or below @to, and has not
 * now. In doubt more: of a joined policy, what any layer gives.
 */
unsigned int policy_move_gains(const struct policy *policy, const char *from, const char *to);

/*
 * Addresses. VERB_CONNECT or VERB_LISTEN, AF_INET or AF_INET6 (v4-mapped is judged as v4).
 * @lookup is asked for each rule that names a host, whether the address is one that the name stands
 * for now. @widely: the rule takes away, so in doubt the answer is yes. Without a @lookup such
 * rules match, and those that allow do not.
 */
typedef bool policy_lookup(void *data, const char *host, const struct sockaddr *address,
			   bool widely);
struct verdict policy_judge_address(const struct policy *policy, enum verb verb,
				    const struct sockaddr *address, socklen_t size,
				    policy_lookup *lookup, void *data);

/* Does any connect rule name a host? Then, and only then, the resolver must be reachable. */
bool policy_names_hosts(const struct policy *policy);
/*
 * Calls @each with every host name of a connect rule. Of a joined policy only with those that the
 * outer layers name too, or that they do not care for (connect *): no level can have a name
 * resolved, and so tell something to the world, that its own policy says nothing of.
 */
void policy_each_host(const struct policy *policy, void (*each)(void *data, const char *host),
		      void *data);

/* unix rules for abstract names are written with a leading '@'; @name is without it and may hold
 * NUL. */
struct verdict policy_judge_abstract(const struct policy *policy, const char *name, size_t size);
/* May a method of this name, which a level above defines, be called? */
struct verdict policy_judge_method(const struct policy *policy, const char *name);

#endif
