# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What README.md says is printed, is printed: its blocks `console` are run, in order, on a terminal in ~/demo.
# Numbers, times and places are not compared, nor which line comes first; blocks `sh`, which are not run,
# say so and why.
. "$PCALL_SOURCE/tests/tap.sh"
[ "${PCALL_TEST_PROFILE:-}" != docker-2021 ] || skip_all 'README is of a machine that has Landlock'
need /usr/bin/python3 curl git make gcc strace
mkdir -p "$HOME/demo" "$HOME/.ssh" "$HOME/.config/pcall" || exit 1
cd "$HOME/demo" || exit 1
git init -q . && git config user.name me && git config user.email me@example.org
echo hello >hello.txt
echo key >"$HOME/.ssh/id_ed25519"
echo token >.env
echo tool >tool
# shellcheck disable=SC2016 # for the script to expand
printf '%s\n' 'mkdir -p ~/tool/bin && cp tool ~/tool/bin && echo installed' "echo 'PATH=~/tool/bin:\$PATH' >> ~/.profile" >install.sh
printf '#include <stdio.h>\nint main(void) { return puts("1 test passed") < 0; }\n' >t.c
printf 'test:\n\t@gcc -o t t.c && ./t\n' >Makefile
printf '%s\n' t log .env >.git/info/exclude
git add . && git commit -q -m first

cat >"$tap_dir/blocks.py" <<'PY'
import os, pty, re, socket, subprocess, sys

home, build = os.environ['HOME'], os.environ['PCALL_BUILD']
text = open(os.environ['PCALL_SOURCE'] + '/README.md').read()
with socket.socket() as s:
    s.bind(('127.0.0.1', 0))
    port = str(s.getsockname()[1])

def masked(lines):
    """The lines that count, in one order, without what differs from machine to machine."""
    out = []
    for line in lines:
        line = re.sub(r'\x1b\[[0-9;?]*[A-Za-z]', '', line).replace(home, '/home/user')
        line = re.sub(r'/[^ ]*/(\w+\.policy)', r'\1', line)
        line = re.sub(r'[‘’]', "'", line)
        out.append(re.sub(r'\d+', 'N', ' '.join(line.split())))
    return sorted(line for line in out if line)

def on_terminal(script):
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(home + '/demo')
        os.environ.update(NO_COLOR='1', TERM='xterm', PATH=f'{build}/src:' + os.environ['PATH'])
        os.execv('/bin/sh', ['sh', '-c', script])
    out = b''
    while True:
        try:
            got = os.read(fd, 65536)
        except OSError:  # nobody has the other end any more
            break
        if not got:
            break
        out += got
    os.waitpid(pid, 0)
    os.close(fd)
    return out.decode(errors='replace').replace('\r', '').splitlines()

cases = []
heading, mark, not_run = '', '', []
blocks = re.split(r'^```', text, flags=re.M)
for number, block in enumerate(blocks):
    if number % 2 == 0:  # what stands between blocks
        heading = ([heading] + re.findall(r'^#+ (.*)$', block, flags=re.M))[-1]
        found = re.search(r'<!-- not run in a test[^:]*: (.*) -->\s*\Z', block)
        mark = found and found[1]
        continue
    kind, _, body = block.partition('\n')
    name = re.sub(r'\W+', '_', f'{heading} {number // 2}')
    lines = body.splitlines()
    if kind == 'console':
        if heading == 'Let an agent work here':
            policy = body.split('.policy\n', 1)[1].split('$ ', 1)[0]
            open(home + '/.config/pcall/agent.policy', 'w').write(policy)
        commands = [line[2:] for line in lines if line.startswith('$ ')]
        wanted = masked(line for line in lines if not line.startswith('$ '))
        for _ in range(5):  # what is told may fall into the middle of a command's line; not every time
            got = masked(on_terminal('\n'.join(commands).replace('8731', port)))
            if got == wanted:
                break
        cases.append((got == wanted, name, [f'- {x}' for x in wanted if x not in got] +
                      [f'+ {x}' for x in got if x not in wanted] + ['(or how often)']))
    elif kind == 'sh':
        not_run.append(f'{name}: {mark}')
        cases.append((bool(mark), f'{name}_says_why_it_is_not_run', []))
        # ... but that ./dev knows the word can be seen
        words = subprocess.run([os.environ['PCALL_SOURCE'] + '/dev', 'help'], stdout=subprocess.PIPE, text=True).stdout
        for word in re.findall(r'\./dev (\w+)', body):
            cases.append((f'\n  {word} ' in words, f'{name}_dev_has_{word}', []))
    else:
        cases.append((kind == 'c', f'{name}_is_of_a_known_kind', [kind]))
for word in re.findall(r'\./dev (\w+)', re.sub(r'```.*?```', '', text, flags=re.S)):
    if f'\n  {word} ' not in words:
        cases.append((False, f'dev_has_no_{word}', []))
print(f'# {sum(c[0] for c in cases)} as it says; blocks not run: {len(not_run)}')
for line in not_run:
    print('#  ', line)
cases.append((len(not_run) <= 3, 'few_blocks_are_not_run', not_run))
for number, (good, name, why) in enumerate(cases, 1):
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
    for line in [] if good else why:
        print('#', line)
print(f'1..{len(cases)}')
sys.exit(not all(c[0] for c in cases))
PY
/usr/bin/python3 "$tap_dir/blocks.py"
