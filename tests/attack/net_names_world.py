# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine of its own, to be run in fresh network and mount namespaces: a name server that lies, and
somebody who listens at every address that it lies about.

Arguments: the name server's address, the port of the victims. Writes to the file `reached` what was
reached: "tcp ADDRESS". Prints "ready".
"""
import errno
import fcntl
import os
import selectors
import socket
import struct
import sys
import time

SERVER, PORT = sys.argv[1], int(sys.argv[2])
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, SIOCGIFINDEX = 0x8914, 0x8916, 0x891c, 0x8933
GOOD, OTHER = '203.0.113.80', '203.0.113.81'
V4 = [GOOD, OTHER, '10.1.2.3', '100.64.1.2', '169.254.169.254', '172.16.3.4', '192.168.5.6']
V6 = ['2001:db8::80', 'fd00::1', '2002:a01:203::1', '64:ff9b::a01:203', '::10.1.2.3']
LOOPBACK = ['127.0.0.1', '127.9.9.9', '::1']

# What each name stands for. A list of lists: one list for each time that it is asked, the last for ever.
NAMES = {
    'good.test': [GOOD],
    'six-good.test': ['2001:db8::80'],
    'upper.test': [GOOD],
    'loop.test': ['127.0.0.1'],
    'loop9.test': ['127.9.9.9'],
    'zero.test': ['0.0.0.0'],
    'meta.test': ['169.254.169.254'],
    'ten.test': ['10.1.2.3'],
    'carrier.test': ['100.64.1.2'],
    'b.test': ['172.16.3.4'],
    'c.test': ['192.168.5.6'],
    'six-loop.test': ['::1'],
    'six-any.test': ['::'],
    'mapped.test': ['::ffff:10.1.2.3'],
    'mapped-loop.test': ['::ffff:127.0.0.1'],
    'compatible.test': ['::10.1.2.3'],
    'local6.test': ['fd00::1'],
    'nat64.test': ['64:ff9b::a01:203'],
    '6to4.test': ['2002:a01:203::1'],
    'many.test': [GOOD] + [f'203.0.113.{n}' for n in range(100, 120)] + ['10.1.2.3', '127.0.0.1'],
    'rebind.test': [[GOOD], ['10.1.2.3']],
    'localhost': ['169.254.169.254', OTHER],
    'alias.test': 'loop.test',
    'nul.test': b'\x09loop\0test\0\x04test\0',
    'shout.test': b'\x04LOOP\x04TEST\0',
    'circle.test': 'circle2.test',
    'circle2.test': 'circle.test',
}
asked = {}


def configure():
    """The loopback device goes up, and has every address."""
    s4 = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    fcntl.ioctl(s4, SIOCSIFFLAGS, struct.pack('16sh14x', b'lo', 0x1 | 0x40))
    index, = struct.unpack('16xi12x', fcntl.ioctl(s4, SIOCGIFINDEX, struct.pack('16s16x', b'lo')))
    for n, address in enumerate(V4):
        name = f'lo:{n}'.encode()
        for request, text in (SIOCSIFADDR, address), (SIOCSIFNETMASK, '255.255.255.255'):
            fcntl.ioctl(s4, request, struct.pack('16sHH4s8x', name, socket.AF_INET, 0, socket.inet_aton(text)))
    s6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    for address in V6:
        fcntl.ioctl(s6, SIOCSIFADDR, socket.inet_pton(socket.AF_INET6, address) + struct.pack('Ii', 128, index))


def name_bytes(name):
    return b''.join(bytes([len(part)]) + part.encode() for part in name.split('.')) + b'\0'


def question(packet):
    """The name asked for, in lower case, its kind, and the end of the question."""
    at, parts = 12, []
    while packet[at]:
        parts.append(packet[at + 1:at + 1 + packet[at]].decode('latin-1').lower())
        at += 1 + packet[at]
    return '.'.join(parts), struct.unpack('!H', packet[at + 1:at + 3])[0], at + 5


def record(address):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    return (28 if family == socket.AF_INET6 else 1), socket.inet_pton(family, address)


def records(name, kind):
    """What is answered: pairs of kind and data, or None: there is no such name."""
    found = NAMES.get(name)
    if found is None:
        return None
    if isinstance(found, bytes):
        return [(5, found)] + [(k, d) for k, d in [record('127.0.0.1')] if k == kind]
    if isinstance(found, str):
        return [(5, name_bytes(found))] + [(k, d) for k, d in records(found, kind) or [] if k == kind] \
            if name[:6] != 'circle' else [(5, name_bytes(found))]
    if isinstance(found[0], list):
        turn = asked.setdefault((name, kind), 0)
        asked[name, kind] += 1
        found = found[min(turn, len(found) - 1)]
    return [r for r in map(record, found) if r[0] == kind]


def answer(packet):
    name, kind, end = question(packet)
    head, asks = packet[:2], packet[12:end]
    if name == 'silent.test':
        return None
    if name == 'failing.test':
        return head + struct.pack('!HHHHH', 0x8182, 1, 0, 0, 0) + asks
    if name == 'refused.test':
        return head + struct.pack('!HHHHH', 0x8185, 1, 0, 0, 0) + asks
    if name == 'garbage.test':
        return head + struct.pack('!HHHHH', 0x8180, 1, 0xffff, 9, 9) + asks + b'\xc0\x0c\xff' * 90
    if name == 'pointers.test':  # names that point at themselves, data that is longer than the packet
        return (head + struct.pack('!HHHHH', 0x8180, 1, 2, 0, 0) + asks +
                bytes([0xc0, len(packet[:end])]) + struct.pack('!HHIH', kind, 1, 0, 4) + b'\x7f\0\0\1' +
                b'\xc0\x0c' + struct.pack('!HHIH', kind, 1, 0, 0xffff) + b'\x7f\0\0\1')
    if name == 'wrong.test':  # an answer to another question
        asks = name_bytes('good.test') + asks[-4:]
    found = [(kind, b'\x7f\0\0\1')] if name in ('wrong.test', 'short.test') else records(name, kind)
    if found is None:
        return head + struct.pack('!HHHHH', 0x8183, 1, 0, 0, 0) + asks
    packet = head + struct.pack('!HHHHH', 0x8180, 1, len(found), 0, 0) + asks
    owner = b'\xc0\x0c'
    for k, data in found:
        packet += owner + struct.pack('!HHIH', k, 1, 0, len(data)) + data
        if k == 5:
            owner = data
    return packet


def bind(s, address, port):
    """A new address of IPv6 is not one's own at once."""
    for tries in range(500):
        try:
            return s.bind((address, port))
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL or tries == 499:
                raise
        time.sleep(0.02)


def listen(poll):
    """At all addresses that there are, at two ports."""
    for port in PORT, PORT + 1:
        for address in V4 + LOOPBACK + V6:
            family = socket.AF_INET6 if ':' in address else socket.AF_INET
            for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
                s = socket.socket(family, kind)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                bind(s, address, port)
                if kind == socket.SOCK_STREAM:
                    s.listen(100)
                poll.register(s, selectors.EVENT_READ,
                              f'{"tcp" if kind == socket.SOCK_STREAM else "udp"} {address} {port}\n')


def main():
    log = os.open('reached', os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    configure()
    poll = selectors.DefaultSelector()
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((SERVER, 53))
    poll.register(server, selectors.EVENT_READ)
    listen(poll)
    print('ready', flush=True)
    while True:
        for key, _ in poll.select():
            s = key.fileobj
            if s is server:
                packet, peer = s.recvfrom(65536)
                try:
                    reply = answer(packet)
                except (IndexError, struct.error, RecursionError):
                    reply = None
                if reply:
                    s.sendto(reply, peer)
            elif s.type == socket.SOCK_DGRAM:
                s.recv(65536)
                os.write(log, key.data.encode())
            else:
                s.accept()[0].close()
                os.write(log, key.data.encode())


main()
