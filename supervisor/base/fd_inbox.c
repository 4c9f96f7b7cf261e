/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The idea stands in fd_inbox.h. */
#include "base/fd_inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"

enum {
	PIN_LIFE_MS = 1000,
};

int fd_inbox_open(struct fd_inbox **ret, int *ret_sender)
{
	struct fd_inbox *inbox = calloc(1, sizeof(*inbox));
	int pair[2];

	if (!inbox)
		return -ENOMEM;
	if (getrandom(&inbox->mark, sizeof(inbox->mark), 0) != sizeof(inbox->mark) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(inbox);
		return -errno;
	}
	inbox->socket = pair[0];
	inbox_lock_init(&inbox->lock);
	*ret = inbox;
	*ret_sender = pair[1];
	return 0;
}

int fd_inbox_socket(const struct fd_inbox *inbox)
{
	return inbox ? inbox->socket : -1;
}

static void pin_free(struct pin *pin)
{
	for (unsigned int i = 0; i < pin->came; i++)
		close(pin->fds[i]);
	free(pin);
}

/* Takes those of one task out of the list, and those that nobody came for, but for those whose
 * callers are being stopped: these are in somebody's hands. Under the lock. */
static struct pin *pins_cut(struct fd_inbox *inbox, pid_t tid) REQUIRES(inbox_locked)
{
	struct pin *pin = inbox->pins, *kept = NULL, *cut = NULL, *next;
	int64_t now = clock_coarse_ms();

	for (; pin; pin = next) {
		bool over = pin->error != PIN_UNDER_WAY &&
			    (pin->tid == tid || now - pin->since_ms > PIN_LIFE_MS);
		struct pin **to = over ? &cut : &kept;

		next = pin->next;
		pin->next = *to;
		*to = pin;
	}
	inbox->pins = kept;
	return cut;
}

/* To close what the child sent may hang: not under the lock. */
void pins_drop(struct fd_inbox *inbox, pid_t tid)
{
	struct pin *cut, *next;

	inbox_lock_take(&inbox->lock);
	cut = pins_cut(inbox, tid);
	inbox_lock_give(&inbox->lock);
	for (; cut; cut = next) {
		next = cut->next;
		pin_free(cut);
	}
}

void fd_inbox_free(struct fd_inbox *inbox)
{
	struct pin *next;

	if (!inbox)
		return;
	for (struct pin *pin = inbox->pins; pin; pin = next) {
		next = pin->next;
		pin_free(pin);
	}
	close(inbox->socket);
	inbox_lock_deinit(&inbox->lock);
	free(inbox);
}

struct pin *pin_find(struct fd_inbox *inbox, pid_t tid)
{
	struct pin *pin = inbox->pins;

	while (pin && pin->tid != tid)
		pin = pin->next;
	return pin;
}

/* Is the number still open on what was sent? Between the sending and the call that comes again a
 * signal's handler may have run, and made a call of the same number. */
static bool pin_holds(const struct pin *pin, unsigned int i)
{
	struct stat sent, now;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pin->tid, pin->numbers[i]);
	return fstat(pin->fds[i], &sent) == 0 && stat(path, &now) == 0 &&
	       sent.st_dev == now.st_dev && sent.st_ino == now.st_ino;
}

/* Ours of what it holds under this number; -ENOENT: nothing. */
static int pin_give(const struct pin *pin, int number)
{
	for (unsigned int i = 0; i < pin->count; i++) {
		int fd;

		if (pin->numbers[i] != number || !pin_holds(pin, i))
			continue;
		fd = fcntl(pin->fds[i], F_DUPFD_CLOEXEC, 0);
		return fd < 0 ? -ENOMEM : fd;
	}
	return -ENOENT;
}

int pin_give_all(const struct pin *pin, const int *numbers, size_t count, int *ret_fds)
{
	int r = -pin->error;

	for (size_t i = 0; i < count && r >= 0; i++) {
		r = pin_give(pin, numbers[i]);
		if (r >= 0)
			ret_fds[i] = r;
		else
			while (i-- > 0)
				close(ret_fds[i]);
	}
	return r < 0 ? r : 0;
}

void fd_inbox_sweep(struct fd_inbox *inbox)
{
	if (inbox && atomic_load_explicit(&inbox->pins, memory_order_relaxed))
		pins_drop(inbox, -1);
}

bool fd_inbox_keeps(struct fd_inbox *inbox, bool *ret_now)
{
	int64_t now = clock_coarse_ms();
	bool some;

	if (!inbox || !atomic_load_explicit(&inbox->pins, memory_order_relaxed))
		return false;
	inbox_lock_take(&inbox->lock);
	some = inbox->pins;
	for (const struct pin *pin = inbox->pins; pin; pin = pin->next)
		*ret_now |= pin->error != PIN_UNDER_WAY && now - pin->since_ms > PIN_LIFE_MS;
	inbox_lock_give(&inbox->lock);
	return some;
}

unsigned int pin_letter_count(const struct pin *pin, unsigned int came)
{
	unsigned int left = pin->count - came;

	return left < FDPASS_MAX ? left : FDPASS_MAX;
}

/*
 * One message: to the pin that waits for it, or nowhere. Received under the lock: who finds nothing
 * more finds in his pin what somebody else received.
 */
static bool inbox_read(struct fd_inbox *inbox)
{
	uint64_t nonce = 0;
	struct fdpass with;
	struct pin *pin;
	int r;

	inbox_lock_take(&inbox->lock);
	r = fdpass_receive(inbox->socket, &nonce, sizeof(nonce), FDPASS_MAX, MSG_DONTWAIT, &with);
	if (r <= 0) {
		inbox_lock_give(&inbox->lock);
		return r == -EPROTO; /* the child's own: the next may be ours */
	}
	for (pin = inbox->pins; pin; pin = pin->next)
		if (pin->error == PIN_UNDER_WAY && pin->nonce == nonce &&
		    pin_letter_count(pin, pin->came) == with.count)
			break;
	if (pin) {
		memcpy(pin->fds + pin->came, with.fds, with.count * sizeof(int));
		pin->came += (unsigned int)with.count;
		if (pin->came == pin->count)
			pin->error = 0;
	}
	inbox_lock_give(&inbox->lock);
	while (!pin && with.count > 0)
		close(with.fds[--with.count]);
	return true;
}

/* As much as can lie there at once. More is a flood, whose receiver may wait. */
void inbox_drain(struct fd_inbox *inbox)
{
	for (int i = 0; i < 1024 && inbox_read(inbox); i++)
		;
}

struct pin *pin_new(struct fd_inbox *inbox, pid_t tid, const struct fd_wish *wish)
{
	struct pin *pin = malloc(sizeof(*pin));

	if (!pin)
		return NULL;
	pin->tid = tid;
	pin->since_ms = clock_coarse_ms();
	pin->error = PIN_UNDER_WAY;
	pin->count = wish->count;
	pin->came = 0;
	memcpy(pin->numbers, wish->numbers, wish->count * sizeof(int));
	if (getrandom(&pin->nonce, sizeof(pin->nonce), 0) != sizeof(pin->nonce)) {
		free(pin);
		return NULL;
	}
	pins_drop(inbox, tid);
	inbox_lock_take(&inbox->lock);
	pin->next = inbox->pins;
	inbox->pins = pin;
	inbox_lock_give(&inbox->lock);
	return pin;
}

/* The last one, or a negative errno. Under the lock. */
int pin_give_last(const struct pin *pin)
{
	int r = pin->error ? -pin->error : pin_give(pin, pin->numbers[pin->count - 1]);

	return r == -ENOENT ? -EBADF : r;
}
