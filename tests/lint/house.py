#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The measures of the house, each with its bar: house.py --build DIR; exit status 0 if all are kept.

The trusted base is what a mistake in would let a child out by: TRUSTED. src/client is not of it: only a
process that is itself in a box runs it, where all that it does is asked of the root, which believes
nothing of it. That the root has one way into it, which it does not go, is a measure of its own (ways_in).
Nor is src/policyc: it runs in a process that can do nothing but read files and hand over an image, which
is read as a hostile one (lib/policy_process.h).
"""
import argparse
import os
import re
import sys

import drawing
import locks
import storeys

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TRUSTED = ['supervisor', 'src/common']
ASKING = 'src/client'
THREAD = re.compile(r'\b(?:pthread_create|thread_start)\(\s*[^,]+,\s*(?:[^,]+,\s*)?(\w+),')


def sources(*folders):
    for folder in folders:
        for where, _, names in os.walk(os.path.join(TREE, folder)):
            yield from (os.path.relpath(os.path.join(where, n), TREE) for n in names
                        if n.endswith(('.c', '.h')))


def text(path):
    with open(os.path.join(TREE, path)) as f:
        return f.read()


def functions(path):
    """The functions of a file, as (lines, name); a body stands between braces at the margin."""
    found, start, name = [], None, ''
    for number, line in enumerate(text(path).splitlines()):
        if re.match(r'\w.*\(', line) and not line.endswith(';'):
            name = re.findall(r'(\w+)\(', line)[0]
        if line == '{':
            start = number
        elif line == '}' and start is not None:
            found.append((number - start + 1, f'{path}:{name}'))
            start = None
    return found


def headless(paths):
    """The .c files without a header of their own, of which others are told something in another
    one. So not those that define what a public header or libc's declares, or nothing for others;
    nor sys_*.c, which are rows."""
    declared = set()
    for path in paths:
        if path.endswith('.h'):
            bare = re.sub(r'/\*.*?\*/', '', text(path), flags=re.S)
            declared |= set(re.findall(r'^\w[^;{}#=]*?\b(\w+)(?:\(|\[.*\];|;)', bare, re.M))
    for path in paths:
        if path.endswith('.c') and '/sys/sys_' not in path and path[:-1] + 'h' not in paths:
            defined = re.findall(r'^(?!static|struct \w+ \{)\w[^;{}#=/]*?\b(\w+)(?:\(|(?:\[.*\])? = )',
                                 text(path), re.M)
            if declared.intersection(defined):
                yield path


def threads(paths):
    """What threads begin with; not the parameter of who starts one for others."""
    begins = {name for p in paths for name in THREAD.findall(text(p))}
    defined = {name for p in paths
               for name in re.findall(r'^(?:static )?void \*(\w+)\(', text(p), re.M)}
    return begins & defined


def ways_in(build):
    """The symbols of ASKING that others refer to: its table of operations, which lib/sv.c takes in a
    process that a supervisor stands above."""
    known = storeys.objects(build)
    own = {s for source, (defined, _) in known.items() if source.startswith(ASKING) for s in defined}
    for source, (_, used) in sorted(known.items()):
        if not source.startswith(ASKING):
            yield from (f'{source} {symbol}' for symbol in sorted(own & used))


def most(pairs):
    return max(pairs, default=(0, ''))


def measures(build):
    """Every measure: what, bar, value, where (a word or a list)."""
    arrows = list(storeys.arrows_up(TREE, build))
    includes = storeys.circles(storeys.includes(TREE))
    links = storeys.circles(storeys.references(build))
    trusted = list(sources(*TRUSTED))
    plain = list(headless(trusted))
    kinds = sorted(threads(trusted))
    ways = list(ways_in(build))
    nested = locks.Locks({p: text(p) for p in trusted}).pairs()
    outer = sorted({pair[0] for pair in nested})

    yield 'arrows up', 0, len(arrows), arrows
    yield 'files in circles of includes', 0, sum(map(len, includes)), includes
    yield 'objects in circles of links', 0, sum(map(len, links)), links
    yield ('files in one folder', 21,
           *most((sum(n.endswith(('.c', '.h')) for n in os.listdir(os.path.join(TREE, f))), f)
                 for f in {os.path.dirname(p) for p in trusted}))
    yield 'lines of the trusted base', 24000, sum(text(p).count('\n') for p in trusted), TRUSTED
    yield 'longest file', 500, *most((text(p).count('\n'), p) for p in trusted)
    yield 'longest function', 60, *most(f for p in trusted for f in functions(p))
    yield 'kinds of thread', 5, len(kinds), kinds
    yield ('kinds of lock held while one is taken', 1, len(outer),
           [f'{a} > {b}: {" > ".join(way)}' for (a, b), way in sorted(nested.items())])
    yield '.c files without a header of their own', 0, len(plain), plain
    yield f"ways into {ASKING}", 1, len(ways), ways


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', required=True)
    parser.add_argument('-v', action='store_true', help='every place')
    parser.add_argument('--svg', metavar='FILE', help='draw the storeys into it')
    args = parser.parse_args()
    if args.svg:
        with open(args.svg, 'w') as f:
            f.write(drawing.svg(TREE, args.build))
        return 0
    kept = True
    for what, bar, value, where in measures(args.build):
        kept &= value <= bar
        said = where if isinstance(where, str) else '' if value <= bar or args.v else \
            f'{len(where)} places; -v'
        print(f'{what:40} {"≤" if bar else "="} {bar:<7} {value:>7}  {said}')
        if args.v and not isinstance(where, str):
            for line in where:
                print('    ' + (line if isinstance(line, str) else ' '.join(line)))
    return 0 if kept else 1


if __name__ == '__main__':
    sys.exit(main())
