# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses an example as a person would: examples_drive.py embed|consent."""
import os
import socket
import subprocess
import sys
import time

BUILD = os.environ['PCALL_BUILD']
PCALL = f'{BUILD}/src/pcall'
LINES = [f'read {BUILD}', f'exec {BUILD}']


def expect(got, wanted):
    if got != wanted:
        sys.exit(f'got:    {got!r}\nwanted: {wanted!r}')


def job(daemon, command):
    """What a connection says, from its command to its end."""
    connection = socket.socket(socket.AF_UNIX)
    deadline = time.monotonic() + 60
    while True:  # until the daemon listens
        try:
            connection.connect('jobs')
            break
        except (FileNotFoundError, ConnectionRefusedError):
            if daemon.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    connection.sendall(command.encode())
    with connection.makefile() as lines:
        return lines.read()


def embed():
    daemon = subprocess.Popen([f'{BUILD}/tests/example/example-embed', 'jobs', 'method job.*', *LINES])
    try:
        expect(job(daemon, 'echo working'), 'working\nwait status 0\n')
        expect(job(daemon, f'for i in 10 50 100; do {PCALL} call job.progress $i; done'),
               'progress 10\n0\nprogress 50\n0\nprogress 100\n0\nwait status 0\n')
        expect(job(daemon, 'exit 3'), f'wait status {3 << 8}\n')
        expect(job(daemon, 'kill -9 $$'), 'wait status 9\n')
        expect(job(daemon, 'echo x > made 2>/dev/null || echo refused'), 'refused\nwait status 0\n')
        # Two at a time: the first ends when the second has come and gone.
        with socket.socket(socket.AF_UNIX) as first:
            first.connect('jobs')
            first.sendall(b'until [ -e go ]; do sleep 0.05; done; echo first')
            expect(job(daemon, 'echo second'), 'second\nwait status 0\n')
            with open('go', 'w', encoding='ascii'), first.makefile() as lines:
                expect(lines.read(), 'first\nwait status 0\n')
        expect(daemon.poll(), None)
    finally:
        daemon.kill()
        daemon.wait()


SCRIPT = '''
echo "first: $(PCALL call device.open --fd 2>&1)"
echo "second: $(PCALL call device.open --fd 2>&1)"
echo "third: $(PCALL call device.open --fd 2>&1)"
echo "fourth: $(PCALL call device.open --fd 2>&1)"
until seen=$(PCALL call device.open --fd 2>/dev/null); do sleep 0.05; done
echo "fifth: $seen"
cat DEVICE 2>/dev/null || echo "by itself: refused"
exit 7
'''


def consent():
    device = os.path.abspath('device')
    with open(device, 'w', encoding='ascii') as f:
        f.write('a picture\n')
    box = os.path.abspath('box')
    os.mkdir(box)
    script = SCRIPT.replace('PCALL', PCALL).replace('DEVICE', device)
    service = subprocess.Popen(
        [f'{BUILD}/tests/example/example-consent', device, f'exec {BUILD}', '--', 'sh', '-c', script],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=box)

    def says(wanted):
        line = service.stdout.readline()
        if wanted not in line:
            service.kill()
            sys.exit(f'got:    {line!r}\nwanted: {wanted!r}')

    def answer(*words):
        service.stdin.write(''.join(f'{word}\n' for word in words))

    question = f'asks for {device}: yes or no?'
    says(question)
    answer('yes')
    says('first: a picture')
    says(question)
    answer('no')
    says('second: pcall: device.open: Permission denied')
    says(question)
    answer('revoke', 'yes')  # who has asked already gets an answer
    says('revoke: 0')
    says('third: ')
    says('fourth: pcall: device.open: Permission denied')  # and nobody was asked
    answer('restore')
    says('restore: 0')
    says(question)
    answer('yes')
    says('fifth: a picture')
    says('by itself: refused')
    expect(service.stdout.read(), '')
    expect(service.wait(), 7)


{'embed': embed, 'consent': consent}[sys.argv[1]]()
