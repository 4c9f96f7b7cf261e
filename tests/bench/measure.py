# SPDX-License-Identifier: LGPL-2.1-or-later
"""How things are measured: the runners (native, boxed, others), processes, memory, statistics."""
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import time

PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'


class Failed(Exception):
    """A sample that could not be taken; the text says why."""


class Bench:
    """Where things are, and how a command is run under each runner."""

    def __init__(self, tree, build, work, before=None):
        self.tree, self.build, self.work = tree, build, work
        self.boxed = os.path.join(build, 'src', 'pcall-run')
        self.before = before and os.path.join(os.path.abspath(before), 'src', 'pcall-run')
        self.home = os.path.join(work, 'home')
        os.makedirs(self.home, exist_ok=True)
        self.env = {'PATH': PATH, 'HOME': self.home, 'LANG': 'C.UTF-8', 'LC_ALL': 'C.UTF-8',
                    'TMPDIR': os.path.join(work, 'tmp'), 'TERM': 'dumb',
                    'PCALL_POLICY_PATH': os.path.join(tree, 'policies')}
        os.makedirs(self.env['TMPDIR'], exist_ok=True)
        self.env.update({k: v for k, v in os.environ.items()
                         if k.startswith(('npm_config_', 'http', 'HTTP', 'NODE_EXTRA'))})

    def runners(self):
        found = ['native']
        found += ['boxed'] if os.access(self.boxed, os.X_OK) else []
        if self.before:
            return found + ['before']  # in turns with that state alone
        return found + [r for r in ('bwrap', 'proot', 'firejail', 'runsc') if shutil.which(r, path=PATH)]

    def command(self, runner, argv, policy='readonly', rules=(), plain=False):
        """plain: bubblewrap with nothing but --unshare-pid --ro-bind / /, as the bar says."""
        if runner == 'native':
            return list(argv)
        if runner in ('boxed', 'before'):
            return [self.boxed if runner == 'boxed' else self.before, '-q', '-p', policy, *rules, '--', *argv]
        if runner == 'bwrap':
            more = [] if plain else ['--proc', '/proc', '--dev-bind', '/dev', '/dev',
                                     '--bind', self.work, self.work, '--die-with-parent']
            return ['bwrap', '--unshare-pid', '--ro-bind', '/', '/', *more, *argv]
        if runner == 'proot':
            return ['proot', *argv]
        if runner == 'firejail':
            return ['firejail', '--quiet', '--noprofile', '--', *argv]
        return ['runsc', '--rootless', '--network=host', 'do', '--', *argv]

    def output(self, argv, cwd, timeout=120):
        """What a command prints; Failed if it does not exit with 0."""
        try:
            done = subprocess.run(argv, cwd=cwd, env=self.env, stdin=subprocess.DEVNULL, text=True,
                                  capture_output=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired:
            raise Failed(f'no end after {timeout} s') from None
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip() or 'nothing said').splitlines()
            raise Failed(f'exit status {done.returncode}: {said[-1][:200]}')
        return done.stdout

    def seconds(self, argv, cwd, times=1):
        """Wall time of a whole process, the mean of some in a row; spawn and wait4, no shell."""
        program = shutil.which(argv[0], path=PATH) or argv[0]
        null = os.open('/dev/null', os.O_RDWR | os.O_CLOEXEC)
        actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
        here = os.getcwd()
        os.chdir(cwd)
        try:
            begin = time.perf_counter()
            for _ in range(times):
                pid = os.posix_spawn(program, argv, self.env, file_actions=actions)
                status = os.waitstatus_to_exitcode(os.wait4(pid, 0)[1])
                if status:
                    raise Failed(f'exit status {status}: {" ".join(argv)[:200]}')
            return (time.perf_counter() - begin) / times
        finally:
            os.chdir(here)
            os.close(null)


class Server:
    """A server in a process group of its own, from its first answer on a port until the block ends."""

    def __init__(self, bench, argv, cwd, port):
        self.bench, self.argv, self.cwd, self.port = bench, argv, cwd, port

    def __enter__(self):
        self.log = open(os.path.join(self.bench.work, 'server.log'), 'w+')
        self.process = subprocess.Popen(self.argv, cwd=self.cwd, env=self.bench.env, text=True,
                                        stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.02)
        self.__exit__()
        with open(self.log.name) as log:
            said = log.read().strip().splitlines() or ['nothing said']
        raise Failed(f'the server does not answer: {said[-1][:200]}')

    def __exit__(self, *_):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        self.process.wait()
        self.log.close()


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def descendants(pid):
    """pid and all under it."""
    found, todo = [], [pid]
    while todo:
        pid = todo.pop()
        found.append(pid)
        try:
            for task in os.listdir(f'/proc/{pid}/task'):
                with open(f'/proc/{pid}/task/{task}/children') as f:
                    todo += [int(p) for p in f.read().split()]
        except OSError:
            pass
    return found


def supervisor_bytes(pid):
    """Memory (PSS) of those under pid, itself included, that run pid's own program: the supervisor's."""
    program = os.readlink(f'/proc/{pid}/exe')
    total = 0
    for process in descendants(pid):
        try:
            if os.readlink(f'/proc/{process}/exe') != program:
                continue
            with open(f'/proc/{process}/smaps_rollup') as f:
                total += int(re.search(r'^Pss:\s+(\d+) kB', f.read(), re.M)[1]) * 1024
        except OSError:
            pass
    return total


def summary(samples):
    return statistics.median(samples), min(samples), max(samples)


def machine():
    with open('/proc/cpuinfo') as f:
        model = re.search(r'^model name\s*:\s*(.*)', f.read(), re.M)
    with open('/proc/meminfo') as f:
        memory = int(f.readline().split()[1]) / 2 ** 20
    name = os.uname()
    return (f"{model[1] if model else name.machine}, {os.cpu_count()} cores, {memory:.0f} GiB, "
            f"{name.sysname} {name.release}, load {os.getloadavg()[0]:.1f}")
