#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# E3: memory ends, at one allocation after the other and for good from each on. Calls fail, or the box does
# not run; nothing that is refused is done, the end comes, and nothing stays.
. "$PCALL_SOURCE/tests/tap.sh"
case $(ldd "$pcall_inner") in *san*) skip_all 'a sanitizer brings its own malloc' ;; esac

mkdir "$tap_dir/work" "$tap_dir/secret"
echo CANARY >"$tap_dir/secret/file"
preload=$PCALL_BUILD/tests/attack/libsupervisor_nomem.so
cat >"$tap_dir/nomem.policy" <<POLICY
policy 1
use base
read /usr/share $tap_dir/work
write $tap_dir/work
deny write $tap_dir/work/no
exec /bin /usr/bin
POLICY
# Opens, links, names, sockets, processes; and what is refused.
cat >"$tap_dir/work/calls" <<CALLS
cat $tap_dir/secret/file
echo x >$tap_dir/work/no
ln -s ../secret $tap_dir/work/l && cat $tap_dir/work/l/file
mkdir $tap_dir/work/d; mv $tap_dir/work/d $tap_dir/work/e; rmdir $tap_dir/work/e
echo x >$tap_dir/work/new; chmod 600 $tap_dir/work/new; cat $tap_dir/work/new; rm $tap_dir/work/new $tap_dir/work/l
cat /proc/self/status /proc/1/environ; ls /etc /usr/share $tap_dir/secret; cd $tap_dir/work; pwd
kill -0 1; ulimit -n 100; (sleep 0.01) & wait
CALLS

run() { # NAME=VALUE...: exit status in \$status
	status=0
	env "$@" LD_PRELOAD="$preload" timeout -s KILL 15 "$pcall_run" -q -p "$tap_dir/nomem.policy" \
		/bin/sh "$tap_dir/work/calls" >"$tap_dir/out" 2>"$tap_dir/err" </dev/null || status=$?
	rm -rf "$tap_dir/work/d" "$tap_dir/work/e" "$tap_dir/work/l" "$tap_dir/work/new"
}

run NOMEM_COUNT="$tap_dir/count"
total=$(cat "$tap_dir/count")
ok 'it runs while there is memory' test "$status" -lt 3 -a "$total" -gt 100
diag "$total allocations"

free=0 killed=0 crashed=
each() { # further variables
	# Threads share the counter: from run to run an allocation may have another number, and there are a few
	# more or less.
	at=1
	while [ $at -le $((total + 8)) ]; do
		run NOMEM_AT=$at "$@"
		[ $status = 137 ] && killed=$((killed + 1))
		[ $status -gt 127 ] && crashed="$crashed $at:$status"
		if [ -e "$tap_dir/work/no" ] || grep -q CANARY "$tap_dir/out"; then
			free=$((free + 1))
		fi
		at=$((at + 1))
	done
}

each
is "$crashed" '' 'one allocation that fails is an error, no crash'
each NOMEM_ON=1
is "$free" 0 'what is refused was never done'
is "$killed" 0 'every run came to its end'
is "$crashed" '' 'no memory from here on: an error, no crash'
none_left() { ! pgrep -f "$tap_dir/work/calls"; }
ok 'no process is left' soon none_left
done_testing
