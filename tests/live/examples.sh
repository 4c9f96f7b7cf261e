# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# The examples do what their README says.
. "$PCALL_SOURCE/tests/tap.sh"
need /usr/bin/python3

cd "$tap_dir" || exit 1
drive() { /usr/bin/python3 "$PCALL_SOURCE/tests/live/examples_drive.py" "$@"; }

if [ "${PCALL_TEST_PROFILE:-}" = docker-2021 ]; then
	skip example_embed 'an example runs with Landlock only'
	skip example_consent 'an example runs with Landlock only'
else
	ok embed_runs_jobs_in_children drive embed
	ok consent_asks_a_person_and_takes_back drive consent
fi
for example in consent embed nest; do
	ok "${example}_is_under_150_lines" \
		test "$(wc -l <"$PCALL_SOURCE/tests/example/$example.c")" -lt 150
done

done_testing
