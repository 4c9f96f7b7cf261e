# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who wrote a message, as its receiver is told (SO_PASSCRED), and prints it: natively and boxed it must be the same.

Works in the current directory, which it writes to; needs sockets below it, and the abstract name of NAME.
"""
import array
import ctypes
import os
import socket
import struct
import sys
import threading
import time

NAME = f'\0pcall-who-wrote-{os.getpid()}'
CREDENTIALS = struct.Struct('iII')
KINDS = ('SOCK_STREAM', 'SOCK_SEQPACKET', 'SOCK_DGRAM')
libc = ctypes.CDLL(None, use_errno=True)
cases = []


def case(function):
    cases.append(function)
    return function


def told(receiver):
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return receiver


def pair(kind='SOCK_SEQPACKET'):
    a, b = socket.socketpair(socket.AF_UNIX, getattr(socket, kind))
    return a, told(b)


def rights(fds):
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', fds))]


def receive(receiver):
    """The data, how many descriptors came, and from whom, in words."""
    data, control, _, _ = receiver.recvmsg(1 << 20, 4096)
    fds, who = array.array('i'), 'nobody'
    for _, kind, value in control:
        if kind == socket.SCM_RIGHTS:
            fds.frombytes(value)
        elif kind == socket.SCM_CREDENTIALS:
            pid, uid, gid = CREDENTIALS.unpack(value)
            who = known.get(pid, 'somebody else') + ('' if (uid, gid) == (os.getuid(), os.getgid()) else ' as another')
    for fd in fds:
        os.close(fd)
    return data[:20], len(data), len(fds), who


known = {os.getpid(): 'me'}


def in_child(function):
    """Runs it in a fork. What it left in the queue is from 'a child'."""
    pid = os.fork()
    if pid == 0:
        try:
            function()
        finally:
            os._exit(0)
    known[pid] = 'a child'
    os.waitpid(pid, 0)


@case
def whatever_it_is_sent_by():
    result = []
    for kind in KINDS:
        a, b = pair(kind)
        null = os.open('/dev/null', os.O_RDONLY)
        for send in (lambda: a.send(b'send'), lambda: a.sendmsg([b'one']), lambda: a.sendmsg([b'one', b'two']),
                     lambda: a.sendmsg([b'fd'], rights([null, 0])), lambda: os.write(a.fileno(), b'write')):
            for run in (lambda send: send(), in_child):
                run(send)
                result.append(receive(b))
    return result


@case
def what_it_says_itself():
    a, b = pair()
    true = CREDENTIALS.pack(os.getpid(), os.getuid(), os.getgid())
    credentials = [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, true)]
    a.sendmsg([b'x', b'y'], credentials)
    a.sendmsg([b'x'], credentials + rights([1, 2, 0]))
    result = [receive(b), receive(b)]
    # Asked for after it was sent.
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    a.sendmsg([b'z'], credentials)
    told(b)
    result.append(receive(b))
    return result


@case
def a_process_of_threads():
    a, b = pair()
    result = []

    def send():
        for _ in range(20):
            a.sendmsg([b'from', b' a thread'], rights([0]))
    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(80):
        result.append(receive(b))
    for thread in threads:
        thread.join()
    return len(result), sorted(set(result))


@case
def a_program_that_was_started():
    a, b = pair()
    code = f'import socket as s; s.socket(fileno={a.fileno()}).sendmsg([b"a", b"b"])'
    pid = os.posix_spawn(sys.executable, [sys.executable, '-c', code], os.environ,
                         file_actions=[(os.POSIX_SPAWN_DUP2, a.fileno(), a.fileno())])
    known[pid] = 'a program'
    os.waitpid(pid, 0)
    return receive(b)


@case
def to_an_address():
    result = []
    for name in NAME, os.path.join(os.getcwd(), 'who-wrote'):
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiver.bind(name)
        told(receiver)
        a = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for send in (lambda: a.sendto(b'sendto', name), lambda: a.sendmsg([b'sendmsg'], [], 0, name),
                     lambda: a.sendmsg([b'with ', b'descriptors'], rights([0, 1]), 0, name)):
            send()
            result.append(receive(receiver))
            in_child(send)
            result.append(receive(receiver))
        a.connect(name)
        a.sendmsg([b'connected'], rights([0]))
        result.append(receive(receiver))
        a.sendto(b'and to an address', name)
        result.append(receive(receiver))
    os.unlink('who-wrote')
    return result


@case
def what_a_listener_accepts():
    listener = told(socket.socket(socket.AF_UNIX))
    listener.bind('who-wrote')
    listener.listen()
    a = socket.socket(socket.AF_UNIX)
    a.connect('who-wrote')
    b, _ = listener.accept()
    a.sendmsg([b'accepted'], rights([0]))
    os.unlink('who-wrote')
    return receive(b)


@case
def who_waits_for_room():
    """As many as there is room for, and then some that wait until others are read."""
    result = []
    for kind in KINDS:
        a, b = pair(kind)
        total = 150

        def send():
            for _ in range(total):
                a.sendmsg([b'm' * 2000, b'n' * 2000], rights([0]))
        pid = os.fork()
        if pid == 0:
            send()
            os._exit(0)
        known[pid] = 'a child'
        time.sleep(0.05)  # most of them are to find no room; that they did is not what is tested
        got, seen = 0, set()
        while got < total * 4000:
            _, size, _, who = receive(b)
            seen.add(who)
            got += size
        os.waitpid(pid, 0)
        result.append((kind, got, sorted(seen)))
    return result


@case
def who_waits_sleeps():
    """Nobody reads for a while: whoever waits for room tries now and then, and does not do so all the time."""
    result = []
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiver.bind(NAME)
    told(receiver)
    unbound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    to_an_address = [(receiver, lambda: unbound.sendto(b'm' * 2000, NAME))]
    by_threads = [(b, lambda a=a: a.sendmsg([b'm' * 20000, b'n' * 20000])) for a, b in [pair() for _ in range(12)]]
    total = 20
    for ways in to_an_address, by_threads:
        pid = os.fork()
        if pid == 0:
            threads = [threading.Thread(target=lambda send=send: [send() for _ in range(total)]) for _, send in ways]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            os._exit(0)
        known[pid] = 'a child'
        # While there is room they are busy; afterwards none of the five shows more than a few.
        waited = min(switches_in(pid, 0.2) for _ in range(5)) / len(ways)
        seen = {receive(b) for b, _ in ways for _ in range(total)}
        os.waitpid(pid, 0)
        result.append((sorted(seen), waited < 1000 or f'{waited} switches of each in a second'))
    return result


def switches(pid):
    """How often the threads of a process have gone to sleep."""
    count = 0
    for task in os.listdir(f'/proc/{pid}/task'):
        with open(f'/proc/{pid}/task/{task}/status', encoding='ascii') as status:
            count += sum(int(line.split()[1]) for line in status if line.startswith('voluntary_ctxt_switches'))
    return count


def switches_in(pid, seconds):
    """And how often in a second of these."""
    before, begun = switches(pid), time.monotonic()
    time.sleep(seconds)
    return (switches(pid) - before) / (time.monotonic() - begun)


@case
def no_room_and_no_waiting():
    a, b = pair()
    a.setblocking(False)
    try:
        while True:
            a.sendmsg([b'x' * 100, b'y'])
    except BlockingIOError as e:
        result = [e.errno]
    result.append(receive(b)[1:])
    a.sendmsg([b'x', b'y'])
    b.close()
    try:
        a.sendmsg([b'x', b'y'])
    except OSError as e:
        result.append(e.errno)
    return result


@case
def several_at_once():
    class Iovec(ctypes.Structure):
        _fields_ = [('base', ctypes.c_char_p), ('size', ctypes.c_size_t)]

    class Slot(ctypes.Structure):
        _fields_ = [('name', ctypes.c_void_p), ('name_size', ctypes.c_uint), ('vectors', ctypes.POINTER(Iovec)),
                    ('count', ctypes.c_size_t), ('control', ctypes.c_void_p), ('control_size', ctypes.c_size_t),
                    ('flags', ctypes.c_size_t), ('length', ctypes.c_size_t)]
    a, b = pair()
    vector = Iovec(b'several', 7)
    slots = (Slot * 3)(*[Slot(vectors=ctypes.pointer(vector), count=1) for _ in range(3)])
    done = 0
    while done < 3:  # as many as it likes
        n = libc.sendmmsg(a.fileno(), ctypes.byref(slots, done * ctypes.sizeof(Slot)), 3 - done, 0)
        if n <= 0:
            return ctypes.get_errno()
        done += n
    return [slot.length for slot in slots], [receive(b) for _ in slots]


for function in cases:
    if len(sys.argv) < 2 or function.__name__ in sys.argv[1:]:
        print(function.__name__, function())
