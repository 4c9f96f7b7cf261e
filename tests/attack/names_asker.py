# SPDX-License-Identifier: LGPL-2.1-or-later
"""Asks about every path of a file (one a line, as Python writes it), in every way, and prints the answers.

An answer is the error's name, or the device and inode of what was found. Arguments: the file, a directory
to be in, and a third one in a box: there what would change something is tried as well.
"""
import ast
import errno
import os
import socket
import sys


def answer(function, *args):
    try:
        return function(*args)
    except OSError as error:
        return errno.errorcode[error.errno]


def identity(st):
    return f'{st.st_dev}:{st.st_ino}'


def opened(path, flags):
    fd = os.open(path, flags | os.O_NONBLOCK)
    try:
        return identity(os.fstat(fd))
    finally:
        os.close(fd)


def listed(path):
    return ','.join(sorted(os.listdir(path))) or '-'


def connected(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)


def bound(path):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(path)


# In a box in which nothing of the tree may be changed: only the errors are of interest.
CHANGES = (
    (os.open, os.O_CREAT | os.O_WRONLY), (os.open, os.O_CREAT | os.O_EXCL), (os.open, os.O_WRONLY | os.O_TRUNC),
    (os.mkdir,), (lambda path: os.symlink('x', path),), (os.mkfifo,), (bound,), (lambda path: os.link('f0', path),),
    (lambda path: os.rename('f0', path),), (os.rename, 'new'), (os.link, 'new'), (os.unlink,), (os.rmdir,),
    (os.chmod, 0o700), (os.chown, -1, -1), (os.utime,), (os.truncate, 0), (os.setxattr, 'user.a', b'1'),
    (os.listxattr,), (lambda path: os.execv(path, [path]),), (connected,),
    (lambda path: len(os.statvfs(path)),))


def main():
    with open(sys.argv[1], encoding='ascii') as f:
        paths = [ast.literal_eval(line) for line in f]
    os.chdir(sys.argv[2])
    boxed = len(sys.argv) > 3
    for path in paths:
        print(answer(lambda: identity(os.stat(path))), answer(lambda: identity(os.lstat(path))),
              answer(opened, path, os.O_RDONLY), answer(opened, path, os.O_RDONLY | os.O_NOFOLLOW),
              answer(os.readlink, path), answer(listed, path),
              *(answer(change, path, *args) for change, *args in CHANGES if boxed))


main()
