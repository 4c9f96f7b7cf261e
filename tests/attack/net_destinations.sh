#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# C1-C5: a destination that no rule grants is not reached, whichever call, family, spelling or race names it.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

attack=$PCALL_SOURCE/tests/attack
mkdir "$tap_dir/victim" "$tap_dir/work"
name=pcall-victim-$$
(
	cd "$tap_dir/victim" || exit
	exec /usr/bin/python3 "$attack/net_victim.py" "$tap_dir/victim/stream" "$tap_dir/victim/datagram" $name
) >"$tap_dir/ports" 2>"$tap_dir/victim.err" &
victim=$!
trap 'kill $victim 2>/dev/null; rm -rf "$tap_dir"' EXIT
soon test -s "$tap_dir/ports"
read -r port granted <"$tap_dir/ports"

cat >"$tap_dir/attack.policy" <<POLICY
policy 1
read /
exec /usr
write $tap_dir/work/**
unix $tap_dir/work/**
dev null
connect 127.0.0.1:$granted
POLICY

attack() { # command...: runs the attacker, whose words go to $tap_dir/tries
	(
		cd "$tap_dir/work" || exit 125
		"$@" /usr/bin/python3 "$attack/net_attacker.py" "$port" "$granted" \
			"$tap_dir/victim/stream" "$tap_dir/victim/datagram" $name
	) >"$tap_dir/tries" 2>"$tap_dir/err"
}

ok 'the attacker runs to its end' attack "$pcall_run" -q -p "$tap_dir/attack.policy" --
sleep 0.2
is "$(sort "$tap_dir/victim/reached" | uniq -c)" '' 'the victim was not reached'
is "$(grep -c '^race .* over' "$tap_dir/tries")" 6 'every race was run'
# An abstract name that no line grants has no listener.
is "$(grep -E '^(local|abstract) ' "$tap_dir/tries" | grep -vE '^abstract .* ECONNREFUSED$' |
	grep -vcE ' (EACCES|ENOENT|ENOTCONN|EPERM|EPROTOTYPE|ENOTSUP|EOPNOTSUPP)$')" 0 \
	'every try at a local socket was refused'
is "$(grep -E '^udp send(to|msg|mmsg) ' "$tap_dir/tries" | grep -E ' done$' | grep -v 'v4-unspec')" '' \
	'no datagram to an address went out'
is "$(grep -E '^socket ' "$tap_dir/tries" | grep -c ' done$')" 0 'other families do not exist'
is "$(grep -E '^(source route|control) ' "$tap_dir/tries" | grep -c ' done$')" 0 'no routes'

# The test can fail: without the box the victim is reached in every way.
rm -rf "$tap_dir/work" && mkdir "$tap_dir/work"
attack env
ok 'without a box it is reached' grep -q 'victim tcp' "$tap_dir/victim/reached"
ok 'and by its datagrams' grep -q 'victim udp' "$tap_dir/victim/reached"
ok 'and by its file' grep -q 'victim stream' "$tap_dir/victim/reached"

done_testing
