# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs in the box: asks a lying name server, and tries to reach what it says.

Arguments: the name server's address, the granted port, then ADDRESS... to be tried. Prints for each
try: the address, the way, and what came of it ("done" or the error's name).
"""
import ctypes
import errno
import socket
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)


def attempt(what, function, *args):
    try:
        result = function(*args)
        print(what, 'done' if result is None or result >= 0 else errno.errorcode[ctypes.get_errno()])
    except OSError as error:
        print(what, errno.errorcode.get(error.errno, error.errno))


def try_address(address, port):
    family = socket.AF_INET6 if ':' in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(10)
        attempt(f'{address} {port} connect', s.connect, (address, port))
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        attempt(f'{address} {port} sendto', s.sendto, b'x', (address, port))
        attempt(f'{address} {port} sendmsg', s.sendmsg, [b'x'], [], 0, (address, port))
        attempt(f'{address} {port} udp', s.connect, (address, port))


def ask(server, name):
    """What the box itself is told: the name server may be asked."""
    packet = struct.pack('!HHHHHH', 7, 0x100, 1, 0, 0, 0)
    packet += b''.join(bytes([len(p)]) + p for p in name.split(b'.')) + b'\0' + struct.pack('!HH', 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(10)
        s.sendto(packet, (server, 53))
        print('answer', len(s.recv(512)))


def main():
    server, port = sys.argv[1], int(sys.argv[2])
    for name in b'ten.test', b'TEN.test', b'te\0n.test':
        ask(server, name)
    for name in 'ten.test', 'TEN.TEST.', 'meta.test', 'localhost', 'nul.test':
        try:
            found = {a[4][0] for a in socket.getaddrinfo(name, port)}
        except OSError:
            found = set()
        print('the box resolves', name, *sorted(found))
    for address in sys.argv[3:]:
        for p in port, port + 1:
            try_address(address, p)
    # The name server's own other ports, and port 53 of others.
    try_address(server, port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        attempt('127.0.0.1 53 sendto', s.sendto, b'x', ('127.0.0.1', 53))
    print('over')


main()
