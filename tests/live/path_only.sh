# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Descriptors of O_PATH: of whatever may be looked up, and good for nothing but its name.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

only() { # name, python lines...
	only_name=$1
	shift
	native_and_boxed "$only_name" workspace /usr/bin/python3 -c '
import ctypes, errno, fcntl, os, resource, signal, socket, stat, threading
def e(f, *a, **k):
    try: return f(*a, **k)
    except OSError as x: return errno.errorcode[x.errno]
def path(name, flags=0): return os.open(name, os.O_PATH | flags)
libc = ctypes.CDLL(None, use_errno=True)
'"$1"
}

only o_path_is_of_objects_of_all_kinds '
open("f", "w").write("text"); os.chmod("f", 0o200); os.symlink("f", "l"); os.mkfifo("p"); os.mkdir("d", 0o300)
s = socket.socket(socket.AF_UNIX); s.bind("s")
for name, flags in ("f", 0), ("l", os.O_NOFOLLOW), ("l", 0), ("p", 0), ("d", 0), ("s", 0), ("/dev/null", 0), ("/etc/passwd", 0),
        ("f/", 0), ("f", os.O_DIRECTORY), ("none", 0), ("l/x", 0), ("f", os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
    fd = e(path, name, flags)
    if type(fd) is str:
        print(name, flags, fd)
        continue
    print(name, flags, oct(os.fstat(fd).st_mode), e(os.read, fd, 1), e(os.write, fd, b"x"), e(os.fchmod, fd, 0o600),
          e(os.fsync, fd), e(os.listdir, fd), e(fcntl.flock, fd, fcntl.LOCK_EX), e(os.readlink, "", dir_fd=fd),
          bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_PATH), e(os.fchdir, os.dup(fd)) if name != "d" else "",
          oct(os.stat(fd).st_mode), e(os.open, "/proc/self/fd/%d" % fd, os.O_PATH) if name == "f" else "")
print(os.stat("f").st_size)'
only o_path_takes_the_lowest_number '
a, b, c = path("."), path("/usr"), path("/")
os.close(b)
d = path("/etc", os.O_CLOEXEC)
print(b - a, c - a, d == b, fcntl.fcntl(d, fcntl.F_GETFD), fcntl.fcntl(a, fcntl.F_GETFD), e(os.stat, "passwd", dir_fd=d) != "")
fd = libc.open(b"/usr", os.O_PATH)
print(fd - c, fcntl.fcntl(fd, fcntl.F_GETFD), sorted(map(int, os.listdir("/proc/self/fd")))[-2:] == [c, fd])'
only a_full_table_is_full '
fds = []
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
while type(fd := e(path, "/usr")) is int: fds.append(fd)
print(fd, len(fds) > 40, fds == sorted(fds))
os.close(fds[-1]); print(e(path, "/usr") == fds[-1], e(path, "/usr"))'
only closing_one_drops_nobodys_lock '
f = open("f", "w+"); fcntl.lockf(f, fcntl.LOCK_EX); os.close(path("f"))
if os.fork() == 0:
    print(e(fcntl.lockf, open("f", "r+"), fcntl.LOCK_EX | fcntl.LOCK_NB), flush=True)
    os._exit(0)
os.wait()'
only what_is_deleted_is_still_held '
open("f", "w").close(); fd = path("f"); os.unlink("f"); os.mkdir("d"); d = path("d"); os.rmdir("d")
print(os.fstat(fd).st_nlink, os.fstat(d).st_nlink, e(os.stat, "x", dir_fd=d), e(os.mkdir, "x", dir_fd=d))'
# Threads that open at once, while signals come.
only threads_and_signals_disturb_nothing '
signal.signal(signal.SIGUSR1, lambda *a: None)
bad = []
def opens(n):
    for i in range(60):
        name = ("/usr", "/etc/passwd", ".")[(i + n) % 3]
        fd = path(name); st = os.stat(name)
        if os.fstat(fd).st_ino != st.st_ino: bad.append((name, fd))
        os.close(fd)
threads = [threading.Thread(target=opens, args=(n,)) for n in range(4)]
[t.start() for t in threads]
while any(t.is_alive() for t in threads): os.kill(os.getpid(), signal.SIGUSR1)
print(bad)'
# It is no way to what may not be looked up, and gives no right to what may not be read.
mkdir "$tap_dir/s" "$tap_dir/elsewhere"
echo secret >"$tap_dir/s/f"
is "$("$pcall_run" -q -p readonly -C "$tap_dir/elsewhere" --list "$tap_dir/s" -- /usr/bin/python3 -c '
import errno, os, sys
def e(f, *a):
    try: return type(f(*a)).__name__
    except OSError as x: return errno.errorcode[x.errno]
fd = os.open(sys.argv[1] + "/s/f", os.O_PATH)
print(e(os.open, "/proc/self/fd/%d" % fd, os.O_RDONLY), e(os.truncate, "/proc/self/fd/%d" % fd, 0), e(os.chmod, "/proc/self/fd/%d" % fd, 0),
      e(os.open, sys.argv[1] + "/t", os.O_PATH), e(os.open, "/proc/1", os.O_PATH))' "$tap_dir" 2>"$tap_dir/err")" \
	"EACCES EACCES EACCES ENOENT ENOENT" it_gives_no_right

done_testing
