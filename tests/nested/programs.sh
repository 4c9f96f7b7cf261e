# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# Programs of every kind, 3 and 8 boxes deep: the same as natively, and refused nothing. What is tried of each is
# little: tests/live has more of them in one box, and `./dev soak` has all of it run three boxes deep.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"
. "$PCALL_SOURCE/tests/nested/deep.sh"
template=$tap_dir/template
mkdir "$template"
depths='1 3 8'
for depth in $depths; do
	deep_build "$tap_dir/deep$depth" "$depth"
done

for depth in $depths; do
	is "$("$tap_dir/deep$depth/src/pcall-run" -q --exec "$PCALL_BUILD/src/pcall" -- "$PCALL_BUILD/src/pcall" inside |
		sed -n 's/^depth *//p')" "$depth" "this is $depth deep"
done

# Why a program cannot be run is an event; it is there when the spawning has failed.
printf '\177ELF\001\001\001\000\000\000\000\000\000\000\000\000\002\000\003\000%0100d' 0 >"$tap_dir/old"
chmod +x "$tap_dir/old"
for depth in $depths; do
	i=0
	while [ $i -lt 5 ]; do
		"$tap_dir/deep$depth/src/pcall-run" -x "$tap_dir/old" -- "$tap_dir/old" 2>&1
		i=$((i + 1))
	done >"$tap_dir/why"
	is "$(grep -c 'only 64-bit x86 programs can be run' "$tap_dir/why")" 5 "it is said why a program cannot be run, $depth deep"
done

# What programs look for on most machines in vain. A box in a box is told of it, lest it learn by its child
# what is there (is_vain in path/resolve.c).
deep_vain='^(unix /run/nscd/socket|list (/etc/malloc.conf|/etc/busybox.conf|/etc/gnutls/config|(/sys/fs)?/selinux))$|^none process'
expected=

# deep NAME POLICY COMMAND...: natively once, and at each depth but the first; skipped without the program that NAME
# begins with.
deep() {
	deep_name=$1
	if ! command -v "${1%%:*}" >/dev/null; then
		skip "$1" "no ${1%%:*}"
		return
	fi
	shift
	deep_expected=$expected
	expected="$deep_vain${deep_expected:+|$deep_expected}"
	for depth in ${depths#1 }; do
		pcall_run=$tap_dir/deep$depth/src/pcall-run
		same "$deep_name, $depth deep" "$@"
		native_is_known=yes
	done
	native_is_known=
	expected=$deep_expected
}

cat >"$template/shell" <<'END'
i=0
while [ $i -lt 30 ]; do
	echo "line $i" | sed s/line/row/ | tr a-z A-Z
	i=$((i + 1))
done
trap 'echo usr1' USR1; kill -USR1 $$; (exit 7); echo $?; sleep 9 & kill $!; wait $!; echo $?
cat <<A; umask 027; echo text >file; ls -l file | cut -c1-10; mkfifo p; cat p & echo fifo >p; wait; rm p
$(echo here)
A
./missing; echo $?; nothing-like-this; echo $?; read -r line <file; echo "$line"; exit 3
END
cat >"$template/bashisms" <<'END'
coproc { tr a-z A-Z; }; out=${COPROC[0]}; echo coproc >&"${COPROC[1]}"; eval "exec ${COPROC[1]}>&-"; cat <&"$out"; wait
diff <(seq 5) <(seq 6); seq 3 | tee >(cat >tee.out) | cat; echo "${PIPESTATUS[@]}"; until [ -s tee.out ]; do :; done; cat <<<string; set -m; sleep 0.1 & wait %1; echo $?
END
cat >"$template/tools" <<'END'
export LC_ALL=C
mkdir -p a/b c; seq 100 >a/one; cp -a a d; ln -s one a/soft; ln a/one a/hard; stat -c '%n %s %a %h %F' a/*; mv a/b c/e; chmod -R go-w a
find . -type f | sort; find a -name one -exec wc -l {} \; ; find d -print0 | xargs -0 -n1 basename | sort; find c -delete
tar cf t.tar a d; tar tf t.tar; mkdir x; tar xf t.tar -C x; diff -r a x/a; rm t.tar; sort -r a/one | head -n 2; sha256sum a/one
readlink -f a/soft | sed 's/.*work//'; du -s --apparent-size a/one; dd if=/dev/zero of=z bs=4k count=4 2>/dev/null; rm -r x d; sed -i s/1/one/ a/one
grep -c one a/one; awk 'END { print NR }' a/one; timeout 0.1 sleep 9; echo $?; nice -n 3 nice; env -i A=b env; rmdir a; echo $?; id -u; nproc; xz -k a/one
END
cat >"$template/repository" <<'END'
git init -q -b main r; cd r; for i in 1 2 3; do echo $i >>f; git add f; git commit -q -m "commit $i"; done
git log --format='%h %s'; echo x >>f; git status --short; git diff --stat; git checkout -q -b topic HEAD~1 -f; git branch -a; git gc -q
cd ..; git clone -q r c; git -C c log -1 --format=%s; git -C c fsck; rm -rf r/.git/index c/.git/index
END
cat >"$template/Makefile" <<'END'
all: prog; ./prog
prog: a.o b.o; $(CC) -o $@ $^
%.o: %.c; $(CC) -O1 -c -o $@ $<
END
printf 'int b(int); int puts(const char *); int main(void) { return puts("built") < 0 ? 1 : b(4); }\n' >"$template/a.c"
printf 'int b(int x) { return x - 4; }\n' >"$template/b.c"
cat >"$template/processes.py" <<'END'
import http.server, multiprocessing, os, signal, sqlite3, subprocess, sys, tempfile, threading, urllib.request
def square(n): return n * n
if __name__ == '__main__':
    print(subprocess.run(['sh', '-c', 'read x; echo "$x" >&2; exit 3'], input='in\n', text=True, capture_output=True))
    for method in 'fork', 'spawn':
        with multiprocessing.get_context(method).Pool(2) as pool: print(method, sum(pool.map(square, range(100))))
    with sqlite3.connect('t.db') as db: db.execute('create table t(n)'); db.executemany('insert into t values(?)', [(n,) for n in range(100)])
    print(sqlite3.connect('t.db').execute('select sum(n) from t').fetchone()); os.remove('t.db')
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self): self.send_response(200); self.end_headers(); self.wfile.write(self.path.encode())
        def log_message(self, *a): pass
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(urllib.request.urlopen('http://127.0.0.1:%d/path' % server.server_port).read()); server.shutdown()
    with tempfile.NamedTemporaryFile() as f: f.write(b'x'); print(f.tell())
    child = subprocess.Popen(['sleep', '9'], start_new_session=True); child.send_signal(signal.SIGTERM); print(child.wait()); sys.exit(4)
END
cat >"$template/script.pl" <<'END'
my $p = fork; exit 3 unless $p; waitpid $p, 0; print $? >> 8, "\n"; print `echo sub`; $SIG{ALRM} = sub { print "alarm\n" }; alarm 1; sleep 5;
open my $h, '-|', 'sort', '-r', 'b.c', 'a.c' or die; print <$h>; rename 'b.c', 'c.c'; symlink 'c.c', 'b.c'; print -s 'b.c', "\n"; exit 5;
END
cat >"$template/script.js" <<'END'
const { execFileSync, spawn } = require('child_process'), fs = require('fs'), http = require('http'), { Worker } = require('worker_threads');
console.log(execFileSync('sh', ['-c', 'echo sub; cat'], { input: 'in' }).toString(), fs.readdirSync('.').length);
const server = http.createServer((q, r) => r.end(q.url)).listen(0, '127.0.0.1', () =>
	http.get({ port: server.address().port, host: '127.0.0.1', path: '/p' }, r => r.on('data', d => { console.log('' + d); server.close();
		new Worker('require("worker_threads").parentPort.postMessage(7)', { eval: true }).on('message', m => { console.log(m);
			spawn('sh', ['-c', 'exit 6']).on('exit', c => { fs.writeFileSync('made', 'x'); process.exitCode = c; }); }); })));
END
cat >"$template/redis" <<'END'
redis-server --port 0 --unixsocket "$PWD/s" --save '' --appendonly no --dir . >/dev/null & server=$!
while ! [ -S s ]; do sleep 0.05; done
r() { redis-cli -s "$PWD/s" "$@"; }
r set k v; r get k; r incr n; r eval 'return redis.call("incr", "n")' 0; redis-benchmark -s "$PWD/s" -q -n 500 -c 5 -t set,get >/dev/null; echo $?; r dbsize
r save; r shutdown nosave; wait $server; echo $?; rm -f dump.rdb
END
cat >"$template/web" <<'END'
{ [ "$(id -u)" != 0 ] || echo 'user root root;'; echo 'daemon off; pid p; error_log e; worker_processes 2; events { }'
echo "http { access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
server { listen unix:$PWD/s; root $PWD; } }"; } >conf
nginx -e e -p "$PWD" -c conf & server=$!
while ! [ -S s ] || ! curl -qs -o /dev/null --unix-socket s http://x/; do sleep 0.05; done
curl -qs --unix-socket s http://x/a.c; curl -qs -o /dev/null -w '%{http_code}\n' --unix-socket s http://x/none
kill -HUP $server; kill -QUIT $server; wait $server; echo $?; rm -rf s e p conf t?
END
cat >"$template/database" <<'END'
sqlite3 t.db 'pragma journal_mode=wal; create table t(n integer primary key, w); insert into t(w) values(1),(2); select sum(w) from t;'
sqlite3 t.db '.dump'; sqlite3 t.db 'select * from none'; echo $?; rm t.db*
END

export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_AUTHOR_DATE='1000000000 +0000' GIT_TEMPLATE_DIR=''
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org GIT_COMMITTER_DATE='1000000000 +0000'
wanted_status=3
deep 'dash: pipelines, jobs, here-documents' workspace dash ./shell
deep 'bash: the same' workspace bash ./shell
wanted_status=0
deep 'bash: what only bash has' workspace bash ./bashisms
deep 'tar: and find, coreutils, sed' workspace sh ./tools
ignore='/logs/|\.(pack|idx|rev)$|commit-graph|/info/packs'
box_options='--write .' # nothing is kept from git, as where it makes a repository
deep 'git: init, commit, log, status, clone' readonly sh ./repository
box_options=
ignore=
deep 'make: with gcc, two jobs' build make -s -j2
wanted_status=4
deep '/usr/bin/python3: processes, sqlite3, http' build /usr/bin/python3 processes.py
wanted_status=0
ignore='pyvenv|/bin/|pyc$'
deep '/usr/bin/python3: venv' workspace /usr/bin/python3 -m venv --without-pip v
ignore=
wanted_status=5
deep 'perl: processes, files' workspace perl script.pl
wanted_status=6
deep 'node: http, workers, processes' build node script.js
wanted_status=0
deep 'redis-server: values, a load' workspace sh ./redis
deep 'nginx: pages, a reload' workspace sh ./web
expected='^read .*/\.sqliterc$' # it asks the account, not HOME
deep 'sqlite3: tables' workspace sh ./database
expected=
deep 'busybox: ls, sed, wc' workspace busybox sh -c 'busybox ls; busybox sed -n 1p a.c; busybox wc -l <a.c; busybox vi --help 2>/dev/null; busybox sh -c "exit 2"; echo $?'

wanted_status=127
deep 'sh: a command that is not there' readonly sh -c nothing-like-this
wanted_status=0
done_testing
