# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plays a person at a terminal: types into bash, waits for what appears. Prints TAP."""
import fcntl
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

RUN, WORK = sys.argv[1:3]
PATIENCE = 20


class Terminal:
    def __init__(self, *argv):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(PS1='> ', TERM='dumb', NO_COLOR='1')
            os.chdir(WORK)
            argv = argv or ('bash', '--norc', '--noediting', '-i')
            os.execvp(argv[0], argv)
        self.text = ''
        self.seen = ''

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait(self, word):
        """Is this shown in time? What was shown up to it is in self.seen, and forgotten."""
        end = time.monotonic() + PATIENCE
        while word not in self.text:
            ready = select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]
            try:
                data = os.read(self.fd, 65536) if ready else b''
            except OSError:
                data = b''
            if not data:
                print('# waited for %r, saw %r' % (word, self.text[-400:]))
                return False
            self.text += data.decode(errors='replace')
        at = self.text.index(word) + len(word)
        self.seen, self.text = self.text[:at], self.text[at:]
        return True

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def interrupt_ends_the_command(t):
    t.type(f'{RUN} sh -c "echo up; exec sleep 100"; echo =$?\n')
    return t.wait('up\r') and not t.type('\x03') and t.wait('=130')


def quit_ends_the_command(t):
    t.type(f'ulimit -c 0; {RUN} sh -c "echo up; exec sleep 100"; echo =$?\n')
    return t.wait('up\r') and not t.type('\x1c') and t.wait('=131')


def interrupt_reaches_the_command_once(_):
    counter = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'cli_count_signals.py')
    t = Terminal(RUN, '-r', counter, '/usr/bin/python3', counter)
    if not t.wait('up\r'):
        return False
    # Two that come at once would be one: the command gets the terminal's before pcall-run looks at its own.
    os.kill(t.pid, signal.SIGSTOP)
    t.type('\x03')
    time.sleep(0.5)
    os.kill(t.pid, signal.SIGCONT)
    time.sleep(0.5)
    t.type('\n')
    ok = t.wait('left') and 'got 1' in t.seen
    t.close()
    return ok


def stop_and_foreground(t):
    t.type(f'{RUN} sh -c "echo up; exec cat"\n')
    if not t.wait('up\r'):
        return False
    t.type('one\n')
    if not t.wait('one\r\none'):
        return False
    t.type('\x1a')
    if not t.wait('Stopped'):
        return False
    t.type('jobs\n')
    if not t.wait('Stopped'):
        return False
    t.type('fg\n')
    time.sleep(0.3)
    t.type('two\n')
    if not t.wait('two\r\ntwo'):
        return False
    t.type('\x04')
    t.type('echo =$?\n')
    return t.wait('=0')


def background_read_stops(t):
    t.type(f'{RUN} cat &\n')
    time.sleep(1)
    t.type('jobs\n')
    if not t.wait('Stopped'):
        return False
    t.type('fg\n')
    time.sleep(0.3)
    t.type('three\n')
    ok = t.wait('three\r\nthree')
    t.type('\x04')
    return ok


def resize_reaches_the_command(t):
    program = "trap 'stty size' WINCH; echo up; while :; do sleep 0.1; done"
    t.type(f'{RUN} sh -c "{program}"\n')
    if not t.wait('up\r'):
        return False
    t.resize(33, 77)
    ok = t.wait('33 77')
    t.type('\x03')
    return ok


def shell_inside_has_job_control(t):
    t.type(f'{RUN} --env PS1="in> " bash --norc --noediting -i\n')
    if not t.wait('in> '):
        return False
    t.type('sleep 100\n')
    time.sleep(0.5)
    t.type('\x1a')
    if not t.wait('Stopped'):
        return False
    t.type('fg\n')
    time.sleep(0.5)
    t.type('\x03')
    t.type('echo =$?\n')
    if not t.wait('=130'):
        return False
    t.type('exit 5\n')
    t.type('echo =$?\n')
    return t.wait('=5')


def sent_signals_are_passed_on(t):
    t.type(f"{RUN} sh -c 'trap \"echo got; exit 6\" USR1; echo up; while :; do sleep 0.1; done' &\n")
    if not t.wait('up\r'):
        return False
    t.type('kill -USR1 $!; wait $!; echo =$?\n')
    return t.wait('got') and t.wait('=6')


def denial_is_told_on_a_terminal(t):
    t.type(f'{RUN} cat /etc/shadow; echo =$?\n')
    return t.wait('=1') and 'pcall-run: denied  read /etc/shadow  by cat' in t.seen


def messages_wait_for_a_raw_terminal(t):
    t.type(f"{RUN} sh -c 'stty raw -echo; cat /etc/shadow 2>/dev/null; sleep 1.5; echo END; stty sane'; echo =$?\n")
    return t.wait('END') and 'denied  read' not in t.seen and t.wait('denied  read') and t.wait('=0')


def lock_of_an_index_is_told_if_git_fails(t):
    if not shutil.which('git'):
        return True
    t.type('git init -q r; cd r; seq 9 >f; git add f; git -c user.name=a -c user.email=a commit -qm m; touch -d yesterday f\n')
    t.type(f"{RUN} git diff --stat >/dev/null; echo e=$?\n")
    if not t.wait('e=0') or 'denied' in t.seen:
        return False
    t.type(f"{RUN} -v git diff --stat >/dev/null; echo v=$?\n")
    if not t.wait('index.lock') or not t.wait('v=0'):
        return False
    t.type(f"{RUN} --fail-on-deny git diff --stat >/dev/null; echo d=$?\n")
    if not t.wait('d=0'):
        return False
    t.type(f"{RUN} git add f; echo f=$?\n")
    return t.wait('denied  write') and t.wait('index.lock') and t.wait('allow  --write') and t.wait('f=128')


def hang_up_ends_everything(t):
    t.type(f"{RUN} sh -c 'echo p\"i\"d=$$; exec sleep 100'\n")
    if not t.wait('pid=') or not t.wait('\r'):
        return False
    pid = int(t.seen)
    t.close()
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except OSError:
            return True
        time.sleep(0.05)
    return False


def python(program, *options):
    """pcall-run with a Python program, on a terminal of its own."""
    return Terminal(RUN, '-v', *options, '/usr/bin/python3', '-c', 'import fcntl, os, signal, termios, time\n' + program)


def status(t):
    """Its exit status once it has ended, in time; None: it has not."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        pid, code = os.waitpid(t.pid, os.WNOHANG)
        if pid:
            os.close(t.fd)
            return os.waitstatus_to_exitcode(code)
        time.sleep(0.05)
    print('# hangs')
    t.close()
    return None


REFUSED = """for i in range(200):
    try: os.open('/denied-%d' % i, os.O_WRONLY | os.O_CREAT)
    except OSError: pass
"""
UNREAD = """fcntl.fcntl(1, fcntl.F_SETFL, os.O_RDWR | os.O_NONBLOCK)
try:
    while True: os.write(1, b'x' * 1024)
except BlockingIOError: pass
fcntl.fcntl(1, fcntl.F_SETFL, os.O_RDWR)
""" + REFUSED


def stopping_the_output_is_refused_and_told(_):
    t = python("""try: fcntl.ioctl(1, termios.TCXONC, 0)
except OSError as e: print('error', e.errno)
""")
    ok = t.wait('error 1') and ('stopping the output of a terminal' in t.seen or t.wait('stopping the output of a terminal'))
    return status(t) == 0 and ok


def time_is_over_at_a_terminal_that_nobody_reads(_):
    return status(python(UNREAD + 'time.sleep(100)', '--timeout', '1s')) == 124


def sigterm_at_a_terminal_that_nobody_reads(_):
    t = python(UNREAD + 'time.sleep(100)')
    time.sleep(2)
    os.kill(t.pid, signal.SIGTERM)
    return status(t) == 143


MODES = """a = termios.tcgetattr(0)
a[0] &= ~termios.IXON
a[3] &= ~(termios.ISIG | termios.ICANON | termios.ECHO)
termios.tcsetattr(0, termios.TCSANOW, a)
print('changed', flush=True)
"""


def modes_left(program, options, sent):
    """In a session of its own: pcall-run's exit status, or 1 where the modes are not what they were."""
    command = 'import os, termios, time\n' + MODES + program
    before = termios.tcgetattr(0)
    p = subprocess.Popen([RUN, *options, '/usr/bin/python3', '-c', command])
    while termios.tcgetattr(0) == before and p.poll() is None:
        time.sleep(0.05)
    if sent:
        p.send_signal(sent)
    code = p.wait(PATIENCE)
    return code if termios.tcgetattr(0) == before else 1


def modes_are_put_back(_):
    ends = [('time.sleep(1)', [], None, 0), ('time.sleep(100)', ['--timeout', '1s'], None, 124),
            ('time.sleep(100)', [], signal.SIGTERM, 143), ('time.sleep(1)\nos.kill(os.getpid(), 9)', [], None, 137)]
    for program, options, sent, wanted in ends:
        pid, fd = pty.fork()
        if pid == 0:
            os._exit(modes_left(program, options, sent))
        t = Terminal.__new__(Terminal)
        t.pid, t.fd = pid, fd
        got = status(t)
        if got != wanted:
            print('#', program, options, got)
            return False
    return True


def main():
    tests = [interrupt_ends_the_command, quit_ends_the_command, interrupt_reaches_the_command_once,
             stop_and_foreground, background_read_stops, resize_reaches_the_command,
             shell_inside_has_job_control, sent_signals_are_passed_on, denial_is_told_on_a_terminal,
             messages_wait_for_a_raw_terminal, lock_of_an_index_is_told_if_git_fails,
             stopping_the_output_is_refused_and_told, time_is_over_at_a_terminal_that_nobody_reads,
             sigterm_at_a_terminal_that_nobody_reads, modes_are_put_back, hang_up_ends_everything]
    failed = 0
    print(f'1..{len(tests)}')
    for n, test in enumerate(tests, 1):
        terminal = Terminal()
        terminal.wait('> ')
        ok = test(terminal)
        failed += not ok
        print(f'{"" if ok else "not "}ok {n} - {test.__name__}', flush=True)
        if test is not hang_up_ends_everything or not ok:
            try:
                terminal.close()
            except OSError:
                pass
    shutil.rmtree(WORK, ignore_errors=True)
    return failed > 0


sys.exit(main())
