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
