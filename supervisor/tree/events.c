/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The queue of events. Whatever children do, it holds at most SLOTS_MAX events and BYTES_MAX of
 * strings, and keeps room for the ends of children when refusals have filled theirs. That of a
 * level has room as its policy says: for its children's ends, and for words at its child's expense.
 *
 * Folding knows a refusal by a keyed hash: the key is random, so that a child cannot make one
 * refusal pass for another. One that came again is kept whole, so that what was counted and not
 * told yet can be told when its child ends, or when its place is needed.
 */
#include "tree/events.h"

#include <errno.h>
#include <linux/limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/lock.h"
#include "common/cleanup.h"
#include "tree/siphash.h"

#define SLOTS_MAX  2048
#define SLOTS_MIN  64
#define BYTES_MAX  (1u << 20)
#define KEPT_MAX   (1u << 20)
#define FOLD_SETS  1024
#define FOLD_FEW   64 /* sets, of a level's */
#define FOLD_WAYS  4
#define STRING_MAX 256

/* The strings of an event, and how much of each is kept. */
static const struct {
	size_t offset;
	size_t max;
} strings[] = {
	{offsetof(struct sv_event,  exe),	  STRING_MAX},
	{ offsetof(struct sv_event, syscall),     STRING_MAX},
	{ offsetof(struct sv_event, verb),	   STRING_MAX},
	{ offsetof(struct sv_event, object),	     PATH_MAX  },
	{ offsetof(struct sv_event, as_given),    PATH_MAX	},
	{ offsetof(struct sv_event, policy),	     STRING_MAX},
	{ offsetof(struct sv_event, rule_source), PATH_MAX  },
	{ offsetof(struct sv_event, rule_text),	STRING_MAX},
	{ offsetof(struct sv_event, text),	   STRING_MAX},
};

/* How many events may wait when one of this type is added: what a child can repeat at will gives
 * way first. */
static size_t room_for(size_t slots, enum sv_event_type type)
{
	switch (type) {
	case SV_EVENT_DENIED:
	case SV_EVENT_FAULT: return slots / 2;
	case SV_EVENT_STOPPED:
	case SV_EVENT_CONTINUED: return slots / 4 * 3;
	default: return slots;
	}
}

struct slot {
	struct sv_event event;
	char *bytes; /* what its strings point into; NULL: it has none */
	size_t size;
};

struct fold {
	const struct sv_child *child; /* NULL: free */
	uint64_t hash;
	uint64_t used; /* when, in pushes */
	unsigned int count, told;
	struct slot *kept; /* NULL: it came once, or there was no room */
};

LOCK_KIND(events);

struct events {
	int fd;
	struct events_lock lock; /* guards what follows */
	uint64_t key[2];
	uint64_t pushes;
	unsigned int lost;
	uint32_t queued; /* ever */
	size_t first, count, bytes;
	size_t kept; /* bytes of the folds' strings */
	bool closed;
	struct account *account; /* charged with these bytes; NULL: nobody is */
	size_t slots_count, sets;
	struct slot *slots;
	struct fold (*folds)[FOLD_WAYS];
};

static void fold_free(struct events *events, struct fold *fold)
{
	if (fold->kept) {
		events->kept -= fold->kept->size;
		account_discharge(events->account, fold->kept->size);
		free(fold->kept->bytes);
		free(fold->kept);
	}
	*fold = (struct fold){ 0 };
}

static int events_make(size_t slots, size_t sets, struct account *account, struct events **ret)
{
	struct events *events = calloc(1, sizeof(*events));
	int r = 0;

	if (!events)
		return -ENOMEM;
	events->slots_count = slots;
	events->sets = sets;
	events->account = account;
	events_lock_init(&events->lock);
	events->slots = calloc(slots, sizeof(*events->slots));
	events->folds = calloc(sets, sizeof(*events->folds));
	events->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!events->slots || !events->folds)
		r = -ENOMEM;
	else if (events->fd < 0 ||
		 getrandom(events->key, sizeof(events->key), 0) != sizeof(events->key))
		r = -errno;
	if (r < 0)
		events_free(events);
	else
		*ret = events;
	return r;
}

int events_new(struct events **ret)
{
	return events_make(SLOTS_MAX, FOLD_SETS, NULL, ret);
}

int events_new_charged(size_t ends, struct account *account, struct events **ret)
{
	size_t slots = ends > SLOTS_MAX / 2 ? SLOTS_MAX : 2 * ends;

	return events_make(slots < SLOTS_MIN ? SLOTS_MIN : slots, FOLD_FEW, account, ret);
}

static void slot_clear(struct events *events, struct slot *slot)
{
	events->bytes -= slot->size;
	account_discharge(events->account, slot->size);
	free(slot->bytes);
}

void events_close(struct events *events)
{
	events_lock_take(&events->lock);
	for (size_t i = 0; events->pushes && i < events->sets; i++)
		for (size_t j = 0; j < FOLD_WAYS; j++)
			fold_free(events, &events->folds[i][j]);
	for (; events->count; events->count--) {
		slot_clear(events, &events->slots[events->first]);
		events->first = (events->first + 1) % events->slots_count;
	}
	events->account = NULL;
	events->closed = true;
	events_lock_give(&events->lock);
}

struct events *events_free(struct events *events)
{
	if (!events)
		return NULL;
	if (events->slots && events->folds)
		events_close(events);
	if (events->fd >= 0)
		close(events->fd);
	events_lock_deinit(&events->lock);
	free(events->slots);
	free(events->folds);
	free(events);
	return NULL;
}

int events_fd(const struct events *events)
{
	return events->fd;
}

static const char **string_of(struct sv_event *event, size_t i)
{
	return (const char **)((char *)event + strings[i].offset);
}

static uint64_t event_hash(const struct events *events, const struct sv_event *event)
{
	struct sip sip = sip_begin(events->key);

	sip_word(&sip, (uintptr_t)event->child);
	sip_word(&sip, (uint64_t)event->type);
	sip_string(&sip, event->syscall);
	sip_string(&sip, event->verb);
	sip_string(&sip, event->object);
	sip_string(&sip, event->type == SV_EVENT_FAULT ? event->text : NULL);
	return sip_end(&sip);
}

/* Copies the event and its strings, cut to what is kept of each. */
static int slot_fill(const struct events *events, struct slot *slot, const struct sv_event *event,
		     size_t room)
{
	size_t lengths[array_size(strings)], size = 0;
	char *at;

	*slot = (struct slot){ .event = *event };
	for (size_t i = 0; i < array_size(strings); i++) {
		const char *string = *string_of(&slot->event, i);

		lengths[i] = string ? strnlen(string, strings[i].max) : 0;
		size += string ? lengths[i] + 1 : 0;
	}
	if (size == 0)
		return 0;
	if (size > room || !account_charge(events->account, size))
		return -ENOMEM;
	slot->bytes = malloc(size);
	if (!slot->bytes) {
		account_discharge(events->account, size);
		return -ENOMEM;
	}
	slot->size = size;
	at = slot->bytes;
	for (size_t i = 0; i < array_size(strings); i++) {
		const char **string = string_of(&slot->event, i);

		if (!*string)
			continue;
		memcpy(at, *string, lengths[i]);
		at[lengths[i]] = '\0';
		*string = at;
		at += lengths[i] + 1;
	}
	return 0;
}

void events_wake(struct events *events)
{
	eventfd_write(events->fd, 1);
}

/* An end is told without its strings sooner than not at all. */
static bool queue_add(struct events *events, const struct sv_event *event, unsigned int count)
{
	struct slot *slot = &events->slots[(events->first + events->count) % events->slots_count];

	if (events->count >= room_for(events->slots_count, event->type))
		return false;
	if (slot_fill(events, slot, event, BYTES_MAX - events->bytes) < 0) {
		if (room_for(events->slots_count, event->type) < events->slots_count)
			return false;
		for (size_t i = 0; i < array_size(strings); i++)
			*string_of(&slot->event, i) = NULL;
	}
	slot->event.size = sizeof(slot->event);
	slot->event.count = count;
	if (!slot->event.time_ns)
		slot->event.time_ns = clock_real_ns();
	events->bytes += slot->size;
	events->count++;
	events->queued++;
	return true;
}

static bool power_of_ten(unsigned int n)
{
	while (n % 10 == 0 && n)
		n /= 10;
	return n == 1;
}

static void queue_or_lose(struct events *events, const struct sv_event *event, unsigned int count)
{
	if (!events->closed && !queue_add(events, event, count) && events->lost < INT32_MAX)
		events->lost++;
}

/* Tells what was counted since the refusal was told last. */
static void fold_flush(struct events *events, struct fold *fold)
{
	unsigned int count = fold->count - fold->told;

	if (!fold->child || count == 0)
		return;
	if (fold->kept)
		queue_or_lose(events, &fold->kept->event, count);
	else if (events->lost < INT32_MAX)
		events->lost++;
	fold->told = fold->count;
}

/* The child has ended: before that is told, all that is left to tell of it. */
static void folds_flush(struct events *events, const struct sv_child *child)
{
	for (size_t i = 0; events->pushes && i < events->sets; i++)
		for (size_t j = 0; j < FOLD_WAYS; j++)
			if (events->folds[i][j].child == child)
				fold_flush(events, &events->folds[i][j]);
}

/* The entry of this refusal; if there is none, the one of its set that was not used for longest. */
static struct fold *fold_find(struct events *events, const struct sv_event *event, uint64_t hash)
{
	struct fold *set = events->folds[hash % events->sets], *oldest = set;

	for (size_t i = 0; i < FOLD_WAYS; i++) {
		if (set[i].child == event->child && set[i].hash == hash)
			return &set[i];
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	fold_flush(events, oldest);
	fold_free(events, oldest);
	oldest->child = event->child;
	oldest->hash = hash;
	return oldest;
}

/* Keeps what will be told of the fold in the end. */
static void fold_keep(struct events *events, struct fold *fold, const struct sv_event *event)
{
	struct slot *kept = fold->kept ? NULL : calloc(1, sizeof(*kept));

	if (!kept)
		return;
	if (slot_fill(events, kept, event, KEPT_MAX - events->kept) < 0) {
		free(kept);
		return;
	}
	events->kept += kept->size;
	fold->kept = kept;
}

/* Is it to be told? *ret_count: how often it happened since it was told last. */
static bool fold_count(struct events *events, const struct sv_event *event, unsigned int *ret_count)
{
	struct fold *fold;

	*ret_count = event->count ? event->count : 1;
	if (event->type != SV_EVENT_DENIED && event->type != SV_EVENT_FAULT)
		return true;
	fold = fold_find(events, event, event_hash(events, event));
	fold->used = ++events->pushes;
	if (fold->count == UINT32_MAX)
		return false;
	if (!power_of_ten(++fold->count)) {
		fold_keep(events, fold, event);
		return false;
	}
	*ret_count = fold->count - fold->told;
	fold->told = fold->count;
	return true;
}

static void event_add(struct events *events, const struct sv_event *event, bool told)
{
	unsigned int count = event->count;
	bool idle;

	events_lock_take(&events->lock);
	idle = events->count == 0 && events->lost == 0;
	if (!told && event->type == SV_EVENT_EXITED && event->child)
		folds_flush(events, event->child);
	if (told || fold_count(events, event, &count))
		queue_or_lose(events, event, count);
	if (idle && (events->count || events->lost))
		events_wake(events);
	events_lock_give(&events->lock);
}

void events_push(struct events *events, const struct sv_event *event)
{
	event_add(events, event, false);
}

void events_push_told(struct events *events, const struct sv_event *event)
{
	event_add(events, event, true);
}

/* Takes the oldest out, or what was lost; false if there is neither. */
static bool queue_take(struct events *events, struct slot *ret)
{
	bool some = true;

	events_lock_take(&events->lock);
	if (events->count) {
		*ret = events->slots[events->first];
		events->first = (events->first + 1) % events->slots_count;
		events->count--;
		events->bytes -= ret->size;
		account_discharge(events->account, ret->size);
	} else if (events->lost) {
		*ret = (struct slot){
			.event = {.size = sizeof(ret->event),
				   .type = SV_EVENT_LOST,
				   .time_ns = clock_real_ns(),
				   .count = 1,
				   .value = (int)events->lost}
		};
		events->lost = 0;
	} else {
		some = false;
	}
	events_lock_give(&events->lock);
	return some;
}

uint32_t events_queued(struct events *events)
{
	uint32_t queued;

	events_lock_take(&events->lock);
	queued = events->queued;
	events_lock_give(&events->lock);
	return queued;
}

int events_next(struct events *events, sv_event_handler *handler, void *data)
{
	struct slot slot;

	if (!queue_take(events, &slot))
		return 0;
	handler(&slot.event, data);
	free(slot.bytes);
	return 1;
}

int events_drain(struct events *events, sv_event_handler *handler, void *data)
{
	size_t most;
	int taken = 0;
	struct slot slot;
	eventfd_t value;

	/* no more than there are now: a child must not keep us here */
	events_lock_take(&events->lock);
	eventfd_read(events->fd, &value);
	most = events->count + !!events->lost;
	events_lock_give(&events->lock);

	for (size_t i = 0; i < most && queue_take(events, &slot); i++, taken++) {
		if (handler)
			handler(&slot.event, data);
		free(slot.bytes);
	}

	events_lock_take(&events->lock);
	if (events->count || events->lost)
		events_wake(events);
	events_lock_give(&events->lock);
	return taken;
}

void events_disown(struct events *events, const struct sv_child *child)
{
	events_lock_take(&events->lock);
	folds_flush(events, child);
	for (size_t i = 0; i < events->count; i++) {
		struct sv_event *event =
			&events->slots[(events->first + i) % events->slots_count].event;

		if (event->child == child)
			event->child = NULL;
	}
	events_lock_give(&events->lock);
}

void events_forget(struct events *events, const struct sv_child *child)
{
	size_t kept = 0;

	events_lock_take(&events->lock);
	for (size_t i = 0; i < events->count; i++) {
		struct slot *slot = &events->slots[(events->first + i) % events->slots_count];

		if (slot->event.child == child) {
			slot_clear(events, slot);
		} else {
			events->slots[(events->first + kept++) % events->slots_count] = *slot;
		}
	}
	events->queued -= (uint32_t)(events->count - kept);
	events->count = kept;
	/* where nothing was refused, the table is not even in memory */
	for (size_t i = 0; events->pushes && i < events->sets; i++)
		for (size_t j = 0; j < FOLD_WAYS; j++)
			if (events->folds[i][j].child == child)
				fold_free(events, &events->folds[i][j]);
	events_lock_give(&events->lock);
}
