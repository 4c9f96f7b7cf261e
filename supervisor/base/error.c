/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const stage_names[SV_STAGE_MAX] = {
	[SV_STAGE_NONE] = "none",
	[SV_STAGE_CAPABILITIES] = "capabilities",
	[SV_STAGE_ZYGOTE] = "zygote",
	[SV_STAGE_ENGINE] = "engine",
	[SV_STAGE_CONFINE] = "confine",
	[SV_STAGE_CLONE] = "clone",
	[SV_STAGE_SESSION] = "session",
	[SV_STAGE_CWD] = "cwd",
	[SV_STAGE_DESCRIPTORS] = "descriptors",
	[SV_STAGE_LIMITS] = "limits",
	[SV_STAGE_NO_NEW_PRIVS] = "no_new_privs",
	[SV_STAGE_SEALED] = "sealed",
	[SV_STAGE_FLOOR] = "floor",
	[SV_STAGE_FILTER] = "filter",
	[SV_STAGE_LISTENER] = "listener",
	[SV_STAGE_EXEC] = "exec",
};

const char *sv_stage_name(enum sv_stage stage)
{
	return (unsigned int)stage < SV_STAGE_MAX ? stage_names[stage] : "?";
}

int stage_fail(struct sv_error *error, enum sv_stage stage, int r, const char *format, ...)
{
	va_list list;

	if (error) {
		error->stage = stage;
		error->error = -r;
		va_start(list, format);
		vsnprintf(error->text, sizeof(error->text), format, list);
		va_end(list);
	}
	return r;
}
