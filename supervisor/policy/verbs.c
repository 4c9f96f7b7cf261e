/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Verbs: what a line of each gives, takes, and may have.
 *
 * A new verb is a row here, a value of enum verb, and a row of policyc/parse.c, which says what
 * words may follow it.
 */
#include "policy/verbs.h"

#include <stddef.h>

/* clang-format off */
static const struct verb_row rows[VERB_MAX] = {
	/*                name       verb          gives         deny takes                                          flags */
	[VERB_NONE]    = { "policy",  VERB_NONE,    0,            0,                                                  ROW_SILENT },
	[VERB_LIST]    = { "list",    VERB_LIST,    RIGHTS_LIST,  RIGHT_LIST | RIGHT_READ | RIGHT_WRITE | RIGHT_EXEC, ROW_EXCEPT | ROW_DENIABLE },
	[VERB_READ]    = { "read",    VERB_READ,    RIGHTS_READ,  RIGHT_READ | RIGHT_WRITE | RIGHT_EXEC,              ROW_EXCEPT | ROW_DENIABLE },
	[VERB_WRITE]   = { "write",   VERB_WRITE,   RIGHTS_WRITE, RIGHT_WRITE,                                        ROW_EXCEPT | ROW_DENIABLE },
	[VERB_EXEC]    = { "exec",    VERB_EXEC,    RIGHTS_EXEC,  RIGHT_EXEC,                                         ROW_EXCEPT | ROW_DENIABLE },
	[VERB_HIDE]    = { "hide",    VERB_HIDE,    0,            RIGHTS_ALL,                                         ROW_EXCEPT },
	[VERB_DENY]    = { "deny",    VERB_DENY,    0,            0,                                                  ROW_EXCEPT },
	[VERB_BIND]    = { "bind",    VERB_BIND,    0,            0,                                                  0 },
	[VERB_CONNECT] = { "connect", VERB_CONNECT, 0,            0,                                                  ROW_EXCEPT | ROW_DENIABLE },
	[VERB_LISTEN]  = { "listen",  VERB_LISTEN,  0,            0,                                                  ROW_EXCEPT | ROW_DENIABLE },
	[VERB_UNIX]    = { "unix",    VERB_UNIX,    RIGHTS_UNIX,  RIGHT_UNIX,                                         ROW_EXCEPT | ROW_DENIABLE },
	[VERB_DEV]     = { "dev",     VERB_DEV,     RIGHTS_DEV,   RIGHT_DEV,                                          ROW_EXCEPT | ROW_DENIABLE },
	[VERB_ENV]     = { "env",     VERB_ENV,     0,            0,                                                  0 },
	[VERB_LIMIT]   = { "limit",   VERB_LIMIT,   0,            0,                                                  0 },
	[VERB_METHOD]  = { "method",  VERB_METHOD,  0,            0,                                                  ROW_EXCEPT | ROW_DENIABLE },
	[VERB_ASK]     = { "ask",     VERB_ASK,     0,            0,                                                  0 },
	[VERB_SEALED]  = { "sealed",  VERB_SEALED,  0,            0,                                                  0 },
	[VERB_TEST]    = { "test",    VERB_TEST,    0,            0,                                                  0 },
	[VERB_USE]     = { "use",     VERB_USE,     0,            0,                                                  ROW_SILENT },
	[VERB_ABOUT]   = { "about",   VERB_ABOUT,   0,            0,                                                  ROW_SILENT },
};
/* clang-format on */

const struct verb_row *verb_row(enum verb verb)
{
	return &rows[verb];
}

const char *verb_name(enum verb verb)
{
	if (verb <= VERB_NONE || verb >= VERB_MAX)
		return "none";
	return rows[verb].name;
}

enum verb right_verb(unsigned int right)
{
	static const struct {
		unsigned int right;
		enum verb verb;
	} strongest[] = {
		{RIGHT_DEV,    VERB_DEV  },
		   { RIGHT_UNIX,	 VERB_UNIX },
		      { RIGHT_WRITE, VERB_WRITE},
		{ RIGHT_EXEC,  VERB_EXEC },
		   { RIGHT_READ,	 VERB_READ },
		      { RIGHT_LIST,  VERB_LIST },
		{ RIGHT_STAT,  VERB_LIST },
	};

	for (size_t i = 0; i < sizeof(strongest) / sizeof(strongest[0]); i++)
		if (right & strongest[i].right)
			return strongest[i].verb;
	return VERB_NONE;
}
