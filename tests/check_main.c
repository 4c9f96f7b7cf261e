/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a suite with Check and prints what Check says as TAP that knows skips.
 *
 * Check writes its TAP to a memory file; a failure whose message begins with our mark is a skip.
 */
#include "check_main.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const char SKIP_MARK[] = "SKIP:";

/* Descriptors that were open when the running test began; each test has a process of its own. */
static int descriptors_before;

int entries_count(const char *directory)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	int n = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

static void descriptors_begin(void)
{
	descriptors_before = entries_count("/proc/self/fd");
}

static void descriptors_end(void)
{
	int after = entries_count("/proc/self/fd");

	ck_assert_msg(after == descriptors_before, "%d descriptors at the beginning, %d at the end",
		      descriptors_before, after);
}

TCase *test_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, descriptors_begin, descriptors_end);
	suite_add_tcase(suite, tcase);
	return tcase;
}

void test_skip_all(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	exit(0);
}

void test_skip(const char *format, ...)
{
	char reason[256];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	ck_abort_msg("%s%s", SKIP_MARK, reason);
}

/* One line of Check: "not ok 3 - file.c:case:name: message". Returns true for a failure. */
static bool tap_line(const char *line)
{
	const char *mark = strstr(line, SKIP_MARK), *name = strchr(line, ':');
	const char *dash = strstr(line, " - ");

	if (mark && dash && name < mark && strncmp(line, "not ok ", 7) == 0) {
		printf("%.*s - %.*s # SKIP %s", (int)(dash - line) - 4, line + 4,
		       (int)(mark - name) - 3, name + 1, mark + strlen(SKIP_MARK));
		return false;
	}
	if (strncmp(line, "ok ", 3) && strncmp(line, "not ok ", 7) && strncmp(line, "1..", 3))
		printf("# ");
	fputs(line, stdout);
	return strncmp(line, "not ok ", 7) == 0;
}

int main(void)
{
	SRunner *runner = srunner_create(test_suite());
	char path[32], *line = NULL;
	size_t size = 0;
	int fd, failed;
	FILE *tap;

	fd = memfd_create("tap", MFD_CLOEXEC);
	tap = fd < 0 ? NULL : fdopen(fd, "r");
	if (!tap) {
		puts("Bail out! no memory file");
		return EXIT_FAILURE;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	srunner_set_tap(runner, path);
	srunner_run_all(runner, CK_SILENT);

	failed = 0;
	while (getline(&line, &size, tap) > 0)
		failed += tap_line(line);
	free(line);
	fclose(tap);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
