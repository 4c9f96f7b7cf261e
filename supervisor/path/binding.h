/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names in a child's terms and at our level: what the bindings of its policy make of one another,
 * and which processes are its own.
 */
#ifndef SUPERVISOR_BINDING_H
#define SUPERVISOR_BINDING_H

#include <stdbool.h>
#include <stddef.h>

struct call;
struct child;

/* Is name at or below directory? *ret_rest: what follows, "" or "/...". */
bool name_below(const char *name, const char *directory, const char **ret_rest);

/* A name in the child's terms → the name at our level (bindings done). False: it would be too long.
 */
bool view_real(const struct call *call, const char *name, char *ret_real, size_t size);

/* The name that policies know an object by: processes of the child's own are /proc/self. Returns
 * name or buffer. */
const char *view_judged(const struct call *call, const char *name, char *buffer, size_t size);

/* Is this a process in /proc, or in one? */
bool name_is_process(const char *name);

/* A name at our level as the child sees it (bindings undone, own processes as they are). False: it
 * has no name there. */
bool view_visible(const struct call *call, const char *real, char *ret_name, size_t size);

/* Somebody in the child goes to a directory by this name, whole, or runs a program by it: if that
 * has others as well, this one is shown from now on, and judged where a path begins there. */
void view_entered(struct child *child, const char *name);

/* The verdict on an object by both its names. Processes of others are hidden, whatever the policy
 * says. */
struct verdict view_judge(const struct call *call, const char *name, const char *real,
			  unsigned int rights);

#endif
