# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What a child inherits, attribute by attribute: forked as everywhere, of the root, of a level two
# deep, and of a level that itself has what it got from one.
. "$PCALL_SOURCE/tests/tap.sh"

case ${PCALL_TEST_PROFILE:-} in
docker*) skip_all 'where pidfd_getfd is refused the hard limit of descriptors is another' ;;
esac
attributes=$PCALL_BUILD/tests/nested/nested-attributes
cd "$tap_dir" || exit 1
echo 'some text of more than eleven bytes' >text
cat >wide.policy <<'END'
policy 1
use   base
list  /
write /
exec  /
dev   tty
env   keep *
END

# A sanitizer, where there is one, allows no core file, as its shadow would be in it.
export ASAN_OPTIONS="${ASAN_OPTIONS-}:disable_coredump=0" TSAN_OPTIONS="${TSAN_OPTIONS-}:disable_coredump=0"
case $(ldd "$pcall_inner") in
*libtsan*)
	export ATTRIBUTES_ALL_ADDRESSES=1
	skip 'a limit of addresses' 'the thread sanitizer runs without one only'
	;;
esac

box="$pcall_run -q -p $tap_dir/wide.policy"
kept='--keep-fd 5 --keep-fd 6 --keep-fd 7'
# Who runs the test may have left more open.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-

# shellcheck disable=SC2086 # words
run() { # native|root|level|levels
	case $1 in
	native) "$attributes" set "$attributes" fork "$attributes" print ;;
	root) "$attributes" set $box $kept -- "$attributes" print ;;
	level) $box -- $box -- "$attributes" set $box $kept -- "$attributes" print ;;
	levels) "$attributes" set $box $kept -- $box $kept -- $box $kept -- "$attributes" print ;;
	esac >"$1.all" 2>"$1.err" </dev/null
}

# What a box changes by its nature: looked at below.
by_nature='Cap[A-Z][a-z]*:|NoNewPrivs:|Seccomp:|Seccomp_filters:|pdeathsig'
# Files are other ones each time; those above 9 are of whoever runs the test.
plain() { # file
	grep -Ev "^($by_nature|fd [012] |fd [1-9][0-9] )" "$1" | sed 's/ inode [0-9]*//' | LC_ALL=C sort
}

for kind in native root level levels; do
	rm -f append
	run $kind
	is $? 0 "$kind: tells what it has"
	plain $kind.all >$kind
done
for kind in root level levels; do
	ok "$kind: inherits what a fork does" diff native $kind
	grep -E "^($by_nature)" $kind.all >$kind.nature
	is "$(cat $kind.err)" '' "$kind: nothing is said"
done
is "$(grep pdeathsig level.nature)" 'pdeathsig 9' 'the first process dies with its supervisor'
ok 'depth changes nothing else' cmp root.nature level.nature
is "$(sed -n 's/^NoNewPrivs:[[:space:]]*//p; s/^Seccomp:[[:space:]]*//p' level.nature | tr '\n' ' ')" '1 2 ' \
	'no new privileges, and a filter'
is "$(sed -n 's/^Cap[PEA][a-z]*:[[:space:]]*//p' level.nature | sort -u)" 0000000000000000 'no capabilities'

# Offsets are shared, and what was open stays as it was.
read_on() { # command...: three bytes by it, and then the rest of the line by us
	"$@" sh -c 'dd bs=3 count=1 <&7 2>/dev/null' 7<&8 | cat
	cat <&8
}
for kind in root level; do
	outer=
	[ $kind = root ] || outer="$box --keep-fd 7 --"
	exec 8<text
	# shellcheck disable=SC2086 # words
	is "$(read_on $outer $box --keep-fd 7 --)" "$(cat text)" "$kind: an offset is shared"
	exec 8<&-
done

# What a program put on itself it does not get rid of by asking for a child.
# shellcheck disable=SC2086 # words
{
	status_is 1 'a filter of its own holds in the box' $box -- "$attributes" filter mkdir made
	status_is 125 'and its owner is no supervisor' $box -- "$attributes" filter $box -- mkdir made
	status_is 125 'nor is one with a Landlock domain' $box -- "$attributes" domain $box -- true
	ok 'who says why' grep -q 'bounds of its own' "$tap_dir/err"
	status_is 1 'nothing was made' test -e made
	status_is 0 'capabilities that are kept are kept at each depth' \
		$box --keep-caps net_raw -- $box --keep-caps net_raw -- true
}

done_testing
