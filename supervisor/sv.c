/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The public face: struct sv, its life, its events. Spawning is in spawn.c. */
#include "engine.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "confine.h"
#include "floor.h"
#include "receiver.h"
#include "spawn.h"
#include "work.h"

static const char *const stage_names[SV_STAGE_MAX] = {
	[SV_STAGE_NONE] = "none",
	[SV_STAGE_CAPABILITIES] = "capabilities",
	[SV_STAGE_ZYGOTE] = "zygote",
	[SV_STAGE_ENGINE] = "engine",
	[SV_STAGE_CONFINE] = "confine",
	[SV_STAGE_CLONE] = "clone",
	[SV_STAGE_SESSION] = "session",
	[SV_STAGE_CWD] = "cwd",
	[SV_STAGE_DESCRIPTORS] = "descriptors",
	[SV_STAGE_LIMITS] = "limits",
	[SV_STAGE_NO_NEW_PRIVS] = "no_new_privs",
	[SV_STAGE_SEALED] = "sealed",
	[SV_STAGE_FLOOR] = "floor",
	[SV_STAGE_FILTER] = "filter",
	[SV_STAGE_LISTENER] = "listener",
	[SV_STAGE_EXEC] = "exec",
};

const char *sv_stage_name(enum sv_stage stage)
{
	return (unsigned int)stage < SV_STAGE_MAX ? stage_names[stage] : "?";
}

int stage_fail(struct sv_error *error, enum sv_stage stage, int r, const char *format, ...)
{
	va_list list;

	if (error) {
		error->stage = stage;
		error->error = -r;
		va_start(list, format);
		vsnprintf(error->text, sizeof(error->text), format, list);
		va_end(list);
	}
	return r;
}

/* Tags are random, so that two supervisors of one user do not know each other's children. */
static uint32_t tag_first(void)
{
	uint32_t tag = 0;

	if (getrandom(&tag, sizeof(tag), GRND_NONBLOCK) != sizeof(tag))
		tag = (uint32_t)getpid() << 12;
	return tag | 0x80000000u;
}

static int engine_threads(struct sv *sv, struct sv_error *error)
{
	sigset_t all, before;
	int r = work_new(true, &sv->work);

	if (r < 0)
		return stage_fail(error, SV_STAGE_ENGINE, r, "out of memory");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&sv->reaper, NULL, reaper_run, sv);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r < 0)
		return stage_fail(error, SV_STAGE_ENGINE, r, "no thread can be started: %s",
				  strerror(-r));
	sv->reaper_started = true;
	return 0;
}

static int engine_open(struct sv *sv, const struct sv_options *options, struct sv_error *error)
{
	int r = confine_capabilities(options->keep_caps);

	if (r < 0)
		return stage_fail(error, SV_STAGE_CAPABILITIES, r,
				  "capabilities cannot be dropped: %s", strerror(-r));
	r = zygote_open(&sv->zygote);
	if (r < 0)
		return stage_fail(error, SV_STAGE_ZYGOTE, r, "the zygote cannot be started: %s",
				  strerror(-r));
	r = events_new(&sv->events);
	if (r < 0)
		return stage_fail(error, SV_STAGE_ENGINE, r, "no event queue: %s", strerror(-r));
	sv->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (sv->wake < 0)
		return stage_fail(error, SV_STAGE_ENGINE, -errno, "no eventfd: %s",
				  strerror(errno));
	return engine_threads(sv, error);
}

int engine_confine(struct sv *sv, struct sv_error *error)
{
	int r = sv->confine ? confine_filter() : 0;

	if (r < 0)
		return stage_fail(error, SV_STAGE_CONFINE, r,
				  "the supervisor cannot confine itself: %s", strerror(-r));
	sv->confine = false; /* once, for good */
	return 0;
}

int sv_new(const struct sv_options *options, struct sv **ret, struct sv_error *error)
{
	static const struct sv_options defaults = { .size = sizeof(defaults) };
	struct sv *sv;
	int r;

	if (!options)
		options = &defaults;
	if (options->size != sizeof(*options))
		return stage_fail(error, SV_STAGE_NONE, -EINVAL,
				  "struct sv_options is of another version of the library");
	sv = calloc(1, sizeof(*sv));
	if (!sv)
		return stage_fail(error, SV_STAGE_NONE, -ENOMEM, "out of memory");
	sv->on_event = options->on_event;
	sv->data = options->data;
	sv->degraded = options->degraded;
	sv->confine = options->confine;
	sv->wake = -1;
	sv->zygote = (struct zygote){ .pid = -1, .pidfd = -1, .socket = -1, .first = -1 };
	sv->next_tag = tag_first();
	pthread_mutex_init(&sv->lock, NULL);
	pthread_mutex_init(&sv->spawning, NULL);
	r = engine_open(sv, options, error);
	if (r < 0) {
		sv_free(sv);
		return r;
	}
	*ret = sv;
	return 0;
}

struct sv *sv_free(struct sv *sv)
{
	if (!sv)
		return NULL;
	while (sv->children)
		sv_child_free(sv->children);
	atomic_store(&sv->ending, true);
	if (sv->zygote.pid > 0)
		zygote_doom(&sv->zygote);
	if (sv->reaper_started) {
		reaper_wake(sv);
		pthread_join(sv->reaper, NULL);
	}
	work_free(sv->work);
	if (sv->zygote.pid > 0)
		zygote_kill(&sv->zygote); /* every child was freed, and so killed */
	events_free(sv->events);
	if (sv->wake >= 0)
		close(sv->wake);
	pthread_mutex_destroy(&sv->lock);
	pthread_mutex_destroy(&sv->spawning);
	free(sv);
	return NULL;
}

int sv_poll_fd(const struct sv *sv)
{
	return events_fd(sv->events);
}

int sv_dispatch(struct sv *sv, int timeout_ms)
{
	struct pollfd p = { .fd = events_fd(sv->events), .events = POLLIN };

	if (timeout_ms != 0 && poll(&p, 1, timeout_ms) < 0)
		return errno == EINTR ? 0 : -errno;
	return events_drain(sv->events, sv->on_event, sv->data);
}

pid_t sv_child_pid(const struct sv_child *child)
{
	return child->child.pid;
}

const char *sv_child_label(const struct sv_child *child)
{
	return child->child.label;
}

int sv_child_kill(struct sv_child *child, int signal)
{
	if (signal == SIGKILL) {
		child_kill_all(&child->child);
		return 0;
	}
	return syscall(SYS_pidfd_send_signal, child->child.pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

struct sv_child *sv_child_free(struct sv_child *child)
{
	struct sv *sv;

	if (!child)
		return NULL;
	sv = child->sv;
	child_kill_all(&child->child);
	pthread_mutex_lock(&sv->lock);
	for (struct sv_child **at = &sv->children; *at; at = &(*at)->next)
		if (*at == child) {
			*at = child->next;
			break;
		}
	pthread_mutex_unlock(&sv->lock);
	child_free(child);
	return NULL;
}
