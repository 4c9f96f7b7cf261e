# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Exit statuses of pcall-run, and bad input: one clear line, nothing runs, nothing is left.
. "$PCALL_SOURCE/tests/tap.sh"

cd "$tap_dir" || exit 1
TMPDIR=$tap_dir/tmp
mkdir "$TMPDIR" work
export TMPDIR
cd work || exit 1

# What pcall-run said is one line of its own that holds these words; the command did not run.
says() { # words, name
	if [ "$(grep -c '^pcall-run: ' "$tap_dir/err")" = 1 ] && grep -qF -- "$1" "$tap_dir/err" && ! [ -s "$tap_dir/out" ]; then
		pass "$2"
	else
		fail "$2" || diag <"$tap_dir/err"
	fi
}

bad() { # status, words, name, arguments of pcall-run
	tap_bad_status=$1
	tap_bad_words=$2
	tap_bad_name=$3
	shift 3
	status_is "$tap_bad_status" "$tap_bad_name" "$pcall_run" "$@"
	says "$tap_bad_words" "${tap_bad_name}_says_so"
}

status_is 0 command_that_succeeds "$pcall_run" true
status_is 1 command_that_fails "$pcall_run" false
status_is 7 status_is_passed_on "$pcall_run" sh -c 'exit 7'
status_is 255 highest_status_is_passed_on "$pcall_run" sh -c 'exit 255'
# shellcheck disable=SC2016 # for the inner shell
status_is 143 signal_is_128_and_its_number "$pcall_run" sh -c 'kill -TERM $$'
# shellcheck disable=SC2016
status_is 137 kill_is_137 "$pcall_run" sh -c 'kill -KILL $$'
status_is 124 timeout_is_124 "$pcall_run" --timeout 300ms sleep 20
status_is 124 timeout_kills_what_ignores_sigterm "$pcall_run" --timeout 300ms sh -c 'trap "" TERM; sleep 20; sleep 20'
status_is 124 limit_of_time_is_124 "$pcall_run" --limit time=300ms sleep 20
status_is 123 fail_on_deny_without_a_number "$pcall_run" --fail-on-deny sh -c 'cat /etc/shadow || true'
status_is 9 fail_on_deny_with_a_number "$pcall_run" --fail-on-deny=9 sh -c 'cat /etc/shadow || true'
status_is 3 fail_on_deny_keeps_a_failure "$pcall_run" --fail-on-deny sh -c 'cat /etc/shadow; exit 3'
status_is 0 fail_on_deny_without_a_denial "$pcall_run" --fail-on-deny true

# Programs.
bad 127 nosuchprogram program_that_is_missing nosuchprogram
bad 127 /nosuch/program path_that_is_missing /nosuch/program
bad 127 'not found' empty_program_name ''
echo 'echo ran' >plain
bad 126 './plain: it is not marked as executable' program_that_is_not_executable ./plain
mkdir directory
bad 126 './directory: it is a directory' program_that_is_a_directory ./directory
printf '#!%s/b\n' "$PWD" >a
printf '#!%s/a\n' "$PWD" >b
chmod +x a b
bad 126 './a: its interpreter' loop_of_interpreters ./a
ok loop_of_interpreters_is_named grep -q 'leads to itself$' "$tap_dir/err"
printf '#!/nosuch/interpreter\n' >c
chmod +x c
bad 126 './c: its interpreter /nosuch/interpreter is not there' interpreter_that_is_missing ./c
printf '\001\002 garbage' >d
chmod +x d
bad 126 './d: it is neither a program' program_of_no_format ./d
# The head of a 32-bit one is all that is looked at.
printf '\177ELF\001\001\001\000\000\000\000\000\000\000\000\000\002\000\003\000\001\000\000\000' >e
chmod +x e
bad 126 './e: only 64-bit x86 programs can be run' program_of_32_bits ./e
bad 126 './e: only 64-bit x86 programs can be run' program_of_32_bits_quietly -q ./e
status_is 126 program_of_32_bits_in_a_shell "$pcall_run" sh -c ./e
ok program_of_32_bits_in_a_shell_says_so grep -q 'pcall-run: only 64-bit x86 programs can be run' "$tap_dir/err"
cp /bin/true "$TMPDIR/outside"
bad 126 'outside: denied  exec ' program_that_may_not_run "$TMPDIR/outside"
is "$(sed 1d "$tap_dir/err" | tr -s ' ' | sed "s|~|$HOME|g")" " why no rule allows it policy readonly
 allow --exec $TMPDIR/outside or the line: exec $TMPDIR/outside" \
	program_that_may_not_run_says_what_would_allow_it
bad 126 'outside: denied  exec ' program_that_may_not_run_quietly -q "$TMPDIR/outside"
is "$(sed 1d "$tap_dir/err")" '' quietly_is_one_line
status_is 0 and_that_allows_it "$pcall_run" --exec "$TMPDIR/outside" "$TMPDIR/outside"
"$pcall_run" --events fd:3 "$TMPDIR/outside" 3>"$tap_dir/events" 2>/dev/null
ok program_that_may_not_run_is_an_event grep -q '"event":"denied".*"verb":"exec".*outside' "$tap_dir/events"
printf '#!%s\n' "$TMPDIR/outside" >f
chmod +x f
bad 126 './f: denied  exec ' interpreter_that_may_not_run ./f
rm "$TMPDIR/outside"

# Arguments.
bad 125 'no command' no_command
bad 125 'no command' no_command_behind_dashes --
bad 125 'did you mean --read?' unknown_option --raed /x true
bad 125 'unknown option -z' unknown_letter -z true
bad 125 'needs a value' missing_value --read
bad 125 'takes no value' value_that_is_not_wanted --dry-run=1 true
bad 125 'empty' empty_path --read '' true
bad 125 'not open' keep_fd_that_is_closed --keep-fd 77 true
bad 125 'not open' status_fd_that_is_closed --json-status-fd 77 true
bad 125 'not open' events_fd_that_is_closed --events fd:77 true
# Its kernel thread could work for the command past the filter.
cat >ring.py <<'END'
import ctypes, os, sys
fd = ctypes.CDLL(None).syscall(425, 4, (ctypes.c_uint32 * 30)())
if fd < 0:
    sys.exit(77)
os.dup2(fd, 9)
os.set_inheritable(9, True)
os.execv(sys.argv[1], sys.argv[1:2] + ["--keep-fd", "9", "true"])
END
if [ -x /usr/bin/python3 ]; then
	/usr/bin/python3 ring.py "$pcall_run" >"$tap_dir/out" 2>"$tap_dir/err"
	tap_status=$?
else
	tap_status=77
fi
if [ $tap_status = 77 ]; then
	skip ring_is_not_kept 'no io_uring'
else
	is $tap_status 125 ring_is_not_kept
	says 'descriptor 9 cannot be passed: it is an io_uring ring' ring_is_not_kept_says_so
fi
bad 125 '/nosuch/events' events_file_that_cannot_be --events /nosuch/events true
bad 125 'cannot run in /nosuch' directory_that_is_missing -C /nosuch true
bad 125 'Not a directory' directory_that_is_a_file -C /etc/passwd true
bad 125 'duration' timeout_that_is_none --timeout soon true
bad 125 'always' summary_that_is_none --summary sometimes true
bad 125 'capability' capability_that_is_none --keep-caps fly true
bad 125 'landlock' degradation_that_is_none --allow-degraded=all true
bad 125 'not yet' learn_is_not_there_yet --learn true
bad 125 'not yet' ask_is_not_there_yet --ask 'connect *:443' true

# Policies.
bad 125 nosuch policy_that_is_missing -p nosuch true
bad 125 ./nosuch.policy policy_file_that_is_missing -p ./nosuch.policy true
bad 125 ./directory policy_that_is_a_directory -p ./directory true
mkfifo fifo.policy
bad 125 fifo.policy policy_that_is_a_fifo -p fifo.policy true
printf 'policy 1\nraed /x\n' >wrong.policy
bad 125 'wrong.policy:2:1: ' policy_with_an_unknown_word -p wrong.policy true
ok policy_names_the_nearest_word grep -q 'did you mean "read"' "$tap_dir/err"
for file in "$PCALL_SOURCE"/tests/policy-bad/*.policy; do
	"$pcall_run" -p "$file" sh -c 'echo ran' >"$tap_dir/out" 2>"$tap_dir/err" </dev/null
	[ $? = 125 ] && ! [ -s "$tap_dir/out" ] &&
		grep -q '^pcall-run: [^ ]*\.policy:[0-9]*:[0-9]*: ' "$tap_dir/err" || echo "$file"
done >accepted
is "$(cat accepted)" '' every_bad_policy_is_refused_with_its_place
bad 125 /nosuch view_over_a_missing_target --bind /data=/nosuch true
bad 125 --limit limit_that_is_none --limit fun=1 true
bad 125 --connect address_that_is_none --connect nowhere true
if [ "$(id -u)" != 0 ]; then
	echo 'policy 1' >secret.policy
	chmod 0 secret.policy
	bad 125 'secret.policy' policy_that_is_unreadable -p secret.policy true
fi
mkdir gone
(
	cd gone || exit 1
	rmdir ../gone
	"$pcall_run" true >"$tap_dir/out" 2>"$tap_dir/err" </dev/null
	echo $? >"$tap_dir/status"
)
is "$(cat "$tap_dir/status")" 125 directory_that_was_removed
says 'was removed' directory_that_was_removed_says_so

# Resources. For a shell so few are too few to read a script, which $pcall_run may be.
status_is 125 out_of_descriptors sh -c "ulimit -n 6; exec '$PCALL_BUILD/src/pcall-run' --allow-degraded=landlock true"
ok out_of_descriptors_says_so grep -q '^pcall-run: ' "$tap_dir/err"
case $(ldd "$pcall_inner") in
*san*) skip out_of_memory 'a sanitizer maps more memory than there is' ;;
*) status_is 125 out_of_memory sh -c "ulimit -v 10000; exec '$pcall_run' true" ;;
esac
if [ "$(id -u)" != 0 ]; then
	status_is 125 out_of_processes sh -c "ulimit -p 1; exec '$pcall_run' true"
	ok out_of_processes_says_so grep -q '^pcall-run: ' "$tap_dir/err"
fi

is "$(ls -A "$TMPDIR")" '' nothing_is_left_in_tmp
done_testing
