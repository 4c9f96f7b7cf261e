# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes one call for each line of a file, and prints what came of each: in a box, and from verdicts.py natively.

A line is the name of a call and its paths, as Python writes a list. An answer is a list, too: an errno (0: it
succeeded) and what was learnt. Arguments: the file, and the directory to be in.
"""
import ast
import os
import socket
import stat
import sys


def opened(flags):
    def call(path):
        fd = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
        os.close(fd)
    return call


def kind(st):
    return [stat.S_IFMT(st.st_mode), st.st_mode & 0o777, st.st_nlink, st.st_size]


def statted(function):
    return lambda path: kind(function(path)) if not stat.S_ISDIR(function(path).st_mode) else ['directory']


def access(path):
    os.stat(path)
    if not os.access(path, os.F_OK):
        raise OSError(5, 'stat and access differ')


def changed_to(path):
    here = os.open('.', os.O_PATH | os.O_DIRECTORY)
    try:
        os.chdir(path)
    finally:
        os.fchdir(here)
        os.close(here)


def spoken(method):
    def call(path):
        with socket.socket(socket.AF_UNIX) as s:
            getattr(s, method)(path)
    return call


CALLS = {
    'stat': statted(os.stat), 'lstat': statted(os.lstat), 'access': access, 'readlink': os.readlink,
    'chdir': changed_to, 'list': lambda path: sorted(os.listdir(path)),
    'open_r': opened(os.O_RDONLY), 'open_w': opened(os.O_WRONLY), 'open_rw': opened(os.O_RDWR),
    'open_trunc': opened(os.O_WRONLY | os.O_TRUNC), 'creat': opened(os.O_WRONLY | os.O_CREAT),
    'excl': opened(os.O_RDWR | os.O_CREAT | os.O_EXCL), 'truncate': lambda path: os.truncate(path, 1),
    'chmod': lambda path: os.chmod(path, 0o750), 'utime': lambda path: os.utime(path, (1, 1)),
    'setxattr': lambda path: os.setxattr(path, 'user.a', b'1'), 'getxattr': lambda path: os.getxattr(path, 'user.a'),
    'mkdir': lambda path: os.mkdir(path, 0o755), 'rmdir': os.rmdir, 'unlink': os.unlink,
    'mkfifo': lambda path: os.mkfifo(path, 0o644), 'symlink': lambda path: os.symlink('f0', path),
    'exec': lambda path: os.execv(path, [path]), 'bind': spoken('bind'), 'connect': spoken('connect'),
    'rename': os.rename, 'link': lambda old, new: os.link(old, new, follow_symlinks=False),
}


def answer(call, paths):
    try:
        return [0, CALLS[call](*paths)]
    except OSError as error:
        return [error.errno, None]


def main():
    with open(sys.argv[1], encoding='ascii') as f:
        questions = [ast.literal_eval(line) for line in f]
    os.chdir(sys.argv[2])
    os.umask(0o022)
    for call, *paths in questions:
        print(ascii(answer(call, paths)), flush=True)


if __name__ == '__main__':
    main()
