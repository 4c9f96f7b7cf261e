# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rows: what is measured, and the bar that the boxed number must not miss.

A row's class prepares once, then takes one sample at a time for one runner.
"""
import os
import re
import shutil
import subprocess
import time

from measure import Failed, Server, free_port, supervisor_bytes


class Row:
    unit = 's'
    policy = 'readonly'
    higher = False  # is more better?
    repeat = 1      # times the number of repetitions asked for
    runners = None  # all, or the names of those that make sense

    def __init__(self, name, title, bar, **more):
        """bar: (what it is relative to: a runner, or None for an absolute number; the factor)."""
        self.name, self.title, self.bar = name, title, bar
        self.__dict__.update(more)

    def prepare(self, bench):
        self.dir = os.path.join(bench.work, self.name)
        os.makedirs(self.dir, exist_ok=True)

    def check(self, bench, runner):
        """One run that is not measured; what it returns must be the same for every runner."""
        return ''


class Calls(Row):
    """Nanoseconds per call, timed by the program itself."""
    unit = 'ns'
    repeat = 2
    call = None    # by default the row's name
    one_cpu = False  # all on one CPU: no hand-over between CPUs, which a virtual machine makes dear

    def prepare(self, bench):
        super().prepare(bench)
        self.file = os.path.join(self.dir, 'file')
        self.program = os.path.join(self.dir, 'calls')
        shutil.copy(os.path.join(bench.build, 'tests/bench/bench-calls'), self.program)
        with open(self.file, 'w') as f:
            f.write('file\n')

    def sample(self, bench, runner):
        argv = bench.command(runner, [self.program, self.call or self.name, self.file],
                             rules=['--exec', self.program, '--read', self.dir])
        return float(bench.output((['taskset', '-c', '0'] if self.one_cpu else []) + argv, self.dir))


class Whole(Row):
    """Wall time of a whole process."""
    argv = ('true',)
    times = 1
    plain = False
    rules = ()

    def command(self, bench, runner):
        return bench.command(runner, self.argv, self.policy, self.rules, self.plain)

    def before(self, bench):
        pass

    def check(self, bench, runner):
        self.before(bench)
        return bench.output(self.command(bench, runner), self.dir)

    def sample(self, bench, runner):
        self.before(bench)
        return bench.seconds(self.command(bench, runner), self.dir, self.times)


class Tree(Whole):
    """On 10,000 files in 100 directories, under git."""
    def prepare(self, bench):
        self.dir = os.path.join(bench.work, 'tree')
        if os.path.exists(self.dir):
            return
        for d in range(100):
            os.makedirs(f'{self.dir}/d{d:02}')
            for n in range(100):
                with open(f'{self.dir}/d{d:02}/f{n:02}.txt', 'w') as f:
                    f.write(f'file {d} {n}\n')
        for command in ('init -q', 'add .', '-c user.name=b -c user.email=b@localhost commit -qm files'):
            bench.output(['git', *command.split()], self.dir)
        time.sleep(1.1)  # else git reads each file again: as young as its index
        bench.output(['git', 'status'], self.dir)


class Compile(Whole):
    def prepare(self, bench):
        super().prepare(bench)
        body = '\n'.join(
            f'int f{i}(const char *s, int n)\n{{\n\tchar b[64];\n\tsnprintf(b, sizeof(b), "%s%d", s, n + {i});\n'
            f'\tfor (size_t k = 0; k < strlen(b); k++)\n\t\tn += b[k] * {i + 3};\n\treturn n;\n}}'
            for i in range(40))
        for n in range(20):
            with open(f'{self.dir}/c{n:02}.c', 'w') as f:
                f.write('#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n'
                        f'#include <sys/socket.h>\n{body}\n')
        with open(f'{self.dir}/Makefile', 'w') as f:
            f.write('all: $(patsubst %.c,%.o,$(wildcard *.c))\n%.o: %.c\n\tgcc -O1 -c -o $@ $<\n')

    def before(self, bench):
        for name in os.listdir(self.dir):
            if name.endswith('.o'):
                os.unlink(os.path.join(self.dir, name))


class Npm(Whole):
    def prepare(self, bench):
        super().prepare(bench)
        with open(f'{self.dir}/package.json', 'w') as f:
            f.write('{"name":"bench","version":"1.0.0","private":true,'
                    '"dependencies":{"is-odd":"3.0.1"}}\n')
        bench.output(list(self.argv), self.dir)  # fills the cache

    def before(self, bench):
        shutil.rmtree(f'{self.dir}/node_modules', ignore_errors=True)
        if os.path.exists(f'{self.dir}/package-lock.json'):
            os.unlink(f'{self.dir}/package-lock.json')

    def check(self, bench, runner):
        super().check(bench, runner)
        return ' '.join(sorted(os.listdir(f'{self.dir}/node_modules')))


class Redis(Row):
    unit = '1/s'
    higher = True
    policy = 'workspace'

    def sample(self, bench, runner):
        port = free_port()
        requests = 6000 if runner == 'proot' else 60000  # a rate; proot would take minutes
        argv = ['redis-server', '--port', str(port), '--bind', '127.0.0.1', '--save', '',
                '--appendonly', 'no', '--dir', self.dir]
        argv = bench.command(runner, argv, self.policy, ['--listen', f'127.0.0.1:{port}'])
        with Server(bench, argv, self.dir, port):
            said = bench.output(['redis-benchmark', '-p', str(port), '-t', self.test, '-n', str(requests),
                                 '-q', '--csv'], self.dir)
        match = re.search(rf'^"{self.test}","([\d.]+)"', said, re.M | re.I)
        if not match:
            raise Failed(f'redis-benchmark said {said!r}')
        return float(match[1])


class Nginx(Row):
    unit = '1/s'
    higher = True
    policy = 'workspace'
    conf = '''daemon off; master_process off; pid {dir}/pid; error_log {dir}/error.log;
events {{ worker_connections 512; }}
http {{
	access_log off;
	client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
	uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
	server {{ listen 127.0.0.1:{port}; root {dir}/www; }}
}}
'''

    def sample(self, bench, runner):
        port = free_port()
        os.makedirs(f'{self.dir}/www', exist_ok=True)
        with open(f'{self.dir}/www/index.html', 'w') as f:
            f.write('<p>hello\n' * 100)
        with open(f'{self.dir}/nginx.conf', 'w') as f:
            f.write(self.conf.format(dir=self.dir, port=port))
        argv = ['nginx', '-e', f'{self.dir}/error.log', '-c', f'{self.dir}/nginx.conf']
        argv = bench.command(runner, argv, self.policy, ['--listen', f'127.0.0.1:{port}'])
        with Server(bench, argv, self.dir, port):
            said = bench.output(['wrk', '-t1', '-c32', '-d2s', f'http://127.0.0.1:{port}/index.html'],
                                self.dir)
        match = re.search(r'Requests/sec:\s+([\d.]+)', said)
        if not match or 'Non-2xx' in said or 'Socket errors' in said:
            raise Failed(f'wrk said {said!r}')
        return float(match[1])


class Memory(Row):
    """The supervisor's bytes with one child, or those that each child after the first adds."""
    unit = 'B'
    runners = ('boxed',)
    children = 1

    def bytes_of(self, bench, argv):
        with subprocess.Popen(argv, cwd=self.dir, env=bench.env, text=True, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as process:
            try:
                if process.stdout.readline().strip() != 'ready':
                    raise Failed('not ready')
                time.sleep(0.2)
                return supervisor_bytes(process.pid)
            finally:
                process.stdin.close()
                process.stdout.close()
                process.wait(10)

    def sample(self, bench, runner):
        if self.children == 1:
            return self.bytes_of(bench, bench.command(runner, ['sh', '-c', 'echo ready; read x']))
        program = os.path.join(bench.build, 'tests/bench/bench-children')
        if not os.path.exists(program):
            raise Failed('bench-children is not built yet')
        few, many = (self.bytes_of(bench, [program, str(n)]) for n in (1, self.children))
        return (many - few) / (self.children - 1)


NPM = ('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error')

ROWS = [
    Whole('true', '`true`, whole process', ('bwrap', 1), times=20, plain=True, repeat=2),
    Calls('stat', 'stat of one file', ('proot', 1 / 5)),
    Calls('open_close', 'open + close of one file', ('proot', 1 / 7)),
    Calls('stat_1cpu', 'stat, all on one CPU', ('proot', 1 / 5), call='stat', one_cpu=True),
    Calls('open_close_1cpu', 'open + close, all on one CPU', ('proot', 1 / 7), call='open_close',
          one_cpu=True),
    Calls('getppid', 'getppid', ('native', 1.05)),
    Calls('read', 'read', ('native', 1.05)),
    Calls('futex', 'futex (wake)', ('native', 1.05)),
    Tree('git_status', '`git status`, 10,000 files', ('proot', 1 / 3), policy='workspace',
         argv=('git', 'status', '--porcelain')),
    Tree('find', '`find -size`, 10,000 files', ('proot', 1 / 3),
         argv=('find', '.', '-type', 'f', '-size', '+100k')),
    Compile('compile20', '20 C files, `make -j2`', ('native', 1.2), policy='build',
            argv=('make', '-s', '-j2')),
    Whole('python_pass', '`python3 -c pass`', ('native', 1.2), times=5,
          argv=('/usr/bin/python3', '-c', 'pass')),
    Npm('npm_install', '`npm install`, warm cache', ('native', 1.2), policy='npm', argv=NPM),
    Redis('redis_set', 'redis-benchmark SET', ('native', 0.97), test='set'),
    Redis('redis_get', 'redis-benchmark GET', ('native', 0.97), test='get'),
    Nginx('nginx', 'nginx, requests', ('native', 0.97)),
    Memory('memory', 'supervisor memory, 1 child', (None, 4e6)),
    Memory('memory_more', 'each further child of 100', (None, 200e3), children=100),
]
