# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# A caller's affinity is its own, though the supervisor borrows it to hand descriptors over.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

program=$PCALL_SOURCE/tests/live/affinity.py
cpus=$(python3 -c 'import os; print(*os.sched_getaffinity(0))')

# shellcheck disable=SC2086 # a list
"$pcall_run" --read "$program" -- python3 "$program" $cpus >"$tap_dir/got" 2>"$tap_dir/said" </dev/null
is $? 0 affinity_runs || diag <"$tap_dir/said"

while read -r line; do
	name=${line%%:*}
	is "$(grep "^$name: " "$tap_dir/got")" "$line" "$(echo "$name" | tr -d , | tr ' ' _)"
done <<-'END'
	not touched: True
	own, one: True
	own, all: True
	set by another: 0
END
done_testing
