#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# C6: a name server that lies. Rules with names open what the names stand for, but nothing inside; what
# the box is told itself opens nothing. All of it in a network of the test's own, where the addresses exist.
if [ "${NET_NAMES_INSIDE-}" != 1 ]; then
	user=r
	[ "$(id -u)" != 0 ] || user=
	if ! unshare -${user}mn true 2>/dev/null; then
		echo '1..0 # SKIP no network namespace to be had'
		exit 0
	fi
	NET_NAMES_INSIDE=1 exec unshare -${user}mn sh "$0"
fi
. "$PCALL_SOURCE/tests/tap.sh"
need python3
[ -e /proc/net/if_inet6 ] || skip_all 'no IPv6'

attack=$PCALL_SOURCE/tests/attack
server=127.53.53.53 port=8080
good=203.0.113.80 other=203.0.113.81
mkdir "$tap_dir/world" "$tap_dir/work"
printf 'nameserver %s\noptions timeout:1 attempts:1\n' $server >"$tap_dir/resolv.conf"
echo 'hosts: files dns' >"$tap_dir/nsswitch.conf"
echo '198.51.100.1 unused' >"$tap_dir/hosts"
for file in resolv.conf nsswitch.conf hosts; do
	mount --bind "$tap_dir/$file" "/etc/$file" || skip_all "cannot mount over /etc/$file"
done
(
	cd "$tap_dir/world" || exit
	exec /usr/bin/python3 "$attack/net_names_world.py" $server $port
) >"$tap_dir/ready" 2>"$tap_dir/world.err" &
world=$!
trap 'kill $world 2>/dev/null; rm -rf "$tap_dir"' EXIT
until [ -s "$tap_dir/ready" ] || ! kill -0 $world 2>/dev/null; do
	sleep 0.05
done
if ! [ -s "$tap_dir/ready" ]; then
	diag <"$tap_dir/world.err"
	fail 'the world comes up'
	done_testing
fi

lies='loop loop9 zero meta ten carrier b c six-loop six-any mapped mapped-loop compatible local6 nat64 6to4
	many rebind alias nul shout circle garbage pointers wrong short failing refused none'
inside='127.0.0.1 127.9.9.9 127.0.0.2 0.0.0.0 169.254.169.254 10.1.2.3 100.64.1.2 172.16.3.4 192.168.5.6 ::1 ::
	::ffff:10.1.2.3 ::ffff:127.0.0.1 ::ffff:0.0.0.0 ::10.1.2.3 fd00::1 64:ff9b::a01:203 2002:a01:203::1'

policy() { # NAME, line...
	{
		printf 'policy 1\nread /\nexec /usr\nwrite %s\ndev null\n' "$tap_dir/work/**"
		shift
		printf '%s\n' "$@"
	} >"$tap_dir/$1.policy"
}
box() { # policy or "", ADDRESS...: what was tried is in $tap_dir/tries, what was reached in $reached
	box_policy=$1
	shift
	: >"$tap_dir/world/reached"
	box=
	[ -z "$box_policy" ] || box="$pcall_run -q -p $tap_dir/$box_policy.policy --"
	(
		cd "$tap_dir/work" || exit 125
		# shellcheck disable=SC2086 # words
		exec $box /usr/bin/python3 "$attack/net_names_attacker.py" $server $port "$@"
	) >"$tap_dir/tries" 2>"$tap_dir/err" </dev/null
}
not_refused() { # pattern: of the tries that fit it
	grep -E ' (connect|sendto|sendmsg|udp) ' "$tap_dir/tries" | grep -E "$1" | grep -vE ' EACCES$'
}
reached() { # what was reached, once each
	LC_ALL=C sort -u "$tap_dir/world/reached" | tr '\n' ';'
}

# Every name has a rule, and what it stands for is inside.
lines=
for name in $lies; do
	lines="$lines
connect $name.test:$port"
done
policy allowing "$lines"
# shellcheck disable=SC2086 # words
ok 'every lie is tried' box allowing $inside
is "$(tail -n 1 "$tap_dir/tries")" over 'to the end'
is "$(grep -c '^answer' "$tap_dir/tries")" 3 'the name server may be asked, whatever the name'
is "$(grep '^the box resolves ten.test' "$tap_dir/tries")" 'the box resolves ten.test 10.1.2.3' 'and lies to the box'
is "$(not_refused .)" '' 'every address that is inside is refused'
is "$(reached)" '' 'and is not reached'

# The same names stand for what is outside, in whatever letters, and for the port of the rule alone.
policy outside "connect good.test:$port six-good.test:$port UPPER.Test.:$port many.test:$port rebind.test:$port"
ok 'a name that stands for what is outside' box outside $good $other 2001:db8::80 10.1.2.3 127.0.0.1
is "$(reached)" "tcp 2001:db8::80 $port;tcp $good $port;udp 2001:db8::80 $port;udp $good $port;" \
	'opens that, at its port, and nothing else'
is "$(not_refused "^($other|10\.|127\.)")" '' 'and all else is refused'

# "localhost" is this machine, whatever the name server says.
policy localhost "connect localhost:$port"
ok 'localhost has a rule' box localhost 127.0.0.1 ::1 127.9.9.9 169.254.169.254 $other
is "$(reached)" "tcp 127.0.0.1 $port;tcp ::1 $port;udp 127.0.0.1 $port;udp ::1 $port;" 'it is the loopback, no more'
is "$(not_refused "^(127\.9|169|$other)")" '' 'and all else is refused'

# A rule that takes away, by a name: what it stands for, also inside; and all, while that is unknown.
for name in meta failing refused silent; do
	policy denying "connect good.test:$port 203.0.113.0/24:$port 169.254.169.254:$port" "deny connect $name.test:$port"
	ok "$name.test is taken away" box denying $other 169.254.169.254
	[ $name != meta ] || is "$(reached)" "tcp $other $port;udp $other $port;" 'which is inside'
	[ $name = meta ] || is "$(reached)" '' 'which is anything, while nobody knows'
done
policy denying "connect good.test:$port 203.0.113.0/24:$port" "deny connect none.test:$port"
ok 'what does not exist is taken away' box denying $other
is "$(reached)" "tcp $other $port;udp $other $port;" 'which is nothing'

# The test can fail: without the box all that is there is reached.
ok 'without a box' box '' 169.254.169.254 10.1.2.3 127.9.9.9 ::1
is "$(reached)" "$(for address in 10.1.2.3 127.9.9.9 169.254.169.254 ::1; do
	printf 'tcp %s %s;tcp %s %s;' $address $port $address $((port + 1))
done)$(for address in 10.1.2.3 127.9.9.9 169.254.169.254 ::1; do
	printf 'udp %s %s;udp %s %s;' $address $port $address $((port + 1))
done)" 'it is reached'
done_testing
