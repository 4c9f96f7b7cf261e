# SPDX-License-Identifier: LGPL-2.1-or-later
"""A task's affinity while it opens files, seen by itself and by others. Prints facts, a line each.

Arguments: the CPUs that it was started with.
"""
import os
import signal
import sys

FILE = __file__


def opens(count):
    for _ in range(count):
        os.close(os.open(FILE, os.O_RDONLY))


def own(mask):
    os.sched_setaffinity(0, mask)
    opens(700)
    return os.sched_getaffinity(0) == mask


full = {int(cpu) for cpu in sys.argv[1:]}
opens(2000)
print('not touched:', os.sched_getaffinity(0) == full)
print('own, one:', own({max(full)}))
print('own, all:', own(full), flush=True)

opener = os.fork()
if opener == 0:
    while True:
        opens(1)
wrong = 0
for turn in range(1000):
    mask = full if turn % 2 else {sorted(full)[turn // 2 % len(full)]}
    os.sched_setaffinity(opener, mask)
    wrong += os.sched_getaffinity(opener) != mask
os.kill(opener, signal.SIGKILL)
os.wait()
print('set by another:', wrong)
