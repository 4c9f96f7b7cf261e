# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What calls that name paths do where the policy says no.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

cd "$tap_dir" || exit 1
mkdir work out unsaid unsaid/denied work/secret work/.git work/.git/hooks work/dir work/many
echo text >work/f
echo hidden >work/secret/key
echo out >out/file
chmod 600 out/file
ln -s ../out/file work/to-out
echo unsaid >unsaid/file
ln -s ../work/f unsaid/link
cp /bin/true unsaid/program
# What needs a name to be there, and what makes one.
each_use='
import socket
def uses(p):
    s = socket.socket(socket.AF_UNIX)
    return [e(f, p, *a) for f, *a in (
        (os.stat,), (os.lstat,), (os.open, 0), (os.open, os.O_WRONLY), (os.open, os.O_RDWR | os.O_TRUNC),
        (os.open, os.O_PATH), (os.chmod, 0o600), (os.chown, -1, -1), (os.utime,), (os.truncate, 0),
        (os.setxattr, "user.a", b"1"), (os.getxattr, "user.a"), (os.listxattr,), (os.removexattr, "user.a"),
        (os.unlink,), (os.rmdir,), (os.rename, "/tmp/x"), (os.link, "/tmp/x"), (os.execv, [p]), (os.chdir,),
        (os.readlink,), (os.statvfs,), (os.listdir,), (s.connect,))]'
each_make='
import socket
def makes(p):
    s = socket.socket(socket.AF_UNIX)
    return [e(f, *a) for f, *a in (
        (os.open, p, os.O_CREAT | os.O_WRONLY | os.O_EXCL), (os.mkdir, p), (os.mkfifo, p), (os.symlink, "x", p),
        (os.link, "f", p), (s.bind, p))]'
for i in 1 2 3 4 5; do echo >work/many/x$i.pem; echo >work/many/y$i; done

# box LINES...: python lines in the box; prints what they print. e(f) is the errno name of a call.
box() {
	{
		cat <<-'END'
			import os, errno, ctypes, stat, sys
			def e(f, *args, **kw):
			    try: f(*args, **kw)
			    except OSError as x: return errno.errorcode[x.errno]
			    return "ok"
			libc = ctypes.CDLL(None, use_errno=True)
			def c(nr, *args):
			    r = libc.syscall(nr, *[a if isinstance(a, (int, bytes)) else a.encode() for a in args])
			    return "ok" if r >= 0 else errno.errorcode[ctypes.get_errno()]
		END
		printf '%s\n' "$@"
	} >"$tap_dir/script.py"
	# shellcheck disable=SC2086 # words
	"$pcall_run" -q -p readonly -C work -w "$tap_dir/work" --list "$tap_dir/out" \
		-r "$tap_dir/script.py" --hide "$tap_dir/work/secret" \
		--hide "$tap_dir/work/**/*.pem" --deny 'write **/.git/hooks/**' \
		--deny 'write **/.git/hooks' --deny "read $tap_dir/unsaid/denied" --deny 'unix @denied' \
		${box_more-} -- \
		/usr/bin/python3 "$tap_dir/script.py" 2>"$tap_dir/err"
}

same() { # name, wanted, python lines...
	same_name=$1
	same_wanted=$2
	shift 2
	is "$(box "$@")" "$same_wanted" "$same_name" || diag <"$tap_dir/err"
}

same stat_needs_no_more_than_list "ok" 'print(e(os.stat, "../out/file"))'
same open_needs_more_than_list "EACCES" 'print(e(open, "../out/file"))'
same a_link_out_is_judged_where_it_leads "EACCES ok" \
	'print(e(open, "to-out"), e(os.lstat, "to-out"))'
same access_says_what_open_would "False True False True" \
	'print(os.access("../out/file", os.R_OK), os.access("f", os.R_OK | os.W_OK),' \
	'os.access("/etc/passwd", os.W_OK), os.access("../out", os.F_OK))'
same chmod_chown_utime_truncate_need_write "EACCES EACCES EACCES EACCES" \
	'print(e(os.chmod, "../out/file", 0o666), e(os.chown, "../out/file", -1, -1),' \
	'e(os.utime, "../out/file"), e(os.truncate, "../out/file", 0))'
same a_link_is_no_way_to_change_what_it_leads_to "EACCES EACCES EACCES" \
	'print(e(os.chmod, "to-out", 0o666), e(os.utime, "to-out"), e(os.truncate, "to-out", 0))'
same a_descriptor_that_reads_is_no_way_to_change "EACCES EACCES EACCES EACCES" \
	'fd = os.open("/etc/passwd", os.O_RDONLY)' \
	'print(e(os.fchmod, fd, 0o666), e(os.fchown, fd, -1, -1), e(os.utime, fd),' \
	'e(os.setxattr, fd, "user.x", b"1"))'
same attributes_need_read "EACCES EACCES ok" \
	'print(e(os.getxattr, "../out/file", "user.x"), e(os.setxattr, "../out/file", "user.x", b"1"),' \
	'e(os.listxattr, "../out/file"))'
same file_capabilities_are_refused "EPERM EPERM" \
	'print(e(os.setxattr, "f", "security.capability", b"1" * 20),' \
	'e(os.removexattr, "f", "security.capability"))'
# one of them is fchmodat2, which two of the containers' lists do not know
case ${PCALL_TEST_PROFILE:-} in podman | docker-2021) unknown=ENOSYS ;; *) unknown=EPERM ;; esac
same set_id_bits_are_refused_on_files "EPERM EPERM $unknown EPERM ok 0o640" \
	'os.umask(0o27)' \
	'fd = os.open("f", os.O_RDWR)' \
	'print(e(os.chmod, "f", 0o4755), e(os.fchmod, fd, 0o2755), c(452, -100, "f", 0o6755, 0),' \
	'e(os.mknod, "suid", 0o4755), e(os.chmod, "dir", 0o2755), end=" ")' \
	'fd = os.open("new-suid", os.O_CREAT | os.O_WRONLY, 0o6666)' \
	'print(oct(os.stat("new-suid").st_mode & 0o7777)); os.unlink("new-suid")'
same devices_are_refused "EPERM EPERM ok ok" \
	'print(e(os.mknod, "zero", stat.S_IFCHR | 0o666, os.makedev(1, 5)),' \
	'e(os.mknod, "disk", stat.S_IFBLK | 0o666, os.makedev(254, 0)),' \
	'e(os.mkfifo, "fifo"), e(os.mknod, "sock", stat.S_IFSOCK | 0o600))' \
	'os.unlink("fifo"); os.unlink("sock")'
same names_outside_cannot_be_made "EACCES EACCES EACCES EACCES" \
	'print(e(os.mkdir, "../out/d"), e(os.symlink, "x", "../out/l"), e(os.mkfifo, "../out/p"),' \
	'e(os.link, "f", "../out/f"))'
same what_exists_exists_whatever_the_rights "EEXIST EEXIST EEXIST EEXIST" \
	'print(e(os.mkdir, "/usr"), e(os.mkdir, "../out"), e(os.mkdir, "/"), e(os.symlink, "x", "/usr"))'
same what_is_absent_is_absent_whatever_the_rights "ENOENT ENOENT ENOENT" \
	'print(e(os.unlink, "../out/none"), e(os.rmdir, "/usr/none"), e(os.rename, "../out/none", "x"))'
same names_outside_cannot_be_removed "EACCES EACCES EACCES" \
	'print(e(os.unlink, "../out/file"), e(os.rmdir, "../out"), e(os.rename, "../out/file", "x"))'
same a_hard_link_gives_no_right "EACCES EACCES" \
	'print(e(os.link, "../out/file", "mine"), e(os.link, "/etc/passwd", "mine"))'
same hidden_names_do_not_exist "ENOENT ENOENT ENOENT ENOENT ENOENT ENOENT" \
	'print(e(os.stat, "secret"), e(open, "secret/key"), e(os.unlink, "many/x1.pem"),' \
	'e(os.rename, "secret", "s"), e(os.link, "secret/key", "k"), e(os.listdir, "secret"))'
same hidden_names_are_not_listed "dir f many to-out y1 y2 y3 y4 y5" \
	'print(*sorted(n for n in os.listdir(".") if n[0] != "."), *sorted(os.listdir("many")))'
same a_directory_with_hidden_names_cannot_be_moved_from_under_its_rule "True" \
	'os.mkdir("dir/a"); r = e(os.rename, ".git", "got"); print(r == "EACCES")'
same hooks_cannot_be_written_moved_or_linked "EACCES EACCES EACCES EACCES" \
	'print(e(open, ".git/hooks/x", "w"), e(os.rename, "f", ".git/hooks/f"),' \
	'e(os.link, "f", ".git/hooks/f"), e(os.rename, ".git/hooks", "hooks"))'
same a_directory_cannot_become_one_that_rules_cover "True" \
	'os.makedirs("made/hooks"); open("made/hooks/x", "w").close()' \
	'r = e(os.rename, "made", "dir/.git"); print(r == "EACCES")' \
	'os.unlink("made/hooks/x"); os.rmdir("made/hooks"); os.rmdir("made")'
same proc_lists_only_own_processes "True True" \
	'p = [n for n in os.listdir("/proc") if n.isdigit()]' \
	'print(p == [str(os.getpid())], os.path.exists("/proc/self"))'
same links_in_proc_are_the_callers_own "True True True True" \
	'me = str(os.getpid())' \
	'print(os.readlink("/proc/self") == me, os.readlink("/proc/thread-self").startswith(me + "/task/"),' \
	'os.readlink("/proc/self/cwd") == os.getcwd(), "python" in os.readlink("/proc/self/exe"))'
same other_processes_do_not_exist "ENOENT ENOENT ENOENT" \
	"print(e(os.stat, \"/proc/$$\"), e(os.readlink, \"/proc/$$/exe\"), e(os.listdir, \"/proc/$$/fd\"))"
same listing_needs_list "EACCES ENOENT" \
	'print(e(os.listdir, "/var/lib"), e(os.chdir, "/var/lib/dpkg"))'
same what_is_not_there_is_not_there_for_any_call "ENOENT" \
	"$each_use" 'print(*sorted(set(uses("/usr/none") + uses("/usr/none/none"))))'
same what_is_a_file_is_no_directory_for_any_call "ENOTDIR" \
	"$each_use" 'print(*sorted(set(uses("/etc/passwd/none"))))'
same below_a_missing_directory_nothing_is_made "ENOENT" \
	"$each_make" 'print(*sorted(set(makes("/usr/none/none") + makes("../out/none/none"))))'
same in_one_that_is_there_making_is_refused "EACCES" \
	"$each_make" 'print(*sorted(set(makes("/usr/none") + makes("../out/none"))))'
same what_is_there_cannot_be_made "EADDRINUSE EEXIST" \
	"$each_make" 'print(*sorted(set(makes("/usr/bin"))))'
same directories_are_not_opened_to_write "EISDIR EISDIR EISDIR ok" \
	'print(*[e(os.open, "/usr", f) for f in (os.O_WRONLY, os.O_RDWR, os.O_TRUNC, os.O_RDONLY)])'
# What no line speaks of is not there, whether it is or not; and cannot be made.
same what_no_line_grants_is_not_there "ENOENT" \
	"$each_use" 'print(*sorted(set(uses("../unsaid/file") + uses("../unsaid/none") + uses("../unsaid"))))'
same what_no_line_grants_cannot_be_made "EACCES" \
	"$each_make" 'print(*sorted(set(makes("../unsaid/file") + makes("../unsaid/none") + makes("../unsaid"))))'
same its_links_lead_nowhere "ENOENT EACCES ENOENT" \
	'print(e(os.stat, "../unsaid/link"), e(os.open, "../unsaid/link", os.O_CREAT), e(os.stat, "../unsaid/../f"))'
same an_abstract_name_that_no_line_grants_has_no_listener "ECONNREFUSED EACCES" \
	'import socket; s = socket.socket(socket.AF_UNIX)' \
	'print(e(s.connect, "\0unsaid"), e(s.bind, "\0unsaid"))'
# The folders on the way to what is granted are there, and no more of them is.
same the_way_to_what_is_granted_is_there "ok EACCES EACCES" \
	'd = os.path.dirname(os.getcwd()); print(e(os.stat, d), e(os.listdir, d), e(os.mkdir, d + "/x"))'
same what_a_line_denies_is_refused "EACCES EACCES EACCES" \
	'import socket; s = socket.socket(socket.AF_UNIX)' \
	'print(e(open, "../unsaid/denied"), e(os.listdir, "../unsaid/denied"), e(s.connect, "\0denied"))'
same to_look_it_up_is_another_matter "ENOENT ENOENT" \
	'print(e(os.stat, "../unsaid/denied"), e(os.readlink, "../unsaid/denied"))'
# What an \`except\` leaves out is not granted: not there, and not listed.
excepting() { # python lines...
	box_lines=$(printf '%s\n' 'import os, errno' 'def e(f, *a):' '    try: f(*a)' \
		'    except OSError as x: return errno.errorcode[x.errno]' '    return "ok"' "$@")
	printf 'policy 1\nuse readonly\nlist %s except %s/f*\n' "$tap_dir/out" "$tap_dir/out" >"$tap_dir/except.policy"
	"$pcall_run" -q -p "$tap_dir/except.policy" -C work -- /usr/bin/python3 -c "$box_lines" 2>"$tap_dir/err"
}
is "$(excepting 'print(os.listdir("../out"), e(os.stat, "../out/file"), e(open, "../out/file2", "w"))')" \
	"[] ENOENT EACCES" what_is_excepted_is_not_there
# It is told all the same, with the line that would allow it.
"$pcall_run" -q -p readonly -C work --events "$tap_dir/events" -- \
	sh -c 'cat ../unsaid/file; cat ../unsaid/none; ../unsaid/file; test -e ../unsaid/file' 2>"$tap_dir/err"
is "$(sed -n 's|.*"verb":"\([a-z]*\)","object":"[^"]*/\(unsaid/[a-z]*\)".*"errno":"\([A-Z]*\)".*"suggestion":"\([a-z]*\) .*|\1 \2 \3 \4|p' "$tap_dir/events" | sort -u)" \
	"exec unsaid/file ENOENT exec
list unsaid/file ENOENT list
read unsaid/file ENOENT read
read unsaid/none ENOENT read" what_is_not_there_for_the_box_is_told || diag <"$tap_dir/events"
is "$("$pcall_run" -q -C work -- sh -c "$tap_dir/unsaid/program; echo \$?" 2>"$tap_dir/err")" 127 \
	a_program_that_is_not_granted_is_not_found
same the_umask_is_the_callers "0o700 0o777 0o640" \
	'os.umask(0o77); os.mkdir("u1"); os.umask(0); os.mkdir("u2"); os.umask(0o27)' \
	'os.close(os.open("u3", os.O_CREAT | os.O_WRONLY, 0o666))' \
	'print(*[oct(os.stat(n).st_mode & 0o777) for n in ("u1", "u2", "u3")])' \
	'os.rmdir("u1"); os.rmdir("u2"); os.unlink("u3")'
same whiteouts_are_refused "EPERM" 'print(c(316, -100, "f", -100, "g", 4))'
same watches_need_read "EACCES ok EACCES" \
	'fd = libc.inotify_init1(0)' \
	'print(c(254, fd, "../out/file", 2), c(254, fd, "f", 2), c(254, fd, "many", 2))'
same the_size_limit_holds_for_truncate "EFBIG ok" \
	'import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))' \
	'print(e(os.truncate, "f", 5000), e(os.truncate, "f", 4096)); os.truncate("f", 5)'

box_more="--bind $tap_dir/work/seen=$tap_dir/out:ro --bind $tap_dir/work/open=$tap_dir/work/dir:rw"
same a_bound_name_is_listed_and_leads_to_its_target "True ['file'] out" \
	'print("seen" in os.listdir("."), os.listdir("seen"), open("seen/file").read().strip())'
same a_bound_name_is_like_a_mount_point "EBUSY EBUSY EBUSY ok" \
	'print(e(os.rename, "open", "x"), e(os.rmdir, "open"), e(os.rename, "dir", "open"),' \
	'e(os.mkdir, "open/b")); os.rmdir("open/b")'
same a_bound_name_for_reading_is_not_written "EACCES EACCES EACCES" \
	'print(e(open, "seen/file", "w"), e(os.rename, "seen/file", "x"), e(os.chmod, "seen/file", 0))'

# A name that looks like a deleted file's is a name: what is held read-only is judged by it.
echo kept >"out/f (deleted)"
"$pcall_run" -q -p readonly -r "$tap_dir/out" --keep-fd 9 -- \
	/bin/sh -c 'echo lost >/proc/self/fd/9' 9<"out/f (deleted)" 2>/dev/null
is "$(cat "out/f (deleted)")" kept a_name_that_ends_as_deleted_ones_do_is_judged
rm "out/f (deleted)"

# Who listens on this machine, and who talks to whom.
# shellcheck disable=SC2016 # for the inner shell
is "$("$pcall_run" sh -c 'for f in /proc/net/tcp /proc/self/net/unix /proc/thread-self/net/udp /proc/$$/net/arp; do
	cat $f 2>/dev/null && echo $f; done')" '' the_networks_tables_are_not_read
ok they_are_if_the_policy_says_so "$pcall_run" --read /proc/self/net cat /proc/net/tcp
# Tokens are exported in these. A shell starts without, and without a word.
mkdir home
for f in .bashrc .profile .bash_profile; do echo 'echo TOKEN; export TOKEN=1' >home/$f; done
# shellcheck disable=SC2016 # for the inner shell
mkdir place
is "$(cd place && HOME=$tap_dir/home "$pcall_run" -p workspace bash -ic 'echo in; cat ~/.bashrc 2>&1; echo "token $TOKEN"' 2>&1 |
	grep -v 'job control\|terminal process group')" "in
cat: $tap_dir/home/.bashrc: No such file or directory
token " start_up_files_of_shells_are_not_there
is "$(cd place && HOME=$tap_dir/home "$pcall_run" -p workspace bash -lc 'echo in')" in a_login_shell_starts_without_them
is "$(cd place && HOME=$tap_dir/home "$pcall_run" sh -lc 'echo in')" in so_does_another

is "$(cat out/file)" out nothing_outside_was_changed
is "$(ls out)" file nothing_outside_was_made

done_testing
