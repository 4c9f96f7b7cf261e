#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What can be seen from the text alone. Each check is a function that yields what is wrong.

lint.py --build DIR [CHECK...]; exit status 0 only if nothing is wrong.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import storeys

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ['include', 'src', 'supervisor', 'shim', 'policies', 'tests', '.ci']
LINES_MAX = 825  # of a file; 800 is meant
LINES_PUBLIC = 1000  # of a public header, most of which is its documentation
LINES_SHOWN = 60  # of what a check says

# Who may include whom: folder of the file → folders and files it may take headers from.
# The longest folder that fits counts. Tests see everything.
MAY_INCLUDE = {
    'include': ['include'],
    'src/common': ['src/common'],
    'shim': ['shim', 'include', 'src/common/carrier.h', 'src/common/pcall-wire.h'],
    'supervisor': ['supervisor', 'supervisor/policy', 'supervisor/judge', 'src/policyc', 'src/client',
                   'src/common', 'include', 'shim/arch/x86_64/raw.h'],
    'supervisor/policy': ['supervisor/policy', 'src/common'],
    'supervisor/judge': ['supervisor/judge', 'supervisor/policy', 'src/common'],
    'src/client': ['supervisor', 'supervisor/policy', 'src/client', 'src/common', 'include'],
    'src/policyc': ['src/policyc', 'supervisor/policy', 'supervisor/judge', 'src/common'],
    'src/program': ['src/program', 'src/common', 'src/policyc', 'supervisor/policy', 'include'],
    'src/pcall': ['src/pcall', 'src/program', 'src/common', 'src/policyc', 'supervisor/policy', 'supervisor/judge',
                  'include'],
    'src/run': ['src/run', 'src/program', 'src/common', 'src/policyc', 'supervisor/policy', 'supervisor/judge',
                'include', 'supervisor/lib/policy_process.h'],  # how policies are read
    'tests': ['tests', 'supervisor', 'supervisor/policy', 'supervisor/judge', 'src/common',
              'src/policyc', 'src/client', 'src/program', 'src/pcall', 'include', 'shim'],
}
INCLUDE_DIRS = ['include', 'src', 'supervisor', 'supervisor/zygote/arch/x86_64', 'shim',
                'shim/arch/x86_64', 'tests']
FILES_MAX = 21  # of one folder


def files(*endings):
    found = ['dev'] if '' in endings else []
    for folder in FOLDERS:
        for where, dirs, names in os.walk(os.path.join(TREE, folder)):
            dirs[:] = [d for d in dirs if d not in ('__pycache__', 'corpus')]
            found += [os.path.relpath(os.path.join(where, n), TREE) for n in names
                      if n.endswith(tuple(e for e in endings if e)) or
                      ('' in endings and '.' not in n)]
    return sorted(found)


def text(path):
    with open(os.path.join(TREE, path), errors='replace') as f:
        return f.read()


def run(*command, stdin=None):
    """Yields what a command says, if it fails."""
    done = subprocess.run(command, cwd=TREE, input=stdin, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        yield done.stdout.strip() or f'{command[0]}: exit status {done.returncode}'


def each(function, items):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for problems in pool.map(lambda item: list(function(item)), items):
            yield from problems


def check_format():
    """clang-format has nothing to change"""
    def one(path):
        for said in run('clang-format', '--dry-run', '-Werror', path):
            places = re.findall(r':(\d+):\d+: error:', said)
            yield f'{path}: lines {" ".join(places[:10])}{" ..." if len(places) > 10 else ""}'
    yield from each(one, files('.c', '.h'))


def folder_of(path):
    return max((f for f in MAY_INCLUDE if path.startswith(f + '/')), key=len, default=None)


def header_path(path, name):
    """The file of ours that an include means, or None."""
    for where in [os.path.dirname(path)] + INCLUDE_DIRS:
        candidate = os.path.normpath(os.path.join(where, name))
        if os.path.exists(os.path.join(TREE, candidate)):
            return candidate
    return None


def check_includes():
    """includes go one way: shim and supervisor to common, programs to the public headers"""
    for path in files('.c', '.h'):
        allowed = MAY_INCLUDE.get(folder_of(path), [])
        for number, line in enumerate(text(path).splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*(["<])([^">]+)', line)
            header = match and header_path(path, match[2])
            if match and match[1] == '"' and not header:
                yield f'{path}:{number}: "{match[2]}" is no header of ours'
            elif header and folder_of(header) not in allowed and header not in allowed:
                yield f'{path}:{number}: {folder_of(path)} may not include {header}'


def check_storeys(build):
    """no arrow goes up or in a circle (storeys.py), and no folder is too full"""
    yield from storeys.check(TREE, build)
    for folder in storeys.STOREYS:
        count = sum(n.endswith(('.c', '.h')) for n in os.listdir(os.path.join(TREE, folder)))
        if count > FILES_MAX:
            yield f'{folder}: {count} files'


def compile_alone(compiler, *flags):
    def one(path):
        yield from run(*compiler, *flags, '-Wall', '-Wextra', '-Wno-unused-parameter', '-Werror',
                       '-fsyntax-only', *[f'-I{d}' for d in INCLUDE_DIRS], '-include', path, '-',
                       stdin='typedef int header_is_empty;\n')
    return one


RECEIVE = re.compile(r'\brecvm?msg\(')
RECEIVERS = ('supervisor/base/fdpass.c', 'supervisor/zygote/libc.c')


def check_receive():
    """descriptors are received in one place, which closes those that nobody asked for"""
    for path in files('.c', '.h'):
        if path.startswith('tests/') or path in RECEIVERS:
            continue
        for number, line in enumerate(text(path).splitlines(), 1):
            if RECEIVE.search(line):
                yield f'{path}:{number}: recvmsg: use fdpass_receive, or recv where none are expected'


def check_headers():
    """every header compiles alone"""
    yield from each(compile_alone(['gcc', '-xc'], '-std=gnu17', '-D_GNU_SOURCE'), files('.h'))


def check_public_headers():
    """public headers are C89 and C++ too, and need no _GNU_SOURCE"""
    public = [p for p in files('.h') if p.startswith('include/')]
    yield from each(compile_alone(['gcc', '-xc'], '-std=c89', '-pedantic'), public)
    yield from each(compile_alone(['g++', '-xc++'], '-std=c++11', '-pedantic'), public)


def functions(header, prefix):
    """The functions that a public header declares, and those that it defines in line."""
    code = re.sub(r'/\*.*?\*/', '', text(header), flags=re.S)
    found = set(re.findall(rf'^\w[^;{{}}#()]*?\b({prefix}\w*)\(', code, flags=re.M))
    found -= set(re.findall(rf'^typedef [^;]*?\b({prefix}\w*)\(', code, flags=re.M))
    inline = set(re.findall(rf'^SV_INLINE [^;{{}}]*?\b({prefix}\w*)\(', code, flags=re.M))
    return found - inline, inline


LIBRARIES = (('supervisor/libsupervisor.so', 'include/supervisor.h', 'sv_'),
             ('shim/libpcall.so', 'include/pcall.h', 'pcall'))


def check_exports(build):
    """the libraries export the functions of their public headers, and nothing else"""
    for library, header, prefix in LIBRARIES:
        if not os.path.exists(f'{build}/{library}'):
            continue
        shown = subprocess.run(['nm', '-D', '--defined-only', f'{build}/{library}'], text=True,
                               check=True, stdout=subprocess.PIPE).stdout
        exported = {line.split()[2].split('@')[0] for line in shown.splitlines()
                    if line.split()[1] in 'TBDR'}
        declared, _ = functions(header, prefix)
        for name in sorted(declared - exported):
            yield f'{name} stands in {header}, and {library} has it not'
        for name in sorted(exported - declared):
            yield f'{name} is exported by {library}, and stands not in {header}'


def parameters(declared):
    """The names of what a function takes."""
    inside = declared[declared.index('(') + 1:declared.rindex(')')]
    return [re.findall(r'(\w+|\.\.\.)(?:\[\w*\])?$', p.strip())[0]
            for p in inside.split(',') if p.strip() != 'void']


COMMENT = re.compile(r'/\*\*\n(.*?)\*/\n(\w[^;{]*[;{])', re.S)


# What stands in a public header for our own programs alone.
INTERNAL = {'sv_policy_new', 'sv_policy_tiers'}


def check_kernel_doc():
    """public functions and fields have their kernel-doc, and it names what there is"""
    for path in (p for p in files('.h') if p.startswith('include/')):
        code, documented = text(path), {}
        for comment, what in COMMENT.findall(code):
            name = re.match(r' \* (?:struct |enum )?(\w+)(?:\(\))? - ', comment)
            if not name:
                yield f'{path}: a comment for {what.split("(")[0]} names nothing'
                continue
            documented[name[1]] = comment
            said = re.findall(r'^ \* @(\w+|\.\.\.):', comment, re.M)
            if '(' in what:
                has = parameters(what)
                for word in ('Context', *(['Return'] if not what.startswith(('void', 'typedef void'))
                                          else [])):
                    if not re.search(rf'^ \* {word}: ', comment, re.M):
                        yield f'{path}: {name[1]} says no {word}'
            else:
                body = code[code.index(what):].split('};')[0].split('{', 1)[1]
                has = re.findall(r'(\w+)(?:\[\w+\])?[;,]' if what.startswith('struct') else
                                 r'(\w+)(?: = [^,}]*)?(?:,|\s*$)', body, re.M)
            for missing in [h for h in has if h not in said] + [s for s in said if s not in has]:
                yield f'{path}: {name[1]}: @{missing}'
        declared, inline = functions(path, '(?:sv_|pcall)')
        for name in sorted((declared | inline) - set(documented) - INTERNAL):
            yield f'{path}: {name} has no kernel-doc'


def check_length():
    """no file is too long"""
    for path in files('.c', '.h', '.py', '.sh', ''):
        lines = text(path).count('\n')
        if lines > (LINES_PUBLIC if re.match(r'include/.*\.h', path) else LINES_MAX):
            yield f'{path}: {lines} lines'


def check_words():
    """no notes to oneself, and each file names its licence"""
    notes = re.compile(r'\b(TO' r'DO|FIX' r'ME|X' r'XX)\b')
    for path in files('.c', '.h', '.py', '.sh', '.build', '.policy', ''):
        for number, line in enumerate(text(path).splitlines(), 1):
            if notes.search(line):
                yield f'{path}:{number}: {line.strip()}'
        if path.endswith(('.c', '.h', '.py')) and 'SPDX-License-Identifier' not in text(path)[:300]:
            yield f'{path}: no SPDX line'


def check_version():
    """meson.build, NEWS.md and the Debian package name the same version"""
    version = re.search(r"version: '([^']+)'", text('meson.build'))[1]
    for path, pattern in (('NEWS.md', r'^## (\S+?),'), ('debian/changelog', r'^pcall \(([^)]+)\)')):
        found = re.search(pattern, text(path), flags=re.M)
        if not found or found[1] != version:
            yield f'{path}: begins with version {found[1] if found else "?"}, and meson.build says {version}'


def check_scripts():
    """shell scripts parse, and shellcheck is content; python compiles"""
    shell = [p for p in files('.sh', '') if re.match(r'#!.*sh\b|.*\bSPDX', text(p)[:200], re.S)
             and 'python' not in text(p)[:60] and not text(p).startswith('#compdef')]
    for path in shell:
        bash = 'bash' in text(path).splitlines()[0]
        yield from run('bash' if bash else 'sh', '-n', path)
        # SC1090/1: tap.sh is found at run time. SC2034, SC2154: its settings are set for it to
        # read, and what it sets is read.
        yield from run('shellcheck', '-S', 'warning', '-s', 'bash' if bash else 'sh',
                       '-e', 'SC1090,SC1091,SC2034,SC2154', path)
    for path in files('.py') + ['tests/run']:
        try:
            compile(text(path), path, 'exec')
        except SyntaxError as error:
            yield f'{path}: {error}'


def check_manuals():
    """mandoc has nothing to warn of, and every public function has a manual"""
    for path in files(*(f'.{n}' for n in range(1, 9))):
        yield from run('mandoc', '-Tlint', '-Wwarning', path)
    explained = {name for path in files('.3') for name in
                 re.findall(r'^\.Nm (\w+)', text(path).split('.Sh SYNOPSIS')[0], flags=re.M)}
    for _, header, prefix in LIBRARIES:
        declared, inline = functions(header, prefix)
        there = {name for name in explained if name.startswith(prefix)}
        for name in sorted((declared | inline) - there):
            yield f'{name} stands in {header}, and in no NAME section of a manual'
        for name in sorted(there - declared - inline):
            yield f'{name} has a manual, and stands not in {header}'


def check_cppcheck():
    """cppcheck finds nothing"""
    # missingInclude*: notes about itself, not about the code. *ninitvar: false alarms for arrays that
    # are filled by index, and gcc and clang look too. memleak: does not see cleanup attributes.
    sources = [p for p in files('.c') if not p.startswith('tests/')]
    if sources:
        yield from run('cppcheck', '--quiet', f'-j{os.cpu_count()}', '--std=c11', '--language=c',
                       '--enable=warning,portability', '--inline-suppr', '--error-exitcode=1',
                       '-D_GNU_SOURCE', '-D__x86_64__', *[f'-I{d}' for d in INCLUDE_DIRS],
                       *[f'--suppress={name}' for name in
                         ('missingIncludeSystem', 'missingInclude', 'uninitvar', 'legacyUninitvar',
                          'memleak')], *sources)


def check_thread_safety(build):
    """clang proves that what a lock guards is touched under it alone (supervisor/base/lock.h)"""
    sources = [p for p in files('.c') if p.startswith('supervisor/') and '/zygote/' not in p]
    bare = re.compile(r'\bpthread_(?:mutex|rwlock|spin)_\w+\(')
    for path in files('.c', '.h'):
        if path.startswith('supervisor/') and path != 'supervisor/base/lock.h' and bare.search(text(path)):
            yield f'{path}: a lock of no kind; see supervisor/base/lock.h'
    yield from run('clang', '-fsyntax-only', '-std=gnu17', '-D_GNU_SOURCE', '-DLOCK_PROOF', '-Wno-everything',
                   '-Wthread-safety', '-Werror=thread-safety', '-DPCALL_VERSION=""', '-DPCALL_POLICY_DIR=""',
                   f'-I{build}/supervisor', *[f'-I{d}' for d in INCLUDE_DIRS], *sources)


def check_tidy(build):
    """clang-tidy finds nothing (the checks and why: clang-tidy.yaml)"""
    with open(f'{build}/compile_commands.json') as f:
        commands = json.load(f)
    # One command per file; clang 14 knows the first of these flags of gcc only with another that it
    # warns of, and the second not at all.
    chosen = {os.path.normpath(os.path.join(c['directory'], c['file'])): c for c in commands}
    for command in commands:
        for flag in ('-ftrivial-auto-var-init=zero', '-fno-tree-loop-distribute-patterns'):
            command['command'] = command['command'].replace(flag, '')
    with tempfile.TemporaryDirectory() as where:
        with open(f'{where}/compile_commands.json', 'w') as f:
            json.dump(list(chosen.values()), f)

        # What was clean is not looked at again until it, a header or the checks change.
        stamps = f'{build}/lint-stamps'
        os.makedirs(stamps, exist_ok=True)
        shared = ''.join(text(p) for p in files('.h', '.yaml') + ['tests/lint/lint.py'])

        def one(path):
            key = hashlib.sha256((path + text(path) + shared).encode()).hexdigest()
            if os.path.exists(f'{stamps}/{key}'):
                return
            clean = True
            # The analyzer takes nine tenths of the time; it is spent on what is trusted. Tests may
            # call system(), and look away from what close() says.
            folder = folder_of(os.path.relpath(path, TREE))
            off = '' if folder not in ('src/program', 'src/run', 'src/pcall', 'shim', 'tests', 'include') else '-clang-analyzer-*'
            # libc.c defines functions of libc, whose headers name parameters __like_this.
            if path.endswith('zygote/libc.c'):
                off += ',-readability-inconsistent-declaration-parameter-name'
            off += ',-cert-env33-c,-bugprone-unused-return-value' if folder == 'tests' else ''
            for said in run('clang-tidy', '--quiet', '-p', where, '--extra-arg=-Wno-everything',
                            f'--config-file={TREE}/tests/lint/clang-tidy.yaml',
                            f'--checks={off}', path):
                errors = [os.path.relpath(os.path.normpath(os.path.join(build, line)), TREE)
                          for line in said.splitlines() if ': error: ' in line]
                clean = False
                yield '\n'.join(errors) or said
            if clean:
                with open(f'{stamps}/{key}', 'w'):
                    pass
        yield from each(one, sorted(chosen))


CHECKS = [check_format, check_includes, check_storeys, check_receive, check_headers,
          check_public_headers, check_kernel_doc, check_exports, check_length, check_words, check_version,
          check_scripts, check_manuals, check_cppcheck, check_thread_safety, check_tidy]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', required=True)
    parser.add_argument('checks', nargs='*', help=' '.join(c.__name__[6:] for c in CHECKS))
    args = parser.parse_args()
    for tool in ('clang', 'clang-format', 'clang-tidy', 'cppcheck', 'shellcheck', 'mandoc', 'g++'):
        if not shutil.which(tool):
            print(f'lint: {tool} is missing', file=sys.stderr)
            return 125
    failed = 0
    for check in CHECKS:
        name = check.__name__[6:]
        if args.checks and name not in args.checks:
            continue
        begin = time.monotonic()
        takes_build = check.__code__.co_argcount == 1
        problems = list(check(args.build) if takes_build else check())
        failed += bool(problems)
        print(f"{'FAIL' if problems else 'ok':4}  {name:15} {check.__doc__}"
              f'  {time.monotonic() - begin:.1f} s', flush=True)
        lines = [line for problem in problems for line in problem.splitlines()]
        for line in lines[:LINES_SHOWN]:
            print('      ' + line)
        if len(lines) > LINES_SHOWN:
            print(f'      ... and {len(lines) - LINES_SHOWN} more lines')
    print(f'lint: {failed} checks failed' if failed else 'lint: nothing to complain of')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
