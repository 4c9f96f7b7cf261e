/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fuzz target without libFuzzer, as a TAP test: its seeds, then mutations of them for two
 * seconds.
 *
 * The target runs in a child. The input it has is in memory that both share, so that what killed it
 * can be shown.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define INPUT_MAX 65536
#define SEEDS_MAX 256
#define SECONDS	  2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	unsigned long tried;
	size_t size;
	uint8_t data[INPUT_MAX];
};

struct seed {
	uint8_t *data;
	size_t size;
};

static uint64_t random_state = 0x9e3779b97f4a7c15;

/* xorshift64: the same inputs each time, so that a failure comes back. */
static size_t random_below(size_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % limit;
}

static size_t seeds_read(const char *directory, struct seed *seeds)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	char path[4096];
	size_t n = 1;
	FILE *file;

	/* The first seed is the empty input, so there always is one. */
	seeds[0].data = calloc(1, 1);
	while (dir && n < SEEDS_MAX && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		file = entry->d_name[0] == '.' ? NULL : fopen(path, "re");
		if (!file)
			continue;
		seeds[n].data = malloc(INPUT_MAX);
		seeds[n].size = fread(seeds[n].data, 1, INPUT_MAX, file);
		fclose(file);
		n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

/* The target gets a copy of the exact size: a sanitizer sees a read behind the end. */
static void input_try(struct input *input)
{
	uint8_t *copy = malloc(input->size ? input->size : 1);

	memcpy(copy, input->data, input->size);
	input->tried++;
	LLVMFuzzerTestOneInput(copy, input->size);
	free(copy);
}

static void input_set(struct input *input, const struct seed *seed)
{
	input->size = seed->size;
	memcpy(input->data, seed->data, seed->size);
}

static void input_mutate_once(struct input *input, const struct seed *other)
{
	size_t at = random_below(input->size + 1), n;

	switch (random_below(5)) {
	case 0: /* flip a bit */
		if (at < input->size)
			input->data[at] ^= 1 << random_below(8);
		break;
	case 1: /* set a byte, often to one that matters */
		if (at < input->size)
			input->data[at] = "\0\xff\n /*.$~\"{}:-"[random_below(15)];
		break;
	case 2: /* insert a byte */
		if (input->size < INPUT_MAX) {
			memmove(input->data + at + 1, input->data + at, input->size - at);
			input->data[at] = random_below(256);
			input->size++;
		}
		break;
	case 3: /* end here */ input->size = at; break;
	case 4: /* go on as another seed does */
		n = other->size < INPUT_MAX - at ? other->size : INPUT_MAX - at;
		memcpy(input->data + at, other->data, n);
		input->size = at + n;
		break;
	}
}

static void input_run_all(struct input *input, const struct seed *seeds, size_t seeds_count)
{
	struct timespec now, end;
	size_t i, n;

	for (i = 0; i < seeds_count; i++) {
		input_set(input, &seeds[i]);
		input_try(input);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += SECONDS;
	do {
		input_set(input, &seeds[random_below(seeds_count)]);
		for (n = 1 + random_below(8); n > 0; n--)
			input_mutate_once(input, &seeds[random_below(seeds_count)]);
		input_try(input);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec ||
		 (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

int main(int argc, char **argv)
{
	struct seed seeds[SEEDS_MAX] = { 0 };
	size_t i, seeds_count = seeds_read(argc > 1 ? argv[1] : ".", seeds);
	struct input *input;
	int status = 0;
	pid_t pid;

	input = mmap(NULL, sizeof(*input), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (input == MAP_FAILED)
		return EXIT_FAILURE;
	pid = fork();
	if (pid == 0) {
		input_run_all(input, seeds, seeds_count);
		_exit(EXIT_SUCCESS);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return EXIT_FAILURE;

	printf("1..1\n%sok 1 - survives %zu seeds and %lu inputs\n", status ? "not " : "",
	       seeds_count, input->tried);
	for (i = 0; status && i < input->size; i++)
		printf("%s%02x%s", i % 32 ? "" : "# ", input->data[i],
		       i % 32 == 31 || i + 1 == input->size ? "\n" : " ");
	for (i = 0; i < seeds_count; i++)
		free(seeds[i].data);
	return status ? EXIT_FAILURE : EXIT_SUCCESS;
}
