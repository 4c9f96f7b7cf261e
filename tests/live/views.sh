# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh disable=SC2016 # for the inner shells
# Views are entered: a process stands in what its policy binds, by the name that the policy gives it.
. "$PCALL_SOURCE/tests/tap.sh"
need python3

work=$tap_dir/work
mkdir -p "$work/cwd" "$work/place/sub" "$work/passed" "$work/other"
echo x >"$work/place/sub/f"
printf '#!/bin/sh\necho "ran $0"\n' >"$work/place/sub/script"
cp /bin/true "$work/place/sub/program"
echo y >"$work/passed/f"
chmod 755 "$work/place/sub/script"
chmod 311 "$work/passed"
cd "$work/cwd" || exit 1

box() { # words of pcall-run... -- COMMAND
	"$pcall_run" -q -p workspace --bind "/v=$work/place:rw" --bind "/v/in=$work/other:rw" --write /v --exec /v \
		--bind "/passed=$work/passed" --read /passed --list / "$@" 2>&1
}
lines() { tr '\n' ' ' | sed 's/ $//'; }

is "$(box -- sh -c 'cd /v && /bin/pwd; cd sub && /bin/pwd; cat f; cd .. && /bin/pwd; cd .. && /bin/pwd; cd v/in && /bin/pwd;
	cd ../sub/../../v && /bin/pwd' | lines)" "/v /v/sub x /v / /v/in /v" it_is_entered_and_left_by_its_names
is "$(box -- sh -c 'cd /v/sub && echo 1 >new && ls && [ ../sub/new -ef /v/sub/new ] && mkdir ../dir && ls ..' | lines)" \
	"f new program script dir in sub" relative_names_begin_there
ok what_is_made_is_made_in_the_place test -f "$work/place/sub/new" -a -d "$work/place/dir"
is "$(box -C /v/sub -- sh -c '/bin/pwd; cat f' | lines)" "/v/sub x" a_command_starts_in_one
is "$(box -- /usr/bin/python3 -c 'import subprocess
print(subprocess.run(["/bin/pwd"], cwd="/v/sub", capture_output=True, text=True).stdout, end="")')" /v/sub \
	a_child_that_shares_its_parents_memory_enters
is "$(box -- /usr/bin/python3 -c 'import os, threading
before = os.listdir("/proc/self/fd")
def enter():
    for i in range(50):
        os.chdir("/v/sub"); os.chdir("/v/in"); os.chdir("../sub")
threads = [threading.Thread(target=enter) for i in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print(os.getcwd(), os.listdir("/proc/self/fd") == before)')" "/v/sub True" threads_enter_at_once_and_leave_nothing_open
is "$(box -- /usr/bin/python3 -c 'import os, signal
signal.signal(signal.SIGALRM, lambda *a: None); signal.siginterrupt(signal.SIGALRM, False)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
for i in range(200): os.chdir("/v/sub"); os.chdir("/v")
print(os.getcwd())')" /v signals_do_not_disturb_it
is "$(box -- /usr/bin/python3 -c 'import os
os.chdir("/passed"); print(os.getcwd(), open("f").read().strip())
try: os.chdir("f")
except OSError as e: print(e.strerror)
try: os.chdir("none")
except OSError as e: print(e.strerror)')" "/passed y
Not a directory
No such file or directory" one_that_may_be_passed_and_not_read_is_entered
is "$(box -- sh -c 'cd /v/sub && ./program && ./script && . ./script' | lines)" "ran ./script ran sh" \
	what_is_there_runs_by_its_relative_name
is "$(cd "$work/other" && echo o >o && "$pcall_run" -q -p readonly --bind "/v=$work/other:rw" --write /v -- sh -c '
	cd /v && echo 1 >a; /bin/pwd; cd "$1" && /bin/pwd; echo 1 >b' - "$work/other" 2>&1 | lines)" \
	"/v $work/other -: 2: cannot create b: Permission denied" of_two_names_that_counts_by_which_it_was_entered
is "$(box --exec "$PCALL_BUILD/src" -- "$PCALL_BUILD/src/pcall-run" -q -p workspace --bind /w=/v/sub:rw --write /w --list / \
	-C /w -- sh -c '/bin/pwd; cat f; cd .. && /bin/pwd; cd /w && cat f' 2>&1 | lines)" "/w x / x" a_view_of_a_view_is_entered
is "$("$pcall_run" -q -p workspace --bind "/v=$work/place:rw" --write "$work" --write /v --list / --exec "$PCALL_BUILD/src" -C /v/sub -- \
	"$PCALL_BUILD/src/pcall-run" -q -p workspace --list / -- sh -c '/bin/pwd; cat f' 2>&1 | lines)" "/v/sub x" \
	a_box_in_a_box_starts_where_it_is_started
is "$(box -- /usr/bin/python3 -c 'import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8)); fds = [os.dup(0) for i in range(5)]
try: os.chdir("/v")
except OSError as e: print(e.strerror)
os.close(fds[0]); os.close(fds[1]); os.chdir("/v"); print(os.getcwd())')" "Too many open files
/v" it_takes_room_for_two_descriptors

# What is executed by a view's path is as it is without a box by the place's own.
cp /usr/bin/python3 "$work/place/sub/py"
cat >"$work/place/sub/told.py" <<'END'
import ctypes, os, sys
libc = ctypes.CDLL(None)
libc.getauxval.restype = ctypes.c_ulong
libc.getauxval.argtypes = [ctypes.c_ulong]
print(sys.argv, sys.executable, ctypes.string_at(libc.getauxval(31)), open("/proc/self/comm").read().strip(),
      os.environ.get("A"), len(os.environ), os.readlink("/proc/self/exe"), sorted(set(os.listdir("/proc/self/fd")) - {"4095"}),
      libc.getauxval(25) != 0, open("/proc/self/status").read().count("SigBlk:\t0000000000000000"))
END
printf '#!%s -u\nexec(open("%s").read())\n' /v/sub/py /v/sub/told.py >"$work/place/sub/one"
printf '#!%s x y \t \nexec(open("%s").read())\n' /v/sub/one /v/sub/told.py >"$work/place/sub/two"
printf '#!/usr/bin/python3\nexec(open("%s").read())\n' /v/sub/told.py >"$work/place/sub/three"
echo 'echo no script' >"$work/place/sub/text"
chmod 755 "$work/place/sub/one" "$work/place/sub/two" "$work/place/sub/three" "$work/place/sub/text"
runs='cd /
for p in "/v/sub/py /v/sub/told.py a b" "/v/sub/one" "/v/sub/one a" "/v/sub/two" "/v/sub/two a b" "/v/sub/three c"; do
	env -i A=B "PATH=/usr/bin:/bin" $p </dev/null
done
PATH=/v/sub:$PATH; env -i A=B PATH="$PATH" one d; text; /v/sub/none; /v/sub/f; /v/sub; echo $?'
cp -a "$work/place" "$work/native"
native=$work/native/sub
sed -i "s,/v/sub,$native,g" "$native/one" "$native/two" "$native/three"
sh -c "$(echo "$runs" | sed "s,/v/sub,$native,g")" 2>&1 | sed "s,$native,/v/sub,g" >"$tap_dir/native"
box -- sh -c "$runs" >"$tap_dir/boxed"
ok programs_and_scripts_run_by_their_names_in_a_view diff "$tap_dir/native" "$tap_dir/boxed"
is "$(grep -c "AT_EXECFN\|'/v/sub/" "$tap_dir/boxed")" 7 all_of_them_did
is "$(box -- /usr/bin/python3 -c 'import os, subprocess
def maps(): return len(open("/proc/self/maps").readlines())
os.environ["PATH"] = "/v/sub"
subprocess.run(["program"]); before = maps()
for i in range(50): subprocess.run(["program"], check=True)
print(maps() - before)')" 0 who_shares_its_memory_with_one_keeps_nothing_of_it
is "$(box -- /usr/bin/python3 -c 'import os, signal
signal.signal(signal.SIGALRM, lambda *a: None); signal.siginterrupt(signal.SIGALRM, False)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
pids = [os.spawnv(os.P_NOWAIT, "/v/sub/program", ["x"] * 500) for i in range(60)]
print({os.waitpid(p, 0)[1] for p in pids})')" "{0}" signals_do_not_disturb_that
is "$(box -- /usr/bin/python3 -c 'import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
try: os.execv("/v/sub/program", ["x"])
except OSError as e: print(e.strerror)')" "Too many open files" that_takes_room_for_a_descriptor
is "$("$pcall_run" -p workspace --bind "/v=$work/place:rw" --exec /v --list / -- /usr/bin/python3 -c 'import os, threading
def run():
    try: os.execv("/v/sub/program", ["x"])
    except OSError as e: print(e.strerror, flush=True)
t = threading.Thread(target=run); t.start(); t.join()' 2>&1 | sed 's/.*: //' | sort)" "Permission denied
another than the first thread of its process runs it" what_cannot_be_is_told
is "$(box --exec "$PCALL_BUILD/src" -- "$PCALL_BUILD/src/pcall-run" -q -p workspace --bind /w=/v/sub:rw --write /w --exec /w \
	-- sh -c '/w/script && /w/program' 2>&1 | sed 's/ .*//')" "ran" that_of_a_view_of_a_view

# Private directories: several, which are made, and go with the command.
printf 'policy 1\nuse tools\nbind %s/one ${tmp}/a/b rw\nbind %s/two ${tmp}/c rw\n' "$work" "$work" >"$tap_dir/p.policy"
is "$("$pcall_run" -q -p "$tap_dir/p.policy" --list / -- sh -c 'echo 1 >"$1/one/f" && echo 2 >"$1/two/f" && cat "$1/one/f" "$1/two/f" &&
	ls -A "$1/one" "$1/two" | wc -l' - "$work" 2>&1 | lines)" "1 2 5" private_directories_are_made_where_a_policy_binds_them
ok they_are_no_error_of_a_policy "$PCALL_BUILD/src/pcall" policy check "$tap_dir/p.policy"
mkdir "$tap_dir/temporary"
ln -s temporary "$tap_dir/link"
is "$(TMPDIR=$tap_dir/link "$pcall_run" -q -p "$tap_dir/p.policy" --list / -- sh -c 'echo 1 >"$1/one/f" && cat "$1/one/f"' - "$work" 2>&1)" 1 \
	they_are_where_a_link_leads
printf 'policy 1\nuse tools\nbind %s/one ${tmp}/../none rw\n' "$work" >"$tap_dir/up.policy"
status_is 1 what_is_not_in_it_has_to_be_there "$PCALL_BUILD/src/pcall" policy check "$tap_dir/up.policy"
ok nothing_of_them_is_left test ! -e "$work/one" -a ! -e "$work/two"

done_testing
