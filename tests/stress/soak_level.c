/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A level of the soak: soak_level DEPTH SEED. Lives for a random time, and ends in a random way. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "soak.h"

int main(int argc, char **argv)
{
	const char *const lines[] = { "write /", "exec /", "dev null", NULL };
	const struct sv_policy_source source = { .size = sizeof(source),
						 .lines = lines,
						 .cwd = "/" };
	struct soak soak = { .program = argv[0], .width = 2 };
	struct sv_options options = { .size = sizeof(options),
				      .on_event = soak_event,
				      .data = &soak };
	struct sv_error error = { .text = "" };

	if (argc != 3)
		return 99;
	soak.depth = (unsigned int)atoi(argv[1]);
	soak.random = (unsigned int)atoi(argv[2]);
	if (sv_policy_read(&source, &soak.policy, &error) < 0 ||
	    sv_new(&options, &soak.sv, &error) < 0) {
		fprintf(stderr, "level: %s\n", error.text);
		return 98;
	}
	soak_run(&soak, 0.02 * soak_random(&soak, 100));
	switch (soak_random(&soak, 4)) {
	case 0: soak_end(&soak); break;
	case 1: _exit(0);
	case 2: raise(SIGKILL); break;
	}
	sv_free(soak.sv);
	sv_policy_free(soak.policy);
	return 0;
}
