#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who is told who writes to it (SO_PASSCRED) is told in the box what it is told without one.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

cat >"$tap_dir/who.policy" <<POLICY
policy 1
read /
exec /usr
write \${cwd}/**
dev null /dev/urandom
unix \${cwd}/** @pcall-who-wrote-*
POLICY
native_and_boxed 'who wrote it' "$tap_dir/who.policy" /usr/bin/python3 -B "$PCALL_SOURCE/tests/live/who_wrote.py"
# Where descriptors of callers come by a sender, too.
without=$PCALL_BUILD/tests/live/without
cd "$tap_dir" || exit 1
is "$("$without" 1 438 272 -- "$pcall_run" -q -p "$tap_dir/who.policy" -- /usr/bin/python3 -B "$PCALL_SOURCE/tests/live/who_wrote.py" 2>&1)" \
	"$(/usr/bin/python3 -B "$PCALL_SOURCE/tests/live/who_wrote.py" 2>&1)" 'without pidfd_getfd'
# What the caller is given for it, it does not keep: one of two numbers is free, then both.
is "$("$pcall_run" -q -p "$tap_dir/who.policy" -- /usr/bin/python3 -B -c '
import os, resource, socket
name = f"\0pcall-who-wrote-{os.getpid()}"
a, b = [socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2)]
b.bind(name)
b.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
free = os.dup(0)
os.close(free)
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
for room in 1, 2:
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + room, hard))
    try:
        print(a.sendmsg([b"piece", b"s"], [], 0, name))
    except OSError as e:
        print(os.strerror(e.errno))
    print(os.dup(0) == free)
    os.close(free)' 2>&1)" 'No buffer space available
True
6
True' 'descriptors are taken back'
# Without mseal, what is one piece of data alone still shows it.
for error in 1 38; do
	is "$("$without" $error 462 -- "$pcall_run" -q -p "$tap_dir/who.policy" -- /usr/bin/python3 -B -c '
import os, socket, struct
a, b = socket.socketpair()
b.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
for data, fds in ([b"one"], []), ([b"piece", b"s"], []), ([b"one"], [0]), ([b"one"], []):
    socket.send_fds(a, data, fds) if fds else a.sendmsg(data)
    data, control, _, _ = b.recvmsg(20, 100)
    who = [struct.unpack("iII", value)[0] for _, kind, value in control if kind == socket.SCM_CREDENTIALS]
    print(data.decode(), "me" if who == [os.getpid()] else "another")' 2>&1)" 'one me
pieces another
one another
one me' "without mseal ($error)"
done

done_testing
