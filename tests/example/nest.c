/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nest: a browser and what it holds, each under the one above; one program that plays every role.
 *
 *	the browser		defines camera.frame; runs two tabs
 *	tab1			may use camera.frame, and lets its plugin; defines tab.title
 *	tab1/plugin		uses both, and runs a widget
 *	tab1/plugin/widget	gets tab.title only: the plugin does not pass the camera on
 *	tab2, and below		no camera, although tab2 grants it to its plugin: nobody can give
 *				what he has not
 *
 * Every role but the widget is a supervisor of its children, with the same functions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pcall.h"
#include "supervisor.h"

/* A role: who it runs, and what these may call. */
struct role {
	const char *name;
	const char *methods[2]; /* lines of its children's policies */
	const char *child;	/* the role of its children; NULL: it has none */
	int children;
	const char *defines;
};

/* clang-format off */
static const struct role roles[] = {
	{ "browser", { "method camera.* tab.*", "method tab.*" }, "tab",    2, "camera.frame" },
	{ "tab",     { "method camera.* tab.*" },                 "plugin", 1, "tab.title" },
	{ "plugin",  { "method tab.*" },                          "widget", 1, NULL },
	{ "widget",  { NULL },                                    NULL,     0, NULL },
};
/* clang-format on */

/* camera.frame(bytes out) and tab.title(bytes out): who asks is told who it is. */
static struct sv_answer describe(struct sv_call *call, void *data)
{
	char text[320];
	int size =
		snprintf(text, sizeof(text), "%s for %s", (const char *)data, sv_call_label(call));

	return sv_call_output(call, text, (size_t)size);
}

static void try_method(const char *label, const char *name)
{
	char text[320];
	long size = pcall_message(pcall_method(name), NULL, 0, text, sizeof(text));

	if (size < 0)
		printf("%s: %s: %s\n", label, name, strerror((int)-size));
	else
		printf("%s: %s: %.*s\n", label, name, (int)size, text);
}

static void on_event(const struct sv_event *event, void *data)
{
	int *left = data;

	if (event->type == SV_EVENT_EXITED)
		--*left;
}

/* The policy of a child: the loader and libc, this program, and its methods. */
static int policy_read(const char *program, const char *methods, struct sv_policy **ret,
		       struct sv_error *error)
{
	char line[4200];
	const char *const lines[] = { "read /lib /lib64 /usr/lib /etc/ld.so.cache /proc/self",
				      "exec /lib64/ld-linux-x86-64.so.2", line, methods, NULL };
	const struct sv_policy_source source = { .size = sizeof(source), .lines = lines };

	snprintf(line, sizeof(line), "exec \"%s\"", program);
	return sv_policy_read(&source, ret, error);
}

static int run_child(struct sv *sv, const struct role *role, const char *program, int i,
		     struct sv_policy **policy, struct sv_error *error)
{
	const char *const argv[] = { program, role->child, NULL };
	char label[32];
	struct sv_spec spawn = { .size = sizeof(spawn),
				 .argv = argv,
				 .envp = (const char *const *)environ,
				 .label = label };
	struct sv_child *child = NULL;
	int r = policy_read(program, role->methods[i], policy, error);

	/* "tab1", "tab2", but "plugin" */
	snprintf(label, sizeof(label), role->children > 1 ? "%s%d" : "%s", role->child, i + 1);
	spawn.policy = *policy;
	return r < 0 ? r : sv_spawn(sv, &spawn, &child, error);
}

static int supervise(const struct role *role, const char *program)
{
	int left = role->children, r;
	const struct sv_options options = { .size = sizeof(options),
					    .on_event = on_event,
					    .data = &left };
	struct sv_policy *policies[2] = { NULL, NULL };
	struct sv_error error = { 0 };
	struct sv *sv = NULL;

	r = sv_new(&options, &sv, &error); /* root, or a level: the same */
	if (r == 0 && role->defines)
		r = sv_define(sv, role->defines, describe, (void *)role->defines);
	for (int i = 0; i < role->children && r >= 0; i++)
		r = run_child(sv, role, program, i, &policies[i], &error);
	while (left > 0 && r >= 0)
		r = sv_dispatch(sv, -1);
	if (r < 0)
		fprintf(stderr, "%s: %s\n", role->name, error.text[0] ? error.text : strerror(-r));
	sv_free(sv);
	sv_policy_free(policies[0]); /* policies outlive children */
	sv_policy_free(policies[1]);
	return r < 0;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "browser";
	struct pcall_info info = { .size = sizeof(info) };
	char program[4096];
	ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 1);

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (size < 0)
		return 1;
	program[size] = 0;
	if (pcall_inside(&info) == 0) {
		try_method(info.label, "camera.frame");
		try_method(info.label, "tab.title");
	}
	for (unsigned int i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (!strcmp(roles[i].name, name))
			return roles[i].child ? supervise(&roles[i], program) : 0;
	fprintf(stderr, "nest: no role %s\n", name);
	return 1;
}
