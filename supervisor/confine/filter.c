/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The compiler from rows to a BPF program.
 *
 * All numbers are cut into segments, each with one verdict or one list of conditions; neighbours
 * with the same verdict are one segment. A balanced tree of comparisons finds the segment. What the
 * rows do not name is notified, and so is what comes by another entry of the kernel's: methods are
 * served, the rest is refused, and told (R11).
 *
 * The program is written from its end to its beginning: a jump goes forward only, so that when it
 * is written, where it goes is known. Arguments are loaded in leaves only: on the way to a constant
 * verdict the kernel sees nothing but the architecture and the number, and need not run the program
 * at all.
 *
 * A place in the program is what program->count was when it had been written. Returns are shared as
 * far as jumps reach: the kernel translates each child's filter before its program runs.
 */
#include "confine/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "common/cleanup.h"
#include "confine/sysrow.h"

enum {
	CONDITIONS_MAX = 256, /* of one row */
	JUMP_MAX = 255,	      /* a conditional jump has a byte for each of its ways */
	VERDICTS_MAX = 16,    /* that are shared */
};

struct segment {
	uint32_t from; /* up to the next one's */
	uint32_t verdict;
	const struct sysrow *row; /* its conditions decide; NULL: the verdict does */
};

struct program {
	struct sock_filter code[BPF_MAXINSNS]; /* backwards: [0] is the last instruction */
	unsigned int count;
	struct {
		uint32_t verdict;
		unsigned int place;
	} returns[VERDICTS_MAX]; /* the latest of each verdict */
	unsigned int returns_count;
	bool full;
	unsigned int features;
};

static void emit(struct program *program, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	if (program->count == BPF_MAXINSNS) {
		program->full = true;
		return;
	}
	program->code[program->count++] = (struct sock_filter){ code, jt, jf, k };
}

static void emit_load(struct program *program, size_t offset)
{
	emit(program, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void emit_return(struct program *program, uint32_t verdict)
{
	emit(program, BPF_RET | BPF_K, 0, 0, verdict);
}

/* Where the verdict is returned: an earlier place if it is near enough to be jumped to. */
static unsigned int place_return(struct program *program, uint32_t verdict)
{
	unsigned int i = 0;

	while (i < program->returns_count && program->returns[i].verdict != verdict)
		i++;
	if (i < program->returns_count && program->count - program->returns[i].place < JUMP_MAX / 2)
		return program->returns[i].place;
	emit_return(program, verdict);
	if (i < VERDICTS_MAX) {
		program->returns[i].verdict = verdict;
		program->returns[i].place = program->count;
		program->returns_count += i == program->returns_count;
	}
	return program->count;
}

/* A place that is too far away is jumped to by an instruction of its own. */
static unsigned int place_near(struct program *program, unsigned int place)
{
	/* room for one more such instruction in between */
	if (program->count - place < JUMP_MAX)
		return place;
	emit(program, BPF_JMP | BPF_JA, 0, 0, program->count - place);
	return program->count;
}

/* A comparison: goes on at one place if it holds, at another if not. */
static void emit_branch(struct program *program, uint16_t operation, uint32_t k, unsigned int holds,
			unsigned int fails)
{
	fails = place_near(program, fails);
	holds = place_near(program, holds);
	emit(program, BPF_JMP | BPF_K | operation, (uint8_t)(program->count - holds),
	     (uint8_t)(program->count - fails), k);
}

/* Verdicts. */
static uint32_t verdict_error(unsigned int error)
{
	return SECCOMP_RET_ERRNO | ((error ? error : ENOSYS) & SECCOMP_RET_DATA);
}

static uint32_t verdict_of(const struct when *when)
{
	switch (when->action) {
	case WHEN_ALLOW: return SECCOMP_RET_ALLOW;
	case WHEN_PRETEND: return SECCOMP_RET_ERRNO;
	case WHEN_ERROR: return verdict_error(when->error);
	}
	return SECCOMP_RET_USER_NOTIF;
}

/* A row's conditions that a child with these features has, chains whole, and what holds if none
 * does. */
struct list {
	const struct when *when[CONDITIONS_MAX];
	unsigned int count;
	uint32_t otherwise;
};

static bool when_applies(const struct when *when, unsigned int features)
{
	return (features & when->need) == when->need && (features & when->unless) == 0;
}

static int list_make(const struct sysrow *row, unsigned int features, struct list *ret)
{
	size_t end;

	ret->count = 0;
	ret->otherwise = SECCOMP_RET_USER_NOTIF;
	for (size_t i = 0; i < row->when_count; i = end + 1) {
		bool applies = true, always = true;

		for (end = i;; end++) {
			if (end == row->when_count)
				return -EINVAL; /* a chain without an end */
			applies = applies && when_applies(&row->when[end], features);
			always = always && row->when[end].test == WHEN_ALWAYS;
			if (row->when[end].action != WHEN_AND)
				break;
		}
		if (!applies)
			continue;
		if (always) {
			ret->otherwise = verdict_of(&row->when[end]);
			break;
		}
		if (ret->count + (end + 1 - i) > CONDITIONS_MAX)
			return -E2BIG;
		for (size_t j = i; j <= end; j++)
			ret->when[ret->count++] = &row->when[j];
	}
	return 0;
}

/* Do all ways through the list end the same? */
static bool list_constant(const struct list *list)
{
	for (unsigned int i = 0; i < list->count; i++)
		if (list->when[i]->action != WHEN_AND &&
		    verdict_of(list->when[i]) != list->otherwise)
			return false;
	return true;
}

/* x86-64 is little-endian: the low half comes first. */
static size_t low_half(unsigned int arg)
{
	return offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t);
}

static size_t high_half(unsigned int arg)
{
	return low_half(arg) + sizeof(uint32_t);
}

/* Does the accumulator hold the low half of @i's argument when @i is reached, by whichever way? */
static bool list_loaded(const struct list *list, unsigned int i)
{
	const struct when *before;
	bool alone;

	if (i == 0)
		return false;
	before = list->when[i - 1];
	alone = i == 1 || list->when[i - 2]->action != WHEN_AND;
	if (before->arg != list->when[i]->arg ||
	    (before->test != WHEN_EQUAL && before->test != WHEN_ANY_BIT))
		return false;
	if (before->test == WHEN_EQUAL && before->mask != 0)
		return false;
	/* The end of a longer chain may have been left before its last condition. */
	return before->action == WHEN_AND || alone;
}

/* One condition, which goes on at one of two places. Returns its own. */
static unsigned int emit_condition(struct program *program, const struct list *list, unsigned int i,
				   unsigned int holds, unsigned int fails)
{
	const struct when *when = list->when[i];

	switch (when->test) {
	case WHEN_ALWAYS: return holds;
	case WHEN_ANY_BIT:
		emit_branch(program, BPF_JSET, (uint32_t)when->value, holds, fails);
		break;
	case WHEN_EQUAL64:
		emit_branch(program, BPF_JEQ, (uint32_t)(when->value >> 32), holds, fails);
		emit_load(program, high_half(when->arg));
		emit_branch(program, BPF_JEQ, (uint32_t)when->value, program->count, fails);
		break;
	case WHEN_EQUAL:
		emit_branch(program, BPF_JEQ, (uint32_t)when->value, holds, fails);
		if (when->mask != 0)
			emit(program, BPF_ALU | BPF_AND | BPF_K, 0, 0, when->mask);
		break;
	}
	if (!list_loaded(list, i))
		emit_load(program, low_half(when->arg));
	return program->count;
}

static unsigned int emit_list(struct program *program, const struct list *list)
{
	unsigned int first = place_return(program, list->otherwise); /* of what was written */
	unsigned int holds = first, fails = first;

	for (unsigned int i = list->count; i-- > 0;) {
		if (list->when[i]->action != WHEN_AND) {
			fails = first; /* to what is tried after this chain */
			holds = place_return(program, verdict_of(list->when[i]));
		}
		first = holds = emit_condition(program, list, i, holds, fails);
	}
	return first;
}

static int emit_segment(struct program *program, const struct segment *segment,
			unsigned int *ret_place)
{
	struct list list __attribute__((uninitialized));
	int r;

	if (!segment->row) {
		*ret_place = place_return(program, segment->verdict);
		return 0;
	}
	r = list_make(segment->row, program->features, &list);
	if (r == 0)
		*ret_place = emit_list(program, &list);
	return r;
}

/* The tree over count segments, count > 0. Deep as the logarithm of their number. */
static int emit_tree(struct program *program, const struct segment *segments, size_t count,
		     unsigned int *ret_place)
{
	size_t middle = count / 2;
	unsigned int left = 0, right = 0;
	int r;

	if (count == 1)
		return emit_segment(program, segments, ret_place);
	r = emit_tree(program, segments + middle, count - middle, &right);
	r = r ? r : emit_tree(program, segments, middle, &left);
	if (r < 0)
		return r;
	emit_branch(program, BPF_JGE, segments[middle].from, right, left);
	*ret_place = program->count;
	return 0;
}

static void emit_entry(struct program *program)
{
	emit_load(program, offsetof(struct seccomp_data, nr));
	emit_return(program, SECCOMP_RET_USER_NOTIF);
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64);
	emit_load(program, offsetof(struct seccomp_data, arch));
}

/* All rows by their numbers; NULL: there is none. */
static int rows_place(const struct sysrow *const *tables, const struct sysrow *rows[SYSROW_NUMBERS])
{
	memset(rows, 0, SYSROW_NUMBERS * sizeof(rows[0]));
	for (; *tables; tables++)
		for (const struct sysrow *row = *tables; row->nr >= 0; row++) {
			if (row->nr >= SYSROW_NUMBERS || rows[row->nr])
				return -EINVAL; /* one of a method, or twice the same */
			rows[row->nr] = row;
		}
	return 0;
}

/* What a row comes to for a child with these features. */
static int segment_make(const struct sysrow *row, unsigned int features, const uint64_t *seen,
			struct segment *ret)
{
	struct list list __attribute__((uninitialized));
	int r;

	*ret = (struct segment){ .from = (uint32_t)row->nr };
	/* sendmsg is notified by its own row, but for what a sender sends */
	if (seen && row->nr < SYSROW_NUMBERS && seen[row->nr / 64] >> (row->nr % 64) & 1 &&
	    !(row->nr == __NR_sendmsg && features & FEATURE_SENDER)) {
		ret->verdict = SECCOMP_RET_USER_NOTIF;
		return 0;
	}
	switch (row->tier) {
	case TIER_ALLOW: ret->verdict = SECCOMP_RET_ALLOW; return 0;
	case TIER_REFUSE:
		ret->verdict = row->often ? verdict_error(row->error) : SECCOMP_RET_USER_NOTIF;
		return 0;
	case TIER_NOTIFY: ret->verdict = SECCOMP_RET_USER_NOTIF; return 0;
	case TIER_ARGS: break;
	}
	r = list_make(row, features, &list);
	if (r < 0)
		return r;
	ret->verdict = list.otherwise;
	ret->row = list_constant(&list) ? NULL : row;
	return 0;
}

static void segment_add(struct segment *segments, size_t *count, struct segment segment)
{
	struct segment *last = *count ? &segments[*count - 1] : NULL;

	if (last && !last->row && !segment.row && last->verdict == segment.verdict)
		return;
	segments[(*count)++] = segment;
}

/* Cuts the numbers into segments. There is room for one of each number, and two more. */
static int segments_make(const struct sysrow *const *tables, unsigned int features,
			 const uint64_t *seen, struct segment *segments, size_t *ret_count)
{
	const struct sysrow *rows[SYSROW_NUMBERS] __attribute__((uninitialized));
	size_t count = 0;
	int r;

	r = rows_place(tables, rows);
	if (r < 0)
		return r;
	for (uint32_t nr = 0; nr < SYSROW_NUMBERS; nr++) {
		struct segment segment = { nr, SECCOMP_RET_USER_NOTIF, NULL };

		r = rows[nr] ? segment_make(rows[nr], features, seen, &segment) : 0;
		if (r < 0)
			return r;
		segment_add(segments, &count, segment);
	}
	segment_add(segments, &count,
		    (struct segment){ SYSROW_NUMBERS, SECCOMP_RET_USER_NOTIF, NULL });
	*ret_count = count;
	return 0;
}

static int program_finish(const struct program *program, struct sock_fprog *ret)
{
	struct sock_filter *code;

	if (program->full)
		return -E2BIG;
	code = calloc(program->count, sizeof(*code));
	if (!code)
		return -ENOMEM;
	for (unsigned int i = 0; i < program->count; i++)
		code[i] = program->code[program->count - 1 - i];
	*ret = (struct sock_fprog){ .len = (unsigned short)program->count, .filter = code };
	return 0;
}

int filter_build(const struct sysrow *const *tables, unsigned int features, struct sock_fprog *ret)
{
	return filter_build_seen(tables, features, NULL, ret);
}

int filter_build_seen(const struct sysrow *const *tables, unsigned int features,
		      const uint64_t *seen, struct sock_fprog *ret)
{
	/* Large, and mostly not touched: none of it is read before it is written. */
	cleanup_free struct segment *segments = malloc((SYSROW_NUMBERS + 2) * sizeof(*segments));
	cleanup_free struct program *program = malloc(sizeof(*program));
	unsigned int root;
	size_t count;
	int r;

	if (!segments || !program)
		return -ENOMEM;
	program->count = program->returns_count = 0;
	program->full = false;
	program->features = features;
	r = segments_make(tables, features, seen, segments, &count);
	if (r == 0)
		r = emit_tree(program, segments, count, &root);
	if (r < 0)
		return r;
	emit_entry(program);
	return program_finish(program, ret);
}
