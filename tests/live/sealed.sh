# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# `sealed`: no new code, neither from memory nor from files, also not by way of results that the
# supervisor writes; and what programs do all day still works.
. "$PCALL_SOURCE/tests/tap.sh"
helpers=$PCALL_BUILD/tests/live

cd "$tap_dir" || exit 1
mkdir bin work
cp "$helpers/sealed_calls" bin/program && cp "$helpers/sealed_stack" bin/stack && cp bin/program work/program || exit 1
printf 'policy 1\nabout "workspace, sealed"\nuse workspace\nexec %s/bin\nsealed\n' "$tap_dir" >sealed.policy
cp /bin/true bin/hard
ln bin/hard work/hard
cp /bin/true bin/third
ln bin/third work/third
cp /bin/true bin/old
cp /bin/true bin/open
cd work || exit 1

# What changed in the same moment as the child was made would be new.
touch ../now ../later
until [ -n "$(find ../later -newer ../now)" ]; do touch ../later; done

sealed() {
	"$pcall_run" -p ../sealed.policy "$@" 2>&1
}

is "$(sealed ../bin/program)" "stat ok
stat-into-code EFAULT
mmap-write-exec EACCES
mprotect-exec EACCES
mdwe-off EPERM
code 7" a_sealed_program_makes_no_code
is "$(sealed sh -c 'ls program | cat')" program a_sealed_shell_works

# Files.
is "$(sealed ../bin/program map ../bin/old)" 'map ok' what_was_there_may_be_mapped_as_code
is "$(sealed ../bin/program map program)" 'map EACCES' what_may_be_written_is_no_code
is "$(sealed ../bin/program map /etc/passwd)" 'map EACCES' what_may_be_read_alone_is_no_code
is "$(sealed ../bin/program thread ../bin/old)" 'thread EACCES' beside_another_thread_nothing_becomes_code
# shellcheck disable=SC2016 # for the inner shell
is "$(sealed sh -c 'printf x | dd of=hard conv=notrunc status=none; ../bin/program map ../bin/hard')" 'map EACCES' \
	what_was_written_by_another_name_is_no_code
is "$("$pcall_run" -p ../sealed.policy --keep-fd 9 sh -c 'printf x >&9; ../bin/program map ../bin/open' 9<>../bin/open 2>&1)" \
	'map EACCES' what_was_written_by_an_inherited_descriptor_is_no_code

# Programs.
status_is 0 what_was_there_runs "$pcall_run" -p ../sealed.policy ../bin/third
status_is 126 what_changed_since_the_start_does_not_run "$pcall_run" -p ../sealed.policy sh -c 'chmod 700 third; ../bin/third'
status_is 126 what_may_be_written_does_not_run "$pcall_run" -p ../sealed.policy ./program
ok and_sealed_is_the_reason grep -q '^  why    sealed  (policy sealed, ' "$tap_dir/err"
status_is 126 an_executable_stack_does_not_run "$pcall_run" -p ../sealed.policy ../bin/stack
is "$(../bin/stack; "$pcall_run" -p workspace -x ../bin ../bin/stack)" "code on the stack
code on the stack" without_sealed_it_does
status_is 127 ld_so_runs_nothing_that_was_written "$pcall_run" -p ../sealed.policy /lib64/ld-linux-x86-64.so.2 ./program
status_is 0 ld_so_runs_what_may_run "$pcall_run" -p ../sealed.policy /lib64/ld-linux-x86-64.so.2 ../bin/old
status_is 125 what_is_written_below_what_runs_is_bad_input "$pcall_run" -p ../sealed.policy --write ../bin/data true
ok and_it_is_said_where grep -q '^pcall-run: --write: .*keeps what is written apart from what runs' "$tap_dir/err"

# Real ones.
# shellcheck disable=SC2016 # for the inner shell
is "$(sealed dash -c 'echo $(echo a | cat) | sed s/a/b/')" b dash
if command -v bash >/dev/null; then
	is "$(sealed bash -c 'cat <(echo a) <<<b -' | tr -d '\n')" ab bash
fi
if command -v git >/dev/null; then
	is "$(sealed sh -c 'git init -q "$TMPDIR/r" && cd "$TMPDIR/r" && echo a >f && git add f && git -c user.name=a -c user.email=a@b commit -qm m && git log --format=%s && git status --short')" \
		m git
fi
if [ -x /usr/bin/python3 ]; then
	is "$(sealed /usr/bin/python3 -c 'import ssl, sqlite3, hashlib, subprocess
print(hashlib.sha256(b"").hexdigest()[:4], subprocess.check_output(["echo", "x"]))')" "e3b0 b'x\\n'" python
fi
if command -v perl >/dev/null; then
	is "$(sealed perl -MPOSIX -MDigest::MD5 -e 'print floor(1.5)')" 1 perl
fi
done_testing
