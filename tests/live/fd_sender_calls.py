# SPDX-License-Identifier: LGPL-2.1-or-later
"""What takes a descriptor of the caller's, in all the states that a caller can be in. Each line is the same natively and
boxed, where pidfd_getfd is refused as well: there a caller is stopped to send its descriptor (supervisor/call/fd_take.h)."""
import contextlib
import ctypes
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading

SENDER = 4095
ROUNDS = 300


def pair():
    """A datagram socket that is bound, and one that is not."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(('127.0.0.1', 0))
    return bound, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def exchange(word, count):
    """How many datagrams came back as they were sent."""
    bound, other = pair()
    good = 0
    for i in range(count):
        text = f'{word}.{i}'.encode()
        other.sendto(text, bound.getsockname())
        good += bound.recv(64) == text
    return good


def threads():
    results = []
    workers = [threading.Thread(target=lambda k=k: results.append(exchange(k, 40))) for k in range(24)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(results)


def signals():
    """Handlers that make the same kind of call run between a call and its second beginning."""
    bound, other = pair()
    count = [0]

    def handler(*_):
        count[0] += 1
        other.sendto(b'from the handler', bound.getsockname())

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    good = exchange('signal', ROUNDS)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    return good, count[0] > 0


def stops():
    """One is stopped and continued all the time."""
    child = os.fork()
    if child == 0:
        os._exit(0 if exchange('stop', ROUNDS) == ROUNDS else 1)
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        os.kill(child, signal.SIGSTOP)
        os.kill(child, signal.SIGCONT)


def deaths():
    """Callers that are killed wherever they are; then all goes on."""
    for _ in range(30):
        ready, tell = os.pipe()
        child = os.fork()
        if child == 0:
            bound, other = pair()
            os.write(tell, b'.')
            while True:
                other.sendto(b'x', bound.getsockname())
                bound.recv(9)
        os.read(ready, 1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ready)
        os.close(tell)
    return exchange('after', 10)


def execs():
    """A thread calls while another one execs."""
    good = 0
    for _ in range(10):
        child = os.fork()
        if child == 0:
            threading.Thread(target=exchange, args=('exec', 1 << 30), daemon=True).start()
            os.execv('/bin/true', ['true'])
        good += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return good


def closed():
    """Programs that close all that they do not know."""
    program = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r})\nimport fd_sender_calls as s; print(s.exchange('x', 5))"
    run = subprocess.run([sys.executable, '-c', program], close_fds=True, capture_output=True, text=True, check=False)
    ctypes.CDLL(None).closefrom(3)
    with contextlib.suppress(OSError):
        os.close(SENDER)
    os.closerange(3, 1 << 20)
    return run.stdout + run.stderr, exchange('closed', 5)


def rights():
    """Descriptors in a message: of sockets, pipes, files, and one that is not there."""
    left, right = socket.socketpair()
    ends = os.pipe()
    file = os.open('/bin/true', os.O_RDONLY)
    socket.send_fds(left, [b'several'], [*ends, file, right.fileno(), 0])
    _, fds, _, _ = socket.recv_fds(right, 64, 16)
    os.write(fds[1], b'through')
    same = os.read(ends[0], 64), os.fstat(fds[2]).st_ino == os.fstat(file).st_ino, len(fds)
    try:
        socket.send_fds(left, [b'none'], [ends[0], 999])
    except OSError as e:
        return same, e.strerror
    return same, 'sent'


def crowd():
    """As many as one message may carry, each another number; and one more."""
    left, right = socket.socketpair()
    numbers = [os.dup(0) for _ in range(254)]
    socket.send_fds(left, [b'all'], numbers[:253])
    fds = socket.recv_fds(right, 64, 253)[1]
    for fd in fds:
        os.close(fd)
    try:
        socket.send_fds(left, [b'too many'], numbers)
    except OSError as e:
        return len(fds), e.strerror
    finally:
        for fd in numbers:
            os.close(fd)
    return len(fds), 'sent'


def sender():
    """What only who looks for it finds; natively there is none."""
    results = []
    for call in (lambda: os.dup2(0, SENDER), lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (SENDER + 1, SENDER + 1))):
        try:
            call()
            results.append(None)
        except (OSError, ValueError) as e:
            results.append(type(e).__name__)
    with contextlib.suppress(OSError):
        mine = socket.socket(fileno=os.dup(SENDER))
        for _ in range(2000):  # a flood of what nobody asked for
            with contextlib.suppress(OSError):
                socket.send_fds(mine, [b'12345678'], [0, 1, 2], socket.MSG_DONTWAIT)
        with contextlib.suppress(OSError):
            results.append(mine.recv(9, socket.MSG_DONTWAIT))
    return results, exchange('flood', 5)


def filtered():
    """A program whose own filter kills it for a call that it never makes, and is no more made to make."""
    bound, other = pair()
    libc = ctypes.CDLL(None, use_errno=True)
    code = b''.join(struct.pack('HBBI', *i) for i in ((0x20, 0, 0, 0), (0x15, 0, 1, 46), (0x06, 0, 0, 0x80000000),
                                                       (0x06, 0, 0, 0x7fff0000)))  # sendmsg kills
    text = ctypes.create_string_buffer(code)
    if libc.prctl(22, 2, ctypes.create_string_buffer(struct.pack('HxxxxxxP', 4, ctypes.addressof(text)))):
        return os.strerror(ctypes.get_errno())
    try:
        return other.sendto(b'x', bound.getsockname())
    except OSError as e:
        return e.strerror


def main():
    if sys.argv[1:] in (['sender'], ['filtered']):
        print(globals()[sys.argv[1]]())
        return
    for case in (threads, signals, stops, deaths, execs, closed, rights, crowd):
        print(case.__name__, case())


if __name__ == '__main__':
    main()
