# SPDX-License-Identifier: LGPL-2.1-or-later
"""Objects that names reach only by way of a process: prints what calls say of them, natively and boxed the same.

Works in the current directory. The argument is the name of a case.
"""
import ctypes
import errno
import os
import signal
import sys

libc = ctypes.CDLL(None, use_errno=True)


def capabilities_drop():
    """The box has none."""
    header = ctypes.create_string_buffer(b'\x22\x05\x08\x20\0\0\0\0', 8)  # version 3, this thread
    libc.capset(header, ctypes.create_string_buffer(24))


def tell(function, *args, **words):
    """What a call says: its errno, or its result where that is the same in every run."""
    try:
        result = function(*args, **words)
    except OSError as e:
        return errno.errorcode[e.errno]
    if function is os.open:
        os.close(result)
        return 'ok'
    return result if isinstance(result, (bool, bytes, str)) else 'ok'


def namespaces():
    """Named, read and opened; nothing is entered, asked or changed by them."""
    print(sorted(os.listdir('/proc/self/ns')))
    for top in '/proc/self/ns', '/proc/thread-self/ns':
        for name in sorted(os.listdir(top)):
            path = top + '/' + name
            print(path, os.readlink(path), os.stat(path).st_ino, os.lstat(path).st_size,
                  tell(open, path), tell(os.open, path, os.O_PATH), tell(os.open, path, os.O_PATH | os.O_NOFOLLOW),
                  tell(os.open, path, os.O_RDONLY | os.O_NOFOLLOW), tell(os.open, path, os.O_RDONLY | os.O_DIRECTORY),
                  tell(os.stat, path + '/'), tell(os.stat, path + '/x'), tell(os.stat, path + '/..'), tell(os.chdir, path),
                  tell(os.access, path, os.R_OK), tell(os.execv, path, ['x']), tell(os.listxattr, path))
            fd = os.open(path, os.O_RDONLY)
            print(os.fstat(fd).st_ino == os.stat(path).st_ino, tell(os.read, fd, 1),
                  os.readlink('/proc/self/fd/%d' % fd), tell(open, '/proc/self/fd/%d' % fd))
            os.close(fd)
    print(tell(os.stat, '/proc/self/ns/none'), tell(os.stat, '/proc/self/ns/none/x'))
    child = os.fork()
    if child == 0:
        signal.pause()
    print(os.stat('/proc/%d/ns/net' % child).st_ino == os.stat('/proc/self/ns/net').st_ino)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def mapped_files():
    """Following one takes a capability."""
    name = '/proc/self/map_files/' + os.listdir('/proc/self/map_files')[0]
    print(tell(os.stat, name), tell(open, name), os.readlink(name)[0], tell(os.stat, '/proc/self/map_files/none'))


capabilities_drop()
globals()[sys.argv[1]]()
