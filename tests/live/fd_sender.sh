#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Descriptors of callers where pidfd_getfd is refused: as Docker's and containerd's profile does, and with it unshare.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

calls=$PCALL_SOURCE/tests/live/fd_sender_calls.py
without=$PCALL_BUILD/tests/live/without
refused='438 272' # pidfd_getfd, unshare
cat >"$tap_dir/sender.policy" <<POLICY
policy 1
read /
exec /usr $PCALL_BUILD/tests/live/fd_sender_code
write \${cwd}/**
dev null /dev/urandom
connect 127.0.0.1:*
listen 127.0.0.1:*
POLICY
cd "$tap_dir" || exit 1

box() { # ERRNO COMMAND...
	error=$1
	shift
	# shellcheck disable=SC2086 # words
	PYTHONDONTWRITEBYTECODE=1 "$without" "$error" $refused -- "$pcall_run" -p "$tap_dir/sender.policy" -- "$@" 2>&1
}

native=$(/usr/bin/python3 -B "$calls" 2>&1)
for error in 1 38; do
	is "$(box $error /usr/bin/python3 "$calls")" "$native" "callers_in_all_states_$error"
done
# EBADF for the number, EPERM for the limit; nothing comes from the other end; and calls go on
is "$(box 1 /usr/bin/python3 "$calls" sender)" "(['OSError', 'ValueError'], 5)" 'nobody_takes_the_place_of_the_sender'
# who may be killed for a call of ours makes none, and is told so
is "$(box 1 /usr/bin/python3 "$calls" filtered | LC_ALL=C sort)" 'Operation not supported
pcall-run: a descriptor cannot be had: the program has a seccomp filter of its own' 'a_program_with_a_filter_of_its_own_is_not_killed'
# the umask is the caller's
is "$(box 1 sh -c 'umask 027; >made; umask 0; >other; stat -c %a made other')" '640
666' 'umask_without_unshare'
# from outside: a policy that allows no connection
is "$(box 1 /usr/bin/python3 -c '
import socket
s = socket.socket()
try:
    s.connect(("127.0.0.2", 9))
except OSError as e:
    print(e.strerror)' | grep -v '^pcall-run')" 'Permission denied' 'the_policy_holds'
# A thread changes the code that another one, stopped, is made to run: what that calls is judged as ever.
cat >listen.py <<'PY'
import socket
sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
sockets[0].bind(("127.0.0.2", 0))
port = sockets[0].getsockname()[1]
sockets[1].bind(("127.0.0.1", port))
print(port, flush=True)
input()
def received(s):
    s.setblocking(False)
    try: return s.recv(9)
    except BlockingIOError: return b""
print(received(sockets[1]), received(sockets[0]), flush=True)
PY
mkfifo end
/usr/bin/python3 listen.py <end >heard &
listener=$!
exec 9>end
soon test -s heard
is "$(box 1 "$PCALL_BUILD/tests/live/fd_sender_code" "$(cat heard)" | grep -v '^pcall-run\|^  ')" tried 'code_is_changed_under_a_stopped_caller'
echo >&9
exec 9>&-
wait $listener
is "$(tail -n 1 heard)" "b'x' b''" 'and_nothing_goes_where_nothing_may'
# an image without libgcc_s: what interrupts a worker needs nothing of it
if [ -z "$(ldd "$pcall_inner" | grep libgcc_s)" ]; then
	mkfifo fifo
	is "$(strace -f -e trace=openat -o trace "$without" 1 $refused 425 -- "$pcall_run" -p "$tap_dir/sender.policy" -- \
		timeout 0.2 sh -c 'cat <fifo' 2>&1; grep -c libgcc_s trace)" 0 'workers_end_without_libgcc_s'
fi
done_testing
