#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts the supervisor's own system calls for each call that it mediates, by strace.

Counts do not depend on what else the machine does, so they tell of a change where times cannot. A program in the box waits,
strace attaches to the supervisor's threads, the program makes its calls: what it makes of one row is made twice, some calls
and some more, and the difference is counted.
"""
import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import measure  # noqa: E402

ROWS = {'stat': 1, 'stat_relative': 1, 'fstat': 1, 'access': 1, 'missing': 2, 'open_close': 1, 'opendir': 1, 'getdents': 1, 'exec': 1}
NAME = re.compile(r'^\d+ +(?:<\.\.\. (\w+) resumed>|(\w+)\()')
IOCTL = re.compile(r'SECCOMP_IOCTL_NOTIF_(\w+)|_IOC\(_IOC_WRITE, 0x21, (0x4), ')


class Counted:
    """A program in a box that waits for what it is to call."""

    def __init__(self, bench, directory, one_cpu):
        self.log = os.path.join(directory, 'strace')
        program, file = os.path.join(directory, 'counted'), os.path.join(directory, 'file')
        shutil.copy(os.path.join(bench.build, 'tests/bench/bench-counted'), program)
        with open(file, 'w') as f:
            f.write('file\n')
        argv = bench.command('boxed', [program, file], rules=['--exec', program, '--read', directory])
        self.process = subprocess.Popen((['taskset', '-c', '0'] if one_cpu else []) + argv, cwd=directory, env=bench.env, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def call(self, row, count):
        self.process.stdin.write(f'{row} {count}\n')
        self.process.stdin.flush()
        if self.process.stdout.readline() != 'done\n':
            raise SystemExit(f'count: {row} failed in the box')

    def traced(self, row, count):
        """The lines of strace while so many calls are made."""
        tracer = subprocess.Popen(['strace', '-f', '-o', self.log, '-p', str(self.process.pid)], text=True, stderr=subprocess.PIPE)
        if 'attached' not in tracer.stderr.readline():
            raise SystemExit('count: strace cannot attach')
        self.call(row, count)
        tracer.send_signal(2)
        tracer.communicate()
        with open(self.log) as f:
            return f.readlines()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def named(lines):
    """What receivers called; what ended in another line than it began in is counted where it began."""
    found = []
    receivers = {line.split()[0] for line in lines if '_NOTIF_RECV' in line}
    for line in lines:
        match = NAME.match(line)
        if not match or match[1] or line.split()[0] not in receivers:
            continue
        which = IOCTL.search(line) if match[2] == 'ioctl' else None
        found.append('NOTIF_' + ('SET_FLAGS' if which[2] else which[1]) if which else match[2])
    return found


def count(counted, row, calls):
    counted.call(row, 4)
    few = collections.Counter(named(counted.traced(row, 0)))
    many = collections.Counter(named(counted.traced(row, calls)))
    many.subtract(few)
    return {name: n / calls for name, n in many.items() if n * 10 > calls}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n', maxsplit=1)[0])
    parser.add_argument('--build', required=True)
    parser.add_argument('--calls', type=int, default=100, help='of each row')
    parser.add_argument('--one-cpu', action='store_true', help='the box and its supervisor on one CPU')
    parser.add_argument('--lines', action='store_true', help="strace's own lines of four calls, instead of counts")
    parser.add_argument('rows', nargs='*', choices=[[], *ROWS])
    args = parser.parse_args()
    tree = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        counted = Counted(measure.Bench(tree, os.path.abspath(args.build), directory), directory, args.one_cpu)
        for row in args.rows or ROWS:
            if args.lines:
                counted.call(row, 4)
                print(f'--- {row}\n', *counted.traced(row, 4), sep='', end='')
                continue
            found = count(counted, row, args.calls)
            each = ', '.join(f'{name} {n / ROWS[row]:.3g}' for name, n in sorted(found.items(), key=lambda item: -item[1]))
            print(f'| {row} | {sum(found.values()) / ROWS[row]:.3g} | {each} |', flush=True)
        counted.close()


if __name__ == '__main__':
    main()
