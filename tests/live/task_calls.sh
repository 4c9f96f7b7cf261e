# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Calls that name other tasks: those of the child are there, all others are not.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

program=$PCALL_SOURCE/tests/live/task_calls.py

setsid sleep 60 &
outside=$!
"$pcall_run" --read "$program" -- python3 "$program" $outside >"$tap_dir/got" 2>"$tap_dir/said" </dev/null
is $? 0 task_calls_run || diag <"$tap_dir/said"

while read -r line; do
	name=${line%%:*}
	is "$(grep "^$name: " "$tap_dir/got")" "$line" "$(echo "$name" | tr ' ' _)"
done <<-'END'
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
	comparison: 0 EPERM
	robust list: EPERM
	signals to others: ESRCH ESRCH ESRCH
	signal to a group: 0 -15
	gone: ESRCH ESRCH True
END

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
