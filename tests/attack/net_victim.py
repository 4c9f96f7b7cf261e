# SPDX-License-Identifier: LGPL-2.1-or-later
"""Listens in every way, and writes a line to the file `reached` for each that was reached.

Prints: its port (TCP and UDP, both families), a port that takes everything and tells nothing.
Arguments: socket files (stream, datagram), an abstract name.
"""
import os
import selectors
import socket
import sys

poll = selectors.DefaultSelector()
log = os.open('reached', os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def watch(label, s):
    poll.register(s, selectors.EVENT_READ, label)


def port(label):
    """The same port for TCP and UDP, of all addresses of the machine."""
    while True:
        tcp = socket.create_server(('::', 0), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1000)
        udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            udp.bind(('::', tcp.getsockname()[1]))
        except OSError:
            continue
        watch(label + ' tcp', tcp)
        watch(label + ' udp', udp)
        return tcp.getsockname()[1]


def local(label, address, kind):
    s = socket.socket(socket.AF_UNIX, kind)
    s.bind(address)
    if kind != socket.SOCK_DGRAM:
        s.listen(100)
    watch(label, s)


def main():
    ports = port('victim'), port('granted')
    local('victim stream', sys.argv[1], socket.SOCK_STREAM)
    local('victim datagram', sys.argv[2], socket.SOCK_DGRAM)
    local('victim abstract', '\0' + sys.argv[3], socket.SOCK_STREAM)
    print(*ports, flush=True)
    while True:
        for key, _ in poll.select():
            s = key.fileobj
            if s.type == socket.SOCK_DGRAM:
                s.recv(65536)
            else:
                s.accept()[0].close()
            if key.data.startswith('victim'):
                os.write(log, (key.data + '\n').encode())


main()
