# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# The toolbox: pcall policy, why and doctor.
. "$PCALL_SOURCE/tests/tap.sh"
need /usr/bin/python3

pcall=$PCALL_BUILD/src/pcall
cd "$tap_dir" || exit 1
shipped=$(cd "$PCALL_SOURCE/policies" && echo ./*.policy | sed 's,\./,,g; s,\.policy,,g')

# shellcheck disable=SC2086 # names
status_is 0 shipped_policies_are_right "$pcall" policy check $shipped
# shellcheck disable=SC2086
status_is 0 shipped_policies_decide_as_they_say "$pcall" policy test $shipped
is "$(grep -c ' [1-9][0-9]* tests, 0 failed$' out)" "$(echo "$shipped" | wc -w)" every_shipped_policy_has_tests

mkdir mine
printf 'policy 1\nabout "my own"\nread /usr\n' >mine/readonly.policy
cp mine/readonly.policy mine/other.policy
status_is 0 policies_are_listed env PCALL_POLICY_PATH="$tap_dir/mine:$PCALL_SOURCE/policies" "$pcall" policy list
is "$(grep -c -e '^readonly  *my own$' -e '^other  *my own$' -e '^npm  *npm install' out)" 3 each_with_what_it_is_for
is "$(cut -d ' ' -f 1 out | sort | uniq -d)" '' each_is_listed_once
status_is 125 where_there_is_none_that_is_said env PCALL_POLICY_PATH=/nosuch "$pcall" policy list
printf 'policy 1\nread /usr\nraed /etc\n' >wrong.policy
status_is 1 check_refuses_a_wrong_policy "$pcall" policy check wrong.policy
ok check_begins_with_the_place grep -q '^\./wrong.policy:3:1: ' err
ok check_names_the_nearest_word grep -q 'did you mean "read"' err
status_is 1 check_goes_on_behind_a_wrong_policy "$pcall" policy check wrong.policy base
ok check_tells_the_right_one grep -q '^base: [0-9]* rules$' out

printf 'policy 1\nread /usr\ntest allow read /etc/passwd\ntest deny read /etc/shadow\n' >fails.policy
status_is 1 a_test_that_fails_is_seen "$pcall" policy test fails.policy
ok a_failed_test_is_named grep -q '^\./fails.policy:3: failed: test allow read /etc/passwd$' err
is "$(cat out)" 'fails.policy: 2 tests, 1 failed' tests_are_counted

printf 'policy 1\nread /usr /opt\nhide /usr/src\n' >a.policy
printf 'policy 1\nhide /usr/src\nread /usr\n' >b.policy
status_is 0 a_policy_is_as_itself "$pcall" policy diff a.policy a.policy
status_is 1 a_difference_is_seen "$pcall" policy diff a.policy b.policy
is "$(sed 's/  *(.*//' out | tr '\n' ,)" '- read /usr /opt,+ read /usr,' differences_are_shown
status_is 125 diff_of_what_cannot_be_read "$pcall" policy diff a.policy wrong.policy

"$pcall" policy show npm >shown.policy
status_is 0 what_is_shown_is_a_policy "$pcall" policy check shown.policy
ok show_tells_where_a_line_is_from grep -q '^connect registry.npmjs.org:443 .*# .*npm.policy:[0-9]*$' shown.policy

# shellcheck disable=SC2317 # called by status_is
why() { "$pcall" why "$@"; }
status_is 0 why_of_what_is_allowed why read /etc/passwd
ok why_names_the_line grep -q '^  why    read .*(policy base, .*base.policy:[0-9]*)$' out
status_is 1 why_of_what_is_not why write /etc/passwd
is "$(sed -n 3p out)" '  allow  --write /etc/passwd                   or the line: write /etc/passwd' why_suggests
status_is 1 why_of_a_carve_out why write .git/hooks/x -p workspace
ok why_names_the_carve_out grep -q '^  why    deny *write \*\*/\.git/config .*/\.git/hooks' out
is "$(sed -n '/allow/p' out)" '' nothing_is_suggested_against_a_carve_out
status_is 0 why_of_a_host why connect registry.npmjs.org:443 -p npm
status_is 1 why_of_another_host why connect registry.npmjs.org.example:443 -p npm
status_is 1 why_of_an_address why connect '[::1]:443' -p npm
status_is 0 why_of_a_device why dev /dev/null
status_is 0 why_of_a_bare_program why exec env
ok why_looks_a_bare_program_up grep -q '^allowed  exec /usr/bin/env$' out
status_is 0 why_of_a_bare_device why dev null
ok why_looks_a_bare_device_up grep -q '^allowed  dev /dev/null$' out
status_is 1 why_of_a_port why listen 8080
ok why_takes_a_port_for_any_address grep -q '^  allow  --listen 0.0.0.0:8080 ' out
status_is 0 why_says_how_it_is_used why --help
ok why_says_its_words grep -q '^usage: pcall why VERB OBJECT' out

# A cache is its directory's own.
mkdir cached && cd cached || exit 1
status_is 0 a_cache_is_made "$pcall_run" -q -p build sh -c 'echo kept >"$CCACHE_DIR.x"'
status_is 0 and_kept "$pcall_run" -q -p build sh -c 'cat "$CCACHE_DIR.x"'
is "$(cat "$tap_dir/out")" kept with_what_was_in_it
ln -sfn /elsewhere "$(echo "$HOME"/.cache/pcall/cached-*.of)"
status_is 125 the_cache_of_another_directory_is_not_used "$pcall_run" -q -p build true
ok and_whose_it_is_is_said grep -q 'is another directory' "$tap_dir/err"
cd .. || exit 1

# Nobody means all of a home, or of the machine, who starts a command there.
home=$HOME here=$PWD
cd "$home" || exit 1
mkdir fresh && cd fresh && mkdir .cache .git || exit 1
status_is 0 a_home_that_nobody_lives_in_is_given env HOME="$PWD" "$pcall_run" ls
for what in .ssh .bashrc .config; do
	mkdir $what
	status_is 125 "a_home_with_${what}_is_not" env HOME="$PWD" "$pcall_run" ls
	rmdir $what
done
cd .. && rm -r fresh || exit 1
touch .profile
status_is 125 the_home_is_not_given_unasked "$pcall_run" ls
ok and_that_is_said grep -q 'readonly.policy:.*the current directory, .*, is or holds .*--read PATH' "$tap_dir/err"
mkdir -p .ssh && echo key >.ssh/id && echo host >.ssh/known_hosts && echo open >plain
status_is 0 the_home_is_given_by_name "$pcall_run" --read . cat plain
status_is 1 and_its_keys_are_not "$pcall_run" --read . cat .ssh/id
status_is 0 a_secret_is_given_by_its_own_name "$pcall_run" --read . --read .ssh/known_hosts cat .ssh/known_hosts
status_is 1 and_no_other_is "$pcall_run" --read . --read .ssh/known_hosts cat .ssh/id
cd / || exit 1
status_is 125 the_root_is_not_given_unasked "$pcall_run" ls
# Root may look into all of them.
others=$(while IFS=: read -r _ _ uid _ _ dir shell; do
	[ "$uid" = "$(id -u)" ] || [ ! -r "$dir/.bashrc" ] || case $shell in *nologin | *false) ;; *) echo "$dir" ;; esac
done </etc/passwd | head -n 1)
if [ -n "$others" ] && cd "$others"; then
	status_is 125 the_home_of_another_is_not_given_unasked "$pcall_run" ls
	cd .. && status_is 125 nor_what_holds_it "$pcall_run" ls
	cd "$others" && mkdir -p .hidden/below && cd .hidden/below &&
		status_is 125 nor_what_it_keeps_out_of_sight "$pcall_run" ls
	status_is 0 but_by_name "$pcall_run" --read . ls
	cd "$others" && rmdir .hidden/below .hidden
else
	skip the_home_of_another_is_not_given_unasked 'nobody lets us look into a home'
fi
for at in / "$home" /tmp; do
	cd "$at" || exit 1
	status_is 0 "policies_pass_their_tests_in_$at" "$PCALL_BUILD/src/pcall" policy test base secrets tools readonly workspace build net npm untrusted
	status_is 0 "and_where_${at}_is_above_no_home" env HOME=/home/somebody \
		"$PCALL_BUILD/src/pcall" policy test base secrets tools readonly workspace build net npm untrusted
done
cd "$here" || exit 1
mkdir d
ln -s d l
status_is 0 why_follows_links why read l/new -p workspace
is "$(sed -n 1p out)" "allowed  read $PWD/d/new" why_shows_the_canonical_name
status_is 125 why_of_an_unknown_verb why raed /x
ok why_names_the_nearest_verb grep -q 'did you mean read' err
status_is 125 why_with_a_policy_that_is_missing why read /x -p nosuch
status_is 125 why_without_words why

"$pcall" doctor --json >json
doctor=$?
ok doctor_is_json_of_the_schema /usr/bin/python3 - json $doctor <<'PY'
import json, sys
d = json.load(open(sys.argv[1]))
assert d['exit'] == int(sys.argv[2]) and d['version'], d
names = [f['name'] for f in d['facts']]
assert names[:2] == ['kernel', 'notification'] and 'landlock' in names and len(names) == len(set(names)), names
for f in d['facts']:
    assert list(f) == ['name', 'status', 'fact', 'effect', 'remedy'] and f['fact'], f
    assert f['status'] in ('good', 'note', 'degraded', 'missing'), f
    assert f['effect'] or f['status'] in ('good', 'note'), f
PY
if "$pcall_run" true; then
	ok doctor_is_right_that_commands_run test $doctor -lt 2
else
	ok doctor_is_right_that_no_command_runs test $doctor = 2
fi
# a sanitizer is told by a variable what no box lets it do
"$pcall_run" -q ${ASAN_OPTIONS:+--env=ASAN_OPTIONS} --exec "$pcall" "$pcall" doctor --json >json 2>err
is $? 0 doctor_inside_says_that_commands_run
ok doctor_inside_says_where_it_is grep -q '"name":"tree","status":"good","fact":"inside one, at depth 1' json
"$pcall_run" -q --exec "$PCALL_BUILD" --read "$PCALL_BUILD" "$pcall_run" -q true
is $? 0 doctor_inside_is_right

status_is 125 unknown_command "$pcall" polcy
ok unknown_command_names_the_nearest grep -q 'did you mean policy' err
status_is 125 unknown_policy_command "$pcall" policy shwo x
status_is 125 unknown_option "$pcall" --hepl
status_is 125 command_that_is_not_there_yet "$pcall" tree
ok command_that_is_not_there_yet_says_so grep -q '^pcall: not yet' err
status_is 125 no_command "$pcall"
if [ -w /dev/full ]; then
	ok a_full_disk_is_no_success sh -c "! '$pcall' policy show base >/dev/full"
fi
done_testing
