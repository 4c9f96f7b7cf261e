# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What the options of pcall-run do to a command that runs; its streams; its private directory.
. "$PCALL_SOURCE/tests/tap.sh"
need /usr/bin/python3

own_tmp
run() { "$pcall_run" -q "$@"; }

# Words and streams.
is "$(run printf "%s %s %s" x -p --read)" 'x -p --read' words_behind_the_command_are_its_own
is "$(run -- echo --)" -- dashes_end_the_options
# shellcheck disable=SC2016 # no shell is involved
is "$(run printf %s '$HOME * ; #')" '$HOME * ; #' no_shell_is_involved
is "$(printf 'a\nb' | run cat)" "$(printf 'a\nb')" stdin_is_the_commands
is "$(run sh -c 'echo out; echo err >&2' 2>/dev/null)" out stdout_holds_only_the_commands
is "$(run sh -c 'echo out; echo err >&2' 2>&1 >/dev/null)" err stderr_is_the_commands
is "$(run sh -c 'echo x' <&- 2>&1)" x closed_stdin_is_no_harm
run sh -c 'yes 2>/dev/null; exit 0' | head -n 1 >first
is "$(cat first)" y a_pipe_that_closes_ends_the_command
is "$(run sh -c 'cat /etc/shadow' 2>&1 | grep -c '^pcall-run')" 0 quiet_says_nothing
is "$("$pcall_run" sh -c 'cat /etc/shadow' 2>&1 | grep -c '^pcall-run')" 0 no_terminal_no_messages
# The command's own messages would mix with ours.
look() { # name, options of pcall-run
	look_at=$1
	shift
	# shellcheck disable=SC2016 # for the inner shell
	"$pcall_run" "$@" sh -c 'exec 2>/dev/null; cat "$1"; cat "$1"' - "$look_at" 2>err >out
}
look /etc/shadow -v
is "$(grep -c '^pcall-run: denied' err)" 1 a_denial_is_told_once_for_each_object
ok denial_has_its_form /usr/bin/python3 - err <<'PY'
import re, sys
text = open(sys.argv[1]).read()
assert re.search(r'^pcall-run: denied  read /etc/shadow  by cat \(\d+, openat\)\n'
                 r'  why    no rule allows it                     policy readonly\n'
                 r'  allow  --read /etc/shadow                    or the line: read /etc/shadow\n', text, re.M), text
PY
look /etc/passwd -v --deny 'read /etc/passwd'
ok denial_names_the_rule grep -qxF '  why    deny read /etc/passwd  (command line, --deny)' err
ok denial_by_a_rule_suggests_nothing sh -c '! grep -q "^  allow" err'
printf 'policy 1\nuse readonly\n\ndeny read /etc/passwd\n' >my.policy
look /etc/passwd -v -p my.policy
ok denial_names_file_and_line grep -qxF "  why    deny read /etc/passwd  (policy my, ./my.policy:4)" err
name=$(printf 'a\033[31mb\nc')
look "/$name" -v
# shellcheck disable=SC2016 # for the inner shell
ok denial_is_escaped sh -c '! grep -q "$(printf "\033")" err; ! grep -q "^c\$" err; grep -q "^pcall-run: denied.*x1b.31mb.x0ac" err'
look /etc/shadow -v --color always
ok color_always_colours grep -q "$(printf '\033')" err

look /nosuch --fail-on-deny --summary always
ok what_is_not_there_is_not_told grep -q '^pcall-run: nothing was denied but what is not there, or done without ([0-9]* calls*; -v)$' err
look /nosuch -v
ok verbose_tells_what_is_not_there grep -q '^pcall-run: denied  read /nosuch' err

# The environment.
FOO=1 BAR=2
export FOO BAR
is "$(run env | grep -c '^FOO=\|^BAR=')" 0 unknown_variables_are_not_passed
is "$(run --env FOO --env BAR=3 --env NEW='a b' env | grep '^FOO=\|^BAR=\|^NEW=' | sort | tr '\n' ,)" 'BAR=3,FOO=1,NEW=a b,' env_passes_and_sets
# shellcheck disable=SC2016
is "$(run --env X='${HOME} \ "' printenv X)" '${HOME} \ "' env_takes_a_value_as_it_stands

# Place, descriptors, session.
is "$(run -C /usr/lib pwd)" /usr/lib chdir_changes_the_directory
exec 7</etc/hostname
# shellcheck disable=SC2016
is "$(run sh -c 'cat <&7' 2>/dev/null)" '' other_descriptors_are_closed
is "$(run --keep-fd 7 sh -c 'cat <&7')" "$(cat /etc/hostname)" keep_fd_keeps_one
exec 7<&-
session='import os; print(os.getsid(0) == os.getpid())'
is "$(run /usr/bin/python3 -c "$session")" False without_new_session_it_is_ours
is "$(run --new-session /usr/bin/python3 -c "$session")" True new_session_is_one

# What is written for programs.
"$pcall_run" -q --json-status-fd 5 sh -c 'exit 4' 5>status
ok json_status_has_its_form /usr/bin/python3 - status <<'PY'
import json, sys
a, b = map(json.loads, open(sys.argv[1]))
assert list(a) == ['child-pid'] and a['child-pid'] > 1 and b == {'exit-code': 4}, (a, b)
PY
# shellcheck disable=SC2016
"$pcall_run" -q --label lab --events events sh -c 'cat /etc/shadow; cat "$(printf "/q\"\\\\\n\377")"; kill -TERM $$' 2>err
ok events_are_json_of_the_schema /usr/bin/python3 - events <<'PY'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding='utf-8')]
denied = [l for l in lines if l['event'] == 'denied']
keys = ['event', 'time', 'label', 'pid', 'exe', 'verb', 'object', 'given', 'syscall', 'errno', 'policy',
        'source', 'line', 'rule', 'suggestion', 'text', 'lacking', 'count']
assert all(list(l) == keys for l in denied), denied
first = [l for l in denied if l['object'] == '/etc/shadow'][0]
assert first['verb'] == 'read' and first['errno'] == 'ENOENT' and first['exe'] == 'cat', first
assert first['label'] == 'lab' and first['policy'] is None and first['suggestion'] == 'read /etc/shadow', first
assert lines[-1]['event'] == 'exited' and lines[-1]['signal'] == 'TERM', lines[-1]
PY
"$pcall_run" -q --events fd:6 sh -c 'cat /etc/shadow' 6>events 2>err
ok events_go_to_a_descriptor grep -q '"object":"/etc/shadow"' events
"$pcall_run" -q --summary always true 2>err
is "$(cat err)" 'pcall-run: nothing was denied' summary_of_nothing
look /etc/shadow -q --summary always
ok summary_is_a_table grep -q '^ *[0-9]*  read    /etc/shadow  *cat$' err
is "$(run --dry-run --read '/a b' --env A=1 rm "it's" | grep -c "^read \"/a b\" .*# --read$\|^# runs in $PWD: rm 'it'\\\\''s'$\|^# with A=1$")" 3 dry_run_shows_policy_command_and_environment
run --dry-run touch ran >dry
ok dry_run_runs_nothing test ! -e ran
run --dry-run -p workspace true >flat.policy
ok dry_run_is_a_policy "$PCALL_BUILD/src/pcall" policy check ./flat.policy
is "$(run --help | wc -l)" "$(COLUMNS=10 run --help | wc -l)" help_is_the_same_everywhere
for option in $(run --help | grep -o -e '--[a-z][a-z-]*' | sort -u); do
	page=$PCALL_SOURCE/src/pcall-run.1
	grep -qF -- "-${option#--}" "$page" || diag "$option is not in the man page"
	for file in bash/pcall-run zsh/_pcall-run fish/pcall-run.fish; do
		case $file in
		bash/*) continue ;; # made from --help
		fish/*) word="-l ${option#--} " ;;
		zsh/*) word=$option ;;
		esac
		grep -qF -- "$word" "$PCALL_SOURCE/src/completion/$file" || diag "$option is not in $file"
	done
done >undocumented
is "$(cat undocumented)" '' every_option_is_documented_and_completed

# The private directory.
# shellcheck disable=SC2016
is "$(run -p workspace sh -c 'echo a >"$TMPDIR/x" && cat "$TMPDIR/x"')" a private_tmp_can_be_written
# shellcheck disable=SC2016
is "$(run -p workspace sh -c 'stat -c %a "$TMPDIR"')" 700 private_tmp_is_private
cat >messy.py <<'PY'
import os
os.chdir(os.environ['TMPDIR'])
for i in range(1500):
    os.mkdir('d')
    open('f', 'w').close()
    os.chdir('d')
os.chdir(os.environ['TMPDIR'])
os.makedirs('no/way')
open('no/way/f', 'w').close()
os.chmod('no/way', 0)
os.chmod('no', 0)
os.makedirs('0/0/1/2')
os.symlink('/etc', 'link')
os.mkfifo('fifo')
os.chmod('.', 0)
PY
is "$(run -p workspace /usr/bin/python3 messy.py 2>&1)" '' a_mess_can_be_made
# shellcheck disable=SC2016
run -p workspace sh -c 'echo x >"$TMPDIR/x"; kill -KILL $$'
is "$(ls -A "$TMPDIR")" '' nothing_is_left_in_tmp
done_testing
