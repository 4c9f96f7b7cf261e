# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Calls that name other tasks: those of the child are there, all others are not.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

program=$PCALL_SOURCE/tests/live/task_calls.py

sleep 60 &
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
	priority: 0 15 0
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

ok process_outside_lives kill -0 $outside
kill $outside
done_testing
