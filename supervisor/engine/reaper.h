/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread that looks after lives: see reaper.c. */
#ifndef ENGINE_REAPER_H
#define ENGINE_REAPER_H

/* Of a struct sv. */
void *reaper_run(void *data);

#endif
