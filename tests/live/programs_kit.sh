# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What the tests of real programs share: the same program natively and boxed must end with the same
# status, print the same, leave the same files, and be refused nothing.
. "$PCALL_SOURCE/tests/tap.sh"
programs_dir=$PCALL_SOURCE/tests/live

# A path, kind, mode and contents of every file of $tap_dir/work; $ignore is an awk pattern of paths.
tree_hash() {
	(
		cd "$tap_dir/work" || exit
		find . \( -type f -exec sha256sum {} + \) -o -printf '%y %p %l\n'
		find . -type f -printf '%m %p\n'
	) | awk -v ignore="${ignore:-^$}" '$2 !~ ignore' | LC_ALL=C sort
}

# denials FILE: verb and object of every refusal among these events but what a kernel may lack and $expected, an extended
# regular expression. Without Landlock nobody may signal his group by 0, as timeout does.
denials() {
	denials_landlock=
	[ "${PCALL_TEST_PROFILE:-}" != docker-2021 ] || denials_landlock='|^none process group 0$'
	grep -v '"lacking":true' "$1" | sed -n 's/.*"event":"denied".*"verb":"\([^"]*\)","object":"\([^"]*\)".*/\1 \2/p' |
		grep -Ev "${expected:-^$}$denials_landlock"
}

# programs_run native|boxed COMMAND...: in a fresh copy of $template, as tap_same_run; and its files.
programs_run() {
	programs_kind=$1
	shift
	tap_same_run "$programs_kind" "$@"
	tree_hash >"$tap_dir/$programs_kind.tree"
}

# same NAME POLICY COMMAND...: further options of pcall-run may stand in $box_options, as words. With $native_is_known
# it is as it was natively the last time.
same() {
	tap_name=$1
	tap_policy=$2
	shift 2
	rm -f "$tap_dir/events"
	[ -n "${native_is_known-}" ] || programs_run native "$@"
	# shellcheck disable=SC2086 # words
	programs_run boxed "$pcall_run" -q -p "$tap_policy" --events "$tap_dir/events" ${box_options-} -- "$@"
	denials "$tap_dir/events" >"$tap_dir/boxed.denials"
	: >"$tap_dir/native.denials"
	programs_differ=
	for programs_what in status out tree denials; do
		cmp -s "$tap_dir/native.$programs_what" "$tap_dir/boxed.$programs_what" ||
			programs_differ="$programs_differ $programs_what"
	done
	if [ -z "$programs_differ" ] && [ "$(cat "$tap_dir/native.status")" = "${wanted_status:-0}" ]; then
		pass "$tap_name"
	else
		fail "$tap_name" || {
			diag "differ:$programs_differ; status native $(cat "$tap_dir/native.status")," \
				"boxed $(cat "$tap_dir/boxed.status")"
			for programs_what in $programs_differ; do
				diff "$tap_dir/native.$programs_what" "$tap_dir/boxed.$programs_what" |
					head -n 20 | diag
			done
			tail -n 5 "$tap_dir/native.err" | diag
			tail -n 20 "$tap_dir/boxed.err" | diag
		}
	fi
}
