# SPDX-License-Identifier: LGPL-2.1-or-later
"""Calls on sockets of every kind, and prints what came of each: natively and boxed it must be the same.

Works in the current directory, which it writes to; needs the loopback's addresses and sockets anywhere
below that directory, and the abstract name of CASE_NAME.
"""
import array
import ctypes
import errno
import multiprocessing.connection
import os
import signal
import socket
import struct
import sys
import threading
import time

CASE_NAME = '\0pcall-net-calls'
libc = ctypes.CDLL(None, use_errno=True)
cases = []


def case(function):
    cases.append(function)
    return function


class Interrupted(Exception):
    pass


def interrupt(*_):
    raise Interrupted


def after(seconds, function, *args):
    thread = threading.Timer(seconds, function, args)
    thread.daemon = True
    thread.start()


def raw(name, *args):
    r = getattr(libc, name)(*args)
    return r if r >= 0 else errno.errorcode[ctypes.get_errno()]


def listener(backlog=5, family=socket.AF_INET):
    s = socket.socket(family)
    s.bind(('127.0.0.1' if family == socket.AF_INET else '::1', 0))
    s.listen(backlog)
    return s


def full_listener():
    """One that takes no more connections: those that ask wait."""
    s = listener(0)
    kept = []
    for _ in range(3):
        c = socket.socket()
        c.setblocking(False)
        c.connect_ex(s.getsockname())
        kept.append(c)
    return s, kept


@case
def tcp_connects_and_names_its_peer():
    s = listener()
    c = socket.create_connection(s.getsockname())
    a, peer = s.accept()
    c.sendmsg([b'hel', b'lo'])
    return a.recv(10), c.getpeername() == s.getsockname(), peer == c.getsockname()


@case
def tcp6_connects():
    s = listener(family=socket.AF_INET6)
    c = socket.socket(socket.AF_INET6)
    c.connect(s.getsockname())
    a, _ = s.accept()
    c.send(b'x')
    return a.recv(1)


@case
def an_unspecified_address_is_the_loopback():
    s = listener()
    c = socket.create_connection(('0.0.0.0', s.getsockname()[1]))
    return c.getpeername()[0]


@case
def a_nonblocking_connect_is_in_progress():
    s = listener()
    c = socket.socket()
    c.setblocking(False)
    r = c.connect_ex(s.getsockname())
    return errno.errorcode.get(r, r), s.accept()[1] == c.getsockname()


@case
def nobody_listens():
    s = listener()
    address = s.getsockname()
    s.close()
    c = socket.socket()
    return errno.errorcode[c.connect_ex(address)]


@case
def a_second_connect_is_eisconn():
    s = listener()
    c = socket.create_connection(s.getsockname())
    return errno.errorcode[c.connect_ex(s.getsockname())]


@case
def a_connection_is_taken_back():
    s = listener()
    c = socket.create_connection(s.getsockname())
    unspec = struct.pack('H14x', socket.AF_UNSPEC)
    r = raw('connect', c.fileno(), unspec, 16)
    return r, c.connect_ex(s.getsockname())


@case
def datagrams_go_by_address_and_by_connection():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('127.0.0.1', 0))
    c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sent = c.sendto(b'abc', s.getsockname()), c.sendmsg([b'x', b'y'], [], 0, s.getsockname())
    c.connect(s.getsockname())
    sent += c.send(b'z'), c.sendmsg([b'zz'])
    return sent, [s.recv(10) for _ in range(4)]


@case
def a_group_is_heard_at_the_port_where_it_may_be_listened_to():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('224.0.0.251', 45353))
    group = socket.inet_aton('224.0.0.251') + socket.inet_aton('127.0.0.1')
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
    c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    c.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('127.0.0.1'))
    c.sendto(b'abc', ('224.0.0.251', 45353))
    s.settimeout(5)
    got = s.recv(10)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, group)
    return got


@case
def options_that_are_the_sockets_own_are_set():
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    t = socket.socket(socket.AF_UNIX)
    told = []
    for f, level, name, value in ((s, 0, 10, 2), (s, 0, 11, 1), (s, 41, 49, 1), (s, 41, 18, 3), (s, 41, 25, 1), (s, 17, 1, 0),
                                  (s, 1, 29, 1), (s, 1, 18, 7), (t, 1, 29, 1), (t, 1, 42, 0), (t, 6, 1, 1), (t, 0, 1, 0)):
        r = raw('setsockopt', f.fileno(), level, name, ctypes.byref(ctypes.c_int(value)), 4)
        told.append((level, name, r, f.getsockopt(level, name) if r == 0 else None))
    told += [raw('setsockopt', s.fileno(), 0, 10, None, 4), raw('setsockopt', s.fileno(), 0, 10, None, 0),
             raw('setsockopt', s.fileno(), 0, 10, None, -1), raw('setsockopt', 0, 0, 10, None, 4)]
    return told


@case
def sendmmsg_tells_each_length():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('127.0.0.1', 0))
    c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    c.connect(s.getsockname())
    texts = [ctypes.create_string_buffer(b'x' * n, n) for n in (1, 20, 300)]
    vectors = [struct.pack('QQ', ctypes.addressof(t), len(t)) for t in texts]
    kept = [ctypes.create_string_buffer(v, 16) for v in vectors]
    slots = b''.join(struct.pack('QIIQQQQIIII', 0, 0, 0, ctypes.addressof(v), 1, 0, 0, 0, 0, 77, 0) for v in kept)
    buffer = ctypes.create_string_buffer(slots, len(slots))
    r = raw('sendmmsg', c.fileno(), buffer, 3, 0)
    return r, [struct.unpack_from('I', buffer, 64 * i + 56)[0] for i in range(3)], [len(s.recv(999)) for _ in range(3)]


@case
def a_message_too_long_for_a_datagram():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('127.0.0.1', 0))
    c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    c.sendto(b'x' * 65536, s.getsockname())


def address_sizes(domain, kind, address):
    s = socket.socket(domain, kind)
    to = ctypes.create_string_buffer(address, 200)
    for size in (-1, 0, 1, 2, 3, 15, 16, 23, 24, 27, 28, 108, 110, 111, 128, 129):
        if domain == socket.AF_UNIX and size in (3, 108, 110):
            continue
        yield size, raw('bind', s.fileno(), to, size) if size < 15 else raw('connect', s.fileno(), to, size)


@case
def short_and_long_tcp_addresses():
    return list(address_sizes(socket.AF_INET, socket.SOCK_STREAM, struct.pack('H', socket.AF_INET) + bytes((0, 1, 127, 0, 0, 1))))


@case
def families_that_do_not_fit():
    result = []
    for domain in socket.AF_INET, socket.AF_INET6, socket.AF_UNIX:
        for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
            for family in socket.AF_UNSPEC, socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 99:
                s = socket.socket(domain, kind)
                address = struct.pack('H', family) + b'\0' * 26
                if family == domain or family == socket.AF_UNIX:
                    continue
                result.append((int(domain), int(kind), int(family), raw('connect', s.fileno(), address, 28)))
    return result


def unprivileged(lines):
    """What a process without capabilities says, as no box has any."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        libc.capset(ctypes.create_string_buffer(b'\x22\x05\x08\x20\0\0\0\0', 8), ctypes.create_string_buffer(24))
        with os.fdopen(write, 'w') as f:
            f.writelines('%s\n' % line for line in lines())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as f:
        text = f.read()
    os.waitpid(pid, 0)
    return '%d\n%s' % (text.count('\n'), text)


@case
def sockets_of_every_family():
    """Left out is what differs from machine to machine (which families there are, who may ping), and what no box has
    (UDP-Lite, MPTCP, netlink other than NETLINK_ROUTE)."""
    pair = (ctypes.c_int * 2)()

    def of(family, kind):
        if family == socket.AF_VSOCK and 'contained' in sys.argv:
            return  # EPERM by the list of a container, whatever else is wrong
        known = family in (-1, 0, 1, 2, 10, 17) or family > 45 or kind & ~(socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC) > 10
        for protocol in 0, 1, 2, 6, 17, 41, 58, 132, 255, 256, 263, 300, 400, 511, 512, -1:
            ping = kind & 15 == 2 and (family, protocol) in ((2, 1), (10, 58))
            if ping or not (known or (family == 16 and protocol in (0, -1))):
                continue
            fd = raw('socket', family, kind, protocol)
            if isinstance(fd, int):
                os.close(fd)
                fd = 'ok'
            both = raw('socketpair', family, kind, protocol, pair)
            if both == 0:
                os.close(pair[0])
                os.close(pair[1])
            yield '%d:%s,%s' % (protocol, fd, both)

    def lines():
        for family in (*range(-1, 51), 63, 64, 100, 255, 256, 65538):
            for kind in (*range(17), 1 | socket.SOCK_NONBLOCK, 1 | socket.SOCK_CLOEXEC, 1 | 0x10, 1 | 0x100, -1):
                yield '%d %#x %s' % (family, kind, ' '.join(of(family, kind)))
    return unprivileged(lines)


KINDS = [(1, 1), (1, 2), (1, 5), (2, 1), (2, 2), (10, 1), (10, 2), (16, 3)]


@case
def options_that_are_asked_for():
    def of(s, level):
        for option in (*range(77), *range(78, 90), -1, 255, 1000):  # without SO_PEERPIDFD, which no box has
            size = ctypes.c_uint(256)
            r = raw('getsockopt', s.fileno(), level, option, ctypes.create_string_buffer(256), ctypes.byref(size))
            yield '%d:%s' % (option, r)

    def lines():
        for domain, kind in KINDS:
            for level in 0, 1, 6, 17, 41, 58, 132, 255, 270, -1, 1000:
                yield '%d %d %d %s' % (domain, kind, level, ' '.join(of(socket.socket(domain, kind), level)))
    return unprivileged(lines)


@case
def addresses_of_every_family():
    bodies = {socket.AF_UNIX: b'none/x', socket.AF_INET: struct.pack('!H4s', 0, bytes((127, 0, 0, 1))),
              socket.AF_INET6: struct.pack('!HI16sI', 0, 0, bytes(15) + b'\1', 0), socket.AF_NETLINK: struct.pack('=HII', 0, 0, 0)}

    def of(kind, address, size):
        for call in 'bind', 'connect', 'sendto':
            s = socket.socket(*kind)
            s.setblocking(False)
            args = (b'x', 1, socket.MSG_NOSIGNAL, address, size) if call == 'sendto' else (address, size)
            yield raw(call, s.fileno(), *args)

    def lines():
        for kind in KINDS:
            for family in 0, 1, 2, 10, 16, 17, 99:
                address = ctypes.create_string_buffer(struct.pack('H', family) + bodies.get(family, b''), 200)
                for size in -1, 0, 1, 2, 3, 4, 6, 8, 12, 15, 16, 20, 24, 28, 110, 111, 128, 129:
                    if family != socket.AF_UNIX or size <= 2:
                        yield '%s %d %d %s' % (kind, family, size, list(of(kind, address, size)))
    return unprivileged(lines)


@case
def calls_on_no_socket():
    fd = os.open('/dev/null', os.O_RDWR)
    address = struct.pack('H', socket.AF_INET) + b'\0' * 14
    return [raw(name, n, address, 16) for name in ('connect', 'bind') for n in (fd, -1, 999)] + \
        [raw('listen', n, 1) for n in (fd, -1, 999)] + [raw('sendmsg', n, ctypes.create_string_buffer(56), 0) for n in (fd, -1)]


@case
def pointers_to_nowhere():
    c = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    nowhere = ctypes.c_void_p(8)
    return raw('connect', c.fileno(), nowhere, 16), raw('bind', c.fileno(), nowhere, 16), \
        raw('sendto', c.fileno(), b'x', 1, 0, nowhere, 16), raw('sendmsg', c.fileno(), nowhere, 0), \
        raw('sendmmsg', c.fileno(), nowhere, 1, 0)


def is_name(name, path):
    """The name that a socket was given; without Landlock a box shows its last component (supervisor/README.md)."""
    return name == path or 'last' in sys.argv and name == os.path.basename(path)


def local(path):
    mask = os.umask(0o027)
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    os.umask(mask)
    s.listen(5)
    c = socket.socket(socket.AF_UNIX)
    c.connect(path)
    a, _ = s.accept()
    result = is_name(s.getsockname(), path), is_name(c.getpeername(), path), oct(os.stat(path).st_mode)
    again = socket.socket(socket.AF_UNIX)
    try:
        again.bind(path)
    except OSError as e:
        result += errno.errorcode[e.errno],
    s.close()
    result += errno.errorcode[again.connect_ex(path)],
    os.unlink(path)
    return result + (errno.errorcode[again.connect_ex(path)],)


@case
def a_socket_file_has_the_name_it_was_given():
    os.mkdir('d')
    os.symlink('d', 'l')
    return [local(p) for p in ('sock', './sock', 'd/sock', 'l/../d//sock', os.getcwd() + '/sock', 'l/' + 'x' * 105)]


@case
def a_socket_file_that_cannot_be():
    result = []
    open('file', 'w').close()
    os.mkdir('dir')
    for path in 'none/sock', 'file/sock', 'dir', 'file', 'dir/', 'sock/', '.', '..', '/':
        s = socket.socket(socket.AF_UNIX)
        try:
            s.bind(path)
        except OSError as e:
            result.append(errno.errorcode[e.errno])
    return result


@case
def a_file_that_is_no_socket_refuses():
    open('plain', 'w').close()
    c = socket.socket(socket.AF_UNIX)
    return [errno.errorcode[c.connect_ex(p)] for p in ('plain', '.', 'absent', 'plain/x')]


@case
def local_datagrams_are_answered():
    a = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    a.bind('a')
    b = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    b.bind(os.getcwd() + '/b')
    b.sendto(b'question', 'a')
    text, peer = a.recvfrom(20)
    a.sendto(b'answer', peer)
    b.connect('a')
    b.send(b'more')
    return text, os.path.basename(peer), b.recv(20), a.recv(20)


@case
def abstract_names():
    a = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    a.bind(CASE_NAME)
    b = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    b.sendto(b'x', CASE_NAME)
    c = socket.socket(socket.AF_UNIX)
    c.bind('')
    return a.recv(1), a.getsockname(), len(c.getsockname())


@case
def descriptors_go_over():
    a, b = socket.socketpair()
    fds = [os.open('/dev/null', os.O_RDONLY), os.open('.', os.O_RDONLY)]
    socket.send_fds(a, [b'fd'], fds)
    text, got, _, _ = socket.recv_fds(b, 10, 5)
    same = [os.fstat(x).st_ino == os.fstat(y).st_ino for x, y in zip(fds, got)]
    result = [text, len(got), same]
    for bad in [-1], [999], [fds[0]] * 254:
        try:
            socket.send_fds(a, [b'x'], bad)
        except OSError as e:
            result.append(errno.errorcode[e.errno])
    return result


@case
def credentials_must_be_true():
    a, b = socket.socketpair()
    result = []
    for pid, uid in (os.getpid(), os.getuid()), (1, os.getuid()), (os.getpid(), os.getuid() + 1):
        control = [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack('iII', pid, uid, os.getgid()))]
        try:
            result.append(a.sendmsg([b'x'], control))
        except OSError as e:
            # With the right to take any identity, root may lie; the box has none.
            result.append(errno.errorcode[e.errno] if os.getuid() else 1)
    return result


@case
def a_long_stream_is_sent_whole():
    a, b = socket.socketpair()
    data = os.urandom(3 << 20)
    got = bytearray()

    def read():
        while len(got) < len(data):
            got.extend(b.recv(1 << 20))
    thread = threading.Thread(target=read)
    after(0.1, thread.start)
    n = a.sendmsg([data[:1000], data[1000:]])
    thread.join()
    return n == len(data), bytes(got) == data


@case
def a_stream_without_room_says_so():
    a, b = socket.socketpair()
    a.setblocking(False)
    total = 0
    try:
        while True:
            total += a.sendmsg([b'x' * 65536])
    except BlockingIOError:
        return total > 0


@case
def a_full_stream_is_interrupted():
    a, b = socket.socketpair()
    a.setblocking(False)
    try:
        while True:
            a.send(b'x' * 65536)
    except BlockingIOError:
        a.setblocking(True)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        a.sendmsg([b'x' * 65536])
    except Interrupted:
        return 'interrupted'


@case
def a_full_stream_has_its_time():
    a, b = socket.socketpair()
    a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('qq', 0, 200000))
    result = []
    for _ in range(2):
        try:
            result.append(a.sendmsg([b'x' * (1 << 20)]) < 1 << 20)
        except OSError as e:
            result.append(errno.errorcode[e.errno])
    return result


@case
def nobody_reads_any_more():
    results = []
    for handler in signal.SIG_IGN, interrupt:
        signal.signal(signal.SIGPIPE, handler)
        a, b = socket.socketpair()
        b.close()
        try:
            a.sendmsg([b'x'])
        except Interrupted:
            results.append('SIGPIPE')
        except OSError as e:
            results.append(errno.errorcode[e.errno])
        results.append(raw('sendmsg', a.fileno(), ctypes.create_string_buffer(56), socket.MSG_NOSIGNAL))
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        a, b = socket.socketpair()
        b.close()
        a.sendmsg([b'x'])
        os._exit(0)
    return results, os.WTERMSIG(os.waitpid(pid, 0)[1])


@case
def a_waiting_connect_is_interrupted():
    s, _ = full_listener()
    c = socket.socket()
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        c.connect(s.getsockname())
    except Interrupted:
        return 'interrupted'


@case
def a_waiting_connect_goes_on_after_a_signal():
    s, kept = full_listener()
    seen = []
    signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
    signal.siginterrupt(signal.SIGUSR1, False)
    c = socket.socket()
    after(0.2, os.kill, os.getpid(), signal.SIGUSR1)

    def take():
        for _ in kept:
            s.accept()
    after(0.6, take)
    c.connect(s.getsockname())
    return seen, c.getpeername() == s.getsockname()


@case
def a_connect_has_its_time():
    s, _ = full_listener()
    c = socket.socket()
    c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('qq', 0, 200000))
    return errno.errorcode[c.connect_ex(s.getsockname())]


@case
def a_local_connect_waits_for_room():
    s = socket.socket(socket.AF_UNIX)
    s.bind('room')
    s.listen(0)
    first = socket.socket(socket.AF_UNIX)
    first.connect('room')
    second = socket.socket(socket.AF_UNIX)
    second.setblocking(False)
    refused = errno.errorcode[second.connect_ex('room')]
    second.setblocking(True)
    after(0.2, s.accept)
    begun = time.monotonic()
    second.connect('room')
    return refused, time.monotonic() - begun > 0.1


@case
def a_waiting_fifo_is_interrupted():
    os.mkfifo('fifo')
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        os.open('fifo', os.O_RDONLY)
    except Interrupted:
        return 'interrupted'


@case
def a_waiting_fifo_goes_on_after_a_signal_and_a_stop():
    os.mkfifo('fifo2')
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.siginterrupt(signal.SIGUSR1, False)
        os.write(1, b'')
        fd = os.open('fifo2', os.O_RDONLY)
        os._exit(os.read(fd, 1)[0])
    time.sleep(0.3)
    os.kill(pid, signal.SIGUSR1)
    time.sleep(0.1)
    os.kill(pid, signal.SIGSTOP)  # SIGTSTP stops nothing in an orphaned process group
    stopped = os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])
    os.kill(pid, signal.SIGCONT)
    with open('fifo2', 'wb', 0) as f:
        f.write(b'\x07')
        return stopped, os.WEXITSTATUS(os.waitpid(pid, 0)[1])


@case
def a_process_that_waits_can_be_ended():
    os.mkfifo('fifo3')
    result = []
    for number in signal.SIGTERM, signal.SIGKILL, signal.SIGQUIT:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.open('fifo3', os.O_RDONLY)
            os._exit(1)
        time.sleep(0.1)
        os.kill(pid, number)
        result.append(os.WTERMSIG(os.waitpid(pid, 0)[1]))
    return result


@case
def a_reader_that_was_killed_reads_no_more():
    os.mkfifo('fifo5')
    result = []
    for _ in range(20):
        pid = os.fork()
        if pid == 0:
            os.open('fifo5', os.O_RDONLY)
            os._exit(0)
        time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        try:
            os.close(os.open('fifo5', os.O_WRONLY | os.O_NONBLOCK))
            result.append('read')
        except OSError as e:
            result.append(errno.errorcode[e.errno])
    return set(result)


@case
def many_threads_wait_at_once():
    os.mkfifo('fifo4')
    got = []

    def read():
        fd = os.open('fifo4', os.O_RDONLY)
        got.append(fd)
    threads = [threading.Thread(target=read) for _ in range(40)]
    for t in threads:
        t.start()
    time.sleep(0.3)
    before = len(got)
    fd = os.open('fifo4', os.O_WRONLY)
    for t in threads:
        t.join()
    os.close(fd)
    return before, len(got), len(set(got))


@case
def the_kernel_tells_of_interfaces():
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    s.bind((0, 0))
    t = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    t.bind((0, 0))
    return s.getsockname()[0] == os.getpid(), t.getsockname()[0] != os.getpid(), 'lo' in dict(map(reversed, socket.if_nameindex()))


@case
def a_listener_of_multiprocessing():
    s = multiprocessing.connection.Listener(os.getcwd() + '/mp', family='AF_UNIX')
    got = []
    thread = threading.Thread(target=lambda: got.append(s.accept().recv()))
    thread.start()
    multiprocessing.connection.Client(s.address).send('hello')
    thread.join()
    return got, is_name(s.address, os.getcwd() + '/mp')


def main():
    signal.signal(signal.SIGALRM, interrupt)
    for function in cases:
        try:
            result = function()
        except Interrupted:
            result = 'interrupted too late'
        except OSError as e:
            result = errno.errorcode.get(e.errno, e.errno)
        print(function.__name__, result, flush=True)


main()
