# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Chromium and Firefox, headless, natively and in the box: a page comes out the same, byte by byte. It has no text, whose look
# depends on caches; a script makes half of it.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"

page_shot() { # native|boxed NAME COMMAND...: both find a home that they may fill; their own is kept out of sight
	shot_kind=$1
	shot_name=$2
	shift 2
	rm -rf "$tap_dir/shot"
	mkdir -p "$tap_dir/shot/profile" "$tap_dir/shot/home"
	cat >"$tap_dir/shot/page.html" <<-'PAGE'
		<body style="margin:0;background:#2a7"><div style="width:50%;height:120px;background:#c31"></div>
		<script>document.body.insertAdjacentHTML('beforeend', '<div style="width:70%;height:90px;background:#11c">')</script>
	PAGE
	if [ "$shot_kind" = native ]; then
		set -- env HOME="$tap_dir/shot/home" "$@"
	else
		set -- "$pcall_run" -q --events "$tap_dir/$shot_name.events" -p build --env HOME="$tap_dir/shot/home" -- "$@"
	fi
	# They are made of many processes: on a machine that does other things they take their time.
	(cd "$tap_dir/shot" && timeout 140 "$@") >"$tap_dir/$shot_name.$shot_kind" 2>&1 </dev/null || diag "$shot_kind: status $?"
	mv "$tap_dir/shot/page.png" "$tap_dir/$shot_name.$shot_kind.png"
}

same_page() { # NAME COMMAND...
	same_name=$1
	shift
	command -v "$1" >/dev/null || {
		skip "$same_name" "no $1"
		return
	}
	page_shot native "$same_name" "$@"
	page_shot boxed "$same_name" "$@"
	ok "$same_name: a page natively" test -s "$tap_dir/$same_name.native.png"
	ok "$same_name: the same page in the box" cmp "$tap_dir/$same_name.native.png" "$tap_dir/$same_name.boxed.png" ||
		tail -n 20 "$tap_dir/$same_name.boxed" | diag
	# It is told by credentials which processes are its own.
	is "$(denials "$tap_dir/$same_name.events" | grep -i 'who sends')" '' "$same_name: is told who sends"
}

page=file://$tap_dir/shot/page.html
same_page chromium chromium --headless --no-sandbox --disable-gpu --window-size=600,400 \
	--user-data-dir="$tap_dir/shot/profile" --screenshot="$tap_dir/shot/page.png" "$page"
same_page firefox firefox-esr --headless --window-size=600,400 --profile "$tap_dir/shot/profile" \
	--screenshot "$tap_dir/shot/page.png" "$page"
done_testing
