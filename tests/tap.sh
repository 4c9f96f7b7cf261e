# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# TAP for shell scripts. A test begins with:  . "$PCALL_SOURCE/tests/tap.sh"
# and ends with:  done_testing

set -u
tap_n=0
tap_failed=0
pcall_run=$PCALL_BUILD/src/pcall-run
pcall_inner=$pcall_run # in a box of it: what is done without was said above
tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/tap.XXXXXX") || exit 1
trap 'rm -rf "$tap_dir"' EXIT
if [ "${PCALL_TEST_PROFILE:-}" = docker-2021 ]; then
	# that list has no Landlock: what runs there has to say that it does without
	printf '#!/bin/sh\nexec "%s" --allow-degraded=landlock "$@"\n' "$pcall_run" >"$tap_dir/.pcall-run"
	chmod 755 "$tap_dir/.pcall-run"
	pcall_run=$tap_dir/.pcall-run
fi

diag() { # lines of text, or none and a file on stdin
	if [ $# -gt 0 ]; then printf '%s\n' "$*"; else cat; fi | sed 's/^/# /'
}

pass() { # name
	tap_n=$((tap_n + 1))
	printf 'ok %d - %s\n' $tap_n "$1"
}

fail() { # name
	tap_n=$((tap_n + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' $tap_n "$1"
	return 1
}

skip() { # name, reason
	tap_n=$((tap_n + 1))
	printf 'ok %d - %s # SKIP %s\n' $tap_n "$1" "$2"
}

skip_all() { # reason
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

need() { # program...: the whole script is skipped where one is missing
	for tap_program; do
		command -v "$tap_program" >/dev/null || skip_all "no $tap_program"
	done
}

# ok NAME COMMAND...: passes if the command does; what it prints is shown if it does not.
ok() {
	tap_name=$1
	shift
	if "$@" >"$tap_dir/ok" 2>&1; then
		pass "$tap_name"
	else
		fail "$tap_name" || diag <"$tap_dir/ok"
	fi
}

# is GOT WANTED NAME
is() {
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3" || {
			diag "got:    $1"
			diag "wanted: $2"
		}
	fi
}

# status_is STATUS NAME COMMAND...: the command's exit status; its output goes to $tap_dir/out and err.
status_is() {
	tap_wanted=$1
	tap_name=$2
	shift 2
	tap_status=0
	"$@" >"$tap_dir/out" 2>"$tap_dir/err" </dev/null || tap_status=$?
	if [ $tap_status = "$tap_wanted" ]; then
		pass "$tap_name"
	else
		fail "$tap_name" || {
			diag "exit status $tap_status, wanted $tap_wanted"
			tail -n 20 "$tap_dir/err" | diag
		}
	fi
}

# native_and_boxed NAME POLICY COMMAND...: the same output and exit status without and with pcall-run.
# Each runs in a fresh copy of the directory $template (empty if unset), where $reset, if set, is
# called first; further options of pcall-run may stand in $box_options, as words.
native_and_boxed() {
	tap_name=$1
	tap_policy=$2
	shift 2
	tap_same_run native "$@"
	# shellcheck disable=SC2086 # words
	tap_same_run boxed "$pcall_run" -q -p "$tap_policy" ${box_options-} -- "$@"
	if cmp -s "$tap_dir/native.out" "$tap_dir/boxed.out" &&
		cmp -s "$tap_dir/native.status" "$tap_dir/boxed.status"; then
		pass "$tap_name"
	else
		fail "$tap_name" || {
			diag "exit status: native $(cat "$tap_dir/native.status"), boxed $(cat "$tap_dir/boxed.status")"
			diff "$tap_dir/native.out" "$tap_dir/boxed.out" | head -n 20 | diag
			tail -n 20 "$tap_dir/boxed.err" | diag
		}
	fi
}

tap_same_run() { # native|boxed, command...
	tap_kind=$1
	shift
	# The same name for both: a program that prints where it is prints the same.
	rm -rf "$tap_dir/work"
	if [ -n "${template-}" ]; then cp -a "$template" "$tap_dir/work"; else mkdir "$tap_dir/work"; fi
	(
		cd "$tap_dir/work" || exit 125
		${reset-:}
		exec "$@"
	) >"$tap_dir/$tap_kind.out" 2>"$tap_dir/$tap_kind.err" </dev/null
	echo $? >"$tap_dir/$tap_kind.status"
}

# soon COMMAND...: waits, for at most ten seconds, until it succeeds.
soon() {
	tap_tries=0
	while ! "$@" 2>/dev/null; do
		tap_tries=$((tap_tries + 1))
		[ $tap_tries -lt 200 ] || return 1
		sleep 0.05
	done
}

listening() { # port of the loopback; within ten seconds
	soon /usr/bin/python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])))' "$1"
}

# own_tmp: a TMPDIR of the script's own; it stands in another directory, beside it.
own_tmp() {
	cd "$tap_dir" || exit 1
	TMPDIR=$tap_dir/tmp
	mkdir "$TMPDIR" work
	export TMPDIR
	cd work || exit 1
}

# A TCP port of the loopback that nobody listens on now.
free_port() {
	/usr/bin/python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

done_testing() {
	printf '1..%d\n' $tap_n
	[ $tap_failed = 0 ]
	exit
}
