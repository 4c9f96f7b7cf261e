# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Finished policies that are kept: used while all is as it was, and only by whom they are for.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

mkdir "$tap_dir/home" "$tap_dir/project" "$tap_dir/policies"
cd "$tap_dir/project" || exit 1
export HOME="$tap_dir/home"
unset XDG_CACHE_HOME XDG_CONFIG_HOME
images=$HOME/.cache/pcall/images
cat >"$tap_dir/policies/mine.policy" <<END
policy 1
use base
read $tap_dir/project/a \${EXTRA}
exec /usr/bin /bin
env  set GIVEN=one
END
export PCALL_POLICY_PATH="$tap_dir/policies:$PCALL_POLICY_PATH" EXTRA=/nowhere
echo a >a
echo b >b
echo c >c

run() {
	"$pcall_run" -q -p mine "$@" 2>/dev/null
}

count() {
	find "$images" -type f | wc -l
}

# Writes into what is kept, and makes its sum right again: what is said then is what was kept.
forge() {
	python3 - "$images" <<'END'
import os, struct, sys
folder = sys.argv[1]
for name in os.listdir(folder):
    with open(os.path.join(folder, name), 'r+b') as entry:
        text = entry.read()
        body = text[16:].replace(b'GIVEN\tone', b'GIVEN\ttwo')
        h, whole = 0xcbf29ce484222325, len(body) // 8 * 8
        rest = body[whole:]
        words = [w for w, in struct.iter_unpack('<Q', body[:whole])]
        for word in words + [int.from_bytes(rest, 'little') ^ len(rest) << 56]:
            h = (h ^ word) * 0x100000001b3 & (1 << 64) - 1
            h ^= h >> 32
        entry.seek(8)
        entry.write(struct.pack('<Q', h) + body)
END
}

# shellcheck disable=SC2016 # for the inner shell
given='echo $GIVEN'
said() {
	run sh -c "$given"
}

is "$(said)" one it_is_read
is "$(count)" 1 and_kept
forge
is "$(said)" two what_is_kept_is_used
is "$(run true; count)" 1 and_stays_one

# Whatever changes, it is read again: what was forged is no longer said.
again() { # NAME
	is "$(said)" one "$1"
	forge
	is "$(said)" two "$1, and kept again"
}
echo '# a comment' >>"$tap_dir/policies/mine.policy"
again after_a_policy_changed
EXTRA=/elsewhere
again after_a_variable_changed
mv a "$tap_dir/real-a" && ln -s "$tap_dir/real-a" a
again after_a_name_became_a_link
is "$(run cat a)" a what_it_leads_to_is_granted
ln -sf "$tap_dir/project/b" a
again after_the_link_leads_elsewhere
is "$(run cat a)" b and_that_is_granted
rm a && echo a >a
again after_it_is_a_file_again
mkdir "$tap_dir/first"
path=$PCALL_POLICY_PATH
printf 'policy 1\nuse base\nexec /usr/bin /bin\nread %s/c\n' "$tap_dir/project" >"$tap_dir/policies/other.policy"
is "$("$pcall_run" -q -p other cat c)" c another_policy
printf 'policy 1\nuse base\nexec /usr/bin /bin\n' >"$tap_dir/first/other.policy"
PCALL_POLICY_PATH=$tap_dir/first:$path
status_is 1 one_of_its_name_that_comes_first "$pcall_run" -q -p other cat c
rm "$tap_dir/first/other.policy"
status_is 0 and_is_gone "$pcall_run" -q -p other cat c
printf 'policy 1\nuse base\nexec /usr/bin /bin\n' >"$tap_dir/first/other.policy"
status_is 1 and_is_back "$pcall_run" -q -p other cat c
PCALL_POLICY_PATH=$path

# Who asks otherwise gets something else.
is "$(run --read c cat c)" c a_rule_of_the_command_line
status_is 1 is_not_kept_for_the_next_one run cat c
mkdir sub
is "$(cd sub && said)" one another_directory
is "$(said)" two is_not_this_one
is "$(export PATH="$PATH:/nowhere" && said)" one another_PATH

# The private directory is another one each time.
# shellcheck disable=SC2016 # for the inner shell
tmp='echo "$TMPDIR"; touch "$TMPDIR/x" && echo made'
first=$("$pcall_run" -q -p workspace sh -c "$tmp")
second=$("$pcall_run" -q -p workspace sh -c "$tmp")
is "$(echo "$first" | tail -n 1) $(echo "$second" | tail -n 1)" 'made made' a_private_directory
ok is_another_one_each_time test "$first" != "$second"
# Also where its name is not the one that the box knows it by: while another run lives, and with what it was granted.
mkdir "$tap_dir/t" && ln -s t "$tap_dir/l"
for TMPDIR in "$tap_dir/t//" "$tap_dir/l"; do
	export TMPDIR
	rm -f go old && mkfifo go
	"$pcall_run" -q -p workspace sh -c 'echo "$TMPDIR" >old; read -r go <go' &
	soon test -s old
	is "$("$pcall_run" -q -p workspace sh -c "$tmp" | tail -n 1)" made "a_private_directory_in_${TMPDIR##*/}"
	is "$("$pcall_run" -q -p workspace sh -c ': >"$1/x" && echo written' sh "$(cat old)" 2>/dev/null)" '' 'and not that of another run'
	echo >go
	wait
done
unset TMPDIR

# What somebody else could have written, and what was damaged, is not used.
fresh() {
	rm -rf "$images"
	run true
	forge
	entry=$(find "$images" -type f)
}
spoiled() { # NAME: as it is now, it is read again
	is "$(said)" one "$1"
	fresh
	is "$(said)" two "before: $1"
}
fresh
chmod g+w "$entry" && spoiled a_file_that_others_may_write
chmod g+w "$images" && spoiled a_folder_that_others_may_write
ln "$entry" "$tap_dir/second" && spoiled a_file_with_a_second_name
rm "$tap_dir/second"
cp "$entry" "$tap_dir/copy" && ln -sf "$tap_dir/copy" "$entry" && spoiled a_link
mv "$images" "$tap_dir/images" && ln -s "$tap_dir/images" "$images"
is "$(said)" one a_folder_behind_a_link
rm -rf "$images" "$tap_dir/images" "$tap_dir/copy"
fresh
printf x | dd of="$entry" bs=1 seek=1000 conv=notrunc 2>/dev/null
spoiled a_byte_that_was_lost
truncate -s -1 "$entry" && spoiled a_file_that_was_cut
: >"$entry" && spoiled an_empty_file
rm "$entry" && mkfifo "$entry" && spoiled a_fifo
if [ "$(id -u)" = 0 ]; then
	chown nobody "$entry" && spoiled a_file_of_somebody_else
	chown nobody "$images" && spoiled a_folder_of_somebody_else
else
	skip a_file_of_somebody_else 'not root'
	skip a_folder_of_somebody_else 'not root'
fi

# Root makes nothing in the home of somebody else.
if [ "$(id -u)" = 0 ]; then
	mkdir "$tap_dir/theirs" && chown nobody "$tap_dir/theirs"
	is "$(export HOME="$tap_dir/theirs" && said)" one the_home_of_somebody_else
	is "$(ls -A "$tap_dir/theirs")" '' nothing_is_made_there
else
	skip the_home_of_somebody_else 'not root'
	skip nothing_is_made_there 'not root'
fi

# No box writes there, whatever it is given.
attack="for f in $images/x $entry; do (: >>\$f) 2>/dev/null && echo wrote; done
	mv $images $HOME/x 2>/dev/null && echo moved; mv $HOME/.cache $HOME/x 2>/dev/null && echo moved above
	rm -r $images 2>/dev/null && echo removed; true"
is "$("$pcall_run" -q -p base --write "$HOME" --exec /usr/bin sh -c "$attack")" '' no_box_writes_there
ok nor_removes test -f "$entry"
is "$(export XDG_CACHE_HOME="$tap_dir/project" && "$pcall_run" -q -p base --write "$HOME" --exec /usr/bin sh -c "$attack")" '' \
	nor_when_they_are_kept_elsewhere
rm -rf "$HOME/.cache"
attack="mkdir -p evil/pcall/images && ln -s $tap_dir/project/evil $HOME/.cache
	mkdir -p $HOME/.cache/pcall/images; echo x >$HOME/.cache/pcall/images/x"
"$pcall_run" -q -p base --write "$HOME" --write "$tap_dir/project" --exec /usr/bin sh -c "$attack" 2>/dev/null
rm -f evil/pcall/images/x
run true
is "$(find evil -type f | wc -l)" 0 nothing_is_kept_behind_a_link_that_a_box_made
rm -rf "$HOME/.cache" evil

# Without a place to keep them, it works.
mkdir "$HOME/.cache" && chmod 0 "$HOME/.cache"
is "$(said)" one a_cache_that_may_not_be_entered
chmod 700 "$HOME/.cache"
mkdir "$tap_dir/a*b"
is "$(export XDG_CACHE_HOME="$tap_dir/a*b" && said)" one a_cache_whose_name_no_line_can_say
is "$(find "$tap_dir/a*b" -type f | wc -l)" 0 is_not_used
is "$(export HOME="$tap_dir/nowhere" && said)" one no_home
ok none_is_made test ! -e "$tap_dir/nowhere"

# As many as there may be, the oldest go.
fresh
for i in $(seq 1000 1063); do touch -d "2001-01-01 00:00:$((i % 60))" "$images/00000000deadbe$i"; done
touch -d 2000-01-01 "$images/00000000deadbeef"
is "$(said; count)" "two
66" a_look_takes_none_away
run --read /nowhere true
run --read /elsewhere true
is "$(count)" 66 one_more_is_one_less
ok the_oldest_goes test ! -e "$images/00000000deadbeef"
ok and_not_the_newest test -e "$entry"

done_testing
