/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers of a plain policy about addresses, hosts, abstract sockets and methods. */
#ifndef JUDGE_JUDGE_ADDRESS_H
#define JUDGE_JUDGE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/address.h"
#include "judge/verdict.h"

/* An address and, if @host is given, the name that it was found by. */
struct verdict judge_address(const struct policy *policy, enum verb verb,
			     const struct address *address, const char *host, policy_lookup *lookup,
			     void *data, const struct sockaddr *sa);

struct verdict judge_abstract(const struct policy *policy, const char *name, size_t size);
struct verdict judge_method(const struct policy *policy, const char *name);
bool judge_names_hosts(const struct policy *policy);
void judge_each_host(const struct policy *policy, void (*each)(void *data, const char *host),
		     void *data);

#endif
