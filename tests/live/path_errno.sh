# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Ten thousand calls that name a path, in every form, end natively and boxed with the same errno and
# leave the same tree.
. "$PCALL_SOURCE/tests/tap.sh"

calls=$PCALL_BUILD/tests/live/path_calls
# paths_same NAME WORD: only calls whose name holds the word.
paths_same() {
	box_options="-w $tap_dir/work --unix $tap_dir/work -x $calls --list /"
	native_and_boxed "$1" base "$calls" "$2"
}

paths_same stat_answers_as_without_a_box stat
paths_same access_answers_as_without_a_box access
paths_same readlink_answers_as_without_a_box readlink
paths_same open_answers_as_without_a_box open
paths_same mkdir_answers_as_without_a_box mkdir
paths_same mknod_answers_as_without_a_box mknod
paths_same link_answers_as_without_a_box link
paths_same rename_answers_as_without_a_box rename
paths_same rmdir_answers_as_without_a_box rmdir
paths_same chmod_answers_as_without_a_box chmod
paths_same chown_answers_as_without_a_box chown
paths_same utime_answers_as_without_a_box utime
paths_same utimensat_answers_as_without_a_box utimens
paths_same truncate_answers_as_without_a_box truncate
paths_same xattr_answers_as_without_a_box xattr
paths_same chdir_answers_as_without_a_box chdir
paths_same getdents_answers_as_without_a_box getdents
paths_same inotify_answers_as_without_a_box inotify
paths_same file_handles_answer_as_without_a_box name_to_handle
paths_same statfs_answers_as_without_a_box statfs
paths_same files_without_a_name_are_as_without_a_box unnamed

# On one file system, and not: by names, links, "..", from the root and from a descriptor.
box_options='--list /'
native_and_boxed paths_that_cross_nothing_are_found workspace /usr/bin/python3 -c '
import ctypes, errno, os, struct
libc = ctypes.CDLL(None, use_errno=True)
os.makedirs("x/d", exist_ok=True); open("x/f", "w").close()
for name, to in ("in", "f"), ("up", "d/../f"), ("out", "/proc/version"), ("null", "/dev/null"), ("here", os.getcwd() + "/x/f"):
    os.symlink(to, "x/" + name)
proc, here = os.open("/proc", os.O_RDONLY), os.open("x", os.O_RDONLY)
for dirfd, path in ((here, "f"), (here, "./d/../f"), (here, "../x/f"), (here, "in"), (here, "up"), (here, "out"),
                    (here, "null"), (here, "here"), (here, "none"), (here, "none/f"), (here, "f/none"),
                    (here, "/proc/version"), (here, "/proc/none"), (here, "/etc/passwd"), (proc, "version"),
                    (proc, "../etc/passwd"), (proc, "self/status"), (proc, "self/fd/0"), (proc, "self/cwd/x/f")):
    for resolve in 0x01, 0x01 | 0x08, 0x01 | 0x04:
        how = struct.pack("QQQ", os.O_RDONLY, 0, resolve)
        fd = libc.syscall(437, dirfd, path.encode(), how, 24)
        print(path.replace(os.getcwd(), "."), resolve, "ok" if fd >= 0 else errno.errorcode[ctypes.get_errno()])
'

# "." and ".." take search permission on what they are looked up in. Root has it, and no box has what root has.
box_options=
if [ "$(id -u)" = 0 ]; then
	skip dots_need_search_permission 'root may search everything'
else
	native_and_boxed dots_need_search_permission workspace /usr/bin/python3 -c '
import errno, os
def tell(name, f, *args):
	try: f(*args)
	except OSError as e: print(name, errno.errorcode[e.errno])
	else: print(name, "ok")
os.mkdir("n"); os.mkdir("n/sub"); open("g", "w").close(); os.chmod("n", 0)
for top in "", os.getcwd() + "/":
	for path in "n/../g", "n/.", "n/./.", "n/..", "n/sub/..", "./n", "n/../n/../g", "g/..", "g/.", "no/..", "no/.":
		tell("stat " + path, os.stat, top + path)
		tell("open " + path, open, top + path)
	tell("mkdir", os.mkdir, top + "n/../m")
	tell("rename", os.rename, top + "g", top + "n/../h")
	tell("chdir", os.chdir, top + "n/..")
	tell("unlink", os.unlink, top + "n/../g")
os.chmod("n", 0o700)'
fi

# Devices are opened as asked: flags, read back.
box_options=
native_and_boxed devices_keep_their_flags workspace /usr/bin/python3 -c '
import fcntl, os
for name in "/dev/ptmx", "/dev/null", "/dev/zero", "/dev/urandom":
	for flags in 0, os.O_NONBLOCK, os.O_APPEND:
		print(name, oct(fcntl.fcntl(os.open(name, os.O_RDWR | os.O_NOCTTY | flags), fcntl.F_GETFL)))'

done_testing
