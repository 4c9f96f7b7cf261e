# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Small tools: coreutils, find, tar, sed, grep, less, perl, busybox, sqlite3; what cannot run says so.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"
need find tar sed grep less perl
template=$tap_dir/tools
mkdir "$template"
printf 'one\ntwo\nthree\n' >"$template/lines"
mkdir -p "$template/tree/a/b" "$template/tree/c"
for name in 1 2 3 a/4 a/b/5 c/6; do echo "$name" >"$template/tree/$name"; done
ln -s ../1 "$template/tree/a/link"
ln -s nowhere "$template/tree/dangling"

cat >"$template/coreutils" <<'EOF'
export LC_ALL=C
mkdir -p d/e; mkdir -m 700 private; touch -d '2001-02-03 04:05:06' old; stat -c '%n %s %a %Y %F' old; stat -c '%n %a %F' private
cp -a tree copy; cp -r tree/a/. d; mv d/4 d/four; ln tree/1 hard; stat -c %h hard; ln -s lines soft
readlink -f soft; realpath --relative-to=. d/e; chmod 640 lines; chmod -R go-w copy; truncate -s 1M sparse
du -s --apparent-size sparse; dd if=/dev/zero of=zero bs=4k count=16 2>&1 | head -n 2; sha256sum zero
install -D -m 755 lines deep/er/lines; head -c 100 zero | od -c | tail -n 1; split -n 4 zero part.; wc -c part.*
sort -r lines | tee sorted | uniq -c; cut -c1 lines | paste -s -d+; tr a-z A-Z <lines; nl lines; tac lines
seq 1000 | shuf | sort -n | md5sum; comm sorted lines 2>&1; join lines lines; fold -w 2 lines; expand lines
basename "$PWD"; dirname "$PWD"; pwd -P; id -u; id -gn; ls -lR --time-style=+ tree copy; ls -1 --color=always
test -e nothing || echo no; rm nothing; echo $?; rmdir d; echo $?; rm -r d private; mkfifo fifo; rm -f fifo
timeout 0.2 sleep 9; echo $?; env -i A=b env; nice -n 5 nice; printf '%d\n' 0x10; date -d @0 -u; uname -s; nproc
t=$(mktemp -d); rmdir "$t"; echo $?; yes | head -n 3; stdbuf -oL echo x; factor 1001; true; false; echo $?; link lines l2
unlink l2; sync lines; cat soft lines - </dev/null | cksum; chown "$(id -u):$(id -g)" lines; echo $?; tty; cat nothing; cp lines nowhere/x
EOF

cat >"$template/finders" <<'EOF'
export LC_ALL=C
find tree | sort; find tree -type l; find tree -type f -newer lines -o -name '[1-3]' | sort
find tree -name 5 -exec cat {} \;; find tree -type f -print0 | xargs -0 -n 2 echo | wc -l
find tree -type f -size -2 -printf '%f %m %s\n' | sort; find tree -name 6 -delete; find /usr/share/zoneinfo/Europe | wc -l
find . -xdev -empty; find -L tree -name link -exec grep . {} +; find tree -maxdepth 1 -execdir echo {} \; | sort
tar cf t.tar tree; tar tvf t.tar | awk '{ print $1, $3, $6 }'; tar czf t.gz tree; rm t.gz; mkdir x
tar xpf t.tar -C x; diff -r tree x/tree; tar cf - lines | tar xOf -; tar cJf t.xz lines; tar tf t.xz; rm t.xz t.tar
tar xf nothing.tar; echo $?
sed -n 2p lines; sed -i s/two/zwei/ lines; sed -i.bak '1d' lines; sed 's/./&&/g;$!N;P;D' lines; sed w\ written lines
grep -n e lines; grep -rc . tree | sort; grep -q nothing lines; echo $?; grep -rl 5 tree; grep -P 'e{2}' lines.bak
grep x nothing; echo $?; grep -c . /usr/share/common-licenses/GPL-3 /etc/services; zgrep -c . /dev/null
printf 'a b\nc d\n' | awk '{ print $2 | "sort -r"; print > $1 } END { while ((getline l < "lines") > 0) print l; print "e" > "/dev/stderr" }'
diff lines lines.bak; cmp lines lines.bak; patch --version | head -n 1; file lines 2>/dev/null | head -n 1
gzip -k lines; gunzip -c lines.gz; rm lines.gz; xz -k lines; xzcat lines.xz; bzip2 -k lines; bzcat lines.bz2
EOF

cat >"$template/script.pl" <<'EOF'
use strict; use warnings; use File::Temp; use POSIX; use Socket; use List::Util 'sum';
print sum(1 .. 100), "\n"; my $t = File::Temp->new; print $t "x\n"; close $t; print -s "$t", "\n";
open my $h, '-|', 'sort', '-r', 'lines' or die; print <$h>; close $h;
my $p = fork // die; unless ($p) { POSIX::_exit(3) } waitpid $p, 0; print $? >> 8, "\n";
$SIG{ALRM} = sub { print "alarm\n" }; alarm 1; sleep 5; print `echo sub; exit 4`; print $? >> 8, "\n";
socketpair my $a, my $b, AF_UNIX, SOCK_STREAM, 0 or die; syswrite $a, "pair\n"; print scalar <$b>;
opendir my $d, 'tree' or die; print join(' ', sort readdir $d), "\n"; print getpwuid($<) . "\n";
rename 'lines', 'renamed' or die; symlink 'renamed', 'lines'; chmod 0600, 'renamed'; utime 1, 2, 'renamed';
print +(stat 'lines')[9], "\n"; open $h, '<', 'nothing' or print "$!\n"; print $0, "\n"; exit 5;
EOF

cat >"$template/sqlite" <<'EOF'
sqlite3 t.db 'pragma journal_mode=wal; create table t(n integer primary key, w integer);'
writer() {
	i=0
	while [ $i -lt 20 ]; do
		sqlite3 -cmd '.timeout 10000' t.db "begin immediate; insert into t(w) values($1); insert into t(w) values($1); commit;" || exit 1
		i=$((i + 1))
	done
}
writer 1 & writer 2 & wait
sqlite3 t.db 'select w, count(*) from t group by w; pragma integrity_check; pragma journal_mode=delete;'
sqlite3 t.db .dump >dump; wc -l <dump; rm dump t.db
sqlite3 :memory: 'select sum(value) from generate_series(1, 100)'
EOF

wanted_status=1
same 'coreutils' workspace sh ./coreutils
wanted_status=0
same 'find, tar, sed, grep and friends' workspace sh ./finders
same 'less, as a filter and of a file' readonly sh -c 'less lines; seq 100 | less -N | tail -n 1; less nothing'
same 'a PATH with places that the policy does not know' readonly env PATH="$tap_dir/none:/root/none:$PATH" \
	env -- nice sh -c 'cat lines'
wanted_status=5
same 'perl' workspace perl script.pl
wanted_status=0
if command -v sqlite3 >/dev/null; then
	expected='^read .*/\.sqliterc$' # it asks the account, not HOME
	same 'sqlite3 with two writers' workspace sh ./sqlite
	expected=
else
	skip 'sqlite3 with two writers' 'no sqlite3'
fi
if busybox true 2>/dev/null; then
	same 'busybox' workspace busybox sh -c 'busybox ls -la tree | wc -l; busybox find tree | busybox sort
		busybox seq 50 | busybox awk "{ s += \$1 } END { print s }"; busybox tar cf - tree | busybox md5sum >/dev/null
		busybox vi --help 2>&1 | busybox head -n 1 >/dev/null; busybox sed -i s/one/uno/ lines; busybox id -u'
else
	skip busybox 'no busybox'
fi

# A 32-bit program would make system calls that no filter of ours has seen.
printf '#include <unistd.h>\nint main(void) { return write(1, "ran\\n", 4) != 4; }\n' >"$tap_dir/c.c"
if gcc -m32 -o "$tap_dir/old" "$tap_dir/c.c" 2>/dev/null; then
	box_options="-x $tap_dir/old"
	# shellcheck disable=SC2086 # words
	status_is 126 'a 32-bit program is refused' "$pcall_run" $box_options "$tap_dir/old"
	ok "and a line says why" grep -q "only 64-bit x86 programs can be run" "$tap_dir/err" || diag <"$tap_dir/err"
	is "$(cat "$tap_dir/out")" '' 'and it did not begin'
else
	skip 'a 32-bit program is refused' 'gcc makes no 32-bit programs'
fi

# Who may trace reads and writes another's memory behind the verdict.
if command -v strace >/dev/null; then
	status_is 1 'strace is refused' timeout 20 "$pcall_run" strace true
	is "$(cat "$tap_dir/out")$(grep -c 'PTRACE_TRACEME.*not permitted' "$tap_dir/err")" 2 'and says so' ||
		diag <"$tap_dir/err"
else
	skip 'strace is refused' 'no strace'
fi
done_testing
