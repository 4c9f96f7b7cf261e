# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Methods as a child calls them: with `pcall call`, from Python without a library, from C.
. "$PCALL_SOURCE/tests/tap.sh"
need /usr/bin/python3

cd "$tap_dir" || exit 1
methods=$PCALL_BUILD/tests/live/methods
pcall=$PCALL_BUILD/src/pcall
python=$PCALL_SOURCE/tests/example/methods.py

granted() { # names, command...: under a supervisor with methods
	granted_names=$1
	shift
	"$methods" "read $PCALL_BUILD $PCALL_SOURCE" "exec $PCALL_BUILD" "method $granted_names" -- "$@"
}
run() { granted 'demo.*' "$@"; }
call() { run "$pcall" call "$@"; }

# Outside, there is nothing.
status_is 127 outside_there_is_no_method "$pcall" call demo.add 1 2
status_is 1 outside_there_is_no_tree "$pcall" inside
status_is 1 outside_there_is_no_list "$pcall" methods
is "$(/usr/bin/python3 "$python")" '' outside_python_finds_none

# Where it is.
is "$(run "$pcall" inside | tr -s ' \n' ' ')" 'label demo depth 1 methods 10 ' inside_says_label_depth_and_methods
is "$(run "$pcall" inside --json)" '{"label":"demo","depth":1,"methods":10}' inside_as_json
is "$(run "$pcall" methods | cut -d' ' -f1 | tr '\n' ' ')" \
	'demo.add demo.echo demo.fail demo.give demo.later demo.never demo.ring demo.sixth demo.take demo.who ' methods_are_listed
is "$(granted 'demo.a*' "$pcall" methods | cut -d' ' -f1)" demo.add only_what_is_granted_is_listed

# Words.
is "$(call demo.add 2 3)" 5 words_are_numbers
is "$(call demo.add 0x10 -6)" 10 words_are_hex_and_negative
is "$(call demo.sixth 1 2 3 4 5 -256)" $((0xffffffffffffff)) a_sixth_word_is_negative
is "$(call demo.sixth 1 2 3 4 5 0x7000000000000100)" $((0x70000000000001)) a_sixth_word_is_long
is "$(call demo.later 21)" 42 an_answer_comes_from_another_thread
status_is 2 a_word_is_a_number run "$pcall" call demo.add two
status_is 2 words_are_six_at_most run "$pcall" call demo.add 1 2 3 4 5 6 7
status_is 2 a_name_is_needed run "$pcall" call
status_is 2 options_are_known run "$pcall" call --massage x demo.echo
status_is 2 words_or_a_message run "$pcall" call demo.echo 1 -m x
status_is 2 a_number_needs_a_command run "$pcall" call demo.give --fd=7
status_is 2 a_command_needs_a_number run "$pcall" call demo.give -- true
status_is 127 a_method_that_is_not_there run "$pcall" call demo.ad 1
ok the_nearest_name_is_told grep -q 'did you mean demo.add' "$tap_dir/err"
status_is 127 a_method_that_is_not_granted granted demo.echo "$pcall" call demo.add 1 2

# Errors.
status_is 1 a_method_that_fails run "$pcall" call demo.fail 28
ok its_error_is_told grep -q 'demo.fail: No space left on device' "$tap_dir/err"
status_is 1 a_method_that_nobody_answers run "$pcall" call demo.never
ok its_time_is_over grep -q 'demo.never: .*in time' "$tap_dir/err"

# Bytes.
is "$(call -m hello demo.echo)" hello bytes_go_and_come
is "$(call demo.echo --message=)" '' no_bytes_go_and_come
is "$(call -m - demo.who </dev/null)" demo the_caller_has_a_label
head -c 40000 /dev/urandom >bytes
ok bytes_of_any_kind sh -c '"$@" <bytes >back; cmp bytes back' - "$methods" "exec $PCALL_BUILD" \
	"read $PCALL_BUILD" 'method demo.*' -- "$pcall" call -m - demo.echo
status_is 1 an_answer_too_long run "$pcall" call -m hello --size 4 demo.echo
ok room_is_the_remedy grep -q -e '--size' "$tap_dir/err"

# Descriptors.
is "$(call demo.give --fd)" given a_descriptor_is_copied
is "$(call demo.give --fd=7 -- sh -c 'cat <&7')" given a_descriptor_is_handed_on
printf ab >two
# shellcheck disable=SC2016 # for the inner shell
is "$(run sh -c '"$0" call demo.take 5 5<two' "$pcall")" 195 a_descriptor_is_given
status_is 1 a_descriptor_that_is_none run "$pcall" call demo.take 77
status_is 1 a_number_is_no_descriptor run "$pcall" call demo.add 1000 2 --fd
status_is 127 a_command_that_is_not_there run "$pcall" call demo.give --fd=7 -- ./nosuch
status_is 3 the_commands_status run "$pcall" call demo.give --fd=7 -- sh -c 'exit 3'

# Python, without a library.
python() { run /usr/bin/python3 "$python" "$@"; }
is "$(python demo.add 2 3)" 5 python_calls
is "$(python --message 'bytes from Python' demo.echo)" 'bytes from Python' python_sends_bytes
is "$(python | wc -l)" 10 python_lists
is "$(python demo.sixth 1 2 3 4 5 0x700)" 7 python_has_six_words
is "$(python demo.sixth 1 2 3 4 5 0x7000000000000100)" $((0x70000000000001)) python_has_six_words_of_any_size
status_is 1 python_gets_errors run /usr/bin/python3 "$python" demo.fail 13
ok python_gets_the_errno grep -q 'PermissionError' "$tap_dir/err"

# C, and what is forked and executed by it.
ok c_calls run "$PCALL_BUILD/tests/live/method_uses"
# shellcheck disable=SC2016 # for the inner shell
is "$(run sh -c '(sh -c "$0 call demo.add 1 2")' "$pcall")" 3 whoever_is_executed_looks_up_again

done_testing
