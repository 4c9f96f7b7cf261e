#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# B1-B6: random paths through random links, against a reference walk. NAMES_MODEL_SEED, _TREES and _PATHS say
# otherwise than below.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

x=$tap_dir/tree
cat >"$tap_dir/policy" <<POLICY
policy 1
use base
exec /usr/bin
read /usr /etc $tap_dir/paths $PCALL_SOURCE/tests/attack
read $x/g
hide $x/g/no
hide $x/h
bind $x/v $x/t ro
read $x/p/*/d1
# What a line denies is refused, whatever leads there. (Patterns: links of other names are followed when the
# policy is read.)
deny write $x/s/l[01]/f0 $x/s/d?/d1/l?
deny read $x/s/l[1]
POLICY
seed=${NAMES_MODEL_SEED:-1}
diag "seed $seed"
ok 'what a path leads to is judged, and nothing else is told' \
	python3 "$PCALL_SOURCE/tests/attack/names_model.py" "$pcall_run" "$PCALL_SOURCE/tests/attack/names_asker.py" \
	"$tap_dir" "$seed" "${NAMES_MODEL_TREES:-4}" "${NAMES_MODEL_PATHS:-400}"
diag <"$tap_dir/ok"
done_testing
