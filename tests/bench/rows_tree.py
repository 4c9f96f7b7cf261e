# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rows of the tree: what depth, methods and many children cost.

Each sample is a ratio of two numbers that were taken one after the other, or a number of its own.
"""
import os
import subprocess

from measure import Failed
from rows import Row, Tree


class TreeRow(Row):
    runners = ('boxed',)
    unit = 'x'

    def use(self, bench, *argv, one_cpu=False, stderr=False):
        """What bench-tree prints, as a number."""
        program = os.path.join(bench.build, 'tests/bench/bench-tree')
        if not os.path.exists(program):
            raise Failed('bench-tree is not built yet')
        argv = (['taskset', '-c', '0'] if one_cpu else []) + [program, *map(str, argv)]
        try:
            done = subprocess.run(argv, cwd=self.dir, env=bench.env, stdin=subprocess.DEVNULL, text=True,
                                  capture_output=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            raise Failed('no end after 120 s') from None
        if done.returncode:
            said = (done.stderr.strip() or 'nothing said').splitlines()
            raise Failed(f'exit status {done.returncode}: {said[-1][:200]}')
        words = (done.stderr if stderr else done.stdout).split()
        return float(words[-1])

    def calls(self, bench, call):
        path = os.path.join(self.dir, 'file')
        with open(path, 'w') as f:
            f.write('file\n')
        return [os.path.join(bench.build, 'tests/bench/bench-calls'), call, path]


class Deep(TreeRow):
    """A call forwarded at one depth, over the same at depth 1."""
    def sample(self, bench, runner):
        argv = self.calls(bench, self.call)
        one = self.use(bench, 'deep', 1, *argv)
        return self.use(bench, 'deep', self.depth, *argv) / one


class DeepTree(TreeRow, Tree):
    """A whole program at one depth, over the same at depth 1; the starts of the levels taken off."""
    def seconds(self, bench, depth, *argv):
        program = os.path.join(bench.build, 'tests/bench/bench-tree')
        return bench.seconds([program, 'deep', str(depth), *argv], self.dir)

    def check(self, bench, runner):
        return ''

    def sample(self, bench, runner):
        one, many = (self.seconds(bench, depth, *self.argv) - self.seconds(bench, depth, '/bin/true')
                     for depth in (1, self.depth))
        return many / one


class Method(TreeRow):
    """A method with six words, over the bare round trip of a notification."""
    one_cpu = False

    def sample(self, bench, runner):
        bare = self.use(bench, 'bare', one_cpu=self.one_cpu)
        return self.use(bench, self.by, one_cpu=self.one_cpu) / bare


class Spawn(TreeRow):
    unit = 'ns'

    def sample(self, bench, runner):
        return self.use(bench, self.by)


class Many(TreeRow):
    """Latency beside many children, over that beside one."""
    def sample(self, bench, runner):
        argv = self.calls(bench, 'stat')
        one = self.use(bench, 'many', 2, *argv)
        return self.use(bench, 'many', self.children, *argv) / one


class ManyBytes(TreeRow):
    unit = 'B'

    def sample(self, bench, runner):
        return self.use(bench, 'many', self.children, '/bin/true', stderr=True)


class Flatten(TreeRow):
    unit = 'ns'

    def sample(self, bench, runner):
        return self.use(bench, 'flatten', self.children)


ROWS = [
    Deep('depth_stat', 'stat at depth 64 ÷ depth 1', (None, 1.1), call='stat', depth=64),
    Deep('depth_open', 'open + close at depth 64 ÷ depth 1', (None, 1.1), call='open_close', depth=64),
    DeepTree('depth_git', '`git status`, 10,000 files, at depth 8 ÷ depth 1', (None, 1.1), depth=8,
             argv=('/usr/bin/git', 'status', '--porcelain')),
    Method('method_root', 'method answered by the root ÷ bare notification', (None, 1.7), by='method'),
    Method('method_level', 'method answered by a level ÷ bare notification', (None, 4), by='method_level'),
    Spawn('spawn_root', 'spawning a child, until its exec', (None, 1e6), by='spawn'),
    Spawn('spawn_level', 'the same, asked for by a level', (None, 1.3e6), by='spawn_level'),
    ManyBytes('many_memory', 'memory for each of 1,000 children', (None, 200e3), children=1000),
    Many('many_stat', 'stat beside 1,000 children ÷ beside 1', (None, 1.3), children=1000),
    Flatten('flatten', 'a mask changed above 1,000 children', (None, 5e6), children=1000),
]
