/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compiled by headers.sh as C89, as C of today and as C++: a program that uses both headers. */
#include <pcall.h>
#include <supervisor.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct sv_answer add(struct sv_call *call, void *data)
{
	(void)data;
	if (sv_call_word(call, 2) != 0)
		return sv_answer_error(EINVAL);
	if (sv_call_word(call, 3) != 0)
		return sv_answer_forward();
	if (sv_call_word(call, 4) != 0)
		return sv_answer_later();
	if (sv_call_word(call, 5) != 0)
		return sv_answer_fd(0, 0);
	return sv_answer_value((int64_t)(sv_call_word(call, 0) + sv_call_word(call, 1)));
}

/* Where nobody has defined anything; in a box, too. */
static int undefined(void)
{
	struct pcall_info info;
	int inside;

	memset(&info, 0, sizeof(info));
	info.size = sizeof(info);
	inside = pcall_inside(&info);
	return (inside == 0 || inside == -ENOTCONN) && pcall_method("demo.add") == -ENOENT &&
	       pcall_method_name(0) == NULL && pcall(pcall_method("demo.add"), 1L, 2L) == -ENOENT &&
	       pcall_message(-ENOENT, NULL, 0, NULL, 0) == -ENOENT;
}

int main(void)
{
	sv_handler *handlers[1] = { add };
	struct sv_answer answers[3];

	answers[0] = sv_answer_value(3);
	answers[1] = sv_answer_error(EACCES);
	answers[2] = sv_answer_fd(7, 0);
	if (handlers[0] != add || answers[0].value != 3 || answers[1].error != EACCES ||
	    answers[2].fd != 7)
		return 1;
	if (strcmp(sv_stage_name(SV_STAGE_EXEC), "") == 0)
		return 1;
	return undefined() ? 0 : 1;
}
