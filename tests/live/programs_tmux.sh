# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# A shell in tmux, natively and boxed, with the same keys: the same screens. Job control, ^C, ^Z, fg,
# less, line editing with completion, and a change of the window's size.
. "$PCALL_SOURCE/tests/live/tmux_kit.sh"
# libc asks whether a name service daemon is there; to a box in a box it is hidden.
expected='^unix /run/nscd/socket$'
need bash less

# The keys, and after each what must be seen. A ^C or ^Z goes out only when the command is there.
session() {
	wait_for '^\$ *$'
	keys 'echo up; sleep 100' Enter
	type_in '^up' '' && sleep 0.3 && keys C-c && type_in '^=130' 'echo =$?' Enter
	keys clear Enter 'sh -c "echo run; sleep 1; echo finished"' Enter
	type_in '^run' '' && sleep 0.3 && keys C-z && wait_for Stopped
	type_in 'Stopped.*sh -c' jobs Enter && type_in '^finished' fg Enter
	keys clear Enter 'cat a-lo' Tab ' | wc -l' Enter
	wait_for '^300'
	type_in '^24 80' 'stty size' Enter
	tm resize-window -t box -x 100 -y 30
	type_in '^30 100' 'stty size' Enter
	type_in '^100$' 'echo $COLUMNS' Enter
	screen
	keys 'less a-lo' Tab Enter
	wait_for '^29$' && keys G && wait_for '^300$' && screen
	keys "?150" Enter && wait_for '^150$' && keys C-z && wait_for 'Stopped.*less'
	keys fg Enter && wait_for '^150$' && keys q && wait_for '^100$'
	type_in '^later$' 'sleep 0.5 & wait; echo later' Enter
	keys clear Enter C-r wc Enter
	wait_for '^300'
	keys 'exit 3' Enter
	wait_for '^status 3'
}

both() { # name, shell's words
	name=$1
	shift
	for kind in native boxed; do
		rm -rf "$tap_dir/work"
		mkdir "$tap_dir/work"
		seq 300 >"$tap_dir/work/a-long-name"
		case $kind in
		native) command=$* ;;
		boxed) command="$pcall_run -p workspace --env PS1 --events $tap_dir/events -- $*" ;;
		esac
		terminal "$command"
		session >"$tap_dir/$kind.keys" 2>&1
		tm kill-server
	done
	ok "$name" diff "$tap_dir/native.keys" "$tap_dir/boxed.keys"
	is "$(grep -c vain "$tap_dir/native.keys") $(denials "$tap_dir/events")" '0 ' "$name: all is seen, nothing refused" ||
		diag <"$tap_dir/boxed.keys"
}

both 'bash in tmux' bash --norc
done_testing
