# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Signals that pcall-run gets without a terminal, and what is left when it or the command ends.
. "$PCALL_SOURCE/tests/tap.sh"
need /usr/bin/python3

own_tmp
mark=98$$ # seconds that nobody else sleeps

# Is there no process with the mark in its arguments?
# shellcheck disable=SC2317 # called by soon
all_gone() { ! grep -qaF "$mark" /proc/[0-9]*/cmdline; }

# pcall-run in the background, until the command has said that it is up.
start() {
	rm -f up
	"$pcall_run" -q -w "$PWD" "$@" >out 2>err &
	soon test -s up
}

# What the shell says of killed jobs is of no interest.
ended() {
	status=0
	wait "$1" 2>/dev/null || status=$?
	echo $status >status
}

for signal in TERM HUP INT QUIT USR1 USR2; do
	# A shell starts background commands with SIGINT and SIGQUIT ignored, and those stay so.
	/usr/bin/python3 - "$pcall_run" "$signal" >out 2>&1 <<'PY'
import signal, subprocess, sys
number = getattr(signal, 'SIG' + sys.argv[2])
# (No pause: a signal between two of its words would be looked at after it only.)
command = 'import signal,sys,time; signal.signal(%d, lambda *a: sys.exit(40)); print("up", flush=True); [time.sleep(0.05) for i in range(10000)]' % number
p = subprocess.Popen([sys.argv[1], '-q', '/usr/bin/python3', '-c', command], stdout=subprocess.PIPE)
p.stdout.readline()
p.send_signal(number)
print(p.wait(10))
PY
	is "$(cat out)" 40 "sig$(echo $signal | tr '[:upper:]' '[:lower:]')_is_passed_on"
done

trap '' HUP
# shellcheck disable=SC2016 # for the inner shell
is "$("$pcall_run" -q sh -c 'kill -HUP $$; echo alive')" alive ignored_signals_stay_ignored
trap - HUP
# shellcheck disable=SC2016
is "$("$pcall_run" -q /usr/bin/python3 -c 'import signal; print(len(signal.pthread_sigmask(signal.SIG_BLOCK, [])))')" 0 the_command_has_no_signal_blocked

start sh -c "echo >up; exec sleep $mark & exec sleep $mark"
kill -TERM $!
ended $!
is "$(cat status)" 143 sigterm_ends_the_command
ok no_process_is_left_after_a_signal soon all_gone

start -p workspace sh -c "echo >up; sh -c 'sleep $mark; :' & setsid sh -c 'sleep $mark; :' & exit 3"
ended $!
is "$(cat status)" 3 status_of_the_first_process_counts
ok no_process_is_left_after_its_end soon all_gone

start sh -c "trap '' TERM HUP INT; echo >up; setsid sh -c 'sleep $mark; :'; sleep $mark"
kill -KILL $!
ended $!
is "$(cat status)" 137 pcall_run_can_be_killed
ok no_process_is_left_after_a_kill soon all_gone

start -p workspace sh -c "echo x >\$TMPDIR/x; echo >up; sleep $mark"
kill -TERM $!
kill -TERM $!
ended $!
is "$(ls -A "$TMPDIR")" '' private_tmp_goes_after_signals

# A parent that ends without a word to its children.
rm -f up
# shellcheck disable=SC2016
sh -c '"$1" -q -w "$PWD" --die-with-parent sh -c "trap : TERM; echo >up; while :; do sleep 0.2; done" '"$mark"' & while ! test -s up; do sleep 0.05; done; kill -KILL $$' - "$pcall_run" >out 2>&1
ok up_before_the_parent_died test -s up
ok die_with_parent_dies soon all_gone

# Where the command shares stderr, keeps it full, and is refused something all the time: who keeps the time and takes the
# signals does not wait for a reader. Prints the status, and whether what is read in the end has a whole message.
cat >full.py <<'PY'
import fcntl, os, signal, time
signal.signal(signal.SIGINT, signal.SIG_DFL)
fcntl.fcntl(2, fcntl.F_SETFL, os.O_WRONLY | os.O_NONBLOCK)
try:
    while True:
        os.write(2, b"x" * 4096)
except BlockingIOError:
    pass
fcntl.fcntl(2, fcntl.F_SETFL, os.O_WRONLY)
for i in range(300):
    try:
        os.open("/denied-%d-%s" % (i, "x" * 100), os.O_WRONLY | os.O_CREAT)
    except OSError:
        pass
open("up", "w").write("up")
while True:
    time.sleep(0.1)
PY
full() {
	rm -f up
	/usr/bin/python3 - "$pcall_run" "$@" <<'PY'
import os, subprocess, sys, time
run, way = sys.argv[1:3]
p = subprocess.Popen([run, '-v', '-w', os.getcwd(), *sys.argv[3:], '/usr/bin/python3', 'full.py'], stderr=subprocess.PIPE)
end = time.monotonic() + 20
while not os.path.exists('up') and time.monotonic() < end:
    time.sleep(0.05)
time.sleep(0.2)
if way in ('TERM', 'INT'):
    p.send_signal(15 if way == 'TERM' else 2)
try:
    print(p.wait(15))
except subprocess.TimeoutExpired:
    p.kill()
    print('hangs')
PY
}
is "$(full TERM)" 143 full_stderr_and_sigterm
is "$(full INT)" 130 full_stderr_and_sigint
is "$(full time --timeout 1s)" 124 full_stderr_and_timeout
is "$(full time --timeout 1s --events fd:2)" 124 full_events_and_timeout
is "$(full time --timeout 1s --summary=always)" 124 full_stderr_and_summary
ok no_process_is_left_after_a_full_stderr soon all_gone

# Who reads late reads all of it.
/usr/bin/python3 - "$pcall_run" >out <<'PY'
import subprocess, sys, time
command = 'import os\nfor i in range(90):\n  try: os.open("/denied-%d-%s" % (i, "x" * 200), os.O_WRONLY | os.O_CREAT)\n  except OSError: pass'
p = subprocess.Popen([sys.argv[1], '-v', '/usr/bin/python3', '-c', command], stderr=subprocess.PIPE)
time.sleep(0.7)
print(p.stderr.read().count(b'denied  '), p.wait())
PY
is "$(cat out)" "90 0" late_reader_gets_all_messages

is "$(ls -A "$TMPDIR")" '' nothing_is_left_in_tmp
done_testing
