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
connect 127.0.0.1:* [::1]:* 224.0.0.251:45353
listen 127.0.0.1:* 0.0.0.0:* [::1]:* 224.0.0.251:45353
unix \${cwd}/** @pcall-net-calls
POLICY

case ${PCALL_TEST_PROFILE:-} in
'') words= ;;
docker-2021) words='contained last' ;; # no Landlock there
*) words=contained ;;
esac
# shellcheck disable=SC2086 # words
native_and_boxed 'calls on sockets' "$tap_dir/net.policy" /usr/bin/python3 "$PCALL_SOURCE/tests/live/net_calls.py" $words

# A server natively, its clients boxed: by name, and by the name of another port.
mkdir "$tap_dir/www"
echo served >"$tap_dir/www/page"
port=$(free_port)
/usr/bin/python3 -m http.server --bind 127.0.0.1 --directory "$tap_dir/www" "$port" >/dev/null 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$tap_dir"' EXIT
listening "$port"
fetch() { # rule
	"$pcall_run" -q --read / --exec /usr --connect "$1" -- /usr/bin/python3 -c "
import urllib.request
print(urllib.request.urlopen('http://localhost:$port/page').read().decode(), end='')" 2>/dev/null
}
is "$(fetch "localhost:$port")" served 'a host is reached by its name'
is "$(fetch "127.0.0.1:$port")" served 'and by its address'
is "$(fetch "localhost:1")" '' 'another port of the host is not'

done_testing
