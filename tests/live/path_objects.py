# SPDX-License-Identifier: LGPL-2.1-or-later
"""Objects that names reach only by way of a process: prints what calls say of them, natively and boxed the same.

Works in the current directory. The argument is the name of a case.
"""
import ctypes
import errno
import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)


def capabilities_drop():
    """The box has none, and gets none by an exec: who does so is closed to others who have none."""
    for capability in range(64):
        libc.prctl(24, capability)  # PR_CAPBSET_DROP
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


def raw(name, *args):
    result = getattr(libc, name)(*args)
    return 'ok' if result >= 0 else errno.errorcode[ctypes.get_errno()]


def deleted(name, flags, make=None):
    """A descriptor of what had a name."""
    if make:
        make(name)
    else:
        with open(name, 'w') as f:
            f.write('text')
    fd = os.open(name, flags)
    os.rmdir(name) if make is os.mkdir else os.unlink(name)
    return fd


def objects():
    """What has no name, by how it is held."""
    yield 'unnamed, read and written', os.open('.', os.O_TMPFILE | os.O_RDWR, 0o640)
    yield 'unnamed, written', os.open('.', os.O_TMPFILE | os.O_WRONLY, 0o640)
    yield 'unnamed, never to be named', os.open('.', os.O_TMPFILE | os.O_RDWR | os.O_EXCL, 0o640)
    for how, flags in ('read', os.O_RDONLY), ('written', os.O_WRONLY), ('both', os.O_RDWR), ('held', os.O_PATH):
        yield 'deleted, ' + how, deleted('gone', flags)
    yield 'deleted, two names', deleted_twice()
    locked = deleted('gone', os.O_RDWR)
    os.fchmod(locked, 0)
    yield 'deleted, of mode 0', locked
    yield 'deleted folder', deleted('gone', os.O_RDONLY | os.O_DIRECTORY, make=os.mkdir)
    yield 'deleted folder, held', deleted('gone', os.O_PATH | os.O_DIRECTORY, make=os.mkdir)
    yield 'deleted fifo', deleted('gone', os.O_RDWR | os.O_NONBLOCK, make=os.mkfifo)
    yield 'deleted link', deleted('gone', os.O_PATH | os.O_NOFOLLOW, make=lambda name: os.symlink('to', name))
    memory = os.memfd_create('memory')
    os.write(memory, b'text')
    yield 'memory', memory
    yield 'memory, sealed', sealed()
    read, write = os.pipe()
    yield 'pipe, read', read
    yield 'pipe, written', write
    a, b = socket.socketpair()
    yield 'socket', a.detach()
    yield 'events', os.eventfd(0)


def deleted_twice():
    with open('gone', 'w') as f:
        f.write('text')
    os.link('gone', 'second')
    fd = os.open('gone', os.O_RDWR)
    os.unlink('gone')
    return fd


def sealed():
    fd = os.memfd_create('memory', os.MFD_ALLOW_SEALING)
    os.write(fd, b'text')
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_WRITE)
    return fd


def reopen(flags):
    def opens(fd, path):
        new = os.open(path, flags | os.O_NONBLOCK)
        held = fcntl.fcntl(new, fcntl.F_GETFL) & (os.O_ACCMODE | os.O_PATH | os.O_APPEND)
        result = '%x' % held, os.fstat(new).st_ino == os.fstat(fd).st_ino
        os.close(new)
        return ' '.join(map(str, result))
    return opens


AT_EMPTY_PATH = 0x1000


def stat_by_no_name(fd, path):
    """Of a link that is held the link itself, whatever the flags say."""
    said, buffer = [], ctypes.create_string_buffer(256)
    for flags in AT_EMPTY_PATH, AT_EMPTY_PATH | 0x100:
        for call, more, at in ('fstatat', (buffer, flags), 24), ('statx', (flags, 0x7ff, buffer), 28):
            said.append(raw(call, fd, b'', *more))
            inode = struct.unpack_from('=Q', buffer, 8 if at == 24 else 32)[0]
            said.append('%o %s' % (struct.unpack_from('=H', buffer, at)[0] & 0o170000, inode == os.fstat(fd).st_ino))
    return ' '.join(said)


ACTS = {
    'fstat': lambda fd, path: '%o %d %d' % (os.fstat(fd).st_mode, os.fstat(fd).st_nlink, os.fstat(fd).st_size),
    'stat': lambda fd, path: str(os.stat(path).st_ino == os.fstat(fd).st_ino),
    'stat by no name': stat_by_no_name,
    'lstat': lambda fd, path: '%o' % os.lstat(path).st_mode,
    'access': lambda fd, path: str([os.access(path, how) for how in (os.F_OK, os.R_OK, os.W_OK, os.X_OK)]),
    'fchmod': lambda fd, path: os.fchmod(fd, 0o640),
    'chmod': lambda fd, path: os.chmod(path, 0o600),
    'fchown': lambda fd, path: os.fchown(fd, -1, -1),
    'chown': lambda fd, path: os.chown(path, os.getuid(), -1),
    'chown by no name': lambda fd, path: raw('fchownat', fd, b'', -1, -1, AT_EMPTY_PATH),
    'futimens': lambda fd, path: os.utime(fd, (1, 2)),
    'utime': lambda fd, path: os.utime(path, (3, 4)),
    'times by no name': lambda fd, path: raw('utimensat', fd, b'', None, AT_EMPTY_PATH),
    'ftruncate': lambda fd, path: os.ftruncate(fd, 3),
    'truncate': lambda fd, path: os.truncate(path, 2),
    'open to read': reopen(os.O_RDONLY),
    'open to write': reopen(os.O_WRONLY),
    'open for both': reopen(os.O_RDWR),
    'open to append': reopen(os.O_WRONLY | os.O_APPEND),
    'open to hold': reopen(os.O_PATH),
    'open a folder': reopen(os.O_RDONLY | os.O_DIRECTORY),
    'open and cut': reopen(os.O_WRONLY | os.O_TRUNC),
    'open to read and cut': reopen(os.O_RDONLY | os.O_TRUNC),
    'open or make': reopen(os.O_RDWR | os.O_CREAT),
    'open and make': reopen(os.O_RDWR | os.O_CREAT | os.O_EXCL),
    'open nofollow': reopen(os.O_RDONLY | os.O_NOFOLLOW),
    'open unnamed': reopen(os.O_RDWR | os.O_TMPFILE),
    'read': lambda fd, path: os.pread(fd, 1, 0) and 'ok',
    'write': lambda fd, path: os.pwrite(fd, b'x', 0),
    'setxattr': lambda fd, path: os.setxattr(path, 'user.x', b'1'),
    'fsetxattr': lambda fd, path: os.setxattr(fd, 'user.x', b'1'),
    'fgetxattr': lambda fd, path: os.getxattr(fd, 'user.x'),
    'listxattr': lambda fd, path: str('user.x' in os.listxattr(path)),
    'removexattr': lambda fd, path: os.removexattr(path, 'user.x'),
    'statfs': lambda fd, path: os.statvfs(path),
    'readlink': lambda fd, path: re.sub('[0-9]+', 'N', os.readlink(path).replace(os.getcwd(), '')),
    'readlink by no name': lambda fd, path: os.readlink('', dir_fd=fd),
    'chdir': lambda fd, path: moved(os.chdir, path),
    'fchdir': lambda fd, path: moved(os.fchdir, fd),
    'look in it': lambda fd, path: os.stat('x', dir_fd=fd),
    'look through it': lambda fd, path: os.stat(path + '/x'),
    'dot': lambda fd, path: os.stat('.', dir_fd=fd),
    'dots': lambda fd, path: str(os.stat('..', dir_fd=fd).st_ino == os.stat('.').st_ino),
    'dots after it': lambda fd, path: os.stat(path + '/..'),
    'make in it': lambda fd, path: os.open('x', os.O_CREAT | os.O_RDWR, dir_fd=fd),
    'make a folder in it': lambda fd, path: os.mkdir('x', dir_fd=fd),
    'list': lambda fd, path: str(os.listdir(fd)),
    'list by path': lambda fd, path: str(os.listdir(path)),
    'watch': lambda fd, path: raw('inotify_add_watch', watcher, path.encode(), 2),
    'lock': lambda fd, path: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB),
    'execute': lambda fd, path: os.execv(path, ['x']),
    'execute by no name': lambda fd, path: raw('execveat', fd, b'', None, None, AT_EMPTY_PATH),
    'link': lambda fd, path: named(raw('linkat', -100, path.encode(), -100, b'name', 0x400)),
    'link by no name': lambda fd, path: named(raw('linkat', fd, b'', -100, b'name', AT_EMPTY_PATH)),
}


# Where the box differs: acts and kinds by their first words.
DIFFERS = (
    # It is opened again no wider than it is held.
    (('deleted, read', 'pipe, read'), ('open to write', 'open for both', 'open to append', 'open and cut', 'open to read and cut',
                                       'open or make', 'truncate')),
    (('deleted, written', 'unnamed, written', 'pipe, written'), ('open to read', 'open for both', 'open or make', 'watch')),
    # A pipe is changed by who writes to it.
    (('pipe, read',), ('chmod', 'fchmod', 'chown', 'fchown', 'utime', 'futimens', 'times', 'setxattr', 'fsetxattr', 'removexattr')),
    # Nobody runs what never had a name, and its mode says so.
    (('memory',), ('fstat', 'access', 'execute')),
    # A name reads and writes: so must who gives one.
    (('unnamed, written',), ('link',)),
    # Fails without a box as well: ENOENT, EPERM, EXDEV, EISDIR.
    (('deleted, read', 'deleted, written', 'deleted, held', 'deleted folder', 'deleted link', 'events', 'pipe', 'socket'),
     ('link', 'truncate')),
    (('deleted folder',), ('open unnamed', 'dots after it')),
)


def differs(kind, act):
    return any(kind.startswith(kinds) and act.startswith(acts) for kinds, acts in DIFFERS)


def moved(function, to):
    here = os.open('.', os.O_RDONLY)
    try:
        function(to)
        result = [tell(f, *args) for f, *args in ((os.getcwd,), (os.stat, '.'), (os.stat, 'x'), (os.mkdir, 'x'),
                  (os.open, 'x', os.O_CREAT), (os.listdir, '.'), (os.stat, '..'), (os.readlink, '/proc/self/cwd'), (os.chdir, '.'))]
        os.fchdir(here)
        return str(result).replace(os.getcwd(), '')
    finally:
        os.fchdir(here)
        os.close(here)


def named(result):
    if result == 'ok':
        result = 'ok %o' % os.stat('name').st_mode
        os.unlink('name')
    return result


def unnamed():
    """Each act on each object that has no name."""
    global watcher
    watcher = libc.inotify_init()
    for act, function in ACTS.items():
        for kind, fd in objects():
            if not differs(kind, act):
                print(kind + ':', act, tell(function, fd, '/proc/self/fd/%d' % fd), sorted(os.listdir('.')))
            os.close(fd)
            if os.path.exists('second'):
                os.unlink('second')


def deep():
    """A folder that one stands in gets a name that is longer than a path can be, and is left upwards."""
    top, step = os.getcwd(), 'd' * 210
    levels = (4085 - len(top)) // 211
    os.mkdir('a')
    os.chdir('a')
    for _ in range(levels):
        os.mkdir(step)
        os.chdir(step)
    with open('f', 'w') as f:
        f.write('text')
    longer = top + '/' + 'b' * (4110 - len(os.getcwd()))
    os.rename(top + '/a', longer)
    for _ in range(3):
        print(os.path.exists('f'), [tell(f, *args) for f, *args in ((os.stat, '.'), (os.stat, 'f'), (os.open, 'n', os.O_CREAT),
              (os.mkdir, 'm'), (os.rename, 'm', 'o'), (os.rmdir, 'o'), (os.unlink, 'n'), (os.listdir, '.'))],
              [tell(f, *args) for f, *args in ((os.stat, '..'), (os.stat, './../../.'), (os.chdir, '..'))])
    shutil.rmtree(longer, ignore_errors=True)


def run(*args, **words):
    child = os.fork()
    if child == 0:
        try:
            os.execve(*args, {}, **words)
        except OSError as e:
            print(errno.errorcode[e.errno])
        os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def links():
    """execveat of names that are links, and are not to be followed."""
    AT_SYMLINK_NOFOLLOW = 0x100
    shutil.copy('/usr/bin/true', 'program')
    os.symlink('program', 'link')
    os.mkdir('folder')
    folder, link = os.open('.', os.O_RDONLY), os.open('link', os.O_PATH | os.O_NOFOLLOW)
    words = (ctypes.c_char_p * 2)(b'x', None)
    for flags in 0, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW:
        for fd, path in (folder, b'program'), (folder, b'link'), (folder, b'link/'), (folder, b'none'), (folder, b'folder'), \
                (folder, b''), (link, b''), (-100, os.path.realpath('.').encode() + b'/link'):
            child = os.fork()
            if child == 0:
                raw('execveat', fd, path, words, None, flags)
                os._exit(ctypes.get_errno())
            error = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            print(hex(flags), os.path.basename(path), fd == link, errno.errorcode.get(error, error))


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def links_change():
    """A link that was followed before leads elsewhere, or is none any more: at once, and for every call."""
    here = os.getcwd()
    for folder in 'one', 'two', 'two/deep':
        os.mkdir(folder)
        for name in 'f', 'g':
            with open(folder + '/' + name, 'w') as f:
                f.write(folder + '/' + name)
        os.symlink('f', folder + '/to')
    os.mkdir('dir')

    def texts(path):
        calls = ((os.stat, path), (os.stat, path + '/'), (os.access, path, os.W_OK), (os.readlink, path), (os.listdir, path), (os.stat, path + '/.'),
                 (os.stat, path + '/..'), (os.mkdir, path), (os.chdir, path), (os.open, path, os.O_RDONLY | os.O_NOFOLLOW),
                 (os.open, path, os.O_RDONLY | os.O_DIRECTORY), (os.open, path, os.O_WRONLY | os.O_CREAT),
                 (os.open, path, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY))
        said = [str(tell(f, *args)) for f, *args in calls]
        os.chdir(here)
        for name in path, path + '/f', path + '/to', path + '/none':
            try:
                with open(name) as f:
                    said.append(f.read())
            except OSError as e:
                said.append(errno.errorcode[e.errno])
        return ' '.join(said)

    targets = ['one', 'two', here + '/one', '../' + os.path.basename(here) + '/two', 'two/../one', './one', 'one/', 'one//f', 'two/deep', 'one/f',
               'two/to', 'none', 'one/none', 'link', 'dir/link', '.', 'x' * 256, here + '/link/f']
    for top in 'link', 'dir/link':
        for first in targets:
            for then in targets[::5] + ['a folder', 'a file', 'nothing']:
                for path in top, here + '/' + top:
                    os.symlink(first, top)
                    before = texts(path), texts(path)
                    os.unlink(top)
                    if then == 'a folder':
                        os.mkdir(top)
                    elif then == 'a file':
                        with open(top, 'w') as f:
                            f.write('a file')
                    elif then != 'nothing':
                        os.symlink(then, top)
                    print(top, first, then, path[0], *before, texts(path), sep='\n')
                    for made in top, 'link', 'none', 'one/none', 'dir/link', 'dir/none', 'dir/one', 'dir/two':
                        remove(made)
    print('to the end')


def programs():
    """Programs that were removed run on, and run again."""
    for flags in os.O_RDONLY, os.O_PATH:
        shutil.copy('/usr/bin/dash', 'program')
        fd = os.open('program', flags)
        os.set_inheritable(fd, True)
        print('by name', run('program', ['sh', '-c', 'exit 3']))
        os.unlink('program')
        print('by descriptor', run(fd, ['sh', '-c', 'exit 3']))
        print('by its path', run('/proc/self/fd/%d' % fd, ['sh', '-c', 'exit 3']))
        print('by what took the name', run('program', ['sh', '-c', 'exit 3']))
        os.close(fd)
    shutil.copy('/usr/bin/dash', 'program')
    print(run('program', ['sh', '-c', """/usr/bin/rm program
        /proc/$$/exe -c "exit 5"; echo $?
        /usr/bin/readlink /proc/$$/exe | /usr/bin/sed "s:.*/::"
        /usr/bin/cmp /proc/$$/exe /usr/bin/dash && echo same
        : 2>/dev/null >>/proc/$$/exe || echo busy"""]))


sys.stdout.reconfigure(line_buffering=True)
capabilities_drop()
globals()[sys.argv[1]]()
