# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which kinds of lock (base/lock.h) are held while another is taken, as far as the text shows it.

A function holds what its REQUIRES says and what it has taken, line by line; it takes what it takes itself
and what those take whom it calls, by name or through a table of operations. Other pointers are not
followed. What clang proves is another matter: that what is guarded is only touched under its lock.
"""
import re

KEYWORDS = {'if', 'while', 'for', 'switch', 'return', 'sizeof', 'do', 'else', 'case'}
TABLE = re.compile(r'^(?:static )?const struct (\w+) \w+ = \{(.*?)^\};', re.M | re.S)
LOCK = re.compile(r'\b(\w+)_lock_(take|try|give|wait|wait_until)\(')
EVENT = re.compile(r'(?:\b(\w+)->)?\b(\w+)\(')


def bare(source):
    """Without comments and strings, line for line."""
    source = re.sub(r'/\*.*?\*/', lambda m: '\n' * m.group().count('\n'), source, flags=re.S)
    return re.sub(r'"(?:\\.|[^"\\])*"', '""', source)


def bodies(source):
    """Every function: name, head, lines of its body."""
    lines, start = source.splitlines(), None
    for number, line in enumerate(lines):
        if line == '{':
            start = number
        elif line == '}' and start is not None:
            first = start
            while first > 0 and lines[first - 1] and lines[first - 1][0] not in '};#':
                first -= 1
            head = ' '.join(lines[first:start])
            name = re.search(r'(\w+)\(', head)
            if name:
                yield name.group(1), head, lines[start + 1:number]
            start = None


class Locks:
    def __init__(self, texts):
        self.functions, self.required, self.tables = {}, {}, {}
        texts = {path: bare(text) for path, text in texts.items()}
        self.kinds = sorted({k for t in texts.values() for k in re.findall(r'^LOCK_KIND\((\w+)\)', t, re.M)})
        for path, text in texts.items():
            for declaration in re.findall(r'^\w[^;{}#]*?\([^;{}]*\)\s+REQUIRES\([^;{]*;', text, re.M):
                name = re.search(r'(\w+)\(', declaration).group(1)
                self.required[name] = re.findall(r'(\w+)_locked', declaration)
            for table, rows in TABLE.findall(text):
                for field, function in re.findall(r'\.(\w+) = (\w+)', rows):
                    self.tables.setdefault(table, {}).setdefault(field, set()).add(function)
            for name, head, body in bodies(text):
                needs = re.findall(r'(\w+)_locked', ' '.join(re.findall(r'REQUIRES\([^)]*\)', head)))
                self.functions[name] = (path, needs, body)
        self.taken = {}

    def called(self, line):
        for base, name in EVENT.findall(line):
            if base:
                for table, fields in self.tables.items():
                    if table != 'sv_ops' and (table == 'work_backend') == (base == 'backend'):
                        yield from fields.get(name, ())
            elif name in self.functions and name not in KEYWORDS:
                yield name

    def takes(self, name):
        """The kinds that a call of it takes: kind → the way there."""
        if name in self.taken:
            return self.taken[name]
        found = self.taken[name] = {}
        for line in self.functions[name][2]:
            for kind, verb in LOCK.findall(line):
                if verb in ('take', 'try'):
                    found.setdefault(kind, [name])
            for other in self.called(line):
                if other in self.functions:
                    for kind, way in list(self.takes(other).items()):
                        found.setdefault(kind, [name] + way)
        return found

    def pairs(self):
        """(outer, inner) → the way there."""
        found = {}
        for _ in range(3):  # what a circle of calls takes is known when it was gone round
            for name in self.functions:
                known = self.taken.pop(name, {})
                self.takes(name).update({k: w for k, w in known.items() if k not in self.taken[name]})
        for name, (_, needs, body) in self.functions.items():
            held = list(dict.fromkeys(needs + self.required.get(name, [])))
            for number, line in enumerate(body):
                for kind, verb in LOCK.findall(line):
                    if verb in ('take', 'try'):
                        for outer in held:
                            found.setdefault((outer, kind), [name])
                        held.append(kind)
                    elif verb == 'give' and kind in held:
                        deep = line.startswith('\t\t')
                        leaves = any(re.match(r'\s*(return|break|goto)\b', n) for n in body[number + 1:number + 2])
                        if not (deep and leaves):
                            held.remove(kind)
                for other in self.called(line) if held else ():
                    for kind, way in self.takes(other).items() if other in self.functions else ():
                        for outer in held:
                            if outer != kind:
                                found.setdefault((outer, kind), [name] + way)
        return found
