# SPDX-License-Identifier: LGPL-2.1-or-later
"""Calls that name other tasks, made in the box: argv[1] is a process outside, of the same user.

Prints one line for each call: what it is, and what it gave.
"""
import ctypes
import errno
import os
import select
import signal
import sys

GETPRIORITY, SETPRIORITY, GETPGID, GETSID, SETPGID = 140, 141, 121, 124, 109
SCHED_GETSCHEDULER, SCHED_GETAFFINITY, IOPRIO_SET, IOPRIO_GET = 145, 204, 251, 252
PRLIMIT64, SETRLIMIT, KCMP, KILL, TKILL, TGKILL = 302, 160, 312, 62, 200, 234
PIDFD_OPEN, PIDFD_SEND_SIGNAL, PIDFD_GETFD, GET_ROBUST_LIST = 434, 424, 438, 274
NOFILE, LOCKS = 7, 10
PROCESS, GROUP, USER = 0, 1, 2

libc = ctypes.CDLL(None, use_errno=True)
outside = int(sys.argv[1])
limit = (ctypes.c_uint64 * 2)(0, 0)
AT = ctypes.addressof(limit)
mask = ctypes.create_string_buffer(1024)
MASK = ctypes.addressof(mask)


def call(nr, *args):
    """The result of a system call, or the name of its error."""
    result = libc.syscall(ctypes.c_long(nr), *[ctypes.c_long(a) for a in args])
    return result if result >= 0 else errno.errorcode[ctypes.get_errno()]


def tell(name, *results):
    print(name + ":", *results, flush=True)


me = os.getpid()
child = os.fork()
if child == 0:
    while True:
        signal.pause()

tell("group", call(GETPGID, outside), call(GETPGID, child) == os.getpgid(0))
tell("session", call(GETSID, outside), call(GETSID, child) == os.getsid(0))
tell("pidfd of others", call(PIDFD_OPEN, outside, 0), call(PIDFD_OPEN, 1, 0))
tell("pidfd of nobody", call(PIDFD_OPEN, -1, 0), call(PIDFD_OPEN, 0, 0), call(PIDFD_OPEN, child, 1 << 30))
pidfd = os.pidfd_open(child)
tell("pidfd", os.get_inheritable(pidfd), call(PIDFD_SEND_SIGNAL, pidfd, 0, 0, 0))
tell("descriptors of others", call(PIDFD_GETFD, pidfd, 0, 0))
tell("mark", call(PRLIMIT64, 0, LOCKS, AT, 0), call(PRLIMIT64, me, LOCKS, AT, 0),
     call(PRLIMIT64, child, LOCKS, AT, 0), call(SETRLIMIT, LOCKS, AT))
tell("mark read", call(PRLIMIT64, 0, LOCKS, 0, AT), limit[0] == limit[1] != 0)
tell("limits of others", call(PRLIMIT64, outside, NOFILE, 0, AT), call(PRLIMIT64, outside, LOCKS, 0, AT))
tell("limits wrong", call(PRLIMIT64, child, 99, 0, AT), call(PRLIMIT64, child, NOFILE, 1, 0),
     call(PRLIMIT64, child, NOFILE, 0, 1))
limit[:] = 50, 60
tell("limits set", call(PRLIMIT64, child, NOFILE, AT, 0))
limit[:] = 0, 0
tell("limits read", call(PRLIMIT64, child, NOFILE, 0, AT), limit[0], limit[1])
limit[:] = 50, 61
tell("limits raised", call(PRLIMIT64, child, NOFILE, AT, 0))
tell("priority of others", call(GETPRIORITY, PROCESS, outside), call(SETPRIORITY, PROCESS, outside, 5),
     call(SETPRIORITY, GROUP, outside, 5), call(SETPRIORITY, GROUP, 0, 5), call(SETPRIORITY, USER, 0, 5))
nice = os.nice(0)  # what we were started with; the kernel's answer is 20 less the priority
tell("priority", call(SETPRIORITY, PROCESS, child, min(19, nice + 5)),
     call(GETPRIORITY, PROCESS, child) == 20 - min(19, nice + 5), call(SETPRIORITY, PROCESS, 0, min(19, nice + 1)))
tell("ioprio of others", call(IOPRIO_GET, 1, outside), call(IOPRIO_SET, 3, 0, 0), call(IOPRIO_SET, 9, 0, 0))
tell("ioprio", call(IOPRIO_SET, 1, child, 2 << 13 | 7), call(IOPRIO_GET, 1, child) == 2 << 13 | 7)
tell("schedule of others", call(SCHED_GETSCHEDULER, outside), call(SCHED_GETAFFINITY, outside, 1024, MASK))
tell("schedule", call(SCHED_GETSCHEDULER, child), call(SCHED_GETAFFINITY, child, 1024, MASK) > 0)
tell("comparison", call(KCMP, me, child, 0, 0, 0), call(KCMP, me, outside, 0, 0, 0))
tell("robust list", call(GET_ROBUST_LIST, outside, AT, AT))
tell("signals to others", call(KILL, outside, 9), call(TKILL, outside, 9), call(TGKILL, outside, outside, 9))
os.setpgid(child, child)
tell("signal to a group", call(KILL, -child, signal.SIGTERM),
     os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
tell("gone", call(PIDFD_OPEN, child, 0), call(PIDFD_SEND_SIGNAL, pidfd, 0, 0, 0),
     select.select([pidfd], [], [], 0)[0] == [pidfd])
