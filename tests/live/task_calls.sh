# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Calls that name other tasks: those of the child are there, all others are not.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

program=$PCALL_SOURCE/tests/live/task_calls.py
# kcmp of oneself: containers' lists refuse it to all
comparison=$(python3 -c 'import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
r = libc.syscall(312, os.getpid(), os.getpid(), 0, 0, 0)
print(r if r >= 0 else errno.errorcode[ctypes.get_errno()])')

setsid sleep 60 &
outside=$!
"$pcall_run" --read "$program" -- python3 "$program" $outside >"$tap_dir/got" 2>"$tap_dir/said" </dev/null
is $? 0 task_calls_run || diag <"$tap_dir/said"

while read -r line; do
	name=${line%%:*}
	is "$(grep "^$name: " "$tap_dir/got")" "$line" "$(echo "$name" | tr ' ' _)"
done <<-END
	group: ESRCH True
	session: ESRCH True
	pidfd of others: ESRCH ESRCH
	pidfd of nobody: EINVAL EINVAL EINVAL
	pidfd: False 0
	descriptors of others: EPERM
	mark: EPERM EPERM EPERM EPERM
	mark read: 0 True
	limits of others: ESRCH ESRCH
	limits wrong: EINVAL EFAULT EFAULT
	limits set: 0
	limits read: 0 50 60
	limits raised: EPERM
	priority of others: ESRCH ESRCH ESRCH ESRCH EPERM
	priority: 0 True 0
	ioprio of others: ESRCH EPERM EINVAL
	ioprio: 0 True
	schedule of others: ESRCH ESRCH
	schedule: 0 True
	comparison: $comparison EPERM
	robust list: EPERM
	signals to others: ESRCH ESRCH ESRCH
	signal to a group: 0 -15
	gone: ESRCH ESRCH True
END

# One's own group may be asked about by either of its names; a negative number is no process.
# shellcheck disable=SC2034 # of native_and_boxed
box_options=
native_and_boxed numbers_of_groups_and_of_nobody workspace /usr/bin/python3 -c '
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def e(name, *args):
    r = getattr(libc, name)(*args)
    return r if r >= 0 else errno.errorcode[ctypes.get_errno()]
room = ctypes.create_string_buffer(64)
own = e("getpriority", 0, 0)
print(e("getpriority", 1, 0) == own, e("getpriority", 1, os.getpgrp()) == own)
if os.getpgrp() != os.getpid(): os.setpgid(0, 0)
print(e("getpriority", 1, 0) == own, e("getpriority", 1, os.getpgrp()) == own, e("getpriority", 1, -1), e("getpriority", 9, 0))
for name, *args in (("sched_getscheduler",), ("sched_getparam", room), ("sched_setparam", room), ("sched_rr_get_interval", room),
                    ("sched_setscheduler", 0, room), ("sched_getaffinity", 64, room), ("sched_setaffinity", 64, room)):
    print(name, [e(name, pid, *args) for pid in (-1, -2, -2**31, 2**31 - 1, 0, os.getpid())])
for pid in -1, -5, 0, 2**31 - 1:
    print(e("syscall", *map(ctypes.c_long, (315, pid, ctypes.addressof(room), 48, 0))),
          e("syscall", *map(ctypes.c_long, (314, pid, ctypes.addressof(room), 0))))'

# A group of one's own is changed as a whole, by either name, and also when its leader has ended.
native_and_boxed groups_of_ones_own_have_priorities workspace /usr/bin/python3 -c '
import ctypes, errno, os, signal
libc = ctypes.CDLL(None, use_errno=True)
def call(nr, *args):
    r = libc.syscall(*map(ctypes.c_long, (nr,) + args))
    return r if r >= 0 else errno.errorcode[ctypes.get_errno()]
def show(other):
    for who in 0, os.getpgrp():
        nice = min(19, os.getpriority(os.PRIO_PROCESS, 0) + 1)
        print(call(141, 1, who, nice), [os.getpriority(os.PRIO_PROCESS, pid) == nice for pid in (0, other)], call(140, 1, who) == 20 - nice)
        level = 2 << 13 | 6
        print(call(252, 1, 0), call(252, 2, who), call(251, 2, who, level), [call(252, 1, pid) == level for pid in (0, other)], call(252, 2, who) == level)
        call(251, 2, who, 0)
os.setpgid(0, 0)
other = os.fork()
if other == 0:
    while True: signal.pause()
show(other)
ended, end = os.pipe()
done, do = os.pipe()
leader = os.fork()
if leader == 0:
    os.setpgid(0, 0)
    if os.fork() == 0:
        os.close(end)
        os.read(ended, 1)
        show(os.getpid())
    os._exit(0)
os.waitpid(leader, 0)
os.close(end)
os.close(do)
os.read(done, 1)
os.kill(other, signal.SIGKILL)'

# What is refused is told; a number that nobody has is not refused. A level hears of both alike.
told() { # whom the supervisor says was asked for
	rm -f "$tap_dir/events"
	"$pcall_run" -q --events "$tap_dir/events" sh -c "$ask" 2>/dev/null </dev/null
	sed -n 's/.*"object":"\(process[^"]*\)".*/\1/p' "$tap_dir/events"
}
sleep 0 &
gone=$!
wait $gone
ask="kill -0 $gone; kill -0 -$gone; kill -0 $outside; kill -0 -$outside"
is "$(told)" "process $outside
process group $outside" only_who_is_there_is_told_of
. "$PCALL_SOURCE/tests/nested/deep.sh"
deep_build "$tap_dir/deep" 2
pcall_run=$tap_dir/deep/src/pcall-run
is "$(told | wc -l)" 4 level_is_told_of_all_alike

ok process_outside_lives kill -0 $outside
kill $outside
done_testing
