# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# R11: what the filter refuses is told, of every row and for every reason, and fails as its row says.
. "$PCALL_SOURCE/tests/tap.sh"

[ -z "${PCALL_TEST_PROFILE:-}" ] || skip_all "a container's profile refuses most of them first"
case $(ldd "$pcall_inner") in *san*) skip_all 'a sanitizer makes calls of its own' ;; esac
cd "$tap_dir" || exit 1
objects() { # of what no line can allow; without the argument that is told where there are no words
	sed -n 's/.*"event":"denied".*"verb":"none","object":"\([^"]*\)".*/\1/p' events | sed 's/ 0\(x[0-9a-f]*\)\{0,1\}$//' | LC_ALL=C sort -u
}

status_is 0 each_fails_as_its_row_says "$pcall_run" -q -p readonly --exec "$PCALL_BUILD/tests/live" --events events -- \
	"$PCALL_BUILD/tests/live/refused_calls"
LC_ALL=C sort -u <out >made
ok there_are_many test "$(wc -l <made)" -gt 120
is "$(objects | diff made -)" '' each_is_told
ok with_its_reason grep -q '"object":"ptrace".*"text":"a traced task' events
ok what_programs_do_without_is_marked grep -q '"object":"io_uring_setup".*"lacking":true' events
ok and_nothing_else grep -q '"object":"shmget".*"lacking":false' events

# people hear of what was refused, not of what a kernel may lack
"$pcall_run" -p readonly --exec "$PCALL_BUILD/tests/live" -- "$PCALL_BUILD/tests/live/refused_calls" >/dev/null 2>err
is "$(cat err)" '' off_a_terminal_nothing_is_said
"$pcall_run" -v -p readonly --exec "$PCALL_BUILD/tests/live" -- "$PCALL_BUILD/tests/live/refused_calls" >/dev/null 2>err
ok with_v_all_is grep -q 'denied  io_uring_setup' err
done_testing
