# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random trees of links, random paths, and what a box may learn of them.

Three things must hold of every answer (see names_asker.py):
- sound: what is found is what the policy grants;
- complete: a path that leads through nothing but what is granted has the answer that it has natively;
- blind: the answers are the same whatever there is where nothing is granted.
The walk here is a reference: a dozen lines that follow a path by its letters.

Arguments: pcall-run, the asker, a directory of one's own, a seed, how many trees, how many paths in each.
"""
import os
import random
import shutil
import subprocess
import sys

TOPS = ['g', 'g/no', 's', 'h', 't', 'v', 'p']  # granted, hidden in it, unspoken of, hidden, bound as v, see below
LINKS_MAX = 40


def make_tree(root, seed, secret_seed):
    """The same for the same seeds; what is not granted depends on the second alone."""
    # Of p, p/*/d1 is granted, and nothing above it: whether other directories are there is not to be told.
    os.makedirs(f'{root}/p/d0/d1')
    if random.Random(f'{secret_seed} p').random() < 0.5:
        os.mkdir(f'{root}/p/d1')
    for top in TOPS[:-2]:
        rng = random.Random(f'{seed if top in ("g", "t") else secret_seed} {top}')
        os.mkdir(f'{root}/{top}')
        places = [top] + [f'{top}/d{n}' for n in range(2)] + [f'{top}/d0/d{n}' for n in range(2)]
        for place in places:
            if place != top:
                os.makedirs(f'{root}/{place}', exist_ok=True)
            for n in range(2):
                if top in ('g', 't') or rng.random() < 0.7:
                    with open(f'{root}/{place}/f{n}', 'w', encoding='ascii') as f:
                        f.write(place)
            for n in range(4):
                if top in ('g', 't') or rng.random() < 0.7:
                    os.symlink(random_path(rng, root, 4), f'{root}/{place}/l{n}')


def random_name(rng):
    return rng.choice(['d0', 'd1', 'f0', 'f1', 'l0', 'l1', 'l2', 'l3', '..', '..', '.', '', 'no', 'absent'])


def random_path(rng, root, most):
    parts = [random_name(rng) for _ in range(rng.randint(0, most))]
    start = rng.random()
    if start < 0.6:
        parts.insert(0, f'{root}/{rng.choice(TOPS)}')
    elif start < 0.7:
        parts.insert(0, f'../{rng.choice(TOPS)}')
    return ('/'.join(parts) or '.') + ('/' if rng.random() < 0.1 else '')


class Model:
    """What a path means with the view v -> t, and what it leads past."""

    def __init__(self, root):
        self.root = root
        self.viewed = False  # did the last walk come through the view: natively there is none

    def real(self, name):
        view = self.root + '/v'
        return self.root + '/t' + name[len(view):] if name == view or name.startswith(view + '/') else name

    def granted(self, name):
        """True, False, or None: a directory above, of which the policy may tell."""
        below = [name == f'{self.root}/{top}' or name.startswith(f'{self.root}/{top}/') for top in TOPS]
        if below[6] and name != f'{self.root}/p':
            return name[len(self.root):].split('/')[3:4] == ['d1']
        if below[1] or below[2] or below[3] or below[4]:
            return False
        return True if below[0] or below[5] else None

    def walk(self, path, cwd, follow):
        """(the name that it leads to, or None where there is nothing on the way; what it led past)."""
        self.viewed = False
        done, rest, past, links = ('' if path[0] == '/' else cwd), path.split('/'), [], 0
        while rest:
            part = rest.pop(0)
            if part in ('', '.'):
                continue
            if part == '..':
                past.append(done)
                if not os.path.isdir(self.real(done or '/')) or os.path.islink(self.real(done or '/')):
                    return None, past
                done = done[:done.rfind('/')]
                continue
            name = f'{done}/{part}'
            self.viewed |= self.real(name) != name
            last = not any(rest)
            if os.path.islink(self.real(name)) and (follow or not last or rest):
                past.append(name)
                links += 1
                if links > LINKS_MAX:
                    return None, past
                target = os.readlink(self.real(name))
                rest = target.split('/') + rest
                if target[0] == '/':
                    done = ''
                continue
            if not last and not os.path.isdir(self.real(name)):
                return None, past + [name]
            done = name
        return done or '/', past

    def verdict(self, path, cwd, follow):
        """True: all of it is granted; False: something is not; None: it may be."""
        name, past = self.walk(path, cwd, follow)
        grants = [self.granted(n) for n in past + ([name] if name else [])]
        return False if False in grants else None if None in grants or not name else True


def ask(command, paths, cwd, file, *how):
    with open(file, 'w', encoding='ascii') as f:
        f.writelines(ascii(p) + '\n' for p in paths)
    run = subprocess.run(command + [file, cwd, *how], capture_output=True, text=True, check=False)
    lines = run.stdout.splitlines()
    if len(lines) != len(paths):
        sys.exit(f'{len(lines)} answers to {len(paths)} questions: {run.stderr[-500:]}')
    return [line.split() for line in lines]


def identities(root):
    """Which name each object has."""
    found = {}
    for directory, _, files in os.walk(root):
        for name in [directory] + [f'{directory}/{f}' for f in files] + [
                f'{directory}/{d}' for d in os.listdir(directory)]:
            st = os.lstat(name)
            found[f'{st.st_dev}:{st.st_ino}'] = name[len(root):] or '/'
    return found


def main():
    run, asker, work, seed, trees, count = sys.argv[1:4] + [int(n) for n in sys.argv[4:]]
    bad, told = [], {'granted': 0, 'refused': 0}
    for turn in range(trees):
        root, file = f'{work}/tree', f'{work}/paths'
        rng = random.Random(f'{seed} {turn} paths')
        paths = [p for p in (random_path(rng, root, 6) for _ in range(count)) if p]
        paths += ['../p/d1/d1', f'{root}/p/d1/d1', f'{root}/p/d1/./d1/', f'{root}/p/d1/d1/d0', f'{root}/p/d0/../d1/d1']
        answers = []
        for secret in 1, 2:
            os.mkdir(root)
            make_tree(root, f'{seed} {turn}', f'{seed} {turn} {secret}')
            names, model = identities(root), Model(root)
            box = [run, '-q', '-p', f'{work}/policy', '--', '/usr/bin/python3', asker]
            got = ask(box, paths, f'{root}/g', file, 'box')
            if secret == 1:
                native = ask(['/usr/bin/python3', asker], paths, f'{root}/g', file)
                for path, g, n in zip(paths, got, native):
                    for way, follow in (0, True), (1, False), (2, True):
                        verdict = model.verdict(path, f'{root}/g', follow)
                        ok = ':' in g[way]
                        if verdict is True and not model.viewed and g[way] != n[way]:
                            bad.append(f'tree {turn}: {path!r} way {way}: {g[way]}, natively {n[way]}')
                        if verdict is False and ok:
                            bad.append(f'tree {turn}: {path!r} way {way}: found {names.get(g[way])}')
                        where = names.get(g[way], '') if ok else ''
                        if where.startswith(('/s', '/h', '/g/no')):
                            bad.append(f'tree {turn}: {path!r} way {way}: reached {where}')
                        told['granted' if ok else 'refused'] += 1
            answers.append([[names.get(word, word) for word in line] for line in got])
            shutil.rmtree(root)
        for path, one, two in zip(paths, *answers):
            if one != two:
                differ = ' '.join(f'{n}:{a}/{b}' for n, (a, b) in enumerate(zip(one, two)) if a != b)
                bad.append(f'tree {turn}: {path!r} depends on what is not granted: {differ}')
    print(f'{trees} trees, {told["granted"]} answers granted, {told["refused"]} not')
    for line in bad[:20]:
        print(line)
    return 1 if bad or told['granted'] < trees * 10 or told['refused'] < trees * 10 else 0


sys.exit(main())
