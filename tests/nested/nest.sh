# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# The example of levels: who may call what, four deep.
. "$PCALL_SOURCE/tests/tap.sh"

[ "${PCALL_TEST_PROFILE:-}" != docker-2021 ] || skip_all 'an example runs with Landlock only'
cd "$tap_dir" || exit 1
status_is 0 the_browser_ends_well "$PCALL_BUILD/tests/example/example-nest"
LC_ALL=C sort "$tap_dir/out" >got
ok everybody_may_what_the_readme_says diff "$PCALL_SOURCE/tests/nested/nest.wanted" got

done_testing
