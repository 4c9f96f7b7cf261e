# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# A terminal that somebody types at, and a screen to look at: tmux, outside of any box. One server for
# each terminal: one that is ending takes no other.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"
need tmux
# A bash on the way would take PS1 away.
export PS1='$ ' TERM=screen SHELL=/bin/sh
tmux_number=0

tm() { tmux -L "pcall$$.$tmux_number" -f /dev/null "$@"; }
trap 'tm kill-server 2>/dev/null; rm -rf "$tap_dir"' EXIT

# terminal COMMAND: in a fresh $tap_dir/work, 80 x 24; says `status N` in the end.
terminal() {
	tmux_number=$((tmux_number + 1))
	tm new-session -d -s box -x 80 -y 24 -c "$tap_dir/work" "sh -c '$1; echo status \$?; sleep 5'"
}

screen() { tm capture-pane -p -t box; }

# wait_for PATTERN: within ten seconds, in a line of the screen.
wait_for() {
	wait_tries=0
	while ! screen | grep -q -e "$1"; do
		wait_tries=$((wait_tries + 1))
		[ $wait_tries -lt 100 ] || {
			echo "waited in vain for $1:"
			screen
			return 1
		}
		sleep 0.1
	done
}

# keys KEY...: typed.
keys() { tm send-keys -t box "$@"; }

# type_in PATTERN KEY...: and wait.
type_in() {
	type_pattern=$1
	shift
	keys "$@"
	wait_for "$type_pattern"
}
