# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# What pcall-run says and does where the kernel, or a container, lacks something.
. "$PCALL_SOURCE/tests/tap.sh"

without=$PCALL_BUILD/tests/live/without
enosys=38
eperm=1
landlock='444 445 446'
io_uring='425 426 427'
pidfd_getfd=438

# box ERRNO 'NUMBER...' ARG...: pcall-run where those calls fail; prints what it prints, then its status.
box() {
	error=$1
	numbers=$2
	shift 2
	# shellcheck disable=SC2086 # words
	"$without" "$error" $numbers -- "$pcall_run" "$@" 2>&1
	echo "status $?"
}

cd "$tap_dir" || exit 1
echo text >file
mkfifo fifo

# shellcheck disable=SC2086 # words
got=$("$without" $enosys $landlock -- "$PCALL_BUILD/src/pcall-run" cat file 2>&1; echo "status $?")
case $got in
*Landlock*--allow-degraded=landlock*'status 125') pass 'without_landlock_it_says_what_is_lost_and_refuses' ;;
*) fail 'without_landlock_it_says_what_is_lost_and_refuses' || diag "$got" ;;
esac
is "$(box $enosys "$landlock" --allow-degraded=landlock cat file)" 'text
status 0' 'without_landlock_it_runs_if_told_to'
got=$(box $enosys "$landlock" --allow-degraded=landlock cat /etc/shadow)
case $got in
*'No such file'*'status 1') pass 'without_landlock_the_policy_holds' ;;
*) fail 'without_landlock_the_policy_holds' || diag "$got" ;;
esac
is "$(box $enosys "$landlock" --allow-degraded=landlock sh -c 'kill -0 1 2>/dev/null; echo $?; kill -0 $$; echo $?')" '1
0
status 0' 'without_landlock_signals_are_judged'

# The kernel writes core files where a process stands, and one may stand where it may not write.
# shellcheck disable=SC3045 # dash has it
ulimit -c unlimited 2>/dev/null || ulimit -c "$(ulimit -Hc)"
mkdir core
native=$(cd core && sh -c 'kill -SEGV $$' 2>/dev/null; ls -A core)
rm -f core/*
box $enosys "$landlock" --allow-degraded=landlock -C core sh -c 'kill -SEGV $$' >/dev/null
"$pcall_run" -C core sh -c 'kill -SEGV $$' 2>/dev/null
if [ -n "$native" ]; then
	is "$(ls -A core)" '' 'no_core_file_where_nothing_may_be_written'
	status_is 139 'a_crash_is_reported_as_one' "$pcall_run" -q -p workspace -C core sh -c 'kill -SEGV $$'
	is "$(ls -A core)" '' 'no_core_file_where_something_may'
else
	skip 'no_core_file_where_nothing_may_be_written' 'this machine writes no core files here'
fi
is "$(box $enosys "$landlock" --allow-degraded=landlock sh -c 'ulimit -Hc; ulimit -c 1 2>/dev/null; ulimit -c')" '0
0
status 0' 'without_landlock_there_are_no_core_files'
if [ "${PCALL_TEST_PROFILE:-}" = docker-2021 ]; then
	skip 'with_landlock_their_limit_is_passed_on' 'here is none'
else
	# shellcheck disable=SC3045 # dash has it
	is "$("$pcall_run" sh -c 'ulimit -Hc')" "$(ulimit -Hc)" 'with_landlock_their_limit_is_passed_on'
fi

for error in $enosys $eperm; do
	is "$(box $error "$io_uring" -w fifo sh -c 'cat fifo & echo through >fifo; wait')" 'through
status 0' "without_io_uring_fifos_open_by_threads_$error"
done

for error in $enosys $eperm; do
	is "$(box $error $pidfd_getfd cat file)" 'text
status 0' "without_pidfd_getfd_children_send_their_descriptors_$error"
done
# shellcheck disable=SC3045 # dash has it
got=$(ulimit -n 1024 && box $eperm $pidfd_getfd true)
case $got in
pcall-run:*4096*'status 125') pass 'without_pidfd_getfd_it_says_how_many_descriptors_it_needs' ;;
*) fail 'without_pidfd_getfd_it_says_how_many_descriptors_it_needs' || diag "$got" ;;
esac
done_testing
