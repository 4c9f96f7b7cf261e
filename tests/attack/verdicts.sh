#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a box of one to three levels may do with names, against a second judge. VERDICTS=100000 is its long run;
# what it says of a disagreement (VERDICTS_SEED, VERDICTS_FIRST) shows it again.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

x=$tap_dir
cat >"$x/common.policy" <<POLICY
policy 1
use base
exec /usr/bin $pcall_inner
read /usr /etc $x/questions $x/level?.policy $x/common.policy
read $PCALL_SOURCE/tests/attack $PCALL_SOURCE/policies $PCALL_BUILD/src
POLICY
seed=${VERDICTS_SEED:-1}
ok 'a second judge says the same of every call' /usr/bin/python3 -B "$PCALL_SOURCE/tests/attack/verdicts.py" \
	"$pcall_run" "$pcall_inner" "$x" "$seed" "${VERDICTS_FIRST:-0}" "${VERDICTS:-2000}"
diag <"$tap_dir/ok"
done_testing
