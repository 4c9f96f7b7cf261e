/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A directory of the test's own, below $TMPDIR. The functions are made for
 * tcase_add_checked_fixture: one before the test, one after.
 */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

/* Its name, without links. */
extern char scratch[128];

void scratch_make(void);
/* With all that is in it. */
void scratch_remove(void);
/* A path below it; the last four are kept. */
const char *scratch_path(const char *name);
/* A file there with this text, instead of one that there is. */
void scratch_write(const char *name, const char *text);

#endif
