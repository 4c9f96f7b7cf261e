# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# gcc and make, under the policy for building; and this project itself.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"
need gcc make
template=$tap_dir/build
mkdir "$template"
cat >"$template/Makefile" <<'EOF'
CFLAGS = -O2 -g -Wall
OBJECTS = $(patsubst %,f%.o,1 2 3 4 5 6 7 8 9 10) main.o
prog: libf.a main.o
	$(CC) -o $@ main.o -L. -lf -lm
libf.a: $(OBJECTS)
	$(AR) rcD $@ $^
f%.c:
	printf '#include <stdio.h>\n#include <math.h>\ndouble f%s(double x) { return sqrt(x) + %s; }\n' $* $* >$@
main.c: Makefile
	(echo '#include <stdio.h>'; echo 'double f3(double); int main(int c, char **v) { printf("%s %.2f\\\\n", v[0], f3(c)); return 0; }') >$@
check: prog
	./prog | tee result
	gdb --version >/dev/null 2>&1 || true
	$(MAKE) -C sub
clean: ; rm -f *.o libf.a
EOF
mkdir "$template/sub"
printf 'all: ; @echo below $(CURDIR) $(MAKELEVEL); pkg-config --version >/dev/null; sleep 0\n' >"$template/sub/Makefile"
printf 'int main(void) { return undefined(); }\n' >"$template/bad.c"
printf '#include <vector>\n#include <iostream>\nint main() { std::vector<int> v(3, 7); for (int i : v) std::cout << i; throw 1; }\n' \
	>"$template/t.cc"

same 'make -j2: compile, archive, link, run' build sh -c 'make -s -j2 check; make -q prog; echo $?; make clean; make nothing; ls'
wanted_status=1
same 'gcc: an error is the same error' build gcc -Werror -o bad bad.c
wanted_status=0
same 'gcc: other ways to use it' build sh -c 'gcc -E -dM - </dev/null | wc -l; gcc -flto -O1 -o p -xc - <<C && ./p
int puts(const char *); int main(void) { return puts("lto") < 0; }
C
	gcc -S -o- -xc - </dev/null | wc -l; gcc -print-search-dirs | sha256sum; cpp --version | head -n 1; objdump -f p | head -n 3; nm p | wc -l; strip p; size p'
if command -v g++ >/dev/null; then
	wanted_status=134
	same 'g++: the standard library, and an abort' build sh -c 'g++ -o t t.cc && ulimit -c 0 && ./t'
	wanted_status=0
fi

# This project, in the hands of an ordinary user, as people do (what root's compiler is let do stands above): configured and
# built; and its unit tests, natively and in the box: every case ends alike.
if [ "$(id -u)" = 0 ]; then
	skip 'this project: configure and build' 'an ordinary user builds it'
elif command -v meson >/dev/null && command -v ninja >/dev/null; then
	mkdir "$tap_dir/self"
	cd "$tap_dir/self" || exit 1
	# shellcheck disable=SC2016 # for the shell in the box
	status_is 0 'this project: configure and build' "$pcall_run" -q -p build --read "$PCALL_SOURCE" \
		--events "$tap_dir/self.events" -- sh -c '
		meson setup -Dbuildtype=plain b "$0" && ninja -C b -j2 shim/libpcall.a supervisor/libpolicy.a' \
		"$PCALL_SOURCE"
	[ $tap_failed = 0 ] || tail -n 40 "$tap_dir/out" | diag
	is "$(denials "$tap_dir/self.events" | sort | uniq -c)" '' 'and nothing of it is refused'
else
	skip 'this project: configure and build' 'no meson, or no ninja'
fi

# Some tests play the supervisor of a child, whose marks no child may set; others ask the kernel for
# what no child gets: in the box those cases are skipped, and say why.
skips='^(task_gates|inherit_fds|confine_filter|policy_process|told_sockets) '
# shellcheck disable=SC2016 # for the shell in the box
units='export PCALL_SOURCE="$1" PCALL_BUILD="$2" PCALL_POLICY_PATH="$1/policies"
	failed=0
	for test in "$PCALL_BUILD"/tests/unit/unit-*; do
		! [ -f "$test" ] || { echo "test: ${test##*/unit-}"; "$test" || failed=1; }
	done
	echo "test: headers"; sh "$PCALL_SOURCE/tests/unit/headers.sh" || failed=1
	exit $failed'
cases() { # native|boxed: "test run|skip case" of what the tests said, of a case with many rows once
	awk '/^test: / { test = $NF }
		/^(ok|not ok) [0-9]+/ { how = /# SKIP/ ? "skip" : "run"; sub(/ # SKIP.*/, ""); sub(/: Passed.*/, "")
			sub(/^.*[: ]/, ""); print test, how, $0 }' "$tap_dir/out" | LC_ALL=C sort -u >"$tap_dir/$1.cases"
}
case "$(id -u) $(ldd "$pcall_inner")" in
'0 '*) skip 'the unit tests in the box' 'an ordinary user runs them there' ;;
*san*) skip 'the unit tests in the box' 'a sanitizer wants what no box gives' ;;
*)
	mkdir "$tap_dir/units"
	cd "$tap_dir/units" || exit 1
	status_is 0 'the unit tests in the box' "$pcall_run" -q -p build --read "$PCALL_SOURCE" --read "$PCALL_BUILD" \
		--exec "$PCALL_BUILD" --events "$tap_dir/units.events" -- sh -c "$units" sh "$PCALL_SOURCE" "$PCALL_BUILD"
	cases boxed
	status_is 0 'the same unit tests natively' sh -c "$units" sh "$PCALL_SOURCE" "$PCALL_BUILD"
	cases native
	ok 'the native run has cases' test "$(wc -l <"$tap_dir/native.cases")" -gt 200
	# A case that is run natively is run in the box, or is of those that cannot.
	diff "$tap_dir/native.cases" "$tap_dir/boxed.cases" >"$tap_dir/cases.diff"
	is "$(grep '^[<>]' "$tap_dir/cases.diff" | sed 's/^[<>] //; s/ run / /; s/ skip / /' | sort | uniq -c |
		grep -v '^ *2 ')" '' 'and the box has the same'
	is "$(sed -n 's/^> \([^ ]*\) skip .*/\1 /p' "$tap_dir/cases.diff" | grep -Ev "$skips")" '' \
		'and runs all but those that need what no child has'
	# what tests try
	expected='^(connect 10\.255\.255\.53:53|none (a listener for the calls of others|bpf|fanotify_init|fsopen|perf_event_open|userfaultfd))$'
	is "$(denials "$tap_dir/units.events" | sort | uniq -c)" '' 'and nothing else of them is refused'
	;;
esac
done_testing
