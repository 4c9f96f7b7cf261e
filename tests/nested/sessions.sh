# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Interactive shells with boxes in boxes, in tmux: ^C, ^Z, fg, bg, resizes and exit codes, in the
# terminal's session, and in one that a program in the box made. The same natively, where BOX is env.
. "$PCALL_SOURCE/tests/live/tmux_kit.sh"
. "$PCALL_SOURCE/tests/nested/deep.sh"
need bash less setsid script

# What each is asked, and what must be seen. A key goes out only when the command is there.
in_session() {
	wait_for '^\$ *$' || return
	type_in '^=7' '$BOX $BOX sh -c "exit 7"; echo =$?' Enter
	type_in '^=127' '$BOX $BOX nothing-like-this; echo =$?' Enter
	type_in '^=143' '$BOX $BOX sh -c "kill \$\$"; echo =$?' Enter
	keys clear Enter '$BOX $BOX sh -c "echo up; sleep 100"' Enter
	wait_for '^up' && sleep 0.3 && keys C-c && sleep 0.5 && type_in '^=130' 'echo =$?' Enter
	keys clear Enter '$BOX $BOX sh -c "echo up; sleep 100"' Enter
	wait_for '^up' && sleep 0.3 && keys 'C-\' && type_in '^=131' 'echo =$?' Enter
	keys clear Enter '$BOX $BOX sh -c "echo run; sleep 2; echo finished"' Enter
	wait_for '^run' && sleep 0.3 && keys C-z && wait_for Stopped
	keys 'jobs' Enter 'bg' Enter && wait_for '^\(\$ \)*finished' && type_in '^=0' 'wait; echo =$?' Enter
	keys clear Enter '$BOX $BOX sh -c "echo run; read -r x; echo got \$x"' Enter
	wait_for '^run' && sleep 0.3 && keys C-z && wait_for Stopped
	keys clear Enter fg Enter && sleep 0.3 && type_in '^got word' word Enter
	keys clear Enter '$BOX $BOX bash --norc' Enter && sleep 0.3
	type_in '^24 80' 'stty size' Enter
	keys clear Enter 'trap "echo changed" WINCH' Enter 'echo is set' Enter && wait_for '^is set'
	tm resize-window -t box -x 100 -y 30
	type_in '^30 100' 'stty size' Enter && wait_for '^\(\$ \)*changed'
	keys clear Enter 'sleep 100' Enter && sleep 0.3 && keys C-z && wait_for Stopped
	keys bg Enter && type_in 'Running.*sleep' jobs Enter && keys clear Enter 'kill %1; wait' Enter
	type_in '^=4' 'exit 4' Enter 'echo =$?' Enter
	# Stopped by somebody else than the terminal: a pcall-run, which waits for calls; and a command.
	keys clear Enter '$BOX $BOX sleep 100 &' Enter && sleep 1 && keys clear Enter 'kill -STOP %1' Enter && sleep 1
	type_in '^\[1\]+  Stopped' clear Enter jobs Enter && keys clear Enter 'kill %1; kill -CONT %1; wait' Enter
	type_in '^=0' clear Enter 'wait; echo =$?' Enter
	keys clear Enter '$BOX $BOX sh -c "kill -STOP \$\$; echo goes on"' Enter && wait_for Stopped
	type_in '^goes on' clear Enter fg Enter
	tm resize-window -t box -x 80 -y 24
	keys clear Enter
}

# A program in the box makes a session with a terminal of its own, and boxes are in that.
in_own_session() {
	wait_for '^\$ *$' || return
	keys 'script -qec "$BOX $BOX bash --norc" typed; echo =$?' Enter && sleep 0.5
	type_in '^24 80' 'clear; stty size' Enter
	type_in '^tty0' 'test -t 0; echo tty$?' Enter
	keys clear Enter 'echo up; sleep 100' Enter
	wait_for '^up' && sleep 0.3 && keys C-c && sleep 0.5 && type_in '^=130' 'echo =$?' Enter
	keys clear Enter 'sh -c "echo run; sleep 1; echo finished"' Enter
	wait_for '^run' && sleep 0.3 && keys C-z && wait_for Stopped && type_in '^\(\$ \)*finished' clear Enter fg Enter
	type_in '^=0' 'sh -c "exit 3" | cat; echo =$?' Enter
	keys clear Enter 'seq 100 | less' Enter && wait_for '^23$' && keys G && wait_for '^100$' && keys q
	keys clear Enter 'trap "echo changed" WINCH' Enter 'echo is set' Enter && wait_for '^is set'
	tm resize-window -t box -x 100 -y 30
	wait_for '^\(\$ \)*changed' && type_in '^30 100' 'stty size' Enter
	tm resize-window -t box -x 80 -y 24
	type_in '^=6' 'exit 6' Enter
	keys clear Enter 'script -qec "$BOX $BOX sh -c \"echo up; sleep 100\"" typed; echo =$?' Enter
	wait_for '^up' && sleep 0.3 && keys C-c && wait_for '=130$'
	keys clear Enter 'script -qec "bash --norc" typed; echo =$?' Enter && sleep 0.3
	keys '$BOX $BOX sh -c "echo up; sleep 100"' Enter
	wait_for '^up' && sleep 0.3 && keys C-z && wait_for Stopped
	type_in '^\[1\]+  Stopped' clear Enter jobs Enter && keys clear Enter fg Enter && sleep 0.5
	keys C-c && sleep 0.5 && type_in '^=130' 'echo =$?' Enter
	type_in '^=7' '$BOX $BOX sh -c "exit 7"; echo =$?' Enter
	keys clear Enter '$BOX $BOX sh -c "echo run; sleep 2; echo finished; sleep 2; read -r x; echo got \$x"' Enter
	wait_for '^run' && sleep 0.3 && keys C-z && wait_for Stopped && keys bg Enter && wait_for '^\(\$ \)*finished'
	# What is typed now is the shell's; after fg, the command's.
	type_in '^typed' clear Enter 'echo typed' Enter && keys fg Enter && sleep 1 && type_in '^got word' word Enter
	keys clear Enter '$BOX $BOX sh -c "kill -STOP \$\$; echo goes on"' Enter && wait_for Stopped
	# What is typed while a relay is there is the command's, and ends with it.
	type_in '^goes on' clear Enter fg Enter && wait_for '^\$ *$' || return
	type_in '^24 80' 'clear; $BOX $BOX stty size' Enter
	type_in '^=5' 'exit 5' Enter
	# Without a shell that could continue it ^Z stops nothing, as in any terminal.
	keys clear Enter 'script -qec "$BOX $BOX sh -c \"echo up; sleep 2; echo finished\"" typed; echo =$?' Enter
	wait_for '^up' && sleep 0.3 && keys C-z && wait_for 'finished$' && wait_for '=0$'
}

# And one without a terminal.
without_terminal() {
	wait_for '^\$ *$' || return
	type_in '^=5' 'setsid -w $BOX $BOX sh -c "exit 5"; echo =$?' Enter
	type_in '^none' 'clear; setsid -w $BOX $BOX sh -c "(: </dev/tty) || echo none"' Enter
	type_in '^word' 'clear; echo word | setsid -w $BOX $BOX cat | cat' Enter
	keys clear Enter
}

is_seen() { # what was written when a wait was in vain
	cat "$1"
	! [ -s "$1" ]
}

session() { # name, what is done
	for kind in native boxed; do
		rm -rf "$tap_dir/work"
		mkdir "$tap_dir/work"
		: >"$tap_dir/events"
		command='bash --norc'
		if [ $kind = native ]; then
			command="BOX=env $command"
		else
			command="$pcall_run -p workspace --env PS1 --env BOX=\"$pcall_inner -q -p workspace --env PS1\" --events $tap_dir/events -- $command"
		fi
		terminal "$command"
		{ $2 && keys clear Enter 'exit 3' Enter && wait_for '^status 3'; } >"$tap_dir/$kind.keys" 2>&1
		tm kill-server
		ok "$1: $kind: all is seen" is_seen "$tap_dir/$kind.keys"
	done
}

session 'in the session of the terminal' in_session
session 'in a session of a program in the box' in_own_session

session 'in a session without a terminal' without_terminal

deep_build "$tap_dir/deep3" 3
ok 'a shell three deep has the same screens' \
	env PCALL_BUILD="$tap_dir/deep3" sh "$PCALL_SOURCE/tests/live/programs_tmux.sh"
done_testing
