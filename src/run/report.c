/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is told of what happened: messages for people, JSON lines for programs, a table at the end.
 *
 * A refusal is told once for each object and counted after that. How much is remembered and shown
 * is bounded: a command that is refused in a loop fills neither memory nor screen. While the
 * terminal is in raw mode an editor or a pager owns the screen: messages wait until it is done.
 */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "common/cleanup.h"
#include "judge/verdict.h"
#include "program/suggest.h"
#include "program/show.h"

#define DENIALS_MAX  4096	  /* remembered */
#define SHOWN_MAX    100	  /* told as messages */
#define SUMMED_MIN   10		  /* refusals of one object that call for a summary */
#define WAITING_MAX  (64 * 1024)  /* bytes held back */
#define COLUMN	     47		  /* of what stands to the right in a message */
#define MESSAGES_MAX (256 * 1024) /* bytes that wait for who reads stderr */
#define EVENTS_MAX   (4 << 20)	  /* the same of --events */
#define FLUSH_MS     1000	  /* how long nothing may be taken, at the end */

bool run_report_opens(struct run *run)
{
	const char *events = run->options.events;

	if (!events)
		return true;
	if (!strncmp(events, "fd:", 3)) {
		run->events_fd = fcntl(atoi(events + 3), F_DUPFD_CLOEXEC, 3);
		if (run->events_fd < 0)
			message_say(&run->message, "--events %s: %s", events, strerror(errno));
		return run->events_fd >= 0;
	}
	run->events_fd = open(events, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0666);
	if (run->events_fd < 0)
		message_say(&run->message, "--events %s: %s", events, strerror(errno));
	return run->events_fd >= 0;
}

int run_report_begins(struct run *run)
{
	run->message.output = output_new(STDERR_FILENO, MESSAGES_MAX);
	if (run->events_fd >= 0)
		run->events = output_new(run->events_fd, EVENTS_MAX);
	if (run->options.json_status_fd >= 0)
		run->status = output_new(run->options.json_status_fd, MESSAGES_MAX);
	return run->message.output && (run->events || run->events_fd < 0) &&
			       (run->status || run->options.json_status_fd < 0)
		       ? 0
		       : message_say(&run->message, "out of memory");
}

/* Adds a name with the home directory as ~. */
static void add_name(struct run *run, struct text *text, const char *name)
{
	struct run_report *r = &run->report;
	size_t size;

	if (!r->home_known && run->site.env.home && !realpath(run->site.env.home, r->home))
		r->home[0] = '\0';
	r->home_known = true;
	size = strlen(r->home);
	if (size > 1 && !strncmp(name, r->home, size) && (name[size] == '/' || !name[size])) {
		text_add(text, "~");
		name += size;
	}
	text_quoted(text, name);
}

static enum verb verb_find(const char *name)
{
	for (enum verb verb = VERB_NONE + 1; name && verb < VERB_MAX; verb++)
		if (!strcmp(verb_name(verb), name))
			return verb;
	return VERB_NONE;
}

struct suggestion {
	char flag[PATH_MAX + 64];
	char line[PATH_MAX + 64];
};

/* What our own policy allows was refused further up, and no line of ours would help. */
static bool decided_above(const struct run *run, const struct sv_event *event)
{
	static const unsigned int rights[VERB_MAX] = {
		[VERB_LIST] = RIGHT_LIST, [VERB_READ] = RIGHT_READ, [VERB_WRITE] = RIGHT_WRITE,
		[VERB_EXEC] = RIGHT_EXEC, [VERB_UNIX] = RIGHT_UNIX, [VERB_DEV] = RIGHT_DEV,
	};
	unsigned int right = rights[verb_find(event->verb)];

	if (event->policy || !run->judged || !right || !event->object || event->object[0] != '/')
		return false;
	return policy_judge(run->judged, event->object, right).decision == DECISION_ALLOW;
}

/* Did an `except` leave it out of what its own line grants? Another line may grant it. */
static bool is_excepted(const struct sv_event *event)
{
	char word[16];
	enum verb verb;

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(event->rule_text, " \t"),
		 event->rule_text);
	verb = verb_find(word);
	return verb == VERB_LIST || verb == VERB_READ || verb == VERB_WRITE || verb == VERB_EXEC ||
	       verb == VERB_UNIX || verb == VERB_DEV;
}

/* A refusal by a rule has none: no other line can win over it. */
static bool suggest(const struct run *run, const struct sv_event *event, struct suggestion *ret)
{
	enum verb verb = verb_find(event->verb);

	if ((event->rule_text && !is_excepted(event)) || !event->object || !verb || !run->judged ||
	    decided_above(run, event))
		return false;
	return policy_suggest(run->judged, verb, event->object, ret->flag, sizeof(ret->flag),
			      ret->line, sizeof(ret->line)) >= 0;
}

static void add_policies(const struct run *run, struct text *text)
{
	const struct run_options *o = &run->options;

	text_add(text, "policy ");
	if (o->policies_count == 0)
		text_add(text, "readonly");
	for (size_t i = 0; i < o->policies_count; i++) {
		text_add(text, i ? ", " : "");
		text_quoted(text, o->policies[i]);
	}
}

/* Refused whatever a policy says: there is no verb for it. */
static bool is_beyond_policies(const struct sv_event *event)
{
	return event->verb && strcmp(event->verb, "none") == 0;
}

static void add_verb(struct text *text, const struct sv_event *event)
{
	if (event->verb && !is_beyond_policies(event))
		text_add(text, "%s ", event->verb);
}

static void add_why(const struct run *run, struct text *text, const struct sv_event *event)
{
	text_add(text, "  why    ");
	if (is_beyond_policies(event)) {
		text_quoted(text, event->text ? event->text : "no rule can allow it");
		text_add(text, "\n");
		return;
	}
	if (decided_above(run, event)) {
		text_add(text, "no rule allows it in the sandbox that is around this one\n");
		return;
	}
	if (!event->policy) {
		text_add(text, "no rule allows it");
		text_column(text, SHOW_COLUMN);
		add_policies(run, text);
		text_add(text, "\n");
		return;
	}
	text_quoted(text, event->rule_text ? event->rule_text : "a rule");
	text_add(text, "  ");
	show_origin(text, event->policy, event->rule_source, event->rule_line);
	text_add(text, "\n");
}

static void add_allow(const struct run *run, struct text *text, const struct sv_event *event)
{
	struct suggestion s;

	if (suggest(run, event, &s))
		show_allow(text, s.flag, s.line);
}

static void add_denial(struct run *run, struct text *text, const struct sv_event *event)
{
	message_color(&run->message, text, COLOR_BOLD);
	text_add(text, "%s:", run->message.program);
	message_color(&run->message, text, COLOR_NONE);
	message_color(&run->message, text, COLOR_BAD);
	text_add(text, " denied");
	message_color(&run->message, text, COLOR_NONE);
	text_add(text, "  ");
	add_verb(text, event);
	add_name(run, text, event->object ? event->object : "");
	text_add(text, "  by ");
	text_quoted(text, event->exe && *event->exe ? event->exe : "?");
	if (event->syscall && *event->syscall)
		text_add(text, " (%d, %s)\n", (int)event->pid, event->syscall);
	else
		text_add(text, " (%d)\n", (int)event->pid);
	if (run->options.verbose && event->as_given) {
		text_add(text, "  given  ");
		text_quoted(text, event->as_given);
		text_add(text, "\n");
	}
	add_why(run, text, event);
	add_allow(run, text, event);
}

static bool terminal_is_raw(void)
{
	struct termios t;

	return tcgetattr(STDERR_FILENO, &t) == 0 && !(t.c_lflag & ICANON);
}

void run_report_show(struct run *run, bool in_any_case)
{
	struct text *waiting = &run->report.waiting;

	if (waiting->size == 0 || (!in_any_case && terminal_is_raw()))
		return;
	message_write(&run->message, waiting);
	text_clear(waiting);
}

/* Are refusals told as messages? */
static bool tells(const struct run *run)
{
	return !run->options.quiet && (run->options.verbose || isatty(STDERR_FILENO));
}

/* *ret_new: it is the first of its object. NULL: too many are remembered, or no memory. */
static struct run_denial *remember(struct run_report *report, const struct sv_event *event,
				   bool *ret_new)
{
	const char *object = event->object ? event->object : "",
		   *verb = event->verb ? event->verb : "";
	struct run_denial *d;

	*ret_new = false;
	for (size_t i = 0; i < report->denials_count; i++) {
		d = &report->denials[i];
		if (!strcmp(d->object, object) && !strncmp(d->verb, verb, sizeof(d->verb) - 1))
			return d;
	}
	if (report->denials_count == DENIALS_MAX)
		return NULL;
	d = reallocarray(report->denials, report->denials_count + 1, sizeof(*d));
	if (!d)
		return NULL;
	report->denials = d;
	d += report->denials_count;
	*d = (struct run_denial){ .object = strdup(object) };
	if (!d->object)
		return NULL;
	snprintf(d->verb, sizeof(d->verb), "%s", verb);
	snprintf(d->exe, sizeof(d->exe), "%s", event->exe ? event->exe : "");
	report->denials_count++;
	*ret_new = true;
	return d;
}

/*
 * Programs look for many things that are nowhere: a command in each directory of PATH, a
 * configuration in four places, the socket of a service. Where nothing is, nothing was kept from
 * them by a refusal to look, and people need not hear of it.
 */
static bool is_absent(const struct sv_event *event)
{
	enum verb verb = verb_find(event->verb);

	if (verb != VERB_LIST && verb != VERB_READ && verb != VERB_EXEC && verb != VERB_UNIX)
		return false;
	return event->object && faccessat(AT_FDCWD, event->object, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	       errno == ENOENT;
}

/*
 * A pcall-run in the box looks where the names of its policy lead, and whether what was refused is
 * there at all. Where it may not look it does without, and keeps nothing from anybody.
 */
static bool is_of_nesting(const struct sv_event *event)
{
	return event->exe && !strcmp(event->exe, "pcall-run") &&
	       verb_find(event->verb) == VERB_LIST;
}

/*
 * What programs note for themselves, and go on if they may not: git what it has looked at, in its
 * index; vim where it was. If one does not go on, this was the reason.
 */
static bool is_of_no_account(const struct sv_event *event)
{
	static const struct {
		const char *exe; /* begins so */
		const char *within, *end;
	} notes[] = {
		{"git",	 "/.git/",	   "/index.lock"},
		{ "vim", "/.viminfo", ""		 },
	};
	size_t size = event->object ? strlen(event->object) : 0;

	if (size == 0 || !event->exe || verb_find(event->verb) != VERB_WRITE)
		return false;
	for (size_t i = 0; i < array_size(notes); i++) {
		size_t end = strlen(notes[i].end);

		if (!strncmp(event->exe, notes[i].exe, strlen(notes[i].exe)) &&
		    strstr(event->object, notes[i].within) && size >= end &&
		    !strcmp(event->object + size - end, notes[i].end))
			return true;
	}
	return false;
}

static void tell_denied(struct run *run, const struct sv_event *event)
{
	struct run_report *report = &run->report;
	bool absent = is_absent(event), first;
	struct run_denial *d;

	if ((absent || event->lacking || is_of_nesting(event)) && !run->options.verbose) {
		report->passed_over += event->count;
		return;
	}
	if (!run->options.verbose && is_of_no_account(event)) {
		if (report->if_failed.size == 0)
			add_denial(run, &report->if_failed, event);
		return;
	}
	if (!absent && !event->lacking)
		report->refused = true;
	report->total += event->count;
	d = remember(report, event, &first);
	if (d)
		d->count += event->count;
	if (!first && d && d->count < SUMMED_MIN)
		return;
	if (!first || !tells(run) || report->denials_count > SHOWN_MAX ||
	    report->waiting.size > WAITING_MAX) {
		report->hushed = true;
		return;
	}
	add_denial(run, &report->waiting, event);
	run_report_show(run, false);
}

/* The first one tells: others are of the next directories of PATH. */
static void keep_unstarted(struct run *run, const struct sv_event *event)
{
	struct text *text = &run->report.unstarted;

	if (text->size)
		return;
	if (event->type == SV_EVENT_FAULT) {
		text_add(text, "%s\n", event->text ? event->text : "?");
		return;
	}
	text_add(text, "denied  ");
	add_verb(text, event);
	add_name(run, text, event->object ? event->object : "");
	text_add(text, "\n");
	add_why(run, text, event);
	add_allow(run, text, event);
}

bool run_report_unstarted(struct run *run)
{
	const struct text *why = &run->report.unstarted;
	struct text text cleanup_text = { 0 };
	char first[PATH_MAX + 64];
	size_t size;

	if (why->size == 0)
		return false;
	/* The first line is all that -q leaves. */
	size = strcspn(why->data, "\n");
	snprintf(first, sizeof(first), "%.*s", (int)size, why->data);
	text_add(&text, "cannot run ");
	text_quoted(&text, run->options.command[0]);
	message_say(&run->message, "%s: %s", text.data, first);
	if (!run->options.quiet) {
		text_clear(&text);
		text_add(&text, "%s", why->data + size + 1);
		message_write(&run->message, &text);
	}
	return true;
}

static const char *const event_names[] = {
	[SV_EVENT_DENIED] = "denied",	    [SV_EVENT_STOPPED] = "stopped",
	[SV_EVENT_CONTINUED] = "continued", [SV_EVENT_EXITED] = "exited",
	[SV_EVENT_LIMIT] = "limit",	    [SV_EVENT_LOST] = "lost",
	[SV_EVENT_FAULT] = "fault",
};

static void json_time(struct text *line, uint64_t time_ns)
{
	time_t seconds = time_ns / 1000000000;
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		text_add(line, ",\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%09uZ\"",
			 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
			 tm.tm_sec, (unsigned int)(time_ns % 1000000000));
}

static void json_denied(const struct run *run, struct text *line, const struct sv_event *event)
{
	struct suggestion s;
	bool suggested = suggest(run, event, &s);

	text_json_number(line, "pid", event->pid);
	text_json(line, "exe", event->exe);
	text_json(line, "verb", event->verb);
	text_json(line, "object", event->object);
	text_json(line, "given", event->as_given ? event->as_given : event->object);
	text_json(line, "syscall", event->syscall);
	text_json(line, "errno", strerrorname_np(event->value));
	text_json(line, "policy", event->policy);
	text_json(line, "source", event->policy ? event->rule_source : NULL);
	text_json_number(line, "line", event->policy ? event->rule_line : 0);
	text_json(line, "rule", event->policy ? event->rule_text : NULL);
	text_json(line, "suggestion", suggested ? s.line : NULL);
	text_json(line, "text", event->text);
	text_add(line, ",\"lacking\":%s", event->lacking ? "true" : "false");
	text_json_number(line, "count", event->count);
}

static void json_changed(struct text *line, const struct sv_event *event)
{
	text_json_number(line, "pid", event->pid);
	if (event->type != SV_EVENT_EXITED)
		text_json(line, "signal", event->value ? sigabbrev_np(event->value) : NULL);
	else if (WIFSIGNALED(event->value))
		text_json(line, "signal", sigabbrev_np(WTERMSIG(event->value)));
	else
		text_json_number(line, "status", WEXITSTATUS(event->value));
}

static void events_tell(struct run *run, const struct sv_event *event)
{
	struct text line cleanup_text = { 0 };

	if (!run->events || (size_t)event->type >= array_size(event_names) ||
	    !event_names[event->type])
		return;
	text_add(&line, "{");
	text_json(&line, "event", event_names[event->type]);
	json_time(&line, event->time_ns);
	text_json(&line, "label", event->child ? sv_child_label(event->child) : run->options.label);
	switch (event->type) {
	case SV_EVENT_DENIED: json_denied(run, &line, event); break;
	case SV_EVENT_LOST: text_json_number(&line, "count", event->value); break;
	case SV_EVENT_LIMIT:
	case SV_EVENT_FAULT: text_json(&line, "text", event->text); break;
	default: json_changed(&line, event); break;
	}
	text_add(&line, "}\n");
	output_write(run->events, &line);
}

static void say(const struct run *run, const char *what, const char *text)
{
	if (!run->options.quiet)
		message_say(&run->message, "%s%s", what, text ? text : "?");
}

void run_report_event(struct run *run, const struct sv_event *event)
{
	if (run->starting && (event->type == SV_EVENT_DENIED || event->type == SV_EVENT_FAULT)) {
		keep_unstarted(run, event);
		events_tell(run, event);
		return;
	}
	switch (event->type) {
	case SV_EVENT_DENIED: tell_denied(run, event); break;
	case SV_EVENT_LOST: run->report.lost += event->value; break;
	case SV_EVENT_LIMIT: say(run, "the command was ended by its limit: ", event->text); break;
	case SV_EVENT_FAULT: say(run, "", event->text); break;
	default: break;
	}
	events_tell(run, event);
}

static int more_first(const void *a, const void *b)
{
	const struct run_denial *x = a, *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

static void add_summary(struct run *run, struct text *text)
{
	struct run_report *report = &run->report;

	if (report->total == 0) {
		text_add(text, "%s: nothing was denied", run->message.program);
		if (report->passed_over > 0)
			text_add(text, " but what is not there, or done without (%ju call%s; -v)",
				 (uintmax_t)report->passed_over,
				 report->passed_over == 1 ? "" : "s");
		text_add(text, "\n");
		return;
	}
	text_add(text, "%s: denied %ju call%s on %zu%s object%s\n", run->message.program,
		 (uintmax_t)report->total, report->total == 1 ? "" : "s", report->denials_count,
		 report->denials_count == DENIALS_MAX ? " or more" : "",
		 report->denials_count == 1 ? "" : "s");
	qsort(report->denials, report->denials_count, sizeof(*report->denials), more_first);
	for (size_t i = 0; i < report->denials_count && i < SHOWN_MAX; i++) {
		const struct run_denial *d = &report->denials[i];

		text_add(text, "%8ju  %-7s ", (uintmax_t)d->count, d->verb);
		add_name(run, text, d->object);
		text_column(text, SHOW_COLUMN);
		text_quoted(text, d->exe);
		text_add(text, "\n");
	}
	if (report->denials_count > SHOWN_MAX)
		text_add(text, "          and %zu more\n", report->denials_count - SHOWN_MAX);
}

/* What nobody took in time. */
static void lost_say(struct run *run)
{
	struct output *output = run->message.output;
	uint64_t lost = 0;
	int error = 0;

	if (run->events && !output_flush(run->events, FLUSH_MS, &lost, &error))
		message_say(&run->message, "--events %s: %ju lines could not be written",
			    run->options.events, (uintmax_t)lost);
	if (run->status && !output_flush(run->status, FLUSH_MS, &lost, &error))
		message_say(&run->message, "--json-status-fd %d: %s", run->options.json_status_fd,
			    error ? strerror(error) : "nobody reads it");
	if (output && !output_flush(output, FLUSH_MS, &lost, &error))
		message_say(&run->message, "%ju message%s could not be written", (uintmax_t)lost,
			    lost == 1 ? "" : "s");
}

void run_report_end(struct run *run)
{
	struct run_report *report = &run->report;
	enum when when = run->options.summary;
	struct text text cleanup_text = { 0 };

	run_report_show(run, true);
	if (tells(run) && run->wait_status != 0)
		message_write(&run->message, &report->if_failed);
	if (when == WHEN_ALWAYS || (when == WHEN_AUTO && tells(run) && report->hushed))
		add_summary(run, &text);
	message_write(&run->message, &text);
	if (report->lost)
		message_say(&run->message, "%ju refusals came too fast to be told",
			    (uintmax_t)report->lost);
	lost_say(run);
}

void run_report_deinit(struct run_report *report)
{
	for (size_t i = 0; i < report->denials_count; i++)
		free(report->denials[i].object);
	free(report->denials);
	text_deinit(&report->if_failed);
	text_deinit(&report->unstarted);
	text_deinit(&report->waiting);
}

void run_report_status(const struct run *run, const char *key, long value)
{
	struct text line cleanup_text = { 0 };

	if (!run->status)
		return;
	text_add(&line, "{\"%s\": %ld}\n", key, value);
	output_write(run->status, &line);
}
