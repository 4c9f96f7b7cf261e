# SPDX-License-Identifier: LGPL-2.1-or-later
"""The storeys of the house, and who breaks their order.

A file includes its own folder, or one that is lower; an object refers to such ones only; and within a
folder, too, nobody leads back to itself. STOREYS is the one list of it, which supervisor/README.md shows
as a map.
"""
import os
import re
import subprocess
import sys

# Folder → its height; folders of one height do not know each other.
STOREYS = {
    'src/common': 0,
    'supervisor/base': 1, 'src/policyc/disk': 1,
    'supervisor/policy': 2,
    'supervisor/judge': 3, 'supervisor/confine': 3, 'supervisor/zygote': 3, 'src/policyc': 3,
    'supervisor/tree': 4, 'src/policyc/finish': 4,
    'supervisor/call': 5,
    'supervisor/path': 6,
    'supervisor/net': 7,
    'supervisor/own': 8, 'supervisor/block': 8,
    'supervisor/sys': 9,
    'supervisor/upcall': 10,
    'supervisor/spawn': 11,
    'supervisor/level': 12,
    'supervisor/engine': 13,
    'src/client': 14,
    'supervisor/lib': 15,
}
INCLUDE = re.compile(r'\s*#\s*include\s*"([^"]+)"', re.M)


def storey_of(path):
    folder = os.path.dirname(path)
    return folder if folder in STOREYS else None


def goes_up(a, b):
    return a and b and a != b and STOREYS[b] >= STOREYS[a]


def includes(tree):
    """Every include between storeys, as (file, header)."""
    for folder in STOREYS:
        for name in sorted(os.listdir(os.path.join(tree, folder))):
            if not name.endswith(('.c', '.h')):
                continue
            with open(os.path.join(tree, folder, name)) as f:
                for header in INCLUDE.findall(f.read()):
                    for root in ('supervisor', 'src'):
                        if os.path.exists(os.path.join(tree, root, header)):
                            yield f'{folder}/{name}', f'{root}/{header}'


def source_of(name):
    """The source of an object, as meson names it: path_walk.c.o, or .._src_common_glob.c.o."""
    flat = name.removesuffix('.o').replace('.._', '', 1)
    for storey in sorted(STOREYS, key=len, reverse=True):
        start = storey.removeprefix('supervisor/').replace('/', '_') + '_'
        if flat.startswith(start):
            return f'{storey}/{flat[len(start):]}'
    return None


def objects(build):
    """The objects of the two static libraries: source → (defined, used)."""
    found = {}
    for library in ('policy', 'supervisor-static'):
        where = f'{build}/supervisor/lib{library}.a.p'
        names = sorted(n for n in os.listdir(where) if n.endswith('.o') and source_of(n))
        shown = subprocess.run(['nm', '-A'] + names, cwd=where, text=True, check=True,
                               stdout=subprocess.PIPE).stdout
        for line in shown.splitlines():
            name, words = line.split(':', 1)
            *_, kind, symbol = words.split()
            defined, used = found.setdefault(source_of(name), (set(), set()))
            if kind in 'TDBRC':
                defined.add(symbol)
            elif kind == 'U':
                used.add(symbol)
    return found


def references(build):
    """Every reference between objects, as (source, source)."""
    known = objects(build)
    home = {symbol: source for source, (defined, _) in known.items() for symbol in defined}
    for source, (_, used) in known.items():
        for other in sorted({home[s] for s in used if s in home}):
            if other != source:
                yield source, other


def arrows_up(tree, build):
    """What breaks the order, as lines: 'include FROM TO' and 'link FROM TO'."""
    for kind, pairs in (('include', includes(tree)), ('link', references(build))):
        for a, b in pairs:
            if goes_up(storey_of(a), storey_of(b)):
                yield f'{kind} {a} {b}'


def circles(pairs):
    """The strongly connected parts of more than one node (Tarjan)."""
    graph = {}
    for a, b in pairs:
        graph.setdefault(a, set()).add(b)
    index, low, stack, on, found = {}, {}, [], set(), []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on.add(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in on:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            part = []
            while not part or part[-1] != node:
                part.append(stack.pop())
                on.discard(part[-1])
            if len(part) > 1:
                found.append(sorted(part))

    sys.setrecursionlimit(10000)
    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def circles_left(tree, build):
    """Every circle, within a storey too, as (include or link, files)."""
    for kind, pairs in (('include', includes(tree)), ('link', references(build))):
        for part in circles(pairs):
            yield kind, part


def check(tree, build):
    for kind, part in circles_left(tree, build):
        yield f'a circle of {kind}s: {" ".join(part)}'
    for line in sorted(set(arrows_up(tree, build))):
        yield f'{line}: an arrow up'
