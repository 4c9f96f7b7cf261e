#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the tests of one module of Python's own suite, each told as it begins and ends.

python_module.py RESULTS MODULE [TEST...]: writes to the file RESULTS, a line each: `begin NAME`, then
`ok|skip|fail NAME REASON`. So what a crash or a hang took is known. Resources that want the network, much
memory or much time are off. With names only these tests are run.
"""
import gc
import sys
import unittest

from test import support
from test.support import os_helper, threading_helper

RESOURCES = ['subprocess', 'tzdata', 'decimal', 'curses']
LOOPBACK = {'test_socketserver'}  # wants the network, and uses no other


class Results(unittest.TestResult):
    def __init__(self, path, module):
        super().__init__()
        self.file = open(path, 'w', buffering=1, encoding='utf-8', errors='backslashreplace')
        self.prefix = f'test.{module}.'

    def name(self, test):
        name = test.id().removeprefix('test.')
        return name.replace(' ', '_')

    def tell(self, outcome, test, reason=''):
        self.file.write(f'{outcome}\t{self.name(test)}\t{reason}\n')

    def tell_failure(self, test, error):
        said = ' '.join(str(error[1]).split())[:400]
        self.tell('fail', test, f'{error[0].__name__}: {said}')

    def startTest(self, test):
        super().startTest(test)
        self.failed = False
        self.tell('begin', test)

    def addSuccess(self, test):
        super().addSuccess(test)
        if not self.failed:
            self.tell('ok', test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.tell('skip', test, ' '.join(reason.split()))

    def addError(self, test, err):
        super().addError(test, err)
        self.failed = True
        self.tell_failure(test, err)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.failed = True
        self.tell_failure(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err and not self.failed:
            self.failed = True
            self.tell_failure(test, err)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.tell('ok', test)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.tell('fail', test, 'unexpected success')


def cases(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from cases(test)
        else:
            yield test


def main():
    path, module, *names = sys.argv[1:]
    support.use_resources = RESOURCES + (['network'] if module in LOOPBACK else [])
    support.verbose = 0
    results = Results(path, module)
    with os_helper.temp_cwd('python'):
        suite = unittest.defaultTestLoader.loadTestsFromName(f'test.{module}')
        if unittest.defaultTestLoader.errors:
            sys.exit(unittest.defaultTestLoader.errors[0])
        if names:
            suite = unittest.TestSuite(t for t in cases(suite) if results.name(t) in names)
        threads = threading_helper.threading_setup()
        suite.run(results)
        threading_helper.threading_cleanup(*threads)
        gc.collect()
    results.file.write('end\n')


if __name__ == '__main__':
    main()
