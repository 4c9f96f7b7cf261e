#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# H2: what a line takes away is taken by every spelling, where a file system takes them for the same name.
. "$PCALL_SOURCE/tests/tap.sh"

back=$tap_dir/back
m=$tap_dir/m
mkdir "$back" "$m"
"$PCALL_BUILD/tests/attack/folding_fs" "$back" "$m" &
fs=$!
trap 'umount -l "$m" 2>/dev/null; kill $fs 2>/dev/null; rm -rf "$tap_dir"' EXIT
mounted_or_over() { mountpoint -q "$m" || ! kill -0 $fs; }
soon mounted_or_over
mountpoint -q "$m" || skip_all 'no file system of FUSE can be mounted here'

mkdir -p "$back/.ssh" "$back/.git/hooks" "$back/.git/objects" "$back/keys/secret"
echo KEY | tee "$back/.ssh/id" >"$back/keys/secret/x"
echo '[core]' >"$back/.git/config"

cat >"$tap_dir/fold.policy" <<POLICY
policy 1
use tools
write $m except $m/Private
hide $m/.ssh $m/Keys/Secret
deny write $m/**/.git except $m/**/.git/*
deny write $m/**/.git/config $m/**/.git/hooks
POLICY
echo mine >"$back/private"

box() { # command
	(cd "$m" && "$pcall_run" -q -p "$tap_dir/fold.policy" -- sh -c "$1") 2>/dev/null
}
# Natively it reads, or writes, by the other spelling; in the box it does not.
refused() { # name command
	is "$(cd "$m" && sh -c "$2" 2>/dev/null)" yes "$1: natively it is done"
	rm -f "$back/.git/hooks/x" "$back/other"
	echo '[core]' >"$back/.git/config"
	is "$(box "$2")" '' "$1: and in a box it is not"
}
is "$(box 'echo x >Plain && cat plain && rm PLAIN && echo yes')" "x
yes" 'what nothing takes away is there by each spelling'
is "$(box 'echo x >.git/index && echo yes')" yes 'and what a line leaves alone, as it is spelled'
refused 'what is hidden' 'grep -q KEY .SSH/id && echo yes'
refused 'what is hidden, looked at' '[ -e .Ssh ] && echo yes'
refused 'what is hidden below' 'grep -q KEY keys/secret/x && echo yes'
refused 'what is excepted' 'grep -q mine PRIVATE && echo yes'
refused 'what is not written' 'echo evil >>.GIT/config && echo yes'
refused 'what is not made' 'echo evil >.Git/HOOKS/x && echo yes'
refused 'what is moved in' 'echo evil >new; mv -f new .git/CONFIG && echo yes'
refused 'what is moved away with it' 'mv KEYS other && grep -q KEY other/secret/x && mv other keys && echo yes'
is "$(box 'ls -a keys; ls -a' | grep -ci 'secret\|ssh\|private')" 0 'nor is it listed'

# Elsewhere two spellings are two names.
mkdir "$tap_dir/plain"
(cd "$tap_dir/plain" && mkdir .git && "$pcall_run" -q -r "$tap_dir/plain" -w "$tap_dir/plain" --deny "write $tap_dir/plain/Head" \
	--hide "$tap_dir/plain/.ssh" -- sh -c 'echo x >head && mkdir .SSH && mv head HEAD && rm HEAD && echo yes') >"$tap_dir/out" 2>&1
is "$(tail -1 "$tap_dir/out")" yes 'where names are compared by bytes, another spelling is another name'

done_testing
