# SPDX-License-Identifier: LGPL-2.1-or-later
"""Asks about every path of a file (one a line, as Python writes it), in every way, and prints the answers.

An answer is the error's name, or the device and inode of what was found. Arguments: the file, a directory
to be in.
"""
import ast
import errno
import os
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


def main():
    with open(sys.argv[1], encoding='ascii') as f:
        paths = [ast.literal_eval(line) for line in f]
    os.chdir(sys.argv[2])
    for path in paths:
        print(answer(lambda: identity(os.stat(path))), answer(lambda: identity(os.lstat(path))),
              answer(opened, path, os.O_RDONLY), answer(opened, path, os.O_RDONLY | os.O_NOFOLLOW),
              answer(os.readlink, path), answer(listed, path))


main()
