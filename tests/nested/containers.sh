# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Trees under the lists of calls that containers have: where a number that is no system call fails
# above the root, parent-calls come by carriers.
. "$PCALL_SOURCE/tests/tap.sh"
need /usr/bin/python3

cd "$tap_dir" || exit 1
pcall=$PCALL_BUILD/src/pcall
examples=$PCALL_BUILD/tests/example
methods=$PCALL_BUILD/tests/live/methods
python=$PCALL_SOURCE/tests/example/methods.py
box="$pcall_inner -q --read $PCALL_BUILD --exec $PCALL_BUILD --read $PCALL_SOURCE --method demo.*"

# Inside `granted` a supervisor defines methods; `deep` is three boxes below it.
granted() { under "$methods" "read $PCALL_BUILD $PCALL_SOURCE" "exec $PCALL_BUILD" 'method demo.*' -- "$@"; }
# shellcheck disable=SC2086 # words
deep() { granted $box -- $box -- $box -- "$@"; }

fact() { # name, field: of what the doctor says
	under "$pcall" doctor --json | /usr/bin/python3 -c '
import json, sys
print([f[sys.argv[2]] for f in json.load(sys.stdin)["facts"] if f["name"] == sys.argv[1]][0])' "$1" "$2"
}

nest() { # says what its README says
	under "$examples/example-nest" | LC_ALL=C sort | diff "$PCALL_SOURCE/tests/nested/nest.wanted" -
}

# Under one already: then under that.
if [ -n "${PCALL_TEST_PROFILE:-}" ]; then
	under() { "$@"; }
else
	under() { "$PCALL_SOURCE/tests/container/under" "$profile" -- "$@"; }
fi

for profile in ${PCALL_TEST_PROFILE:-podman docker}; do
	ok "${profile}_lets_no_other_number_pass" under /usr/bin/python3 -c 'import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
assert libc.syscall(0x100000) == -1 and ctypes.get_errno() in (errno.ENOSYS, errno.EPERM)'

	# Outside of a tree.
	status_is 1 "${profile}_outside_there_is_no_tree" under "$pcall" inside
	is "$(under /usr/bin/python3 "$python")" '' "${profile}_outside_python_finds_none"
	# under Docker's with less: descriptors are sent
	status_is "$([ "$profile" = podman ] && echo 0 || echo 1)" "${profile}_the_doctor_is_right_that_commands_run" \
		under "$pcall" doctor
	status_is 0 "${profile}_commands_run" under "$pcall_run" -q true
	is "$(fact methods status)" note "${profile}_the_doctor_says_that_numbers_do_not_pass"
	ok "${profile}_the_doctor_says_what_that_means" sh -c 'case $1 in *libpcall*) ;; *) exit 1 ;; esac' - \
		"$(fact methods effect)"

	# In one.
	is "$(granted "$pcall" inside --json)" '{"label":"demo","depth":1,"methods":10}' "${profile}_inside"
	is "$(deep "$pcall" inside --json)" '{"label":"demo/pcall-run/pcall-run/pcall","depth":4,"methods":10}' \
		"${profile}_inside_at_depth_4"
	is "$(granted "$pcall" call demo.add 2 3)" 5 "${profile}_a_method"
	is "$(deep "$pcall" call demo.add 2 3)" 5 "${profile}_a_method_from_depth_4"
	is "$(deep "$pcall" call demo.sixth 0 0 0 0 0 0x7000000000000100)" $((0x70000000000001)) \
		"${profile}_words_of_any_size"
	is "$(deep "$pcall" call -m hello demo.echo)" hello "${profile}_bytes"
	is "$(deep "$pcall" call demo.give --fd)" given "${profile}_a_descriptor"
	printf ab >two
	# shellcheck disable=SC2016 # for the inner shell
	is "$(deep sh -c '"$0" call demo.take 5 5<two' "$pcall")" 195 "${profile}_a_descriptor_is_given"
	is "$(deep "$pcall" methods | wc -l)" 10 "${profile}_methods_are_listed"
	is "$(granted /usr/bin/python3 "$python" demo.add 2 3)" 5 "${profile}_from_Python_without_a_library"
	is "$(deep /usr/bin/python3 "$python" --message hello demo.echo)" hello \
		"${profile}_from_Python_at_depth_4"
	ok "${profile}_from_C_with_threads_and_forks" granted "$PCALL_BUILD/tests/live/method_uses"
	status_is 0 "${profile}_the_doctor_inside" granted "$pcall" doctor

	# Levels.
	status_is 3 "${profile}_the_status_from_depth_4" deep sh -c 'exit 3'
	mkdir "$profile" && cd "$profile" || exit 1
	if [ "$profile" = docker-2021 ]; then
		for example in nest embed consent; do
			skip "${profile}_example_$example" 'an example runs with Landlock only'
		done
		break
	fi
	ok "${profile}_everybody_may_what_the_readme_of_nest_says" nest
	for example in embed consent; do
		ok "${profile}_example_$example" under /usr/bin/python3 "$PCALL_SOURCE/tests/live/examples_drive.py" $example
	done
	cd ..
done
done_testing
