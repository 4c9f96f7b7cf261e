/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Policies as text: what comes out judges as what went in, and nothing else comes in.
 *
 * Names are made of few letters, so that patterns and names meet often; some are there, as links.
 */
#include "policy_help.h"
#include "scratch.h"

#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "policy/image.h"
#include "judge/restrict.h"
#include "policy/image_read.h"

static unsigned int seed;

static size_t below(size_t n)
{
	return (size_t)rand_r(&seed) % n;
}

static struct policy *read_image(const char *text, size_t size)
{
	struct policy_error error;
	struct policy *policy;

	ck_assert_msg(policy_image_read(text, size, &help_env, &policy, &error) == 0, "%s\n%s",
		      error.text, text);
	return policy;
}

/* There and back; both texts must be the same. */
static struct policy *travel(const struct policy *policy)
{
	char *text, *again;
	size_t size, again_size;
	struct policy *back;

	ck_assert_int_eq(policy_image_write(policy, &text, &size), 0);
	ck_assert_uint_eq(strlen(text), size);
	back = read_image(text, size);
	ck_assert_int_eq(policy_image_write(back, &again, &again_size), 0);
	ck_assert_str_eq(text, again);
	free(text);
	free(again);
	return back;
}

static void check_verdict(struct verdict x, struct verdict y, const char *lines, const char *name)
{
	ck_assert_msg(x.decision == y.decision, "%s\n%s: %d, %d", lines, name, x.decision,
		      y.decision);
	ck_assert_msg(!x.rule == !y.rule, "%s\n%s", lines, name);
	if (!x.rule)
		return;
	ck_assert_str_eq(x.rule->text, y.rule->text);
	ck_assert_str_eq(x.rule->source, y.rule->source);
	ck_assert_str_eq(x.rule->policy, y.rule->policy);
	ck_assert_uint_eq(x.rule->line, y.rule->line);
	ck_assert_int_eq(x.rule->verb, y.rule->verb);
}

static const char *const words[] = { "a",   "b",  "ab",	  "?",	"*", "a*",     "[!a]",
				     "\\*", "**", "link", "up", "q", "\\.\\.", "a\\ b" };
static const char *const names[] = { "a", "b", "ab", "*", "link", "up", "q", "a b" };
static const char *const verbs[] = { "list",	  "read",      "write",	   "exec",
				     "unix",	  "dev",       "hide",	   "deny read",
				     "deny exec", "ask write", "deny list" };

static void add_pattern(char *line)
{
	size_t count = 1 + below(3);

	strcat(line, " ");
	strcat(line, below(2) ? scratch : "");
	for (size_t i = 0; i < count; i++) {
		strcat(line, "/");
		strcat(line, words[below(array_size(words))]);
	}
}

static void make_lines(char *lines)
{
	lines[0] = '\0';
	for (size_t i = 1 + below(7); i > 0; i--) {
		const char *verb = verbs[below(array_size(verbs))];

		strcat(lines, verb);
		for (size_t j = 1 + below(2); j > 0; j--)
			add_pattern(lines);
		if (strncmp(verb, "ask", 3) != 0 && below(3) == 0) {
			strcat(lines, " except");
			add_pattern(lines);
		}
		strcat(lines, "\n");
	}
	if (below(4) == 0)
		sprintf(lines + strlen(lines), "bind %s/%s /%s%s\n", below(2) ? scratch : "/v",
			names[below(3)], below(2) ? "usr" : "", below(2) ? " rw" : "");
}

static void make_name(char *name)
{
	strcpy(name, below(2) ? scratch : "");
	for (size_t i = 1 + below(3); i > 0; i--) {
		strcat(name, "/");
		strcat(name, names[below(array_size(names))]);
	}
}

static void make_tree(void)
{
	scratch_make();
	ck_assert_int_eq(mkdir(scratch_path("a"), 0700), 0);
	ck_assert_int_eq(symlink("a", scratch_path("link")), 0);
	ck_assert_int_eq(symlink("../b", scratch_path("a/up")), 0);
}

static void compare(const struct policy *x, const struct policy *y, const char *lines)
{
	char name[256], to[256];

	for (int i = 0; i < 30; i++) {
		make_name(name);
		make_name(to);
		for (unsigned int right = RIGHT_STAT; right <= RIGHT_DEV; right <<= 1) {
			check_verdict(policy_judge(x, name, right), policy_judge(y, name, right),
				      lines, name);
			check_verdict(policy_judge_carved(x, name, right),
				      policy_judge_carved(y, name, right), lines, name);
		}
		ck_assert_int_eq(policy_hides_in(x, name), policy_hides_in(y, name));
		check_verdict(policy_judge_move(x, name, to), policy_judge_move(y, name, to), lines,
			      name);
	}
}

static void compare_lists(const struct policy *x, const struct policy *y)
{
	size_t x_count, y_count;
	const struct policy_bind *x_binds = policy_binds(x, &x_count);
	const struct policy_bind *y_binds = policy_binds(y, &y_count);
	const char *const *x_places, *const *y_places;

	ck_assert_uint_eq(x_count, y_count);
	for (size_t i = 0; i < x_count; i++) {
		ck_assert_str_eq(x_binds[i].name, y_binds[i].name);
		ck_assert_str_eq(x_binds[i].target, y_binds[i].target);
		ck_assert_int_eq(x_binds[i].writable, y_binds[i].writable);
	}
	x_places = policy_exec_places(x, &x_count);
	y_places = policy_exec_places(y, &y_count);
	ck_assert_uint_eq(x_count, y_count);
	for (size_t i = 0; i < x_count; i++)
		ck_assert_str_eq(x_places[i], y_places[i]);
}

/* NULL where the random lines make no policy: a view through a link that may be changed. */
static struct policy *try_policy(const char *lines)
{
	struct policy_error error;
	struct policy *policy;
	char copy[2048], *line, *rest = copy;

	strcpy(copy, lines);
	ck_assert_int_eq(policy_new(&help_env, &policy), 0);
	while ((line = strsep(&rest, "\n")))
		ck_assert_msg(policy_line(policy, "test", line, &error) == 0, "%s", error.text);
	return policy_finish(policy, &error) == 0 ? policy : policy_free(policy);
}

START_TEST(flat_judges_as_before)
{
	unsigned int compared = 0;

	seed = 11;
	for (int round = 0; round < 400; round++) {
		struct policy *policy, *back;
		char lines[2048];

		make_lines(lines);
		policy = try_policy(lines);
		if (!policy)
			continue;
		back = travel(policy);
		compare(policy, back, lines);
		compare_lists(policy, back);
		policy_free(policy);
		policy_free(back);
		compared++;
	}
	ck_assert_uint_gt(compared, 300);
}
END_TEST

START_TEST(flat_keeps_what_is_no_path)
{
	static const char lines[] =
		"connect example.org:443 10.0.0.0/8:5432 except 10.1.0.0/16:*\ndeny connect *:25\n"
		"listen 8080\nask connect [::1]:80\nunix @bus-* except @bus-x\nmethod camera.* "
		"except camera.raw\ndeny method *.off\nask method log\nsealed\nenv keep LC_* TERM\n"
		"env set A=x\\ty B=\nlimit mem=2G procs=5 children=3 pending=70 time=1500ms";
	static const char *const methods[] = { "camera.x", "camera.raw", "camera.off", "log", "z" };
	static const uint16_t ports[] = { 25, 443, 5432, 8080 };
	struct policy *policy = help_policy(lines), *back = travel(policy);
	const char *value;

	for (size_t i = 0; i < array_size(methods); i++)
		check_verdict(policy_judge_method(policy, methods[i]),
			      policy_judge_method(back, methods[i]), lines, methods[i]);
	for (unsigned int i = 0; i < 4096; i++) {
		struct sockaddr_in in = { .sin_family = AF_INET };

		in.sin_port = htons(ports[i % array_size(ports)]);
		in.sin_addr.s_addr = htonl(i & 8 ? 0x0a000000 | i << 12 : i << 20);
		for (enum verb verb = VERB_CONNECT; verb <= VERB_LISTEN; verb++)
			check_verdict(policy_judge_address(policy, verb, (struct sockaddr *)&in,
							   sizeof(in), NULL, NULL),
				      policy_judge_address(back, verb, (struct sockaddr *)&in,
							   sizeof(in), NULL, NULL),
				      lines, "address");
	}
	check_verdict(policy_judge_abstract(policy, "bus-y", 5),
		      policy_judge_abstract(back, "bus-y", 5), lines, "bus-y");
	ck_assert_int_eq(policy_judge_abstract(back, "bus-x", 5).decision, DECISION_DENY);
	for (enum limit limit = LIMIT_MEM; limit < LIMIT_MAX; limit++)
		ck_assert_uint_eq(policy_limit(policy, limit), policy_limit(back, limit));
	ck_assert(policy_has(back, VERB_SEALED) && policy_sealed(back));
	ck_assert(policy_names_hosts(back));
	ck_assert(policy_env_keep(back, "LC_ALL", &value) && !value);
	ck_assert(policy_env_keep(back, "A", &value));
	ck_assert_str_eq(value, "xty");
	ck_assert(!policy_env_keep(back, "HOME", &value));
	policy_free(policy);
	policy_free(back);
}
END_TEST

START_TEST(flat_shipped_policies_come_back)
{
	static const char *const shipped[] = { "base", "readonly", "workspace", "build",
					       "net",  "npm",	   "untrusted" };
	const char *const directories[] = { getenv("PCALL_POLICY_PATH"), NULL };
	struct policy_env env = help_env;

	if (!directories[0])
		test_skip("PCALL_POLICY_PATH is not set");
	env.directories = directories;
	for (size_t i = 0; i < array_size(shipped); i++) {
		struct policy_error error;
		struct policy *policy, *back;

		ck_assert_int_eq(policy_new(&env, &policy), 0);
		ck_assert_msg(policy_use(policy, shipped[i], &error) == 0, "%s", error.text);
		ck_assert_msg(policy_finish(policy, &error) == 0, "%s", error.text);
		back = travel(policy);
		compare(policy, back, shipped[i]);
		compare_lists(policy, back);
		policy_free(policy);
		policy_free(back);
	}
}
END_TEST

#define HEAD "pcall-flat 1\n"
#define RULE HEAD "f\ts\tp\n"

START_TEST(flat_odd_text_is_refused)
{
	static const char *const odd[] = {
		"",
		"pcall-flat 2\nend\n",
		HEAD,
		HEAD "end",
		HEAD "\nend\n",
		HEAD "end\nend\n",
		HEAD "l\t1\tread\t-\t-\tx\nend\n",  /* from nowhere */
		RULE "l\t1\tread\t-\t-\nend\n",	    /* too few fields */
		RULE "l\t01\tread\t-\t-\tx\nend\n", /* a number in another way */
		RULE "l\t-1\tread\t-\t-\tx\nend\n",
		RULE "l\t1\ttest\t-\t-\tx\nend\n", /* no rule */
		RULE "l\t1\tuse\t-\t-\tx\nend\n",
		RULE "l\t1\tread\tread\t-\tx\nend\n", /* an inner verb */
		RULE "l\t1\tdeny\t-\t-\tx\nend\n",    /* none */
		RULE "l\t1\tdeny\thide\t-\tx\nend\n",
		RULE "l\t1\task\tread\tg\tx\nend\n", /* no `except` there */
		RULE "l\t1\task\tread\t-\tx\ne\t/a\nend\n",
		RULE "l\t1\thide\t-\t-\tx\ne\t/a\nend\n", /* one without its number */
		RULE "l\t1\tread\t-\tg\tx\ne\t/a\nend\n",
		RULE "l\t1\tread\t-\tw\tx\nend\n",     /* no view */
		RULE "l\t1\tread\t-\t-\tx\\5C\nend\n", /* another way to escape */
		RULE "l\t1\tread\t-\t-\tx\\61\nend\n", /* needless */
		RULE "l\t1\tread\t-\t-\tx\\00\nend\n", /* NUL */
		RULE "l\t1\tread\t-\t-\tx\\0\nend\n",
		RULE "l\t1\tread\t-\t-\tx\x01\nend\n",
		RULE "l\t1\tread\t-\t-\tx\ng\ta\nend\n",   /* no path */
		RULE "l\t1\tread\t-\t-\tx\ng\t/a/\nend\n", /* other ways to write one */
		RULE "l\t1\tread\t-\t-\tx\ng\t//a\nend\n",
		RULE "l\t1\tread\t-\t-\tx\ng\t/a/./b\nend\n",
		RULE "l\t1\tread\t-\t-\tx\ng\t/a/../b\nend\n",
		RULE "l\t1\tread\t-\t-\tx\ng\t/\\5ca\nend\n",
		RULE "l\t1\tread\t-\t-\tx\ng\t/a[\nend\n",
		RULE "l\t1\tread\t-\t-\tx\ng\t/a**\nend\n",
		RULE "l\t1\tread\t-\t-\tx\nt\t/a\nend\n",  /* an `except` without its number */
		RULE "l\t1\tread\t-\t-\tx\na\t*:1\nend\n", /* another verb's */
		RULE "l\t1\tread\t-\t-\tx\nb\t/a\t/b\nend\n",
		RULE "l\t1\tread\t-\t-\tx\nk\t/a/../b\nend\n",
		RULE "l\t1\tdeny\tread\t-\tx\ng\t/a\nend\n", /* deny gives nothing */
		RULE "l\t1\tdeny\tread\t-\tx\nk\t/a\nend\n",
		RULE "l\t1\tbind\t-\t-\tx\nend\n", /* a view of nothing */
		RULE "l\t1\tbind\t-\t-\tx\nb\t/\t/b\nend\n",
		RULE "l\t1\tbind\t-\t-\tx\nb\t/a/..\t/b\nend\n",
		RULE "l\t1\tbind\t-\t-\tx\nb\t/a\t/b/\nend\n",
		RULE "l\t1\tbind\t-\t-\tx\nb\t/a\tb\nend\n",
		RULE "l\t1\tbind\t-\t-\tx\nb\t/proc/self/x\t/b\nend\n",
		RULE "l\t1\tbind\t-\t-\tx\nb\t/proc/12\t/b\nend\n",
		RULE "l\t1\tbind\t-\t-\tx\nb\t/proc/thread-self\t/b\nend\n",
		RULE "l\t1\tbind\t-\t-\tx\nb\t/a\t/b\nb\t/c\t/b\nend\n",
		RULE "l\t1\tbind\t-\t-\tx\nb\t/a\t/b\nl\t1\tbind\t-\t-\tx\nb\t/a\t/c\nend\n",
		RULE "l\t1\tconnect\t-\t-\tx\na\thost\nend\n",
		RULE "l\t1\tlisten\t-\t-\tx\na\thost:1\nend\n",
		RULE "l\t1\task\tconnect\t-\tx\nA\thost:1\nend\n",
		RULE "l\t1\tmethod\t-\t-\tx\nn\ta/b\nend\n",
		RULE "l\t1\tmethod\t-\t-\tx\nn\t\nend\n",
		RULE "l\t1\tenv\t-\t-\tx\nn\t1A\nend\n",
		RULE "l\t1\tenv\t-\t-\tx\nN\tA\nend\n",
		RULE "l\t1\tenv\t-\t-\tx\ns\tA*\tx\nend\n",
		RULE "l\t1\tlimit\t-\t-\tx\nm\t99\t1\nend\n",
		RULE "l\t1\tlimit\t-\t-\tx\nm\t0\t0\nend\n",
		RULE "l\t1\tlimit\t-\t-\tx\nm\t0\t99999999999999999999\nend\n",
		RULE "l\t1\tread\t-\t-\tx\ng/a\nend\n", /* no tab */
		RULE "l\t1\tread\t-\t-\tx\ngx/a\nend\n",
		RULE "l\t1\tread\t-\t-\tx\ng\nend\n", /* a tag alone */
		RULE "l\t1\tsealed\t-\t-\tx\tmore\tand\tmore\nend\n",
		RULE "l\t1\tread\t-\t-\tx\\\nend\n", /* half of an escape */
		RULE "l\t1\tread\t-\t-\tx\\4\nend\n",
		RULE "l\t\tread\t-\t-\tx\nend\n", /* no number */
		RULE "l\t1/\tread\t-\t-\tx\nend\n",
		RULE "l\t1:\tread\t-\t-\tx\nend\n",
		RULE "l\t2147483648\tread\t-\t-\tx\nend\n",
		RULE "l\t1\tunix\t-\t-\tx\nu\t\nend\n",
		RULE "l\t1\tunix\t-\t-\tx\nu\ta[\nend\n",
		RULE "l\t1\tunix\t-\t-\tx\nU\ta\\5c\nend\n",
		RULE "l\t1\tread\t-\t-\tx\nk\ta\nend\n",
		RULE "l\t1\tread\t-\t-\tx\nk\t/a/.\nend\n",
		RULE "l\t1\tread\t-\t-\tx\ng\t\nend\n",
		RULE "l\t1\tread\tnone\t-\tx\nend\n", /* no verb, where there is to be none */
		HEAD "g\t/a\nend\n",		      /* of no rule */
		RULE "g\t/a\nend\n",
		HEAD "r\t/a\ng\t/a\nend\n",
		RULE "l\t1\tbind\t-\t-\tx\nl\t1\tread\t-\t-\tx\nend\n", /* a view of nothing */
		HEAD "r\t/a/\nend\n",
		HEAD "r\t/a\nl\t1\tread\t-\t-\tx\nend\n", /* a rule behind the roots */
		HEAD "r\tx\nend\n",
	};

	for (size_t i = 0; i < array_size(odd); i++) {
		struct policy_error error;
		struct policy *policy;

		ck_assert_msg(policy_image_read(odd[i], strlen(odd[i]), &help_env, &policy,
						&error) == -EINVAL,
			      "%s", odd[i]);
		ck_assert_ptr_nonnull(strstr(error.text, "policy image:"));
	}
}
END_TEST

START_TEST(flat_names_near_processes_are_bound)
{
	static const char *const near[] = { "/proc/+x",	 "/proc/:",  "/.b",	  "/..b",
					    "/proc/sel", "/pro0/12", "/abcd/self" };

	for (size_t i = 0; i < array_size(near); i++) {
		char text[256];

		snprintf(text, sizeof(text), RULE "l\t1\tbind\t-\t-\tx\nb\t%s\t/b\nend\n", near[i]);
		policy_free(read_image(text, strlen(text)));
	}
}
END_TEST

START_TEST(flat_every_cut_is_refused)
{
	struct policy *policy = help_policy("read /a except /a/b\nbind /v / rw\nexec /x"), *cut;
	struct policy_error error;
	char *text;
	size_t size;

	ck_assert_int_eq(policy_image_write(policy, &text, &size), 0);
	for (size_t i = 0; i < size; i++)
		ck_assert_int_eq(policy_image_read(text, i, &help_env, &cut, &error), -EINVAL);
	policy_free(policy);
	free(text);
}
END_TEST

/* Repeats records, with a number for each #, until the text is too large for something. */
static int repeat(const char *start, const char *records, unsigned int count)
{
	size_t size = strlen(start), room = size + (size_t)count * 64 + 8;
	char *text = malloc(room);
	struct policy_error error;
	struct policy *policy;
	int r;

	memcpy(text, start, size + 1);
	for (unsigned int i = 0; i < count; i++)
		for (const char *p = records; *p; p++)
			size += (size_t)(*p == '#' ? sprintf(text + size, "%u", i)
						   : sprintf(text + size, "%c", *p));
	size += (size_t)sprintf(text + size, "end\n");
	r = policy_image_read(text, size, &help_env, &policy, &error);
	if (r == 0)
		policy_free(policy);
	free(text);
	return r;
}

START_TEST(flat_bounds_hold)
{
	static const char read[] = RULE "l\t1\tread\t-\t-\tx\n";
	static const char bind[] = "l\t1\tbind\t-\t-\tx\nb\t/n#\t/t#\n";

	ck_assert_int_eq(repeat(read, "g\t/#\n", 8000), 0);
	ck_assert_int_eq(repeat(read, "g\t/#/#\n", 9000), -E2BIG); /* nodes */
	ck_assert_int_eq(repeat(read, "g\t/a\n", 16385), -E2BIG);  /* objects */
	ck_assert_int_eq(repeat(RULE, "l\t1\tsealed\t-\t-\tx\n", 4096), 0);
	ck_assert_int_eq(repeat(RULE, "l\t1\tsealed\t-\t-\tx\n", 4097), -E2BIG);
	ck_assert_int_eq(repeat(RULE, bind, 512), 0);
	ck_assert_int_eq(repeat(RULE, bind, 513), -E2BIG);
	ck_assert_int_eq(repeat(HEAD, "r\t/#\n", 1025), -E2BIG);
	ck_assert_int_eq(repeat(RULE, "l\t1\tread\t-\tg\tx\n", 513), -EINVAL);
	ck_assert_int_eq(repeat(read, "g\t/*12345/?234567\n", 630), 0);
	ck_assert_int_eq(repeat(read, "g\t/*12345/?234567\n", 631), -E2BIG); /* globs */
	ck_assert_int_eq(repeat(HEAD, "f\t123456789012345678901234567890\t\n", 40000), -EFBIG);
}
END_TEST

/* One field as long as may be, and one byte more. */
START_TEST(flat_fields_are_bounded)
{
	static const struct {
		const char *before, *after;
		size_t most;
	} fields[] = {
		{HEAD "f\t",			      "\tp\nend\n", IMAGE_SOURCE},
		{ HEAD "f\ts\t",			 "\nend\n",    IMAGE_POLICY},
		{ RULE "l\t1\tread\t-\t-\t",	     "\nend\n",	IMAGE_TEXT  },
		{ RULE "l\t1\tenv\t-\t-\tx\ns\tA\t", "\nend\n",	IMAGE_FIELD },
	};

	for (size_t i = 0; i < array_size(fields); i++) {
		char text[IMAGE_FIELD + 128];
		struct policy_error error;
		struct policy *policy;

		for (size_t more = 0; more < 2; more++) {
			size_t size = fields[i].most + more, at = strlen(fields[i].before);
			int r;

			memcpy(text, fields[i].before, at);
			memset(text + at, 'a', size);
			strcpy(text + at + size, fields[i].after);
			r = policy_image_read(text, strlen(text), &help_env, &policy, &error);
			ck_assert_int_eq(r, more ? -EINVAL : 0);
			if (r == 0)
				policy_free(policy);
		}
	}
}
END_TEST

START_TEST(flat_records_of_many_fields_are_refused)
{
	static const char head[] = RULE "l", tail[] = "\nend\n";
	static char text[1 << 16];
	struct policy_error error;
	struct policy *policy;
	size_t n = sizeof(head) - 1;

	memcpy(text, head, n);
	while (n < sizeof(text) - 16) {
		text[n++] = '\t';
		text[n++] = 'x';
	}
	memcpy(text + n, tail, sizeof(tail));
	ck_assert_int_eq(policy_image_read(text, strlen(text), &help_env, &policy, &error),
			 -EINVAL);
}
END_TEST

START_TEST(flat_needs_a_sealed_plain_policy)
{
	struct policy *policy, *other, *joined;
	char *text;
	size_t size;

	ck_assert_int_eq(policy_new(&help_env, &policy), 0);
	ck_assert_int_eq(policy_image_write(policy, &text, &size), -EINVAL);
	policy_free(policy);
	policy = help_policy("read /a");
	other = help_policy("read /b");
	ck_assert_int_eq(policy_join(policy, other, &joined), 0);
	ck_assert_int_eq(policy_image_write(joined, &text, &size), -EINVAL);
	policy_free(policy);
	policy_free(other);
	policy_free(joined);
}
END_TEST

/* A name may hold any byte, and the text of a rule may be bytes that no terminal should see. */
START_TEST(flat_keeps_every_byte)
{
	static const char *const environment[] = { "ODD=/a\nb\t*\x7f\xff\\", NULL };
	struct policy_env env = help_env;
	struct policy *policy, *back;

	env.environment = environment;
	policy = help_policy_in(&env, "read ${ODD}/c");
	back = travel(policy);
	ck_assert_int_eq(help_judge(back, "/a\nb\t*\x7f\xff\\/c", RIGHT_READ), DECISION_ALLOW);
	ck_assert_int_eq(help_judge(back, "/a\nb\tx\x7f\xff\\/c", RIGHT_READ), DECISION_DENY);
	policy_free(policy);
	policy_free(back);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("policy_flat");
	TCase *tcase = test_case(suite, "image");

	tcase_set_timeout(tcase, 25);
	tcase_add_checked_fixture(tcase, make_tree, scratch_remove);
	tcase_add_test(tcase, flat_judges_as_before);
	tcase_add_test(tcase, flat_keeps_what_is_no_path);
	tcase_add_test(tcase, flat_shipped_policies_come_back);
	tcase_add_test(tcase, flat_odd_text_is_refused);
	tcase_add_test(tcase, flat_names_near_processes_are_bound);
	tcase_add_test(tcase, flat_every_cut_is_refused);
	tcase_add_test(tcase, flat_bounds_hold);
	tcase_add_test(tcase, flat_fields_are_bounded);
	tcase_add_test(tcase, flat_records_of_many_fields_are_refused);
	tcase_add_test(tcase, flat_needs_a_sealed_plain_policy);
	tcase_add_test(tcase, flat_keeps_every_byte);
	return suite;
}
