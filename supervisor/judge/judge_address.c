/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers about addresses, abstract sockets and methods: few rules, tried one by one. */
#include "judge/judge_address.h"

#include <netinet/in.h>
#include <string.h>

#include "common/address.h"
#include "common/glob.h"
#include "judge/verdict.h"
#include "policy/parts.h"
#include "policy/policy.h"
#include "policy/verbs.h"

/* Does an item of a rule fit what is asked about? @widely: in doubt it does. */
typedef bool item_fits(const void *asked, const struct item *item, bool widely);

static bool any_fits(const struct line *line, item_fits *fits, const void *asked, bool except,
		     bool widely)
{
	for (size_t i = 0; i < line->count; i++)
		if (line->items[i].except == except && fits(asked, &line->items[i], widely))
			return true;
	return false;
}

/* deny wins over allow, allow over ask; what an `except` carved out is denied by its line, and what
 * the `except` of a deny line names is not denied by that. */
static struct verdict judge_lines(const struct policy *policy, enum verb verb, item_fits *fits,
				  const void *asked)
{
	const struct rule *allow = NULL, *ask = NULL, *carved = NULL;

	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];
		bool taking = line->rule.verb == VERB_DENY && line->inner == verb;
		bool asking = line->rule.verb == VERB_ASK && line->inner == verb;

		if (!taking && !asking && line->rule.verb != verb)
			continue;
		if (!any_fits(line, fits, asked, false, taking))
			continue;
		if (taking && any_fits(line, fits, asked, true, false))
			continue;
		if (taking)
			return (struct verdict){ DECISION_DENY, &line->rule };
		if (asking)
			ask = ask ? ask : &line->rule;
		else if (any_fits(line, fits, asked, true, true))
			carved = carved ? carved : &line->rule;
		else
			allow = allow ? allow : &line->rule;
	}
	if (allow)
		return (struct verdict){ DECISION_ALLOW, allow };
	if (ask)
		return (struct verdict){ DECISION_ASK, ask };
	return (struct verdict){ DECISION_DENY, carved };
}

struct asked_address {
	const struct address *address;
	bool listen;
	const char *host; /* of a test line */
	policy_lookup *lookup;
	void *data;
	const struct sockaddr *sa;
};

/*
 * IPv4 addresses that a translator on the way takes out of IPv6 ones (RFC 6052, 8215, 3056, 4291,
 * 2765): where they stand, behind which prefix. The network of RFC 8215 may be parted further.
 */
static const struct {
	uint8_t prefix[12];
	uint8_t size;
	uint8_t at[4];
} translated[] = {
	{{ 0 },			     12, { 12, 13, 14, 15 }},
	{ { 0x00, 0x64, 0xff, 0x9b },	      12, { 12, 13, 14, 15 }},
	{ { 0x00, 0x64, 0xff, 0x9b, 0, 1 }, 6,  { 12, 13, 14, 15 }},
	{ { 0x00, 0x64, 0xff, 0x9b, 0, 1 }, 6,  { 6, 7, 9, 10 }   },
	{ { 0x00, 0x64, 0xff, 0x9b, 0, 1 }, 6,  { 7, 9, 10, 11 }	},
	{ { 0x00, 0x64, 0xff, 0x9b, 0, 1 }, 6,  { 9, 10, 11, 12 } },
	{ { [8] = 0xff, [9] = 0xff },	      12, { 12, 13, 14, 15 }},
	{ { 0x20, 0x02 },			  2,  { 2, 3, 4, 5 }    },
};

/* Does what the pattern takes away lie behind this address? */
static bool address_translates(const struct address_pattern *pattern, const struct address *address)
{
	for (size_t i = 0; i < sizeof(translated) / sizeof(translated[0]); i++) {
		struct address v4 = { .port = address->port };

		if (memcmp(address->bytes, translated[i].prefix, translated[i].size) != 0)
			continue;
		for (int j = 0; j < 4; j++)
			v4.bytes[j] = address->bytes[translated[i].at[j]];
		if (address_match(pattern, &v4))
			return true;
	}
	return false;
}

static bool address_fits(const void *data, const struct item *item, bool widely)
{
	const struct asked_address *asked = data;
	const struct address_pattern *pattern = item->address;

	if (item->kind != ITEM_ADDRESS || !address_match_port(pattern, asked->address->port))
		return false;
	if (asked->host)
		return pattern->kind == ADDRESS_ANY ||
		       (pattern->kind == ADDRESS_HOST && strcmp(pattern->host, asked->host) == 0);
	if (pattern->kind == ADDRESS_HOST)
		return asked->lookup ? asked->lookup(asked->data, pattern->host, asked->sa, widely)
				     : widely;
	if (widely && !asked->listen && asked->address->v6 && pattern->kind == ADDRESS_NET &&
	    !pattern->v6 && address_translates(pattern, asked->address))
		return true;
	return asked->listen && widely ? address_overlaps(pattern, asked->address)
				       : address_match(pattern, asked->address);
}

struct verdict judge_address(const struct policy *policy, enum verb verb,
			     const struct address *address, const char *host, policy_lookup *lookup,
			     void *data, const struct sockaddr *sa)
{
	struct asked_address asked = {
		.address = address,
		.listen = verb == VERB_LISTEN,
		.host = host,
		.lookup = lookup,
		.data = data,
		.sa = sa,
	};

	return judge_lines(policy, verb, address_fits, &asked);
}

struct asked_name {
	const char *name;
	size_t size;
};

static bool name_fits(const void *data, const struct item *item, bool widely)
{
	const struct asked_name *asked = data;

	(void)widely;
	return item->kind == ITEM_ABSTRACT &&
	       glob_match(item->text, strlen(item->text), asked->name, asked->size);
}

struct verdict judge_abstract(const struct policy *policy, const char *name, size_t size)
{
	struct asked_name asked = { name, size };

	return judge_lines(policy, VERB_UNIX, name_fits, &asked);
}

static bool method_fits(const void *data, const struct item *item, bool widely)
{
	const char *name = data;

	(void)widely;
	return item->kind == ITEM_NAME &&
	       glob_match(item->text, strlen(item->text), name, strlen(name));
}

struct verdict judge_method(const struct policy *policy, const char *name)
{
	return judge_lines(policy, VERB_METHOD, method_fits, name);
}

bool judge_names_hosts(const struct policy *policy)
{
	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];

		for (size_t j = 0; line->rule.verb == VERB_CONNECT && j < line->count; j++)
			if (!line->items[j].except && line->items[j].address->kind == ADDRESS_HOST)
				return true;
	}
	return false;
}

void judge_each_host(const struct policy *policy, void (*each)(void *data, const char *host),
		     void *data)
{
	for (size_t i = 0; i < policy->count; i++) {
		const struct line *line = policy->lines[i];

		if (line->rule.verb == VERB_TEST)
			continue;
		for (size_t j = 0; j < line->count; j++)
			if (line->items[j].kind == ITEM_ADDRESS &&
			    line->items[j].address->kind == ADDRESS_HOST)
				each(data, line->items[j].address->host);
	}
}
