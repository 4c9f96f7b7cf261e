# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# A shell in tmux, natively and boxed, with the same keys: the same screens. Job control, ^C, ^Z, fg,
# less, line editing with completion, and a change of the window's size.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"
need tmux bash less
export PS1='$ ' TERM=screen

tm() { tmux -L "pcall$$" -f /dev/null "$@"; }
trap 'tm kill-server 2>/dev/null; rm -rf "$tap_dir"' EXIT

screen() { tm capture-pane -p -t box; }

# wait_for PATTERN: within six seconds, in a line of the screen.
wait_for() {
	wait_tries=0
	while ! screen | grep -q -e "$1"; do
		wait_tries=$((wait_tries + 1))
		[ $wait_tries -lt 60 ] || {
			echo "waited in vain for $1:"
			screen
			return 1
		}
		sleep 0.1
	done
}

# type_in PATTERN KEY...: and wait.
type_in() {
	type_pattern=$1
	shift
	tm send-keys -t box "$@"
	wait_for "$type_pattern"
}

# The keys, and after each what must be seen. A ^C or ^Z goes out only when the command is there.
keys() {
	wait_for '^\$ *$'
	tm send-keys -t box 'echo up; sleep 100' Enter
	type_in '^up' '' && sleep 0.3 && tm send-keys -t box C-c && type_in '^=130' 'echo =$?' Enter
	tm send-keys -t box clear Enter 'sh -c "echo run; sleep 1; echo finished"' Enter
	type_in '^run' '' && sleep 0.3 && tm send-keys -t box C-z && wait_for Stopped
	type_in 'Stopped.*sh -c' jobs Enter && type_in '^finished' fg Enter
	tm send-keys -t box clear Enter 'cat a-lo' Tab ' | wc -l' Enter
	wait_for '^300'
	type_in '^24 80' 'stty size' Enter
	tm resize-window -t box -x 100 -y 30
	type_in '^30 100' 'stty size' Enter
	type_in '^100$' 'echo $COLUMNS' Enter
	screen
	tm send-keys -t box 'less a-lo' Tab Enter
	wait_for '^29$' && tm send-keys -t box G && wait_for '^300$' && screen
	tm send-keys -t box "?150" Enter && wait_for '^150$' && tm send-keys -t box C-z && wait_for 'Stopped.*less'
	tm send-keys -t box fg Enter && wait_for '^150$' && tm send-keys -t box q && wait_for '^100$'
	type_in '^later$' 'sleep 0.5 & wait; echo later' Enter
	tm send-keys -t box clear Enter C-r wc Enter
	wait_for '^300'
	tm send-keys -t box 'exit 3' Enter
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
		tm new-session -d -s box -x 80 -y 24 -c "$tap_dir/work" "sh -c '$command; echo status \$?; sleep 5'"
		keys >"$tap_dir/$kind.keys" 2>&1
		tm kill-server
	done
	ok "$name" diff "$tap_dir/native.keys" "$tap_dir/boxed.keys"
	is "$(grep -c vain "$tap_dir/native.keys") $(denials "$tap_dir/events")" '0 ' "$name: all is seen, nothing refused" ||
		diag <"$tap_dir/boxed.keys"
}

both 'bash in tmux' bash --norc
done_testing
