# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tries to reach a victim that the policy does not grant, in every way there is to name a destination.

Arguments: the victim's port, a granted port, the victim's socket files (stream, datagram), its abstract name.
Prints what came of each try; the victim tells whether it was reached.
"""
import ctypes
import errno
import os
import socket
import struct
import sys
import threading
import time

victim, granted = int(sys.argv[1]), int(sys.argv[2])
stream_file, datagram_file, name = sys.argv[3], sys.argv[4], b'\0' + sys.argv[5].encode()
libc = ctypes.CDLL(None, use_errno=True)
MSG_FASTOPEN = 0x20000000
BAD = socket.inet_aton('127.0.0.1')


def v4(port, family=socket.AF_INET, address=BAD, size=16):
    return (struct.pack('=HH4s', family, socket.htons(port), address) + b'\0' * 112)[:size]


def v6(port, address):
    return struct.pack('=HHI16sI', socket.AF_INET6, socket.htons(port), 0, socket.inet_pton(socket.AF_INET6, address), 0)


def un(path):
    return struct.pack('H', socket.AF_UNIX) + path


class Call:
    """A call by its number's function, on bytes that stay where they are."""

    def __init__(self, address, data=b'attack'):
        self.address = ctypes.create_string_buffer(address, len(address))
        self.data = ctypes.create_string_buffer(data, len(data))
        self.vector = ctypes.create_string_buffer(struct.pack('QQ', ctypes.addressof(self.data), len(data)), 16)
        header = struct.pack('QIIQQQQII', ctypes.addressof(self.address), len(address), 0,
                             ctypes.addressof(self.vector), 1, 0, 0, 0, 0)
        self.header = ctypes.create_string_buffer(header, 56)
        self.slots = ctypes.create_string_buffer(header + b'\0' * 8, 64)

    def connect(self, fd, flags=0):
        return libc.connect(fd, self.address, len(self.address))

    def sendto(self, fd, flags=0):
        return libc.sendto(fd, self.data, len(self.data), flags, self.address, len(self.address))

    def sendmsg(self, fd, flags=0):
        return libc.sendmsg(fd, self.header, flags)

    def sendmmsg(self, fd, flags=0):
        return libc.sendmmsg(fd, self.slots, 1, flags)


def attempt(what, function, *args):
    try:
        r = function(*args)
        result = errno.errorcode[ctypes.get_errno()] if isinstance(r, int) and r < 0 else 'done'
    except OSError as e:
        result = errno.errorcode.get(e.errno, str(e))
    print(what, result, flush=True)


SENDS = ('sendto', 'sendmsg', 'sendmmsg')


def by_address():
    for label, domain, address in (
            ('v4', socket.AF_INET, v4(victim)),
            ('v4-long', socket.AF_INET, v4(victim, size=128)),
            ('v4-unspec', socket.AF_INET, v4(victim, family=socket.AF_UNSPEC)),
            ('v4-any', socket.AF_INET, v4(victim, address=b'\0\0\0\0')),
            ('v4-unspec-any', socket.AF_INET, v4(victim, family=0, address=b'\0\0\0\0')),
            ('v4-other-loopback', socket.AF_INET, v4(victim, address=b'\x7f\1\2\3')),
            ('v6-mapped', socket.AF_INET6, v6(victim, '::ffff:127.0.0.1')),
            ('v6-mapped-any', socket.AF_INET6, v6(victim, '::ffff:0.0.0.0')),
            ('v6-any', socket.AF_INET6, v6(victim, '::')),
            ('v6-loopback', socket.AF_INET6, v6(victim, '::1')),
            ('v6-short', socket.AF_INET6, v6(victim, '::1')[:24]),
            ('v4-on-v6', socket.AF_INET6, v4(victim))):
        call = Call(address)
        s = socket.socket(domain)
        attempt(f'tcp connect {label}', call.connect, s.fileno())
        attempt(f'tcp send after {label}', libc.send, s.fileno(), b'attack', 6, 0x4000)
        for send in SENDS:
            s = socket.socket(domain)
            attempt(f'tcp {send} fastopen {label}', getattr(call, send), s.fileno(), MSG_FASTOPEN)
        s = socket.socket(domain, socket.SOCK_DGRAM)
        attempt(f'udp connect {label}', call.connect, s.fileno())
        attempt(f'udp send after {label}', libc.send, s.fileno(), b'attack', 6, 0)
        for send in SENDS:
            attempt(f'udp {send} {label}', getattr(call, send), s.fileno())


def after_a_granted_connect():
    s = socket.create_connection(('127.0.0.1', granted))
    attempt('second connect', Call(v4(victim)).connect, s.fileno())
    Call(struct.pack('H14x', 0)).connect(s.fileno())
    attempt('connect after a dissolved one', Call(v4(victim)).connect, s.fileno())
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect(('127.0.0.1', granted))
    for send in SENDS:
        attempt(f'{send} from a connected socket', getattr(Call(v4(victim)), send), s.fileno())
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    attempt('corked', Call(v4(granted)).sendto, s.fileno(), socket.MSG_MORE)
    attempt('uncorked', Call(v4(victim)).sendto, s.fileno())
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.connect(('::ffff:127.0.0.1', granted))
    libc.setsockopt(s.fileno(), 41, 1, struct.pack('i', socket.AF_INET), 4)  # IPV6_ADDRFORM
    attempt('sendto of no family after ADDRFORM', Call(v4(victim, family=0)).sendto, s.fileno())


def by_file():
    os.symlink(stream_file, 'link')
    os.symlink(os.path.dirname(stream_file), 'dirlink')
    os.chdir('.')
    deep = 'dirlink/' + os.path.basename(stream_file)
    for label, path in (('file', stream_file), ('link', 'link'), ('directory link', deep),
                        ('dots', '..//' * 12 + stream_file[1:]), ('own root', '/proc/self/root' + stream_file)):
        s = socket.socket(socket.AF_UNIX)
        attempt(f'local connect {label}', Call(un(path.encode()[:108])).connect, s.fileno())
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    for send in SENDS:
        attempt(f'local {send}', getattr(Call(un(datagram_file.encode())), send), s.fileno())
    attempt('local datagram connect', Call(un(datagram_file.encode())).connect, s.fileno())
    attempt('local datagram send', libc.send, s.fileno(), b'attack', 6, 0)
    attempt('hard link', os.link, stream_file, 'hard')
    s = socket.socket(socket.AF_UNIX)
    attempt('local connect hard', Call(un(b'hard')).connect, s.fileno())
    for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET:
        s = socket.socket(socket.AF_UNIX, kind)
        attempt(f'abstract connect {int(kind)}', Call(un(name)).connect, s.fileno())
        attempt(f'abstract sendto {int(kind)}', Call(un(name)).sendto, s.fileno())


def by_family():
    for family, kind, protocol in ((40, 1, 0), (16, 3, 15), (16, 3, 16), (17, 3, 768), (38, 5, 0), (31, 1, 3), (44, 3, 0),
                                   (2, 3, 255), (10, 3, 58), (2, 1, 132), (2, 1, 262), (2, 5, 132), (21, 5, 0), (30, 1, 0)):
        attempt(f'socket {family} {kind} {protocol}', socket.socket, family, kind, protocol)


def routes():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    lsrr = bytes((131, 7, 4)) + BAD + b'\0'
    attempt('source route', libc.setsockopt, s.fileno(), 0, 4, lsrr, len(lsrr))
    for level, kind, data in ((0, 7, lsrr), (41, 57, b'\0' * 8), (1, 36, b'\0' * 4)):
        attempt(f'control {level} {kind}', s.sendmsg, [b'x'], [(level, kind, data)], 0, ('127.0.0.1', granted))


def race(function, buffer, at, values, seconds=1.0):
    """Calls again and again, while another thread rewrites what the call is judged by."""
    stop = False

    def rewrite():
        while not stop:
            for value in values:
                ctypes.memmove(at, value, len(value))
    thread = threading.Thread(target=rewrite)
    thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        function()
    stop = True
    thread.join()


def races():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for send in ('connect',) + SENDS:
        call = Call(v4(granted))

        def one():
            getattr(call, send)(s.fileno())
            if send == 'connect':
                libc.send(s.fileno(), b'attack', 6, 0)
        race(one, call, ctypes.addressof(call.address) + 2,
             [struct.pack('!H', granted), struct.pack('!H', victim)])
        print(f'race {send} over', flush=True)
    call, other = Call(v4(granted)), Call(v4(victim))
    race(lambda: call.sendmsg(s.fileno()), call, ctypes.addressof(call.header),
         [call.header.raw[:8], other.header.raw[:8]])
    print('race msg_name over', flush=True)
    # The number of the descriptor means one socket now and another then.
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    number = os.dup(s.fileno())
    stop = False

    def swap():
        while not stop:
            os.dup2(s.fileno(), number)
            os.dup2(unix.fileno(), number)
    thread = threading.Thread(target=swap)
    thread.start()
    call, end = Call(v4(victim)), time.monotonic() + 1
    while time.monotonic() < end:
        call.connect(number)
        libc.send(number, b'attack', 6, 0x40)
    stop = True
    thread.join()
    print('race dup2 over', flush=True)


by_address()
after_a_granted_connect()
by_file()
by_family()
routes()
races()
