# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Objects that no path leads to, or only by way of a process, are what they are without a box.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

program=$PCALL_SOURCE/tests/live/path_objects.py
box_options="-r $program"
same() { # name, case
	native_and_boxed "$1" workspace /usr/bin/python3 "$program" "$2"
}

same namespaces_are_looked_at namespaces
same mapped_files_take_a_capability mapped_files

same what_has_no_name_is_as_without_a_box unnamed
same links_that_were_followed_before_may_change links_change
is "$(tail -n 1 "$tap_dir/boxed.out")" "to the end" all_of_them_were_followed
box_options="-r $program -x $tap_dir/work"
same removed_programs_run_on programs
same links_are_not_followed_to_a_program links

# What lost a name, here from outside, and has another one, is judged by the name that it had: it got no better one.
mkdir "$tap_dir/keys" "$tap_dir/shown"
cat >"$tap_dir/keys.policy" <<POLICY
policy 1
use base
read /usr
exec /usr
write $tap_dir/keys
read $tap_dir/shown
deny read **/*.key
POLICY
for order in kept removed; do
	echo secret >"$tap_dir/keys/a.key"
	ln "$tap_dir/keys/a.key" "$tap_dir/keys/b.key"
	echo shown >"$tap_dir/shown/f"
	mkfifo "$tap_dir/keys/go"
	"$pcall_run" -q -p "$tap_dir/keys.policy" -C "$tap_dir/keys" -- /usr/bin/python3 -c '
import errno, os
fd = os.open("a.key", os.O_PATH)
shown = os.open("../shown/f", os.O_RDONLY)
open("go", "w").close()
open("go").read()
def tell(f, *args):
    try: print(f(*args))
    except OSError as e: print(errno.errorcode[e.errno])
tell(open, "/proc/self/fd/%d" % fd)
for f, *args in (os.fchmod, shown, 0o777), (os.utime, shown), (open, "/proc/self/fd/%d" % shown, "r+"): tell(f, *args)' >"$tap_dir/keys.out" 2>&1 &
	: <"$tap_dir/keys/go"
	[ $order = kept ] || rm "$tap_dir/keys/a.key" "$tap_dir/shown/f"
	: >"$tap_dir/keys/go"
	wait $!
	is "$(tr '\n' ' ' <"$tap_dir/keys.out")" "EACCES EACCES EACCES EACCES " "what_was_refused_before_its_name_was_${order}_is_after"
	rm -f "$tap_dir/keys"/*
done

# What is deeper than a name can say cannot be judged, which is told; it is left upwards.
rm -rf "$tap_dir/work" && mkdir "$tap_dir/work"
long="'ENAMETOOLONG', 'ENAMETOOLONG', 'ENAMETOOLONG', 'ENAMETOOLONG', 'ENAMETOOLONG', 'ENAMETOOLONG', 'ENAMETOOLONG', 'ENAMETOOLONG'"
near="'ok', 'ENOENT', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok'"
is "$("$pcall_run" -p workspace -C "$tap_dir/work" -r "$program" -- /usr/bin/python3 "$program" deep 2>"$tap_dir/err")" "False [$long] ['ok', 'ok', 'ok']
False [$near] ['ok', 'ok', 'ok']
False [$near] ['ok', 'ok', 'ok']" a_folder_that_is_too_deep_is_left_upwards
ok and_it_is_told grep -q 'more than 4,095 bytes' "$tap_dir/err"

# A link that was followed before may have come to stand behind a link to what may not be looked up: whether it is there, and what
# it says, is not told, not even where it leads back.
mkdir -p "$tap_dir/hidden" "$tap_dir/seen"
echo seen >"$tap_dir/seen/f"
for name in absolute relative; do ln -s "$([ $name = relative ] || echo "$tap_dir/seen/")f" "$tap_dir/hidden/$name"; done
echo hidden >"$tap_dir/hidden/f"
is "$("$pcall_run" -q -p base -r /usr -x /usr -w "$tap_dir/seen" -C "$tap_dir/seen" -- /usr/bin/python3 -c '
import errno, os, sys
os.mkdir("a")
for name in "absolute", "relative", "none": os.symlink("../f", "a/" + name)
def tell(f, *args):
    try: return str(f(*args))
    except OSError as e: return errno.errorcode[e.errno]
def ask(name):
    return [tell(f, path, *args) for path in ("a/" + name, os.getcwd() + "/a/" + name)
            for f, *args in ((os.stat,), (os.lstat,), (os.open, os.O_RDONLY), (os.open, os.O_PATH), (os.listdir,), (os.readlink,))]
for name in "absolute", "relative", "none": ask(name), ask(name)
os.rename("a", "b")
os.symlink(sys.argv[1], "a")
for name in "absolute", "relative", "none": print(*set(ask(name)), *set(ask(name)))
' "$tap_dir/hidden" 2>&1)" 'ENOENT ENOENT
ENOENT ENOENT
ENOENT ENOENT' what_a_link_says_that_may_not_be_looked_up_is_not_told

# A memory file never had the name that the kernel shows, whatever is granted there.
is "$("$pcall_run" -q -p base -r /usr -x /usr -w / -- /usr/bin/python3 -c '
import errno, os
fd = os.memfd_create("../tmp/x")
print(os.readlink("/proc/self/fd/%d" % fd))
for how in os.O_RDONLY, os.O_PATH:
    held = os.open("/proc/self/fd/%d" % fd, how)
    try: print(os.open("/proc/self/fd/%d" % held, os.O_RDWR))
    except OSError as e: print(errno.errorcode[e.errno])' 2>&1)" '/memfd:../tmp/x (deleted)
EACCES
EACCES' a_memory_file_never_had_a_name

# A namespace that is open is a number, and no way anywhere: not into it, nor to another by its ioctls.
is "$("$pcall_run" -q -p workspace -C "$tap_dir/work" -- /usr/bin/python3 -c '
import ctypes, errno, fcntl, os
fd = os.open("/proc/self/ns/user", os.O_RDONLY)
libc = ctypes.CDLL(None, use_errno=True)
print(libc.setns(fd, 0), errno.errorcode[ctypes.get_errno()])
for request in range(0xb701, 0xb70c):
    try: print(fcntl.ioctl(fd, request))
    except OSError as e: print(end=errno.errorcode[e.errno][-1])
for path in "/proc/1/ns/net", "/proc/%d/ns/net" % os.getppid():
    try: print(os.stat(path))
    except OSError as e: print("", errno.errorcode[e.errno], end="")
' 2>"$tap_dir/err")" "-1 EPERM
YYYYYYYYYYY ENOENT ENOENT" a_namespace_is_no_way_anywhere

done_testing
