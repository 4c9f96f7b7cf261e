/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libpcall does when it is loaded, and how it calls: against a supervisor of a page.
 *
 * A thread filters itself, loads the library and uses it; the main thread answers its calls. So
 * tables can be given out that no supervisor of ours makes.
 */
#include "check_main.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "common/carrier.h"
#include "common/cleanup.h"
#include "common/pcall-wire.h"
#include "pcall.h"

enum {
	METHOD = PCALL_BASE + PCALL_SLOT_FIRST + 7,
	SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL,
};

/* The library's functions, and what the thread found. */
struct use {
	int (*method)(const char *name);
	const char *(*name)(unsigned int index);
	long (*call)(int method, ...);
	long (*message)(int method, const void *in, size_t in_size, void *out, size_t out_size);
	int (*inside)(struct pcall_info *ret);
	void (*run)(struct use *use); /* in the thread, once the library is loaded */
	void *library;
	int listener;			    /* -1: not yet */
	int table;			    /* given out for PCALL_SLOT_SYMBOLS; -1: ENOSYS */
	int refusal;			    /* what becomes of carriers; 0: they are answered */
	unsigned int by_number, by_carrier; /* so many calls came */
	unsigned int symbols_asked;
	unsigned int inside_asked;
	unsigned int interrupts;  /* so many calls of the library's own fail with EINTR */
	struct seccomp_data last; /* a call of METHOD */
	bool failed;
	pthread_mutex_t lock; /* what one side wrote the other reads: tools do not see the kernel */
};

static void settle(struct use *use)
{
	pthread_mutex_lock(&use->lock);
	pthread_mutex_unlock(&use->lock);
}

/* Were these the words of the last call? */
static bool arrived(struct use *use, const uint64_t words[6])
{
	bool same;

	pthread_mutex_lock(&use->lock);
	same = memcmp(use->last.args, words, sizeof(use->last.args)) == 0;
	pthread_mutex_unlock(&use->lock);
	return same;
}

static void check(struct use *use, bool good, const char *what)
{
	if (good)
		return;
	use->failed = true;
	printf("# not so: %s\n", what);
}

#define CHECK(use, expression) check(use, expression, #expression)

static int table_make(size_t size, unsigned int seals)
{
	static const struct {
		struct wire_symbols header;
		struct wire_symbol symbol[2];
		char names[20];
	} table = {
		{WIRE_SYMBOLS_MAGIC,	      sizeof(table), 2, sizeof(struct wire_symbols) },
		{ { offsetof(typeof(table), names), METHOD },
		  { offsetof(typeof(table), names) + 9, METHOD + 1 }	     },
		"demo.add\0demo.echo",
	};
	int fd = memfd_create("symbols", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, &table, sizeof(table), 0), sizeof(table));
	if (size)
		ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	ck_assert_int_eq(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static int filter_self(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, PCALL_BASE, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CARRIER, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CARRIER_WIDE, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { array_size(code), code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &program);
}

static void library_open(struct use *use)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/shim/libpcall.so.0", getenv("PCALL_BUILD"));
	use->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!use->library) {
		check(use, false, dlerror());
		return;
	}
	use->method = dlsym(use->library, "pcall_method");
	use->name = dlsym(use->library, "pcall_method_name");
	use->call = dlsym(use->library, "pcall");
	use->message = dlsym(use->library, "pcall_message");
	use->inside = dlsym(use->library, "pcall_inside");
	use->run(use);
	dlclose(use->library);
}

static void *in_tree(void *data)
{
	struct use *use = data;
	int listener = filter_self();

	__atomic_store_n(&use->listener, listener < 0 ? -2 : listener, __ATOMIC_RELEASE);
	if (listener >= 0)
		library_open(use);
	syscall(PCALL_BASE + PCALL_SLOT_MAX); /* the end */
	return NULL;
}

static void give(struct use *use, struct seccomp_notif_resp *answer)
{
	struct seccomp_notif_addfd add = { .id = answer->id,
					   .srcfd = (uint32_t)use->table,
					   .newfd_flags = O_CLOEXEC };
	int fd = use->table < 0 ? -1 : ioctl(use->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	answer->val = fd;
	answer->error = fd < 0 ? -ENOSYS : 0;
	use->symbols_asked++;
}

/* As the supervisor does it; the words of a wide one are in the same memory: this is a thread. */
static int unpack(struct use *use, struct seccomp_data *data)
{
	uint64_t head = data->args[data->nr == CARRIER ? 5 : 0];

	if (!carrier_is(data->nr)) {
		use->by_number++;
		return 0;
	}
	use->by_carrier++;
	if (data->nr == CARRIER)
		data->args[5] = carrier_word(head);
	else
		memcpy(data->args, (void *)data->args[1], sizeof(data->args));
	data->nr = PCALL_BASE + carrier_slot(head);
	return use->refusal;
}

static void answer(struct use *use, const struct seccomp_notif *call,
		   struct seccomp_notif_resp *ret)
{
	static const struct wire_inside inside = { sizeof(inside), 3, 2, 0, "browser/tab7/pdf" };

	if (use->interrupts && call->data.nr < METHOD) {
		use->interrupts--;
		ret->error = -EINTR;
		return;
	}
	switch (call->data.nr) {
	case PCALL_BASE + PCALL_SLOT_SYMBOLS: give(use, ret); break;
	case PCALL_BASE + PCALL_SLOT_MAX: break;
	case PCALL_BASE + PCALL_SLOT_INSIDE:
		use->inside_asked++;
		/* the same memory: this is a thread */
		memcpy((void *)call->data.args[0], &inside, sizeof(inside));
		break;
	case METHOD:
		use->last = call->data;
		ret->val = (int64_t)(call->data.args[0] + call->data.args[1]);
		break;
	default: ret->error = -EPERM;
	}
}

/* Until the thread ends. */
static void serve(struct use *use)
{
	struct seccomp_notif call;

	do {
		struct seccomp_notif_resp resp;

		memset(&call, 0, sizeof(call));
		if (ioctl(use->listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
			continue; /* a signal ended the call */
		resp = (struct seccomp_notif_resp){ .id = call.id };
		pthread_mutex_lock(&use->lock);
		resp.error = -unpack(use, &call.data);
		if (!resp.error)
			answer(use, &call, &resp);
		pthread_mutex_unlock(&use->lock);
		ioctl(use->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
	} while (call.data.nr != PCALL_BASE + PCALL_SLOT_MAX);
}

/* @table is closed. */
static void use_inside(struct use *use, int table, void (*run)(struct use *use))
{
	pthread_t thread;
	int listener;

	*use = (struct use){
		.listener = -1,
		.table = table,
		.run = run,
		.interrupts = use->interrupts,
		.refusal = use->refusal,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	ck_assert_int_eq(pthread_create(&thread, NULL, in_tree, use), 0);
	while ((listener = __atomic_load_n(&use->listener, __ATOMIC_ACQUIRE)) == -1)
		sched_yield();
	if (listener >= 0)
		serve(use);
	pthread_join(thread, NULL);
	if (table >= 0)
		close(table);
	if (listener < 0)
		test_skip("no filter with a listener to be had");
	close(listener);
	ck_assert(!use->failed);
}

static unsigned int descriptors(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* The rights of the mapping that holds this name: "r--p". */
static void mapping_of(const char *name, char rights[5])
{
	cleanup_file FILE *maps = fopen("/proc/self/maps", "re");
	char line[4352];
	unsigned long begin, end;

	rights[0] = 0;
	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %4s", &begin, &end, rights) == 3 &&
		    (unsigned long)name >= begin && (unsigned long)name < end)
			return;
	rights[0] = 0;
}

static void looks_up(struct use *use)
{
	char rights[5];

	CHECK(use, use->method("demo.add") == METHOD);
	CHECK(use, use->method("demo.echo") == METHOD + 1);
	CHECK(use, use->method("demo.other") == -ENOENT);
	CHECK(use, !strcmp(use->name(0), "demo.add") && !strcmp(use->name(1), "demo.echo"));
	CHECK(use, !use->name(2));
	mapping_of(use->name(0), rights);
	CHECK(use, !strcmp(rights, "r--p"));
}

START_TEST(names_are_looked_up_without_a_call)
{
	struct use use = { 0 };

	use_inside(&use, table_make(0, SEALS), looks_up);
	ck_assert_uint_eq(use.symbols_asked, 1);
}
END_TEST

static unsigned int before;

static void counts(struct use *use)
{
	CHECK(use, descriptors() == before + 1); /* the listener */
}

START_TEST(the_tables_descriptor_is_closed)
{
	struct use use = { 0 };
	int table = table_make(0, SEALS);

	before = descriptors();
	use_inside(&use, table, counts);
}
END_TEST

static void looks_up_again(struct use *use)
{
	struct pcall_info info = { .size = sizeof(info) };

	CHECK(use, use->method("demo.add") == METHOD);
	pthread_mutex_lock(&use->lock);
	use->interrupts = 2;
	pthread_mutex_unlock(&use->lock);
	CHECK(use, use->inside(&info) == 0);
}

START_TEST(what_a_signal_interrupts_is_asked_again)
{
	struct use use = { .interrupts = 2 };

	use_inside(&use, table_make(0, SEALS), looks_up_again);
	ck_assert_uint_eq(use.symbols_asked, 1);
	ck_assert_uint_eq(use.inside_asked, 1);
}
END_TEST

static void finds_nothing(struct use *use)
{
	struct pcall_info info = { .size = sizeof(info) };

	CHECK(use, use->method("demo.add") == -ENOENT);
	CHECK(use, !use->name(0));
	CHECK(use, use->inside(&info) == -ENOTCONN);
}

START_TEST(a_table_that_could_change_is_refused)
{
	static const unsigned int seals[] = { 0, F_SEAL_SHRINK, F_SEAL_WRITE | F_SEAL_GROW };
	struct use use = { 0 };

	use_inside(&use, table_make(0, seals[_i]), finds_nothing);
}
END_TEST

START_TEST(a_table_of_an_odd_size_is_refused)
{
	static const size_t sizes[] = { 1, 8, 32, 1 << 20 };
	struct use use = { 0 };

	use_inside(&use, table_make(sizes[_i], SEALS), finds_nothing);
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
	struct use use = { 0 };
	int ends[2];

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	close(ends[1]);
	use_inside(&use, ends[0], finds_nothing);
}
END_TEST

START_TEST(what_cannot_be_sealed_is_refused)
{
	int table = table_make(0, SEALS), file = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct use use = { 0 };
	char bytes[256];
	ssize_t size = pread(table, bytes, sizeof(bytes), 0);

	close(table);
	if (file < 0)
		test_skip("no file without a name: %s", strerror(errno));
	ck_assert_int_eq(write(file, bytes, (size_t)size), size);
	use_inside(&use, file, finds_nothing);
}
END_TEST

START_TEST(a_supervisor_without_methods_is_no_tree)
{
	struct use use = { 0 };

	use_inside(&use, -1, finds_nothing);
}
END_TEST

START_TEST(outside_of_a_tree_nothing_is_found)
{
	struct use use = { .run = finds_nothing };

	library_open(&use);
	ck_assert(!use.failed);
}
END_TEST

static void stays_after_fork(struct use *use)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(use->method("demo.add") == METHOD && use->call(METHOD, 40L, 2L) == 42 ? 0
											    : 1);
	CHECK(use, waitpid(pid, &status, 0) == pid && status == 0);
}

START_TEST(numbers_hold_after_fork)
{
	struct use use = { 0 };

	use_inside(&use, table_make(0, SEALS), stays_after_fork);
	ck_assert_uint_eq(use.symbols_asked, 1);
}
END_TEST

static void calls(struct use *use)
{
	static const uint64_t words[6] = { 1, (uint64_t)-2, 3, 1UL << 63, 5, 6 };

	errno = 77;
	CHECK(use, use->call(METHOD, 1L, -2L, 3L, (long)words[3], 5L, 6L) == -1);
	CHECK(use, arrived(use, words));
	CHECK(use, use->call(METHOD + 5, 0L) == -EPERM);
	CHECK(use, use->call(-ENOENT, 1L, 2L) == -ENOENT);
	CHECK(use, use->call(SYS_getppid) == getppid());
	CHECK(use, errno == 77);
}

START_TEST(six_words_arrive_and_errno_stays)
{
	struct use use = { .refusal = _i ? EPERM : 0 };

	use_inside(&use, table_make(0, SEALS), calls);
}
END_TEST

/* The sixth word shares a register with the slot, as long as there is room for both. */
static void calls_with_any_sixth_word(struct use *use)
{
	static const uint64_t sixths[] = { 0,
					   UINT64_MAX,
					   (UINT64_C(1) << 47) - 1,
					   UINT64_C(1) << 47,
					   -(UINT64_C(1) << 47),
					   -(UINT64_C(1) << 47) - 1,
					   UINT64_C(1) << 63 };

	for (size_t i = 0; i < array_size(sixths); i++) {
		uint64_t words[6] = { 1, -2UL, 3, 1UL << 63, 5, sixths[i] };

		CHECK(use,
		      use->call(METHOD, 1L, -2L, 3L, (long)words[3], 5L, (long)sixths[i]) == -1);
		CHECK(use, arrived(use, words));
	}
	CHECK(use, use->call(PCALL_BASE + CARRIER_SLOTS, 1L) < 0);
}

START_TEST(any_sixth_word_arrives)
{
	struct use use = { .refusal = _i ? EPERM : 0 };

	use_inside(&use, table_make(0, SEALS), calls_with_any_sixth_word);
}
END_TEST

/* Under a list that kills for what is not on it nothing else would be safe to try. */
START_TEST(who_has_carriers_never_calls_by_number)
{
	struct use use = { 0 };

	use_inside(&use, table_make(0, SEALS), calls_with_any_sixth_word);
	ck_assert_uint_eq(use.by_number, 1); /* the end, by the test itself */
	ck_assert_uint_gt(use.by_carrier, 0);
}
END_TEST

/* Refused by a list: the number is tried, once. Not there: nothing above answers, nor would it. */
START_TEST(refused_carriers_are_tried_once)
{
	static const struct {
		int refusal;
		unsigned int by_carrier, by_number;
		void (*run)(struct use *use);
	} cases[] = {
		{EPERM,	 1, 2, looks_up	},
		{ EACCES, 1, 2, looks_up	 },
		{ ENOSYS, 1, 1, finds_nothing},
	};
	struct use use = { .refusal = cases[_i].refusal };

	use_inside(&use, table_make(0, SEALS), cases[_i].run);
	ck_assert_uint_eq(use.by_carrier, cases[_i].by_carrier);
	ck_assert_uint_eq(use.by_number, cases[_i].by_number);
}
END_TEST

static void sends(struct use *use)
{
	char in[] = "abc", out[16];
	const uint64_t words[6] = { (uint64_t)in, 3, (uint64_t)out, sizeof(out), 0, 0 };

	errno = 77;
	use->message(METHOD, in, 3, out, sizeof(out));
	CHECK(use, arrived(use, words));
	CHECK(use, use->message(-ENOENT, in, 3, out, sizeof(out)) == -ENOENT);
	CHECK(use, errno == 77);
}

START_TEST(a_message_is_two_buffers)
{
	struct use use = { 0 };

	use_inside(&use, table_make(0, SEALS), sends);
}
END_TEST

static void asks_where(struct use *use)
{
	struct pcall_info info = { .size = sizeof(info) }, again = info;

	CHECK(use, use->inside(&info) == 0 && use->inside(&again) == 0);
	settle(use);
	CHECK(use, !strcmp(info.label, "browser/tab7/pdf") && info.label == again.label);
	CHECK(use, info.depth == 3 && info.methods == 2 && info.tier == PCALL_TIER_NOTIFICATION);
	info.size--;
	CHECK(use, use->inside(&info) == -EINVAL);
	CHECK(use, use->inside(NULL) == -EINVAL);
}

START_TEST(where_it_stands_is_asked_once)
{
	struct use use = { 0 };

	use_inside(&use, table_make(0, SEALS), asks_where);
	ck_assert_uint_eq(use.inside_asked, 1);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("shim_load");
	TCase *tcase = test_case(suite, "shim");

	if (getenv("PCALL_TEST_PROFILE"))
		test_skip_all("a container's list lets no number pass that is no system call");

	tcase_add_test(tcase, names_are_looked_up_without_a_call);
	tcase_add_test(tcase, what_a_signal_interrupts_is_asked_again);
	tcase_add_test(tcase, the_tables_descriptor_is_closed);
	tcase_add_loop_test(tcase, a_table_that_could_change_is_refused, 0, 3);
	tcase_add_loop_test(tcase, a_table_of_an_odd_size_is_refused, 0, 4);
	tcase_add_test(tcase, what_is_no_file_is_refused);
	tcase_add_test(tcase, what_cannot_be_sealed_is_refused);
	tcase_add_test(tcase, a_supervisor_without_methods_is_no_tree);
	tcase_add_test(tcase, outside_of_a_tree_nothing_is_found);
	tcase_add_test(tcase, numbers_hold_after_fork);
	tcase_add_loop_test(tcase, six_words_arrive_and_errno_stays, 0, 2);
	tcase_add_loop_test(tcase, any_sixth_word_arrives, 0, 2);
	tcase_add_test(tcase, who_has_carriers_never_calls_by_number);
	tcase_add_loop_test(tcase, refused_carriers_are_tried_once, 0, 3);
	tcase_add_test(tcase, a_message_is_two_buffers);
	tcase_add_test(tcase, where_it_stands_is_asked_once);
	return suite;
}
