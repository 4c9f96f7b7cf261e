#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The supervisor holds a descriptor for each call that waits: it may have as many as the hard limit says, and its command as
# many as the soft one that it was started with.
# shellcheck disable=SC3045 # dash has them
. "$PCALL_SOURCE/tests/tap.sh"
need python3
[ "$(ulimit -H -n)" -ge 4096 ] || skip_all 'the hard limit of descriptors is below 4096'

is "$(ulimit -S -n 1000 && "$pcall_run" -q sh -c 'ulimit -S -n')" 1000 'the command has the soft limit of a start without a box'
is "$(ulimit -S -n 1000 && "$pcall_run" -q --limit files=500 sh -c 'ulimit -S -n')" 500 'or what its policy says'

thousand='a thousand calls wait under a soft limit of 512'
case ${PCALL_TEST_PROFILE:-}$(cat /proc/sys/kernel/io_uring_disabled 2>/dev/null) in
podman* | docker[012]* | *[12])
	skip "$thousand" 'without io_uring each takes a thread, and fewer may wait'
	done_testing
	;;
esac

# Six processes of many threads, each of which waits for a server that takes nobody yet.
cat >"$tap_dir/waiters.py" <<'END'
import os
import socket
import threading

failed = []


def one():
    s = socket.socket(socket.AF_UNIX)
    try:
        s.connect('socket')
    except OSError as e:
        failed.append(e.strerror)
    s.close()


server = socket.socket(socket.AF_UNIX)
server.bind('socket')
server.listen(0)
pids = []
for _ in range(6):
    pid = os.fork()
    if pid == 0:
        threads = [threading.Thread(target=one) for _ in range(169)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            print(len(failed), failed[0], flush=True)
        os._exit(len(failed) > 0)
    pids.append(pid)
open('go').close()
# who has failed comes no more
threading.Thread(target=lambda: [server.accept()[0].close() for _ in range(6 * 169)], daemon=True).start()
print(max(os.waitpid(pid, 0)[1] for pid in pids), flush=True)
os._exit(0)
END
cd "$tap_dir" || exit 1
mkfifo go
(
	ulimit -S -n 512
	exec "$pcall_run" -q -p workspace -r "$tap_dir/waiters.py" --unix "$tap_dir/socket" --limit time=60s \
		/usr/bin/python3 "$tap_dir/waiters.py"
) >"$tap_dir/out" 2>&1 </dev/null &
box=$!
# Until most wait; a box that fails ends.
while [ -d "/proc/$box/fd" ] && [ "$(find "/proc/$box/fd" 2>/dev/null | wc -l)" -lt 800 ]; do
	ps >/dev/null # which takes a moment
done
[ ! -d "/proc/$box/fd" ] || : >go
wait "$box"
is "$(cat "$tap_dir/out")" 0 "$thousand"

done_testing
