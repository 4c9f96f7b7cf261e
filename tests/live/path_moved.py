# SPDX-License-Identifier: LGPL-2.1-or-later
"""A directory is an object: who stands in it, or has it open, goes on in it when it gets another name.

Each call is made by a relative name after the directory was renamed and another one took its name. Prints what the call
gave and what the two directories hold then. argv[1] is a FIFO to a process outside, which renames when it is told.
"""
import ctypes
import errno
import os
import socket
import subprocess
import sys
import threading

ask, done = sys.argv[1], sys.argv[2]
libc = ctypes.CDLL(None, use_errno=True)
IN_MOVE_SELF, IN_CREATE = 0x800, 0x100


def swap(old, new):
    """Gives what is at @old the name @new, and its name to a directory with a file of the same name."""
    os.rename(old, new)
    os.makedirs("%s/d" % old if new == "upper" else old)
    with open("%s/d/f" % old if new == "upper" else "%s/f" % old, "w") as decoy:
        decoy.write("decoy")


def by_itself(top):
    here = os.open(".", os.O_RDONLY)
    os.chdir(top)
    swap("p/d", "p/moved")
    os.fchdir(here)
    os.close(here)


def by_another(top, old="p/d", new="p/moved"):
    child = os.fork()
    if child == 0:
        os.chdir(top)
        swap(old, new)
        os._exit(0)
    os.waitpid(child, 0)


def by_a_thread(top):
    thread = threading.Thread(target=lambda: by_absolute_names(top))
    thread.start()
    thread.join()


def by_absolute_names(top):
    os.rename(top + "/p/d", top + "/p/moved")
    os.mkdir(top + "/p/d")
    with open(top + "/p/d/f", "w") as decoy:
        decoy.write("decoy")


def above(top):
    by_another(top, "p", "upper")


def from_outside(top):
    with open(ask, "w") as out:
        out.write(top + "\n")
    with open(done) as answer:
        answer.read()


def read(dirfd):
    fd = os.open("f", os.O_RDONLY, dir_fd=dirfd)
    return os.read(fd, 100).decode()


def write(dirfd):
    return os.write(os.open("made", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=dirfd), b"made")


def cut(dirfd):
    os.close(os.open("f", os.O_WRONLY | os.O_TRUNC, dir_fd=dirfd))


def up(dirfd):
    return sorted(os.listdir(os.open("..", os.O_RDONLY, dir_fd=dirfd)))


def make_above(dirfd):
    os.mkdir("../above", dir_fd=dirfd)
    os.close(os.open("../file-above", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=dirfd))


def through_a_link(dirfd):
    fd = os.open("link", os.O_RDONLY, dir_fd=dirfd)
    return os.read(fd, 100).decode()


# Calls that take a directory; those that go by the cwd alone come after.
CALLS = {
    "stat": lambda fd: os.stat("f", dir_fd=fd).st_size,
    "read": read,
    "write": write,
    "truncate": cut,
    "unlink": lambda fd: os.unlink("f", dir_fd=fd),
    "mkdir": lambda fd: os.mkdir("made", dir_fd=fd),
    "rename": lambda fd: os.rename("f", "g", src_dir_fd=fd, dst_dir_fd=fd),
    "link": lambda fd: os.link("f", "g", src_dir_fd=fd, dst_dir_fd=fd),
    "symlink": lambda fd: os.symlink("f", "g", dir_fd=fd),
    "readlink": lambda fd: os.readlink("link", dir_fd=fd),
    "through a link": through_a_link,
    "chmod": lambda fd: os.chmod("f", 0o400, dir_fd=fd),
    "utime": lambda fd: os.utime("f", (1, 1), dir_fd=fd),
    "mkfifo": lambda fd: os.mkfifo("made", dir_fd=fd),
    "access": lambda fd: os.access("f", os.R_OK, dir_fd=fd),
    "missing": lambda fd: os.stat("nothing", dir_fd=fd),
    "below": lambda fd: os.stat("sub/x", dir_fd=fd).st_size,
    "a dot": lambda fd: os.stat("./sub/./x", dir_fd=fd).st_size,
    "up": up,
    "up and down": lambda fd: sorted(os.listdir(os.open("sub/../sub", os.O_RDONLY, dir_fd=fd))),
    "make above": make_above,
}


def bind(_):
    socket.socket(socket.AF_UNIX).bind("made")


def watch(_):
    """As LTP's inotify02: what is watched tells of itself and of what is made in it."""
    watcher = libc.inotify_init1(os.O_NONBLOCK)
    if libc.inotify_add_watch(watcher, b".", IN_CREATE) < 0:
        return errno.errorcode[ctypes.get_errno()]
    os.mkdir("made")
    return len(os.read(watcher, 4096)) > 0


CWD_CALLS = {
    "getcwd": lambda _: os.path.relpath(os.getcwd(), "/proc/self/cwd/../.."),
    "proc": lambda _: os.path.basename(os.readlink("/proc/self/cwd")),
    "chdir": lambda _: os.chdir("sub") or sorted(os.listdir(".")),
    "cut": lambda _: os.truncate("f", 1),
    "exec": lambda _: subprocess.run(["./run"], stdout=subprocess.PIPE, check=False).stdout.decode().strip(),
    "in a child": lambda _: subprocess.run(["cat", "f"], stdout=subprocess.PIPE, check=False).stdout.decode(),
    "bind": bind,
    "watch": watch,
}


def tree(top):
    """Names, contents and modes below @top."""
    found = []
    for folder, folders, files in os.walk(top):
        folders.sort()
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            text = open(path).read() if os.path.isfile(path) and not os.path.islink(path) else ""
            found.append("%s %o %s" % (os.path.relpath(path, top), os.lstat(path).st_mode, text.replace("\n", " ")))
    return "; ".join(found)


def case(mover, name, call, by_fd):
    top = os.path.join(root, "%s-%s-%d" % (mover.__name__, name.replace(" ", "-"), by_fd))
    os.makedirs(top + "/p/d/sub")
    os.chdir(top + "/p/d")
    for path, text in ("f", "object"), ("sub/x", "x"), ("run", "#!/bin/sh\necho ran the object"):
        with open(path, "w") as out:
            out.write(text)
    os.chmod("run", 0o700)
    os.symlink("sub/x", "link")
    fd = os.open(".", os.O_RDONLY) if by_fd else None
    if by_fd:
        os.chdir("/")
    read(fd)  # what is remembered of the caller is remembered from here on
    mover(top)
    try:
        result = call(fd)
    except OSError as e:
        result = errno.errorcode[e.errno]
    print(mover.__name__, name, "by descriptor" if by_fd else "by cwd", "->", result, "|", tree(top), flush=True)


root = os.getcwd()
for mover in by_itself, by_another, by_a_thread, above, from_outside:
    for name, call in CALLS.items():
        case(mover, name, call, False)
        if mover in (by_another, from_outside):
            case(mover, name, call, True)
    for name, call in CWD_CALLS.items():
        case(mover, name, call, False)
