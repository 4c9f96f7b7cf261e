/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of life_role share. */
#ifndef TESTS_NESTED_LIFE_ROLE_H
#define TESTS_NESTED_LIFE_ROLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include "supervisor.h"

extern atomic_int role_failed;

void role_check(bool holds, const char *file, const char *what, int line);

#define CHECK(expression) role_check(expression, __FILE_NAME__, #expression, __LINE__)

long role_call(const char *name, long word);
struct sv_answer role_forward(struct sv_call *call, void *data);
_Noreturn void role_stay(void);

/* life_role_exec.c */
void execs(const char *word);
void anew(const char *word);
void outlives(const char *word);

#endif
