/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A simulator of seccomp's BPF, to ask a filter without installing it. */
#ifndef TESTS_SIM_BPF_H
#define TESTS_SIM_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

struct bpf_result {
	const char *fault; /* NULL, or what the kernel's checker would not have let pass */
	uint32_t verdict;
	unsigned int steps;
	bool constant; /* it took nothing but steps that the kernel's constant-action bitmap follows
			*/
};

struct bpf_result bpf_run(const struct sock_fprog *program, const struct seccomp_data *data);

#endif
