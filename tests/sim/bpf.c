/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The instructions that seccomp_check_filter lets pass and that filters of ours use; all others are
 * faults. */
#include "bpf.h"

#include <stddef.h>
#include <string.h>

struct machine {
	const struct sock_fprog *program;
	const unsigned char *data;
	uint32_t accumulator;
	unsigned int next;
	bool ended;
	struct bpf_result result;
};

static void load(struct machine *machine, uint32_t offset)
{
	if (offset % sizeof(uint32_t) != 0 ||
	    offset > sizeof(struct seccomp_data) - sizeof(uint32_t)) {
		machine->result.fault = "loads from outside of struct seccomp_data";
		return;
	}
	if (offset != offsetof(struct seccomp_data, nr) &&
	    offset != offsetof(struct seccomp_data, arch))
		machine->result.constant = false;
	memcpy(&machine->accumulator, machine->data + offset, sizeof(uint32_t));
}

static void jump(struct machine *machine, const struct sock_filter *step)
{
	bool holds = false;

	switch (BPF_OP(step->code)) {
	case BPF_JA: machine->next += step->k; return;
	case BPF_JEQ: holds = machine->accumulator == step->k; break;
	case BPF_JGT: holds = machine->accumulator > step->k; break;
	case BPF_JGE: holds = machine->accumulator >= step->k; break;
	case BPF_JSET: holds = (machine->accumulator & step->k) != 0; break;
	default: machine->result.fault = "unknown jump"; return;
	}
	machine->next += holds ? step->jt : step->jf;
}

static void step_run(struct machine *machine, const struct sock_filter *step)
{
	switch (step->code) {
	case BPF_LD | BPF_W | BPF_ABS: load(machine, step->k); return;
	case BPF_ALU | BPF_AND | BPF_K: machine->accumulator &= step->k; return;
	case BPF_RET | BPF_K:
		machine->result.verdict = step->k;
		machine->ended = true;
		return;
	}
	if (BPF_CLASS(step->code) == BPF_JMP && BPF_SRC(step->code) == BPF_K)
		jump(machine, step);
	else
		machine->result.fault = "unknown instruction";
}

struct bpf_result bpf_run(const struct sock_fprog *program, const struct seccomp_data *data)
{
	struct machine machine = {
		.program = program,
		.data = (const unsigned char *)data,
		.result = { .constant = true },
	};

	while (!machine.ended && !machine.result.fault) {
		if (machine.next >= program->len) {
			machine.result.fault = "leaves the program";
			break;
		}
		machine.result.steps++;
		step_run(&machine, &program->filter[machine.next++]);
	}
	return machine.result;
}
