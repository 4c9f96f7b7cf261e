# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Chromium, headless, natively and in the box: a page comes out the same, byte by byte. It has no text, whose look depends on
# caches; a script makes half of it.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"
need chromium

page_shot() { # native|boxed
	rm -rf "$tap_dir/shot"
	mkdir -p "$tap_dir/shot/profile"
	cat >"$tap_dir/shot/page.html" <<-'PAGE'
		<body style="margin:0;background:#2a7"><div style="width:50%;height:120px;background:#c31"></div>
		<script>document.body.insertAdjacentHTML('beforeend', '<div style="width:70%;height:90px;background:#11c">')</script>
	PAGE
	set -- "$1" chromium --headless --no-sandbox --disable-gpu --window-size=600,400 --user-data-dir="$tap_dir/shot/profile" \
		--screenshot="$tap_dir/shot/page.png" "file://$tap_dir/shot/page.html"
	page_kind=$1
	shift
	[ "$page_kind" = native ] || set -- "$pcall_run" -q --events "$tap_dir/events" -p build -- "$@"
	# It is made of many processes: on a machine that does other things they take their time.
	(cd "$tap_dir/shot" && timeout 250 "$@") >"$tap_dir/$page_kind.said" 2>&1 </dev/null || diag "$page_kind: status $?"
	mv "$tap_dir/shot/page.png" "$tap_dir/$page_kind.png"
}

page_shot native
page_shot boxed
ok 'a page natively' test -s "$tap_dir/native.png"
ok 'the same page in the box' cmp "$tap_dir/native.png" "$tap_dir/boxed.png" || tail -n 20 "$tap_dir/boxed.said" | diag
# Its zygote is told by credentials which processes it has made.
is "$(denials "$tap_dir/events" | grep -i 'who sends')" '' 'and nobody is refused to be told who sends'
done_testing
