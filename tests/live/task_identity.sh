# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Nobody in a box becomes somebody else, also who kept the right to: the supervisor would go on as whom it was.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

keep=
[ "$(id -u)" != 0 ] || keep='--keep-caps setuid,setgid'
cat >"$tap_dir/script.py" <<'END'
import errno, os
def e(f, *args):
    try: f(*args)
    except OSError as x: return errno.errorcode[x.errno]
    return "ok"
u, g, other = os.getuid(), os.getgid(), 4242
print("same:", e(os.setuid, u), e(os.setgid, g), e(os.seteuid, u), e(os.setegid, g), e(os.setreuid, -1, u),
      e(os.setresuid, u, -1, u), e(os.setresgid, g, g, -1))
print("other:", e(os.setuid, other), e(os.setgid, other), e(os.seteuid, other), e(os.setegid, other),
      e(os.setreuid, other, -1), e(os.setregid, -1, other), e(os.setresuid, -1, -1, other),
      e(os.setresgid, other, other, other), e(os.setgroups, [other]))
print("still:", os.getresuid() == (u, u, u), os.getresgid() == (g, g, g), e(os.stat, "."), e(os.listdir, "."))
END
# shellcheck disable=SC2086 # words
"$pcall_run" -p readonly --events "$tap_dir/events" $keep -r "$tap_dir" -- python3 "$tap_dir/script.py" >"$tap_dir/got" 2>"$tap_dir/said" </dev/null
while read -r line; do
	is "$(grep "^${line%%:*}:" "$tap_dir/got")" "$line" "${line%%:*}_identity"
done <<-'END'
	same: ok ok ok ok ok ok ok
	other: EPERM EPERM EPERM EPERM EPERM EPERM EPERM EPERM EPERM
	still: True True ok ok
END
if [ -n "$keep" ]; then
	ok a_change_that_was_refused_is_told grep -q 'another identity' "$tap_dir/events"
else
	skip a_change_that_was_refused_is_told 'without the right to it the kernel refuses, and nobody tells'
fi

done_testing
