/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a hostile level speaks to the root: by PCALL_SLOT_*, with requests that it makes itself.
 * Included by a program's only file. */
#ifndef TESTS_ATTACK_LEVEL_SPEAK_H
#define TESTS_ATTACK_LEVEL_SPEAK_H

#include "hostile.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include "common/carrier.h"
#include "common/pcall-wire.h"
#include "policy/image.h"
#include "policyc/api.h"
#include "policyc/finish/finish.h"
#include "level/request.h"
#include "spawn/spawn.h"

/* By the number, or by a carrier where a container's list lets no number pass. */
static inline long level_ask(unsigned int slot, ...)
{
	static atomic_int known = -1;
	int passes = known;
	uint64_t word[6];
	va_list args;

	va_start(args, slot);
	for (size_t i = 0; i < COUNT(word); i++)
		word[i] = va_arg(args, uint64_t);
	va_end(args);
	if (passes < 0) {
		int table = (int)syscall(PCALL_BASE + PCALL_SLOT_SYMBOLS);

		passes = table >= 0;
		if (passes)
			close(table);
		known = passes;
	}
	return passes ? syscall(PCALL_BASE + slot, word[0], word[1], word[2], word[3], word[4],
				word[5])
		      : syscall(CARRIER_WIDE, carrier_head(slot, 0), word);
}

#define ASK(slot, ...) level_ask(slot, ##__VA_ARGS__, 0L, 0L, 0L, 0L, 0L, 0L)

#ifdef __SANITIZE_ADDRESS__
/* The leak checker traces the process at its end, which nothing in a box can. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static char self[PATH_MAX];
static uint64_t last_id;

static const char *const base_lines[] = {
	"read /lib /lib64 /usr/lib /etc/ld.so.cache /proc/self",
	"exec /lib64/ld-linux-x86-64.so.2",
	"method *",
	NULL,
};

/* What a level asks for: the rest is filled in. */
struct wish {
	const char *word; /* what its child does */
	const char *raw;  /* of its policy, see text_forge; NULL: nothing */
	const char *label;
	const char *cwd;
	const int *fds, *numbers;
	size_t fds_count;
};

/* Rules of an image that nobody has finished, behind the others; $X is the world, a blank a tab. */
static inline void text_forge(const char *raw, char **text, size_t *size)
{
	char *ret = NULL, *roots = memmem(*text, *size, "\nr\t", 3);
	size_t ret_size = 0, before;
	FILE *out = open_memstream(&ret, &ret_size);

	NEED(out && roots);
	before = (size_t)(roots + 1 - *text);
	fwrite(*text, 1, before, out);
	for (; *raw; raw++) {
		if (raw[0] == '$' && raw[1] == 'X')
			fputs(getenv("X"), out), raw++;
		else
			fputc(*raw == ' ' ? '\t' : *raw, out);
	}
	fputc('\n', out);
	fwrite(roots + 1, 1, *size - before, out);
	fclose(out);
	free(*text);
	*text = ret;
	*size = ret_size;
}

static inline void policy_text(const char *raw, char **ret, size_t *ret_size)
{
	const struct policy_env env = { .cwd = "/", .home = "/", .path = "/usr/bin:/bin" };
	struct policy_error error = { .text = "" };
	struct policy *policy;
	char exec[PATH_MAX + 16];

	snprintf(exec, sizeof(exec), "exec \"%s\"", self);
	NEED(policy_new(&env, &policy) == 0);
	for (size_t i = 0; base_lines[i]; i++)
		NEED(policy_line(policy, "level", base_lines[i], &error) == 0);
	NEED(policy_line(policy, "level", exec, &error) == 0);
	NEED(policy_finish(policy, &error) == 0);
	NEED(policy_image_write(policy, ret, ret_size) == 0);
	if (raw)
		text_forge(raw, ret, ret_size);
	policy_free(policy);
}

/* A request that is as it should be. */
static inline void *request_make(const struct wish *wish, size_t *ret_size)
{
	const char *argv[] = { self, wish->word, NULL };
	const char *paths[] = { self, NULL };
	static const int standard[] = { 0, 1, 2 };
	struct spawn_request request = {
		.id = ++last_id,
		.label = wish->label ? wish->label : "x",
		.spec.cwd = wish->cwd,
		.spec.argv = argv,
		.spec.envp = (const char *const *)environ,
		.spec.candidates = paths,
		.spec.fds = wish->fds ? wish->fds : standard,
		.spec.numbers = wish->numbers,
		.spec.fds_count = wish->fds ? wish->fds_count : 3,
	};
	size_t policy_size;
	char *policy;
	void *bytes;

	policy_text(wish->raw, &policy, &policy_size);
	NEED(request_write(&request, policy, policy_size, &bytes, ret_size) == 0);
	free(policy);
	return bytes;
}

static struct wire_spawned spawned;

static inline long spawn_bytes(const void *bytes, size_t size)
{
	return ASK(PCALL_SLOT_SPAWN, bytes, size, &spawned);
}

static inline long spawn(const struct wish *wish)
{
	size_t size;
	void *bytes = request_make(wish, &size);
	long r = spawn_bytes(bytes, size);

	free(bytes);
	return r;
}

static inline void level_open(void)
{
	NEED(ASK(PCALL_SLOT_LEVEL, WIRE_VERSION, 0) == 0);
}

static inline long wait_record(void *record, size_t size)
{
	long r;

	do
		r = ASK(PCALL_SLOT_WAIT, 0, WIRE_NOTHING, 0, 0, record, size);
	while (r < 0 && errno == EINTR);
	return r;
}

static union {
	struct wire_record head;
	char bytes[PCALL_RECORD_MAX];
} record;

/* Takes records until a child has ended; its wait status. */
static inline int wait_exit(uint64_t id)
{
	for (;;) {
		NEED(wait_record(&record, sizeof(record)) > 0);
		if (record.head.type == WIRE_RECORD_EVENT && record.head.event == SV_EVENT_EXITED &&
		    record.head.child == id)
			return record.head.value;
	}
}

/* The next call of a child's. */
static inline uint64_t wait_call(void)
{
	for (;;) {
		NEED(wait_record(&record, sizeof(record)) > 0);
		if (record.head.type == WIRE_RECORD_CALL)
			return record.head.call;
	}
}

#endif
