#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# F1, F2, F4: what a command or a policy says cannot steer the terminal of whoever reads it, hostile policies
# are refused at once, and the command's words are the command's.
. "$PCALL_SOURCE/tests/tap.sh"
pcall=$PCALL_BUILD/src/pcall

# Escapes, newlines, a bidi mark, a byte that is no UTF-8, C1 controls, a tag character.
evil=$(printf '/etc/\033[2J\033]0;x\007\342\200\256\342\201\246\r\n\302\233\377\363\240\201\201end')
mkdir "$tap_dir/work"
cat >"$tap_dir/people.policy" <<POLICY
policy 1
use base
read $tap_dir
write $tap_dir/work
exec /bin /usr/bin $tap_dir/work
POLICY

# Everything but printable ASCII, spaces and newlines.
raw() { tr -d '\n -~' <"$1" | od -An -c; }

# What the command itself says is not ours to look at, and would come between our words.
# shellcheck disable=SC2016 # the shell inside expands it
silent='exec 2>/dev/null; exec "$0" "$@"'
run() { "$pcall_run" -p "$tap_dir/people.policy" "$@" >"$tap_dir/out" 2>"$tap_dir/err"; }

run -v sh -c "$silent" cat "$evil"
sed -n '/^pcall-run: denied.*end  by/,/^  allow/p' "$tap_dir/err" >"$tap_dir/ours"
ok 'a refusal is told' grep -q '^pcall-run: denied  read /etc/' "$tap_dir/ours"
is "$(raw "$tap_dir/ours")" '' 'with nothing that steers a terminal'
is "$(grep -c . "$tap_dir/ours")" 3 'and no lines of the command'"'"'s'

run -q --events "$tap_dir/events" sh -c "$silent" cat "$evil"
is "$(raw "$tap_dir/events")" '' 'events are plain, too'
ok 'and JSON' /usr/bin/python3 -c 'import json, sys
lines = [json.loads(l) for l in open(sys.argv[1], encoding="ascii")]
assert [l for l in lines if l["event"] == "denied" and l["object"].endswith("end")]' "$tap_dir/events"

run -v --summary always sh -c "$silent" cat "$evil"
grep -a 'denied' "$tap_dir/err" >"$tap_dir/ours" || :
ok 'a summary is told' test -s "$tap_dir/ours"

# The program's own name.
name=$(printf '%s/work/\033[31m\342\200\256exe' "$tap_dir")
cp /bin/cat "$name"
run -v sh -c "$silent" "$name" /etc/shadow
grep -a '^pcall-run' "$tap_dir/err" >"$tap_dir/ours"
is "$(raw "$tap_dir/ours")" '' 'names of programs do not steer'
run -v --label "$(printf '\033[31mlabel')" true || :
is "$(raw "$tap_dir/err")" '' 'nor do labels'
run "$evil"
is "$(raw "$tap_dir/err")" '' 'nor a command that is not there'
run --no-such-option="$evil" true || :
is "$(raw "$tap_dir/err")" '' 'nor options that are none'

# Policies.
refused() { # name
	st=0
	for program in "$pcall_run -p ./bad.policy true" "$pcall policy check ./bad.policy" "$pcall policy show ./bad.policy"; do
		# shellcheck disable=SC2086 # words
		(cd "$tap_dir" && timeout 5 $program) >"$tap_dir/out" 2>"$tap_dir/err" </dev/null && st=0 || st=$?
		if [ $st = 0 ] || [ $st -ge 124 ] && [ $st != 125 ]; then break; fi
		[ -z "$(raw "$tap_dir/err")" ] || st=escapes
	done
	case $st in
	1 | 2 | 125) pass "$1" ;;
	*) fail "$1" || diag "$program: $st" ;;
	esac
}
bad() { # name, text for printf
	# shellcheck disable=SC2059 # a format
	printf "$2" >"$tap_dir/bad.policy"
	refused "$1"
	rm -f "$tap_dir/bad.policy"
}
printf 'policy 1\nuse ./bad.policy\n' >"$tap_dir/other.policy"
bad 'a circle' 'policy 1\nuse ./other.policy\n'
bad 'itself' 'policy 1\nuse ./bad.policy\n'
bad 'up the tree' 'policy 1\nuse ../bad.policy\n'
bad 'far up the tree' 'policy 1\nuse ../../../../etc/passwd\n'
bad 'an unknown word with escapes' 'policy 1\n\033[2J\342\200\256frob x\n'
bad 'escapes in about' 'policy 1\nabout "\033[2J"\n'
bad 'a bidi mark as a word' 'policy 1\nread /a \342\200\256\n/b\nfrob\n'
bad 'two versions' 'policy 1\npolicy 1\n'
bad 'no version' 'read /\n'
bad 'a version to come' 'policy 2\n'
bad 'a NUL' 'policy 1\nread /a\000b\n'
bad 'an empty list' 'policy 1\nread\n'
# shellcheck disable=SC2016 # the policy's variable
bad 'a missing variable' 'policy 1\nread ${NO_SUCH_VARIABLE}\n'
bad 'an empty file' ''
mkfifo "$tap_dir/bad.policy" && refused 'a FIFO' && rm "$tap_dir/bad.policy"
ln -s /dev/zero "$tap_dir/bad.policy" && refused 'a device' && rm "$tap_dir/bad.policy"
mkdir "$tap_dir/bad.policy" && refused 'a directory' && rmdir "$tap_dir/bad.policy"
ln -s bad.policy "$tap_dir/bad.policy" && refused 'a link to itself' && rm "$tap_dir/bad.policy"
truncate -s 4G "$tap_dir/bad.policy" && refused 'four gigabytes' && rm "$tap_dir/bad.policy"
(echo 'policy 1' && head -c 5000 /dev/zero | tr '\0' a) >"$tap_dir/bad.policy"
refused 'a line of 5,000 bytes' && rm "$tap_dir/bad.policy"
for i in 1 2 3 4 5 6 7 8 9 10; do
	printf 'policy 1\nuse ./p%d.policy\n' $((i + 1)) >"$tap_dir/p$i.policy"
done
echo 'policy 1' >"$tap_dir/p11.policy"
bad 'ten deep' 'policy 1\nuse ./p1.policy\n'

# Options after the command word.
run echo --write / -p none --help -q --
is "$(cat "$tap_dir/out")" '--write / -p none --help -q --' 'options after the command are its own'
run -- echo -- -r /
is "$(cat "$tap_dir/out")" '-- -r /' 'so they are after --'
run sh -c 'cat /etc/shadow' -r / || :
ok 'and grant nothing' test ! -s "$tap_dir/out"
mkdir "$tap_dir/work/-r"
(cd "$tap_dir/work" && run ls -- -r)
is "$(cat "$tap_dir/err")" '' 'nor take anything'
done_testing
