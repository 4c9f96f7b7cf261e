/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of pcall: one file for each group of commands, one row for each command in main.c. */
#ifndef PCALL_WORDS_H
#define PCALL_WORDS_H

#include <stddef.h>
#include "policy/policy.h"
#include "program/message.h"
#include "program/site.h"

/* Exit statuses besides 0 and EXIT_OURS. */
enum {
	EXIT_NO = 1, /* a policy is wrong, a test failed, something is not allowed, there is a
			difference */
};

struct pcall {
	struct message message; /* its program is "pcall" */
	struct site site;
};

/* Each gets the words behind its name, NULL at the end, and returns the exit status. */
int pcall_policy_list(struct pcall *pcall, char **args);
int pcall_policy_check(struct pcall *pcall, char **args);
int pcall_policy_show(struct pcall *pcall, char **args);
int pcall_policy_test(struct pcall *pcall, char **args);
int pcall_policy_diff(struct pcall *pcall, char **args);
int pcall_why(struct pcall *pcall, char **args);
int pcall_doctor(struct pcall *pcall, char **args);
/* Of the process that runs them, and so without a site. */
int word_call(struct pcall *pcall, char **args);
int word_methods(struct pcall *pcall, char **args);
int word_inside(struct pcall *pcall, char **args);

/* The policies of these names as one, sealed; says what is wrong. 0 or an exit status. */
int pcall_load(struct pcall *pcall, const char *const *names, size_t count, struct policy **ret);

#endif
