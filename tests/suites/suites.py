#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs two public test suites, Python's own and libuv's, natively and boxed, and compares test by test.

suites.py --build DIR [--libuv DIR] [--depth N]... [--user NAME] [UNIT...]

A unit is a module of Python's suite (test_os) or a test of libuv's (uv:tcp_open); wildcards may be used.
Each is run twice natively, then at each depth. What ends otherwise in a box is tried again; if it then ends as natively,
it came and went, and is listed as such. Every difference that stays needs a line of `expected`, and every line there a
difference.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import fnmatch
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
MODULES = '''
test_subprocess test_socket test_asyncio test_signal test_threading test_multiprocessing_spawn
test_multiprocessing_forkserver test_os test_posix test_posixpath test_genericpath test_shutil test_tempfile
test_pathlib test_glob test_fileio test_io test_file test_mmap test_fcntl test_socketserver test_select
test_selectors test_epoll test_poll test_pty test_openpty test_resource test_wait3 test_wait4 test_fork1 test_popen
test_pwd test_grp test_getpass test_mailbox test_zipfile test_tarfile test_dbm_dumb test_shelve test_filecmp
test_fileinput test_eintr test_threadsignals test_faulthandler test_concurrent_futures test_httpservers
test_ftplib test_asyncore test_ssl test_urllib2_localnet test_logging test_cmd_line test_cmd_line_script test_stat
test_platform test_time test_pipes test_zipapp test_compileall test_import test_syslog
'''.split()
PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
SECONDS = {'python': 900, 'libuv': 90}  # a limit is for what hangs
AGAIN = 3
WORDS_MAX = 200  # of names on a command line; with more the whole unit is run again
UV_SKIP = 7
FAILED_TO_START = 125
print_lock = threading.Lock()
ports_lock = threading.Lock()  # libuv's tests listen on fixed ports

# Of one test: ok, skip, fail or none (it was not there), and why.
Outcome = collections.namedtuple('Outcome', 'what why')
NONE = Outcome('none', 'not run')


def say(*words):
    with print_lock:
        print(*words, flush=True)


def session_members(session):
    """Processes of a session that live."""
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/stat', errors='replace') as f:
                state, _, _, sid = f.read().rsplit(')', 1)[1].split()[:4]
        except OSError:
            continue
        if int(sid) == session and state not in 'ZX':
            yield int(pid)


class Box:
    """How a command is run: by whom, and how many boxes deep; 0 is natively."""

    def __init__(self, options, depth):
        self.options, self.depth = options, depth

    def command(self, words):
        user, become = self.options.user, []
        if user:
            become = ['setpriv', '--reuid', user, '--regid', user, '--init-groups', '--inh-caps=-all', '--']
        elif os.getuid() == 0:  # in a box root holds no capabilities, so none without it either
            become = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--']
        box = [f'{self.options.build}/src/pcall-run', '-q', '-p', f'{HERE}/suites.policy', '--']
        return become + box * self.depth + words

    def run(self, words, scratch, seconds):
        """Exit status (None: killed, it took too long) and output."""
        with open(f'{scratch}/out', 'w+', errors='backslashreplace') as out:
            child = subprocess.Popen(self.command(words), cwd=f'{scratch}/work', env=self.environment(scratch),
                                     stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
            try:
                status = child.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                status = None
                child.send_signal(signal.SIGTERM)
                time.sleep(1)
            for pid in list(session_members(child.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            child.wait()
            out.seek(0)
            said = out.read()
        if self.depth and status == FAILED_TO_START:
            sys.exit(f'pcall-run failed: {said}')
        return status, said

    def environment(self, scratch):
        name = self.options.user or pwd.getpwuid(os.getuid()).pw_name
        env = {'PATH': PATH, 'HOME': f'{scratch}/home', 'TMPDIR': f'{scratch}/work/tmp', 'SHELL': '/bin/sh',
               'USER': name, 'LOGNAME': name, 'LANG': 'C.UTF-8', 'PCALL_SOURCE': SOURCE,
               'PCALL_BUILD': self.options.build, 'PCALL_POLICY_PATH': f'{SOURCE}/policies',
               # libuv's: no questions to a name server, and time for a busy machine
               'RES_OPTIONS': 'attempts:0', 'UV_TEST_TIMEOUT_MULTIPLIER': '4'}
        if name == 'root':
            env['UV_RUN_AS_ROOT'] = '1'
        return env


@contextlib.contextmanager
def scratch_new(user, fixtures=None):
    """A directory with home and work. Its name is short: a socket's has 108 bytes."""
    scratch = tempfile.mkdtemp(prefix='ps.')
    try:
        os.chmod(scratch, 0o755)
        for name in ('home', 'work', 'work/tmp'):
            os.mkdir(f'{scratch}/{name}', mode=0o755)
        if fixtures:
            shutil.copytree(fixtures, f'{scratch}/work/test/fixtures')
        if user:
            subprocess.run(['chown', '-R', f'{user}:', scratch], check=True)
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


class Module:
    """One module of Python's suite, run in one process."""
    suite = 'python'

    def __init__(self, options, name):
        self.options, self.name = options, name

    def run(self, box, names=()):
        with scratch_new(self.options.user) as scratch:
            results = f'{scratch}/work/results'
            words = ['/usr/bin/python3', f'{HERE}/python_module.py', results, self.name, *names]
            status, out = box.run(words, scratch, SECONDS['python'])
            return self.read(results, status, out)

    def read(self, results, status, out):
        how = 'took too long' if status is None else f'exit status {status}: ' + ' '.join(out.split())[-300:]
        outcomes, ended = {}, False
        try:
            with open(results, encoding='utf-8') as f:
                lines = f.read().splitlines()
        except OSError:
            lines = []
        for line in lines:
            what, *rest = line.split('\t', 2)
            if what == 'end':
                ended = True
            elif what == 'begin':
                outcomes[rest[0]] = Outcome('fail', f'did not end; {how}')
            else:
                outcomes[rest[0]] = Outcome(what, rest[1])
        if not ended:
            outcomes[self.name] = Outcome('fail', f'did not end; {how}')
        return outcomes


class UvTest:
    """One test of libuv's suite."""
    suite = 'libuv'

    def __init__(self, options, name):
        self.options, self.name = options, name

    def run(self, box, names=()):
        del names
        words = [f'{self.options.libuv}/uv_run_tests_a', self.name.removeprefix('uv:')]
        with scratch_new(self.options.user, f'{self.options.libuv}/test/fixtures') as scratch, ports_lock:
            status, out = box.run(words, scratch, SECONDS['libuv'])
        what = {0: 'ok', UV_SKIP: 'skip'}.get(status, 'fail')
        said = [line for line in out.splitlines() if line.startswith('#') or 'failed' in line or 'skip' in line.lower()]
        how = 'took too long' if status is None else ' '.join((said and ' '.join(said) or out).split())[-400:]
        return {self.name: Outcome(what, how)}


class Line:
    """A line of `expected`: suite, test, user/depth, reason."""

    def __init__(self, text, number):
        self.suite, self.test, who, self.reason = text.split(None, 3)
        self.user, self.depth = who.removesuffix('?').split('/')
        self.always = not who.endswith('?')
        self.number, self.used, self.tried = number, False, False

    def means(self, suite, test, user, depth):
        return self.suite == suite and fnmatch.fnmatchcase(test, self.test) and \
            fnmatch.fnmatchcase(user, self.user) and fnmatch.fnmatchcase(str(depth), self.depth)


def expected_read():
    with open(f'{HERE}/expected') as f:
        return [Line(text, number) for number, text in enumerate(f, 1) if text.strip() and text[0] != '#']


class Comparison:
    def __init__(self, options):
        self.options = options
        self.user = 'root' if not options.user and os.getuid() == 0 else 'user'
        self.expected = expected_read()
        self.tests = self.same = 0
        self.flaky, self.gone, self.named, self.wrong, self.broken = [], [], [], [], []
        self.lock = threading.Lock()

    def run(self, unit):
        begin = time.monotonic()
        native = Box(self.options, 0)
        natives = [unit.run(native), unit.run(native)]
        names = set(natives[0]) | set(natives[1])
        flaky = {n for n in names if len({r.get(n, NONE).what for r in natives}) > 1}
        with self.lock:
            self.tests += len(names)
            self.broken += [unit.name] if unit.suite == 'python' and unit.name in names else []
            self.flaky += [(unit, n, [r.get(n, NONE) for r in natives]) for n in sorted(flaky)]
        differ = 0
        for depth in self.options.depth:
            differ += self.compare(unit, depth, natives, flaky)
        if differ or unit.suite == 'python':
            say(f'{unit.suite} {unit.name}: {len(names)} tests, {differ} differ ({time.monotonic() - begin:.0f} s)')

    def compare(self, unit, depth, natives, flaky):
        box = Box(self.options, depth)
        boxed = unit.run(box)
        names = (set(boxed) | set(natives[0])) - flaky
        differ = {n for n in names if boxed.get(n, NONE).what != natives[0].get(n, NONE).what}
        if unit.name in differ:  # it did not end; what was not reached says nothing more
            differ = {n for n in differ if boxed.get(n, NONE).what != 'none'}
        named = {n for n in differ if self.lines(unit, n, depth)}
        gone = self.again(unit, box, natives[0], differ - named)
        with self.lock:
            self.same += len(names - differ)
            for line in self.expected:
                line.tried |= any(line.means(unit.suite, n, self.user, depth) for n in names)
            self.gone += [(unit, depth, n, boxed.get(n, NONE)) for n in sorted(gone)]
            for name in sorted(differ - gone):
                self.difference(unit, depth, name, natives[0].get(name, NONE), boxed.get(name, NONE))
        return len(differ - gone)

    def again(self, unit, box, native, differ):
        """Which of these end alike if they are run once more: they came and went."""
        gone = set()
        for _ in range(AGAIN):
            left = sorted(differ - gone)
            if not left:
                break
            words = left if len(left) <= WORDS_MAX and set(left) <= set(native) else ()
            boxed, natively = unit.run(box, words), unit.run(Box(self.options, 0), words)
            gone |= {n for n in left if boxed.get(n, NONE).what == native.get(n, NONE).what or
                     natively.get(n, NONE).what != native.get(n, NONE).what}
        return gone

    def lines(self, unit, name, depth):
        return [line for line in self.expected if line.means(unit.suite, name, self.user, depth)]

    def difference(self, unit, depth, name, native, boxed):
        lines = self.lines(unit, name, depth)
        for line in lines:
            line.used = True
        entry = f'{unit.suite} {name} {self.user}/{depth}', native, boxed
        (self.named if lines else self.wrong).append((*entry, lines[0].reason.strip() if lines else None))
        if not lines:
            say(f'DIFFERENT: {entry[0]}\n\tnatively {native.what} {native.why}\n\tboxed    {boxed.what} {boxed.why}')

    def report(self):
        for unit, name, outcomes in self.flaky:
            say(f'flaky: {unit.suite} {name}: natively', ', then '.join(f'{o.what} ({o.why})' for o in outcomes))
        for unit, depth, name, boxed in self.gone:
            say(f'came and went: {unit.suite} {name} {self.user}/{depth}: {boxed.what} ({boxed.why})')
        for reason, count in collections.Counter(n[3] for n in self.named).most_common():
            say(f'expected: {count} differ: {reason}')
        for name in self.broken:
            say(f'does not end natively either: {name}')
        idle = [line for line in self.expected if line.tried and line.always and not line.used]
        for line in idle:
            say(f'expected:{line.number}: no longer differs: {line.suite} {line.test} {line.user}/{line.depth}')
        say(f'{self.tests} tests as {self.user} at depths {self.options.depth}: {self.same} the same,'
            f' {len(self.named)} differ as expected, {len(self.wrong)} differ, {len(self.flaky)} are flaky natively,'
            f' {len(self.gone)} came and went, {len(idle)} lines are idle')
        return not self.wrong and not idle and not self.broken and self.tests > 0


def units(options):
    wanted = options.unit or ['*']
    names = [Module(options, m) for m in MODULES]
    if os.path.exists(f'{options.libuv}/uv_run_tests_a'):
        # Nothing but names; helpers of tests stand among them, after these.
        said = subprocess.run([f'{options.libuv}/uv_run_tests_a', '--list'], capture_output=True, text=True, check=True,
                              env={'UV_RUN_AS_ROOT': '1'}).stdout
        names += [UvTest(options, f'uv:{n.strip()}') for n in said.splitlines() if n.strip()]
    return [u for u in names if any(fnmatch.fnmatchcase(u.name, w) for w in wanted)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', required=True)
    parser.add_argument('--libuv', help='folder of uv_run_tests_a and test/fixtures (default: BUILD/suites/libuv)')
    parser.add_argument('--user', help='whom they are run as')
    parser.add_argument('--depth', type=int, action='append')
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument('unit', nargs='*')
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    options.libuv = os.path.abspath(options.libuv or f'{options.build}/suites/libuv')
    options.depth = options.depth or [1, 2]
    comparison = Comparison(options)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for done in concurrent.futures.as_completed([pool.submit(comparison.run, u) for u in units(options)]):
            done.result()
    sys.exit(not comparison.report())


if __name__ == '__main__':
    main()
