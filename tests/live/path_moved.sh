# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Relative names mean the directory that the caller stands in or has open, also when it has got another name.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

program=$PCALL_SOURCE/tests/live/path_moved.py

# Outside: renames for each line that it is told, and says so. It holds both ends of what it reads from: where a reader
# closes at each end of file, a line that was written just before is lost with the pipe, and who wrote it waits for ever.
mover() {
	while read -r top; do
		mv "$top/p/d" "$top/p/moved" && mkdir "$top/p/d" && printf decoy >"$top/p/d/f"
		: >"$tap_dir/done"
	done
}

reset=outside_start
outside_start() {
	outside_end
	rm -f "$tap_dir/ask" "$tap_dir/done"
	mkfifo "$tap_dir/ask" "$tap_dir/done"
	mover <>"$tap_dir/ask" >/dev/null 2>&1 &
	echo $! >"$tap_dir/mover"
}

outside_end() {
	[ ! -e "$tap_dir/mover" ] || kill "$(cat "$tap_dir/mover")" 2>/dev/null
}

box_options="-w $tap_dir -r $program -x $tap_dir --unix $tap_dir"
native_and_boxed relative_names_mean_the_directory_not_its_name tools /usr/bin/python3 "$program" \
	"$tap_dir/ask" "$tap_dir/done"
outside_end
is "$(grep -c 'decoy ' "$tap_dir/boxed.out")" 0 nothing_was_read_from_what_took_the_name
is "$(grep -c -e '->' "$tap_dir/native.out")" 187 all_of_it_was_done

done_testing
