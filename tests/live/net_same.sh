#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sockets do in the box what they do without one, where the policy grants it.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

cat >"$tap_dir/net.policy" <<POLICY
policy 1
read /
exec /usr
write \${cwd}/** /dev/shm/**
dev null /dev/urandom
connect 127.0.0.1:* [::1]:*
listen 127.0.0.1:* [::1]:*
unix \${cwd}/** @pcall-net-calls
POLICY

native_and_boxed 'calls on sockets' "$tap_dir/net.policy" \
	/usr/bin/python3 "$PCALL_SOURCE/tests/live/net_calls.py"

done_testing
