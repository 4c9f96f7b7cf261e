#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# E3: whoever of the supervisor's processes is killed or stopped, and wherever its memory ends: nothing of
# the box runs free or stays.
. "$PCALL_SOURCE/tests/tap.sh"
need setpriv

mkdir "$tap_dir/work" "$tap_dir/secret"
echo CANARY >"$tap_dir/secret/file"
mkfifo "$tap_dir/work/pipe"
mark=$$.$(date +%s)

# Tries all the time, with a process in a session of its own, and says so if it succeeds.
cat >"$tap_dir/work/hostile" <<HOSTILE
#!/bin/sh
trap '' TERM HUP INT
setsid sh -c 'trap "" TERM HUP INT; while :; do cat $tap_dir/secret/file >>$tap_dir/work/out 2>/dev/null; done # $mark' &
(read -r line <$tap_dir/work/pipe # a worker waits
) &
echo ready >$tap_dir/work/ready
while :; do
	cat $tap_dir/secret/file >>$tap_dir/work/out 2>/dev/null
done
# $mark
HOSTILE
chmod 755 "$tap_dir/work/hostile"
cat >"$tap_dir/deaths.policy" <<POLICY
policy 1
use base
read $tap_dir/work
write $tap_dir/work
exec /bin /usr/bin $tap_dir/work/hostile
POLICY

ours() { # the processes of the box: its first, and all with the mark or under the supervisor
	pgrep -f "$tap_dir/work/hostile|$mark|cat $tap_dir/secret"
}

start() {
	rm -f "$tap_dir/work/ready" "$tap_dir/work/out"
	setsid "$pcall_run" -q -p "$tap_dir/deaths.policy" "$tap_dir/work/hostile" >/dev/null 2>&1 &
	supervisor=$!
	soon test -e "$tap_dir/work/ready"
	zygote=$(pgrep -P $supervisor | head -n 1)
}

none_but() { ! ours | grep -qvx "$1"; }

gone() { # soon, but for what is excepted
	soon none_but "${1:-0}" && return 0
	ours | xargs -r ps -fp
	return 1
}

clean() { # name
	ok "$1: all is gone" gone
	ok "$1: nothing was read" test ! -s "$tap_dir/work/out"
	kill -KILL "$supervisor" 2>/dev/null
	wait "$supervisor" 2>/dev/null
	ours | xargs -r kill -KILL
}

start
ok 'the box runs' test -e "$tap_dir/work/ready" -a -n "$zygote"
kill -KILL $supervisor
clean 'supervisor killed'

start
kill -STOP $supervisor
sleep 0.5
ok 'supervisor stopped: nothing was read' test ! -s "$tap_dir/work/out"
ours | grep -vx $supervisor | xargs kill -KILL 2>/dev/null
ok 'supervisor stopped: what is in the box can be killed' gone $supervisor
kill -CONT $supervisor 2>/dev/null # or the kernel did: its group was orphaned
clean 'supervisor continued'

start
kill -STOP $supervisor
kill -KILL $supervisor
clean 'supervisor stopped, then killed'

start
kill -KILL "$zygote"
clean 'zygote killed'
wait $supervisor 2>/dev/null

start
kill -STOP "$zygote"
kill -KILL $supervisor
clean 'zygote stopped, then supervisor killed'

start
kill -STOP "$zygote" $supervisor
kill -KILL "$zygote" 2>/dev/null
sleep 0.2
ok 'zygote killed while the supervisor was stopped: nothing was read' test ! -s "$tap_dir/work/out"
kill -CONT $supervisor 2>/dev/null # or the kernel did: its group was orphaned
clean 'zygote killed, then supervisor continued'

start
kill -TERM $supervisor
sleep 0.3
kill -KILL $supervisor
clean 'supervisor asked, then killed'

done_testing
