# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# `sealed`: no new code, also not by way of results that the supervisor writes.
. "$PCALL_SOURCE/tests/tap.sh"

cp "$PCALL_BUILD/tests/live/sealed_calls" "$tap_dir/program" || exit 1
cat >"$tap_dir/sealed.policy" <<'END'
policy 1
about "workspace, sealed"
use    workspace
sealed
END

cd "$tap_dir" || exit 1
is "$("$pcall_run" -p ./sealed.policy ./program 2>&1)" "stat ok
stat-into-code EFAULT
mmap-write-exec EACCES
mprotect-exec EACCES
mdwe-off EPERM
code 7" 'a_sealed_program_makes_no_code'

is "$("$pcall_run" -p ./sealed.policy sh -c 'ls program | cat' 2>&1)" program 'a_sealed_shell_works'
done_testing
