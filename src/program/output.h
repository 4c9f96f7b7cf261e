/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Output to where the command may have its hand on: a pipe that it keeps full, a terminal that
 * somebody stopped. A thread writes it, each piece with one write(2), and whoever has something to
 * say leaves it there and goes on: nobody who keeps the time waits for a reader.
 */
#ifndef PROGRAM_OUTPUT_H
#define PROGRAM_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output;
struct text;

/* @most: bytes that may wait. NULL: out of memory. */
struct output *output_new(int fd, size_t most);
/* Never blocks. What there is no room for, or what nobody takes any more, is counted. */
void output_write(struct output *output, const struct text *text);
/* Waits until all is written, as long as some of it is within each @patience_ms. False: it is not
 * taken. */
bool output_wait(struct output *output, int patience_ms);
/* The same, and what is not taken then is given up, with all that comes after it. False: so many
 * pieces in all were not written; and why: an errno, or 0 where nobody took them. */
bool output_flush(struct output *output, int patience_ms, uint64_t *ret_lost, int *ret_error);
/* Flushes, and lets go of what is not taken. NULL is fine. Returns NULL. */
struct output *output_free(struct output *output);

#endif
