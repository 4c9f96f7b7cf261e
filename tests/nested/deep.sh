# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# deep_build DIRECTORY DEPTH: makes a build directory whose pcall-run runs its command that deep, each
# pcall-run in the box of the one before under the same policies. What was written for one pcall-run
# runs with PCALL_BUILD=DIRECTORY as it is. The outermost is $pcall_run, where a test has one of its own.

deep_build() {
	mkdir -p "$1/src"
	for deep_part in "$PCALL_BUILD"/* "$PCALL_BUILD"/src/*; do
		deep_name=${deep_part#"$PCALL_BUILD"/}
		case $deep_name in
		src | src/pcall-run) ;;
		*) [ -e "$1/$deep_name" ] || ln -s "$deep_part" "$1/$deep_name" ;;
		esac
	done
	sed -e "s|@OUTERMOST@|${pcall_run-$PCALL_BUILD/src/pcall-run}|" -e "s|@PCALL_RUN@|$PCALL_BUILD/src/pcall-run|" -e "s|@DEPTH@|$2|" >"$1/src/pcall-run" <<'END'
#!/bin/sh
# The options of the innermost go to all, but for those by which it tells somebody something.
outermost=@OUTERMOST@
real=@PCALL_RUN@
depth=@DEPTH@
outer=
skip=
tells=
word() { # as the shell would have to be given it
	printf " '%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}
for argument; do
	case $skip$argument in
	tells*) outer="$outer --write$(word "$argument")" skip= ;;
	value*) outer="$outer$(word "$argument")" skip= ;;
	--) break ;;
	--events) skip=tells ;;
	-[prwxC] | --?*) outer="$outer$(word "$argument")" skip=value ;;
	-?*) outer="$outer$(word "$argument")" ;;
	*) break ;;
	esac
	case $argument in
	--sealed | --new-session | --die-with-parent | --no-* | --fail-on-deny* | --*=*) skip= ;;
	esac
done
[ $depth -gt 1 ] || exec "$outermost" "$@"
chain="'$outermost' -q $outer --"
depth=$((depth - 1))
while [ $depth -gt 1 ]; do
	chain="$chain '$real' -q $outer --"
	depth=$((depth - 1))
done
eval "exec $chain '$real' \"\$@\""
END
	chmod +x "$1/src/pcall-run"
}
