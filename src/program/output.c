/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Output that holds up nobody. The idea stands in program/output.h. */
#include "program/output.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "program/text.h"

#define PATIENCE_MS 1000 /* at the end */

struct piece {
	struct piece *next;
	size_t size;
	char bytes[];
};

struct output {
	int fd;
	size_t most;
	pthread_t thread;
	pthread_mutex_t lock;	/* guards what follows */
	pthread_cond_t changed; /* by CLOCK_MONOTONIC */
	bool started, ending, given_up;
	struct piece *first, **end;
	size_t size;	  /* of all that is not written, with what is being */
	uint64_t pieces;  /* how many they are */
	uint64_t written; /* bytes, ever */
	uint64_t lost;
	int error;
};

struct output *output_new(int fd, size_t most)
{
	struct output *output = calloc(1, sizeof(*output));
	pthread_condattr_t monotonic;

	if (!output)
		return NULL;
	output->fd = fd;
	output->most = most;
	output->end = &output->first;
	pthread_mutex_init(&output->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&output->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return output;
}

static void wrote(struct output *output, size_t size)
{
	pthread_mutex_lock(&output->lock);
	output->written += size;
	pthread_cond_broadcast(&output->changed);
	pthread_mutex_unlock(&output->lock);
}

/* 0 or an errno. The command may have made what we share with it non-blocking. */
static int piece_write(struct output *output, const struct piece *piece)
{
	struct pollfd p = { .fd = output->fd, .events = POLLOUT };
	size_t done = 0;

	while (done < piece->size) {
		ssize_t n = write(output->fd, piece->bytes + done, piece->size - done);

		if (n < 0 && errno == EAGAIN)
			poll(&p, 1, -1);
		else if (n < 0 && errno != EINTR)
			return errno;
		if (n <= 0)
			continue;
		done += (size_t)n;
		wrote(output, (size_t)n);
	}
	return 0;
}

/* NULL: it is to end. Under the lock. */
static struct piece *piece_take(struct output *output)
{
	struct piece *piece;

	while (!output->first && !output->ending)
		pthread_cond_wait(&output->changed, &output->lock);
	piece = output->first;
	if (!piece)
		return NULL;
	output->first = piece->next;
	if (!output->first)
		output->end = &output->first;
	return piece;
}

static void *output_run(void *data)
{
	struct output *output = data;
	struct piece *piece;

	pthread_mutex_lock(&output->lock);
	while ((piece = piece_take(output))) {
		int error;

		pthread_mutex_unlock(&output->lock);
		error = piece_write(output, piece);
		pthread_mutex_lock(&output->lock);
		output->size -= piece->size;
		output->pieces--;
		output->lost += error != 0;
		if (!output->error)
			output->error = error;
		pthread_cond_broadcast(&output->changed);
		free(piece);
	}
	pthread_mutex_unlock(&output->lock);
	return NULL;
}

/* Takes the piece, or says that it could not. Under the lock. */
static bool piece_add(struct output *output, struct piece *piece)
{
	if (output->given_up || output->size + piece->size > output->most)
		return false;
	if (!output->started)
		output->started = pthread_create(&output->thread, NULL, output_run, output) == 0;
	if (!output->started)
		return false;
	*output->end = piece;
	output->end = &piece->next;
	output->size += piece->size;
	output->pieces++;
	pthread_cond_broadcast(&output->changed);
	return true;
}

void output_write(struct output *output, const struct text *text)
{
	struct piece *piece = NULL;

	if (text->size == 0 && !text->failed)
		return;
	if (!text->failed)
		piece = malloc(sizeof(*piece) + text->size);
	if (piece) {
		*piece = (struct piece){ .size = text->size };
		memcpy(piece->bytes, text->data, text->size);
	}
	pthread_mutex_lock(&output->lock);
	if (!piece || !piece_add(output, piece)) {
		output->lost++;
		free(piece);
	}
	pthread_mutex_unlock(&output->lock);
}

static struct timespec time_in(int ms)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += ms / 1000;
	time.tv_nsec += ms % 1000 * 1000000L;
	if (time.tv_nsec >= 1000000000) {
		time.tv_sec++;
		time.tv_nsec -= 1000000000;
	}
	return time;
}

bool output_wait(struct output *output, int patience_ms)
{
	struct timespec until = time_in(patience_ms);
	uint64_t written;
	bool taken;

	pthread_mutex_lock(&output->lock);
	written = output->written;
	taken = !output->given_up;
	while (output->size && taken) {
		taken = pthread_cond_timedwait(&output->changed, &output->lock, &until) !=
			ETIMEDOUT;
		if (output->written != written) {
			written = output->written;
			until = time_in(patience_ms);
			taken = true;
		}
	}
	pthread_mutex_unlock(&output->lock);
	return taken;
}

bool output_flush(struct output *output, int patience_ms, uint64_t *ret_lost, int *ret_error)
{
	bool taken = output_wait(output, patience_ms);

	pthread_mutex_lock(&output->lock);
	output->given_up = !taken;
	*ret_lost = output->lost + output->pieces;
	*ret_error = output->error;
	pthread_mutex_unlock(&output->lock);
	return taken && *ret_lost == 0;
}

struct output *output_free(struct output *output)
{
	if (!output)
		return NULL;
	if (!output_wait(output, PATIENCE_MS))
		return NULL; /* the thread keeps it, and ends with the process */
	pthread_mutex_lock(&output->lock);
	output->ending = true;
	pthread_cond_broadcast(&output->changed);
	pthread_mutex_unlock(&output->lock);
	if (output->started)
		pthread_join(output->thread, NULL);
	pthread_cond_destroy(&output->changed);
	pthread_mutex_destroy(&output->lock);
	free(output);
	return NULL;
}
