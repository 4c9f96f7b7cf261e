/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What it does stands in life_kit.h. */
#include "life_kit.h"
#include "check_main.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

struct life life;
const char *const methods[2] = { "method life.*", NULL };
const struct sv_spec top = { .label = "top", .badge = 42 };
static int pipe_end = -1; /* hung up when nobody below holds LIFE_PIPE */

void open_life(struct sv_options options)
{
	ck_assert_int_eq(life_open(&life, options), 0);
	ck_assert_int_eq(life_define(life.sv), 0);
}

void start(const struct sv_spec *like, const char *const *lines, const char *const *words,
	   struct sv_child **ret_child)
{
	ck_assert_int_eq(life_run(&life, like, lines, words, ret_child), 0);
}

void run(const char *const *words)
{
	int before = atomic_load(&life.exited);

	start(&top, methods, words, NULL);
	ck_assert_int_eq(life_wait(&life, before + 1), 0);
}

void pipe_open(void)
{
	int pair[2];

	ck_assert_int_eq(pipe2(pair, O_CLOEXEC), 0);
	ck_assert_int_eq(dup2(pair[1], LIFE_PIPE), LIFE_PIPE);
	close(pair[1]);
	pipe_end = pair[0];
}

char pipe_read(void)
{
	struct pollfd p = { .fd = pipe_end, .events = POLLIN };
	char byte = 0;

	while (poll(&p, 1, 5) == 0)
		if (life.sv)
			sv_dispatch(life.sv, 0);
	return read(pipe_end, &byte, 1) == 1 ? byte : 0;
}

void pipe_ends(void)
{
	if (fcntl(LIFE_PIPE, F_GETFD) >= 0)
		close(LIFE_PIPE);
	while (pipe_read())
		;
	close(pipe_end);
}

const int kept[1] = { LIFE_PIPE };
