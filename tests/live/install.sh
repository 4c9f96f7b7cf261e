# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# An ordinary user installs in a home, uses what is there with no variable set, and removes all of it.
. "$PCALL_SOURCE/tests/tap.sh"
need meson ninja gcc
[ "$(id -u)" != 0 ] || skip_all 'an ordinary user installs in a home'
[ "${PCALL_TEST_PROFILE:-}" != docker-2021 ] || skip_all 'what is installed wants Landlock'
case $(ldd "$pcall_inner") in *san*) skip_all 'a release is built without sanitizers' ;; esac
dev=$PCALL_SOURCE/dev
home=$HOME
mkdir -p "$home/.local/share" "$home/project"
echo inside >"$home/project/file"
cd "$home/project" || exit 1

# The build is no part of what is installed, and a tree that may be written has it in itself.
dev() { env -i HOME="$home" PATH="$PATH" XDG_CACHE_HOME="$tap_dir/cache" ${DESTDIR:+DESTDIR="$DESTDIR"} "$dev" "$@"; }
everything() { find "$home" "$tap_dir/root" ! -path "$tap_dir/root" 2>/dev/null | LC_ALL=C sort; }
bare() { env -i "$@"; } # no variable at all

touch before after # which are there both times
everything >before
status_is 0 it_installs dev install
ok where_is_said grep -q "^dev: installed in $home/.local\$" "$tap_dir/err"
ok and_what_PATH_lacks grep -q "PATH=$home/.local/bin:" "$tap_dir/err"
is "$(cat "$tap_dir/out")" '' nothing_on_stdout
is "$(wc -l <"$tap_dir/err")" 2 nothing_else_is_said_off_a_terminal

is "$(bare "$home/.local/bin/pcall-run" -q cat file 2>&1)" inside a_box_runs_with_no_variable
is "$(bare HOME="$home" PATH="$home/.local/bin:/usr/bin:/bin" pcall-run -q pcall-run -q cat file 2>&1)" inside \
	a_box_runs_in_a_box
status_is 0 the_policies_are_those_installed bare "$home/.local/bin/pcall" policy test base readonly workspace
status_is 1 no_box_changes_them bare HOME="$home" "$home/.local/bin/pcall" why -p workspace write "$home/.local/share/pcall/policies/base.policy"
status_is 1 nor_with_all_of_a_home_given bare HOME="$home" PATH=/usr/bin:/bin "$home/.local/bin/pcall-run" -q --write "$home" \
	sh -c "echo 'read /' >>'$home/.local/share/pcall/policies/base.policy' && exit 3; exit 1"
ok and_they_are_whole cmp "$home/.local/share/pcall/policies/base.policy" "$PCALL_SOURCE/policies/base.policy"
if command -v man >/dev/null && command -v manpath >/dev/null; then
	is "$(bare HOME="$home" PATH="$home/.local/bin:/usr/bin:/bin" man -w pcall-run pcall-policy sv_spawn |
		sed 's/\.gz$//' | tr '\n' ' ')" \
		"$home/.local/share/man/man1/pcall-run.1 $home/.local/share/man/man5/pcall-policy.5 $home/.local/share/man/man3/sv_spawn.3 " \
		manuals_are_found
else
	skip manuals_are_found 'no man'
fi
is "$(bare PKG_CONFIG_PATH="$home/.local/lib/pkgconfig" PATH=/usr/bin:/bin pkg-config --variable=prefix supervisor libpcall)" \
	"$home/.local $home/.local" libraries_are_found
for file in bin/pcall lib/libsupervisor.so lib/libpcall.a include/supervisor.h include/pcall.h \
	share/bash-completion/completions/pcall-run share/zsh/site-functions/_pcall-run \
	share/fish/vendor_completions.d/pcall-run.fish share/vim/vimfiles/syntax/pcall-policy.vim; do
	[ -e "$home/.local/$file" ] || echo "$file"
done >missing
is "$(cat missing)" '' all_of_it_is_there
rm missing

# The program of README.md, against the installed library.
sed -n '/^```c$/,/^```$/p' "$PCALL_SOURCE/README.md" | grep -v '^```' >job.c
# shellcheck disable=SC2046 # words
status_is 0 the_program_of_the_readme_is_built gcc -o job job.c \
	$(PKG_CONFIG_PATH="$home/.local/lib/pkgconfig" pkg-config --cflags --libs supervisor)
is "$(bare HOME="$home" PATH="$home/.local/bin:/usr/bin:/bin" LD_LIBRARY_PATH="$home/.local/lib" ./job 2>/dev/null)" '5
denied read /etc/shadow' and_does_what_it_says
rm -f job job.c

# Completions know the policies of this place.
if command -v bash >/dev/null; then
	# shellcheck disable=SC2016 # bash's
	is "$(bare HOME="$home" PATH="$home/.local/bin:/usr/bin:/bin" bash -c '
		. ~/.local/share/bash-completion/completions/pcall-run
		COMP_WORDS=(pcall-run -p wor) COMP_CWORD=2
		_pcall_run
		echo "${COMPREPLY[@]}"')" workspace policies_are_completed
else
	skip policies_are_completed 'no bash'
fi

# Vim knows the language: kind of file, and a group for each verb and none for what is no word of it.
vim=$home/.local/share/vim/vimfiles
if command -v vim >/dev/null && vim --version | grep -q '+syntax'; then
	printf '# mine\npolicy 1\nread /usr except /usr/src # why\nraed /etc\ndeny write ${cwd}/"a b"\n' >my.policy
	printf '<?xml version="1.0"?>\n' >other.policy
	# shellcheck disable=SC2016 # vim's
	vim -e -s -N -u NONE -i NONE --cmd "set rtp^=$vim" --cmd 'filetype on' --cmd 'syntax on' my.policy \
		-c 'let G = {l, c -> synIDattr(synID(l, c, 1), "name")}' \
		-c 'let seen = [&ft, G(1,1), G(2,1), G(3,1), G(3,11), G(3,28), G(4,1), G(5,1), G(5,6), G(5,12), G(5,19)]' \
		-c 'edit other.policy' -c 'call add(seen, &ft ==# "pcall-policy")' \
		-c 'call writefile([join(seen)], "seen")' -c 'qall!' >/dev/null 2>&1 </dev/null
	is "$(cat seen)" 'pcall-policy pcallComment pcallHead pcallAllow pcallExcept pcallComment pcallUnknown pcallRefuse pcallOf pcallVariable pcallString 0' \
		policies_have_colours
	rm -f my.policy other.policy seen
else
	skip policies_have_colours 'no vim with syntax'
fi
sed -n 's/^syntax match pcall\(Allow\|Refuse\|Head\|Test\) .*\\zs//p' "$vim/syntax/pcall-policy.vim" | grep -o '[a-z]*' >verbs
sed -n 's/^[ \t]*\[VERB_[A-Z]*\] = { "\([a-z]*\)".*/\1/p' "$PCALL_SOURCE/src/policyc/parse.c" | grep -v -x -F -f verbs >unknown
is "$(cat unknown)" '' vim_knows_every_verb
rm verbs unknown

# Once more, with a file that the next version has not; then away with it.
echo "$home/.local/bin/pcall-old" >>"$home/.local/share/pcall/installed"
echo old >"$home/.local/bin/pcall-old"
echo other >"$home/.local/share/man/other"
status_is 0 it_installs_again dev install
ok what_is_no_more_installed_is_removed test ! -e "$home/.local/bin/pcall-old"
rm "$home/.local/share/man/other"
status_is 0 it_is_removed dev uninstall
everything >after
is "$(diff before after)" '' no_trace_is_left
status_is 125 what_is_not_there_cannot_be_removed dev uninstall

# A place of its own, below another root, as packages are made. That is all built again, and not run: the quickest way.
DESTDIR=$tap_dir/root
mkdir "$DESTDIR"
# shellcheck disable=SC2317 # called by status_is
on_terminal() {
	/usr/bin/python3 -c 'import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))' env -i HOME="$home" PATH="$PATH" XDG_CACHE_HOME="$tap_dir/cache" \
		DESTDIR="$DESTDIR" CFLAGS=-O0 "$dev" "$@"
}
status_is 0 a_prefix_and_a_root on_terminal install --prefix=/opt/pcall
ok on_a_terminal_it_shows_how_far_it_is grep -q 'dev: building: [0-9]* %, [0-9]*/[0-9]*' "$tap_dir/out"
ok all_is_below_both test -x "$DESTDIR/opt/pcall/bin/pcall-run"
is "$(grep -l "$DESTDIR" -r "$DESTDIR" --include=installed --include='*.pc')" '' and_does_not_know_the_root
status_is 0 and_away dev uninstall --prefix=/opt/pcall
everything >after
is "$(diff before after)" '' no_trace_is_left_there
status_is 125 a_prefix_is_absolute dev install --prefix=there
done_testing
