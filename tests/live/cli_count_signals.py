# SPDX-License-Identifier: LGPL-2.1-or-later
"""Says "up", waits for a line, says how many SIGINT came: each is counted where it is delivered."""
import os
import signal
import sys

read, write = os.pipe2(os.O_NONBLOCK)
signal.set_wakeup_fd(write)
signal.signal(signal.SIGINT, lambda *_: None)
print('up', flush=True)
sys.stdin.readline()
print(f'got {len(os.read(read, 100))} left', flush=True)
