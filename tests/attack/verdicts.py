# SPDX-License-Identifier: LGPL-2.1-or-later
"""A second judge: random trees, random policies of one to three levels, every call that takes a name.

What policies/README.md says is written here a second time, by names alone and as slowly as it likes. A box makes
the calls in one tree; here the same is done in its twin, each call only if this judge allows it. So three things
are compared: what was allowed, the error of what was not, and, when all calls were made, the two trees.

Arguments: pcall-run, the same in a box, a directory of one's own, a seed, the first case, how many verdicts.
"""
import ast
import errno
import os
import random
import re
import shutil
import socket
import stat
import subprocess
import sys

import verdicts_asker

LEVELS_MAX, QUESTIONS = 3, 60
LINKS_MAX = 40
# What each verb gives, and what is taken where it is denied: the right and all that imply it.
GIVES = {
    'list': {'stat', 'list'}, 'read': {'stat', 'list', 'read'}, 'write': {'stat', 'list', 'read', 'write'},
    'exec': {'stat', 'list', 'read', 'exec'}, 'unix': {'stat', 'unix'},
}
TAKES = {
    'list': {'list', 'read', 'write', 'exec'}, 'read': {'read', 'write', 'exec'}, 'write': {'write'},
    'exec': {'exec'}, 'unix': {'unix'},
}
# What a call needs of its path, and whether a link at its end is followed.
LOOKS = {
    'stat': ({'stat'}, True), 'lstat': ({'stat'}, False), 'access': ({'stat'}, True), 'readlink': ({'stat'}, False),
    'chdir': ({'stat'}, True), 'list': ({'list'}, True), 'open_r': ({'read'}, True), 'open_w': ({'write'}, True),
    'open_rw': ({'write'}, True), 'open_trunc': ({'write'}, True), 'truncate': ({'write'}, True),
    'chmod': ({'write'}, True), 'utime': ({'write'}, True), 'setxattr': ({'write'}, True),
    'getxattr': ({'read'}, True), 'rmdir': ({'write'}, False), 'unlink': ({'write'}, False),
    'exec': ({'exec'}, True), 'connect': ({'unix'}, True),
}
MAKES = {
    'creat': ({'write'}, True), 'excl': ({'write'}, False), 'mkdir': ({'write'}, False), 'mkfifo': ({'write'}, False),
    'symlink': ({'write'}, False), 'bind': ({'write', 'unix'}, False),
}
PAIRS = {'rename': ({'write'}, False), 'link': ({'write'}, False)}
NAMES = ['d0', 'd1', 'f0', 'f1', 'x0', 'p0', 's0', 'h0', 'l0', 'l1', 'new']
# A link is never named by its letters: what a policy does with links when it is read is another test's.
GLOBS = ['d0', 'd1', 'f0', 'f1', 'x0', 'h0', '*', '?0', 'd*', '[dl]?', '[!d]*', '**', 'n*', 'l?']

# What the judges once disagreed about: the policies of the levels, and the questions; @ is the tree.
KNOWN = [
    # What a glob stands for is not on the way, and gives nothing back of what a view leads to.
    (['list @/*/d1 @/*/d1/d0 except @/d0; bind @/v0 @/d0/d1 ro', 'write @'],
     [['lstat', '@/v0'], ['truncate', '@/v0'], ['link', '@/v0', '@/d1']]),
    # What a view leads to lies in what is no directory any more.
    (['write @', 'write @; bind @/v0 @/d0/d0/d1 ro'],
     [['rename', '@/d0/d0', '@/new'], ['creat', '@/d0/d0'], ['excl', '@/v0/../d1/n0'], ['stat', '@/v0/../d1']]),
    # What is in a view is executed by its name there, and entered.
    (['write @; exec @', 'write @; exec @; bind @/v0 @/d0 ro'],
     [['creat', '@/d0/new'], ['chmod', '@/d0/new'], ['exec', '@/v0/new'], ['exec', '@/d0/new'], ['chdir', '@/v0']]),
    # There is no way up from a file, and what would follow is not looked at.
    (['write @', 'write @/new'], [['creat', '@/new'], ['lstat', '@/new/../d1/../d1'], ['lstat', '@/new/..']]),
    # The root is above all.
    (['read @', 'write @'], [['open_w', '/'], ['stat', '@/../../../../../../..']]),
]


def beneath(name, top):
    return name == top or name.startswith(top.rstrip('/') + '/')


def expression(pattern):
    """Of a pattern: what it stands for, and everything beneath."""
    out = ''
    for part in pattern.strip('/').split('/'):
        if part == '**':
            out += '(/[^/]+)*'
            continue
        out += '/' + re.sub(r'\\([*?\[\]!])', r'\1', re.escape(part)).replace('[!', '[^').replace(
            '*', '[^/]*').replace('?', '[^/]')
    return out


class Pattern:
    def __init__(self, text):
        self.text = text
        self.whole = re.compile(expression(text) + '(/.*)?')
        self.spelled = re.split(r'/[^/]*[*?[]', text)[0]

    def holds(self, name):
        return self.whole.fullmatch(name) is not None

    def leads(self, name):
        """Is it on the way, as far as that is spelled: what a glob stands for leads nowhere yet."""
        return beneath(self.spelled, name) and name != self.text


class Line:
    def __init__(self, kind, verb, patterns, excepts):
        self.kind, self.verb = kind, verb
        self.patterns, self.excepts = [Pattern(p) for p in patterns], [Pattern(p) for p in excepts]
        words = {'allow': verb, 'deny': f'deny {verb}', 'hide': 'hide'}[kind]
        self.text = ' '.join([words, *patterns] + (['except', *excepts] if excepts else []))

    def holds(self, name):
        return any(p.holds(name) for p in self.patterns) and not any(p.holds(name) for p in self.excepts)


class Policy:
    def __init__(self, lines, binds):
        self.lines, self.binds = lines, binds

    def text(self):
        return [line.text for line in self.lines] + [f'bind {n} {t} {how}' for n, t, how in self.binds]

    def hidden(self, name):
        return any(line.kind == 'hide' and line.holds(name) for line in self.lines)

    def denied(self, right, name):
        return any(line.kind == 'deny' and right in TAKES[line.verb] and line.holds(name) for line in self.lines)

    def says_no(self, right, name):
        """By a line: one that denies, or a view that is only read."""
        bind = self.bind_of(name)
        return self.denied(right, name) or (right == 'write' and bind is not None and bind[2] == 'ro')

    def carved(self, right, name):
        return self.hidden(name) or self.says_no(right, name)

    def taken(self, right, name):
        """Of what a view leads to: an `except` of a line holds there, too, unless another line allows it."""
        left_out = any(line.kind == 'allow' and right in GIVES[line.verb] and any(p.holds(name) for p in line.patterns)
                       and not line.holds(name) for line in self.lines)
        return self.carved(right, name) or left_out and not self.allowed(right, name)

    def bind_of(self, name):
        return max((b for b in self.binds if beneath(name, b[0])), key=lambda b: len(b[0]), default=None)

    def allowed(self, right, name):
        if self.carved(right, name):
            return False
        if any(line.kind == 'allow' and right in GIVES[line.verb] and line.holds(name) for line in self.lines):
            return True
        bind = self.bind_of(name)
        if bind is not None and right in GIVES['write' if bind[2] == 'rw' else 'read']:
            return True
        if right != 'stat':
            return False
        ways = [p for line in self.lines if line.kind == 'allow' for p in line.patterns]
        return any(p.leads(name) for p in ways) or any(beneath(b[0], name) for b in self.binds)

    def outwards(self, name):
        bind = self.bind_of(name)
        return name if bind is None else bind[1] + name[len(bind[0]):]


def policy_of(text, root):
    lines, binds = [], []
    for words in [line.replace('@', root).split() for line in text.split(';')]:
        kind = words[0] if words[0] in ('hide', 'deny', 'bind') else 'allow'
        objects = words[2 if kind == 'deny' else 1:]
        at = objects.index('except') if 'except' in objects else len(objects)
        if kind == 'bind':
            binds.append(tuple(objects))
        else:
            lines.append(Line(kind, words[kind == 'deny'], objects[:at], objects[at + 1:]))
    return Policy(lines, binds)


class Judge:
    def __init__(self, root, twin, policies):
        self.root, self.twin, self.policies = root, twin, policies

    def each(self, name):
        """The names that it has, from the innermost policy outwards, and whether a view just changed it."""
        for policy in reversed(self.policies):
            yield policy, name, False
            real = policy.outwards(name)
            if real != name:
                yield policy, real, True
            name = real

    def allowed(self, right, name):
        if not beneath(name, self.root):
            return right == 'stat' and beneath(self.root, name)
        return all(not policy.taken(right, at) if viewed else policy.allowed(right, at)
                   for policy, at, viewed in self.each(name))

    def denied(self, rights, name):
        return any(policy.says_no(right, at) for policy, at, _ in self.each(name) for right in rights)

    def hidden(self, name):
        return any(policy.hidden(at) for policy, at, _ in self.each(name))

    def outermost(self, name):
        for policy in reversed(self.policies):
            name = policy.outwards(name)
        return name

    def real(self, name):
        name = self.outermost(name)
        return self.twin + name[len(self.root):] if beneath(name, self.root) else name

    def views(self, name):
        return any(beneath(at, n) or beneath(n, at) for policy, at, _ in self.each(name) for n, _, _ in policy.binds)

    def moves(self, old, new):
        """Would a carve-out be lost, or what may not be written come from elsewhere: tried at a few names."""
        for (policy, x, _), (other, y, _) in zip(self.each(old), self.each(new)):
            for line in policy.lines if policy is other else []:
                for tail in ['', '/f0', '/d0', '/d1', '/d0/f0', '/new', '/d1/d0/f1']:
                    if line.kind != 'allow' and line.holds(x + tail) and not line.holds(y + tail):
                        return False
                    if (line.kind == 'hide' or line.kind == 'deny' and 'write' in TAKES[line.verb]) and \
                            line.holds(y + tail) and not line.holds(x + tail):
                        return False
        return True


class Walk:
    """A path, followed by its letters in the twin, as the box sees it."""

    def __init__(self, judge, path, cwd, follow):
        self.trail, self.broken = [], 0  # the error of a walk that leads nowhere
        self.up = False  # goes up from what is not there
        self.ends = None  # the length of the trail to where it could not go up, and nothing more was looked at
        done, rest, links = ('' if path[0] == '/' else cwd), path.split('/'), 0
        while rest:
            part = rest.pop(0)
            if part in ('', '.'):
                continue
            if part == '..':
                self.pass_through(judge.real(done or '/'), [part])
                self.trail.append(done or '/')
                self.up |= self.broken != 0
                done = done[:done.rfind('/')]
                continue
            name = f'{done}/{part}'
            if not self.broken and os.path.islink(judge.real(name)) and (follow or rest):
                self.trail.append(name)
                links += 1
                target = os.readlink(judge.real(name))
                if links > LINKS_MAX:
                    self.broken, done = errno.ELOOP, name
                    break
                rest = target.split('/') + rest
                done = '' if target[0] == '/' else done
                continue
            if rest:
                self.pass_through(judge.real(name), rest)
            done = name
        self.name = done or '/'
        self.slash = '/' if path.endswith('/') else ''

    def pass_through(self, real, rest):
        """What is missing is told by the place that it would be at: it may lie in what is no directory."""
        if self.broken:
            return
        try:
            self.broken = 0 if stat.S_ISDIR(os.lstat(real).st_mode) else errno.ENOTDIR
        except OSError as error:
            self.broken = error.errno
        if self.broken and [p for p in rest if p not in ('', '.')][:1] == ['..']:
            self.ends = len(self.trail) + 1


def needed(judge, call, walk, needs):
    """A directory that is opened is listed."""
    return {'list'} if call == 'open_r' and os.path.isdir(judge.real(walk.name)) else needs


class Expected:
    """What a call may answer: None for whatever it is natively."""

    def __init__(self, judge, call, paths, cwd):
        needs, follow = {**LOOKS, **MAKES, **PAIRS}[call]
        self.call, self.walks = call, [Walk(judge, p, cwd, follow) for p in paths]
        self.answers, self.may = {None}, True
        for n, walk in enumerate(self.walks):
            wants = needed(judge, call, walk, needs)
            way = [judge.allowed('stat', name) for name in walk.trail]
            seen = judge.allowed('stat', walk.name)
            given = [judge.allowed(right, walk.name) for right in wants]
            refusal = {errno.EACCES} if call in MAKES or n == 1 else {errno.ENOENT}
            if False in way + [seen] and not (walk.broken and seen):
                said = {errno.EACCES} if judge.denied(needs | wants if call != 'list' else {'read', 'list'}, walk.name) else set()
                either = judge.hidden(walk.name) or walk.broken or len(paths) == 2 or False in way
                self.refuse(refusal | said | ({errno.ENOENT, errno.EACCES} if either else set()))
            elif False in given:
                self.refuse({errno.EACCES, None})
            if walk.broken:
                self.answers |= {errno.ENOENT, errno.EACCES}
            if walk.broken and False not in way[:walk.ends]:
                self.answers |= {None}
            if walk.up:  # and on to a link, it may be: what is not there is proven by the letters that remain
                self.answers |= {errno.ELOOP}
        if len(self.walks) == 2:
            self.pair(judge)
        if call in ('list', 'open_r') and judge.views(self.walks[0].name):
            self.answers |= {errno.EACCES, errno.ENOENT}  # a descriptor is judged by one of the names that it could have
        if call in ('rmdir', 'unlink', *PAIRS, *MAKES) and any(judge.views(w.name) for w in self.walks):
            self.answers |= {errno.EACCES, errno.EBUSY, errno.EXDEV, errno.EEXIST, errno.EROFS}

    def refuse(self, errors):
        self.answers = errors | (set() if self.may else self.answers)
        self.may = False

    def pair(self, judge):
        """Which of two names is looked at first is nobody's business, nor whether a view is crossed."""
        if self.call == 'rename' and not judge.moves(*(w.name for w in self.walks)):
            self.refuse({errno.EACCES, None})
        if any(p.binds or any(line.kind != 'allow' or line.excepts for line in p.lines) for p in judge.policies):
            self.answers |= {errno.EACCES, errno.EXDEV}
        self.answers |= {None, errno.ENOENT, errno.ENOTDIR} if any(w.broken for w in self.walks) else {None}

    def natively(self, judge):
        broken = [w.broken for w in self.walks if w.broken]
        if broken:
            return [broken[0], None]
        return verdicts_asker.answer(self.call, [os.path.relpath(judge.real(w.name)) + w.slash for w in self.walks])


def listing_wrong(judge, directory, got, native):
    def shown(name):
        return judge.allowed('stat', f'{directory}/{name}'.replace('//', '/'))
    if judge.views(directory):  # under another of its names more may be seen, or less
        return None
    views = {n.rsplit('/', 1)[1] for policy in judge.policies for n, _, _ in policy.binds}
    more = [n for n in got if not shown(n) or (n not in native and n not in views)]
    less = [n for n in native if shown(n) and n not in got and n not in views]
    return f'lists {more} more, {less} less' if more or less else None


def compare(judge, question, got, cwd):
    """None, or what is wrong. The twin is changed as the box's tree was."""
    call, *paths = question
    expected = Expected(judge, call, paths, cwd)
    if got[0] == 0 and not expected.may:
        return f'allowed, expected {names_of(expected.answers)}'
    if None not in expected.answers:
        return None if got[0] in expected.answers else f'{name_of(got[0])}, expected {names_of(expected.answers)}'
    if got[0] in expected.answers:
        return None
    native = expected.natively(judge)
    if native[0] != got[0]:
        return f'{name_of(got[0])}, natively {name_of(native[0])}, expected {names_of(expected.answers)}'
    if got[0] == 0 and call == 'list':
        return listing_wrong(judge, expected.walks[0].name, got[1], native[1])
    if got[0] == 0 and native[1] != got[1]:
        return f'tells {got[1]}, natively {native[1]}'
    return None


def name_of(number):
    return errno.errorcode.get(number, str(number))


def names_of(errors):
    return ' or '.join(sorted('what it is natively' if e is None else name_of(e) for e in errors))


def make_tree(rng, root, shown_root):
    """The same for the same numbers; its links are to @shown_root."""
    files, places = [], ['', '/d0', '/d1', '/d0/d0', '/d0/d1', '/d1/d0', '/d0/d0/d1']
    for place in places:
        os.mkdir(root + place, 0o755)
    for place in places:
        for name in 'f0', 'f1', 'x0':
            if rng.random() < 0.6:
                files.append(f'{root}{place}/{name}')
                with open(files[-1], 'w', encoding='ascii') as f:
                    f.write('x\n')
                os.chmod(files[-1], 0o755 if name == 'x0' else 0o644)
        if rng.random() < 0.4:
            os.mkfifo(f'{root}{place}/p0', 0o644)
        if rng.random() < 0.3:
            here = os.getcwd()
            os.chdir(root + place)
            with socket.socket(socket.AF_UNIX) as s:
                s.bind('s0')
            os.chdir(here)
        if files and rng.random() < 0.3:
            os.link(rng.choice(files), f'{root}{place}/h0')
        for name in 'l0', 'l1':
            if rng.random() < 0.5:
                os.symlink(random_target(rng, shown_root), f'{root}{place}/{name}')
    return [place for place in places if place]


def random_path(rng, root, most, views):
    parts = [rng.choice(NAMES[:2] * 4 + NAMES + ['..', '.', '']) for _ in range(rng.randint(1, most))]
    path = '/'.join([root if rng.random() < 0.5 else 'tree', *parts])
    return '/'.join([rng.choice(views), *parts[1:]]) if views and rng.random() < 0.3 else path


def random_target(rng, root):
    """Of a link: from its own directory, or from the root."""
    parts = [rng.choice(NAMES[:4] * 2 + NAMES + ['..']) for _ in range(rng.randint(1, 3))]
    return '/'.join(([root] if rng.random() < 0.6 else []) + parts)


def random_pattern(rng, root):
    parts = [rng.choice(GLOBS[:2] * 3 + GLOBS) for _ in range(rng.randint(1, 3))]
    return root if rng.random() < 0.1 else '/'.join([root, *parts])


def random_patterns(rng, root, *counts):
    return [random_pattern(rng, root) for _ in range(rng.choice(counts))]


def random_policy(rng, root, places, judge):
    lines = []
    if rng.random() < 0.7:
        lines.append(Line('allow', rng.choice(['read', 'write', 'write', 'write', 'list']), [root], []))
    for _ in range(rng.randint(1, 4)):
        lines.append(Line('allow', rng.choice(['list', 'read', 'write', 'write', 'exec', 'unix']),
                          random_patterns(rng, root, 1, 2), random_patterns(rng, root, 0, 0, 1, 2)))
    for _ in range(rng.choice([0, 1, 1, 2])):
        lines.append(Line('deny', rng.choice(list(TAKES)), random_patterns(rng, root, 1), random_patterns(rng, root, 0, 0, 1)))
    if rng.random() < 0.4:
        lines.append(Line('hide', None, random_patterns(rng, root, 1), random_patterns(rng, root, 0, 0, 1)))
    binds = []
    if rng.random() < 0.5:
        name = rng.choice([f'{root}/v0', f'{root}/d1/v0', f'{root}/d1/d0'])
        target = root + rng.choice(places)
        seen = [b[0] for policy in judge.policies for b in policy.binds]
        if seen and rng.random() < 0.5:
            target = rng.choice(seen)
        if judge.allowed('stat', target) and not beneath(name, target) and not beneath(target, name):
            binds.append((name, target, rng.choice(['ro', 'rw'])))
    return Policy(lines, binds)


def random_question(rng, root, views):
    call = rng.choice([*LOOKS, *MAKES, *PAIRS])
    paths = [random_path(rng, root, 4, views) for _ in range(2 if call in PAIRS else 1)]
    if call in ('bind', 'connect'):
        paths = [p.replace(root, 'tree') for p in paths]
    if call not in LOOKS or call in ('rmdir', 'unlink', 'connect'):
        paths = [p.rstrip('/.') or 'new' for p in paths]
    return [call, *paths]


def snapshot(root):
    found, numbers = [], {}
    for directory, names, files in os.walk(root):
        for name in sorted(names + files):
            path = f'{directory}/{name}'
            st = os.lstat(path)
            what = [path[len(root):], stat.S_IFMT(st.st_mode), st.st_mode & 0o7777]
            if stat.S_ISLNK(st.st_mode):
                what = what[:2] + [os.readlink(path)]
            elif not stat.S_ISDIR(st.st_mode):
                what += [st.st_size, st.st_mtime == 1, numbers.setdefault(st.st_ino, path[len(root):])]
            found.append(what)
    return sorted(found, key=str)


class Case:
    def __init__(self, run, inner, work, seed, number):
        self.rng, self.work, self.number = random.Random(f'{seed} {number}'), work, number
        self.root, self.twin = f'{work}/tree', f'{work}/twin'
        tree = self.rng.random()
        for root in self.root, self.twin:
            shutil.rmtree(root, ignore_errors=True)
            places = make_tree(random.Random(tree), root, self.root)
        policies = self.known(*KNOWN[number]) if number < 0 else self.random(places)
        self.judge = Judge(self.root, self.twin, policies)
        self.command = []
        for n, policy in enumerate(policies):
            with open(f'{work}/level{n}.policy', 'w', encoding='ascii') as f:
                f.write('\n'.join(['policy 1', f'use {work}/common.policy', *policy.text(), '']))
            self.command += [run if n == 0 else inner, '-q', '-p', f'{work}/level{n}.policy', '--']

    def known(self, texts, questions):
        self.questions = [[call, *(p.replace('@', self.root) for p in paths)] for call, *paths in questions]
        return [policy_of(text, self.root) for text in texts]

    def random(self, places):
        policies = []
        for _ in range(self.rng.randint(1, LEVELS_MAX)):
            policies.append(random_policy(self.rng, self.root, places, Judge(self.root, self.twin, policies)))
        views = [name for policy in policies for name, _, _ in policy.binds]
        self.questions = [random_question(self.rng, self.root, views) for _ in range(QUESTIONS)]
        return policies

    def run(self):
        """(how many verdicts, what is wrong)"""
        cwd = self.work
        with open(f'{self.work}/questions', 'w', encoding='ascii') as f:
            f.writelines(ascii(q) + '\n' for q in self.questions)
        asker = [verdicts_asker.__file__, f'{self.work}/questions', '.']
        run = subprocess.run(self.command + ['/usr/bin/python3', '-ISB', *asker], cwd=cwd, capture_output=True,
                             text=True, check=False)
        answers = [ast.literal_eval(line) for line in run.stdout.splitlines()]
        if run.returncode == 125 and not answers:
            return 0, [], run.stderr
        bad = []
        os.chdir(self.work)
        for n, (question, got) in enumerate(zip(self.questions, answers)):
            wrong = compare(self.judge, question, got, cwd)
            if wrong:
                return n, [f'{question}: {wrong}'], ''
        if len(answers) != len(self.questions):
            bad.append(f'{len(answers)} answers to {len(self.questions)} questions: {run.stderr[-300:]}')
        elif snapshot(self.root) != snapshot(self.twin):
            differ = [w for w in snapshot(self.root) + snapshot(self.twin)
                      if (w in snapshot(self.root)) != (w in snapshot(self.twin))]
            bad.append(f'the trees differ: {differ[:4]}')
        return len(answers), bad, ''


def main():
    run, inner, work, seed, first, count = *sys.argv[1:4], *(int(n) for n in sys.argv[4:])
    os.umask(0o022)
    first = first or -len(KNOWN)
    done, number, unstarted, failed = 0, first, 0, 0
    while done < count and unstarted < 20 + number - first - unstarted and failed < 5:
        case = Case(run, inner, work, seed, number)
        verdicts, bad, refused = case.run()
        os.chdir('/')
        done += verdicts
        unstarted += refused != ''
        if bad:
            failed += 1
            print(f'VERDICTS_SEED={seed} VERDICTS_FIRST={number}:', *bad, sep='\n  ')
            for level, policy in enumerate(case.judge.policies):
                print(f'  level {level}:', ' ; '.join(policy.text()))
        number += 1
    print(f'{done} verdicts in {number - first} cases, {unstarted} of which could not be started')
    return 1 if failed or done < count else 0


sys.exit(main())
