/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Policies and rules as people read them. */
#ifndef PROGRAM_SHOW_H
#define PROGRAM_SHOW_H

struct policy;
struct rule;
struct text;

/* The whole of it as one policy file, each line with where it comes from. */
void show_policy(struct text *text, const struct policy *policy);
/* "(policy npm, /path/npm.policy:12)", or "(command line, --read)" */
void show_origin(struct text *text, const char *policy, const char *source, unsigned int line);
/* The middle of a message that says no: "  allow  --read X     or the line: read X" */
void show_allow(struct text *text, const char *flag, const char *line);

/* Where the right half of a message begins. */
#define SHOW_COLUMN 47

#endif
