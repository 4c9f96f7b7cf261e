# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# python3: venv, subprocess, multiprocessing, sqlite3, http.server with urllib, asyncio, tempfile.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"
need /usr/bin/python3
template=$tap_dir/python
mkdir "$template"

cat >"$template/processes.py" <<'EOF'
import asyncio, concurrent.futures, fcntl, mmap, multiprocessing, os, pathlib, shutil, signal, sqlite3
import subprocess, sys, tempfile, threading, time

def square(n):
    return n * n

def main():
    print(subprocess.run(['sh', '-c', 'read x; echo "$x" >&2; exit 3'], input='in\n', text=True, capture_output=True))
    print(subprocess.check_output('echo shell | tr a-z A-Z', shell=True, start_new_session=True))
    try:
        subprocess.run(['sleep', '9'], timeout=0.2)
    except subprocess.TimeoutExpired as e:
        print('timeout', e.cmd)
    try:
        subprocess.run(['./nothing'])
    except FileNotFoundError as e:
        print(e)
    child = subprocess.Popen(['sleep', '9']); child.send_signal(signal.SIGTERM); print(child.wait())
    for method in ('fork', 'spawn', 'forkserver'):
        with multiprocessing.get_context(method).Pool(3) as pool:
            print(method, sum(pool.map(square, range(1000))))
    queue, lock = multiprocessing.Queue(), multiprocessing.Lock()
    worker = multiprocessing.Process(target=lambda: (lock.acquire(), queue.put('queued'), lock.release()))
    worker.start(); print(queue.get()); worker.join(); print(worker.exitcode)
    value = multiprocessing.Value('i', 5); print(value.value)
    memory = multiprocessing.shared_memory.SharedMemory(create=True, size=4096)
    memory.buf[:2] = b'hi'; print(bytes(memory.buf[:2])); memory.close(); memory.unlink()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        print(sum(pool.map(square, range(100))))
    with sqlite3.connect('t.db') as db:
        db.execute('create table t(n)'); db.executemany('insert into t values(?)', [(n,) for n in range(1000)])
    print(sqlite3.connect('t.db').execute('select sum(n) from t').fetchone()); os.remove('t.db')
    async def echo():
        p = await asyncio.create_subprocess_exec('cat', stdin=-1, stdout=-1)
        return (await p.communicate(b'asyncio'))[0]
    print(asyncio.run(echo()))
    with tempfile.TemporaryDirectory() as d, tempfile.TemporaryFile() as f, tempfile.NamedTemporaryFile() as g:
        f.write(b'x'); g.write(b'y'); fcntl.flock(g, fcntl.LOCK_EX); pathlib.Path(d, 'p').write_text('z')
        print(os.listdir(d), f.tell(), len(mmap.mmap(-1, 4096)))
    os.makedirs('a/b'); pathlib.Path('a/b/c').touch(); shutil.copytree('a', 'd'); shutil.rmtree('a')
    print(sorted(str(p) for p in pathlib.Path('.').rglob('*') if '__pycache__' not in str(p)))
    signal.signal(signal.SIGALRM, lambda *_: print('alarm')); signal.setitimer(signal.ITIMER_REAL, 0.1); signal.pause()
    print(os.getcwd() == os.path.realpath('.'), os.path.expanduser('~') == os.environ['HOME'], os.cpu_count())
    os.posix_spawn('/bin/echo', ['echo', 'spawned'], os.environ); os.wait()
    sys.exit(4)

if __name__ == '__main__':
    import multiprocessing.shared_memory
    sys.stdout.reconfigure(line_buffering=True)
    main()
EOF
cat >"$template/http_.py" <<'EOF'
import functools, http.server, socket, threading, urllib.request, urllib.error
handler = type('H', (http.server.SimpleHTTPRequestHandler,), {'log_message': lambda *a: None})
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = 'http://localhost:%d/' % server.server_port
for n in range(50):
    data = urllib.request.urlopen(url + 'processes.py').read()
print(len(data), b'http_.py' in urllib.request.urlopen(url).read())
try:
    urllib.request.urlopen(url + 'nothing')
except urllib.error.HTTPError as e:
    print(e)
server.shutdown(); server.server_close()
try:
    urllib.request.urlopen(url)
except urllib.error.URLError as e:
    print(e)
EOF

wanted_status=4
same 'python3: processes, threads, sqlite3, files' build /usr/bin/python3 processes.py
wanted_status=0
same 'python3: http.server and urllib' build /usr/bin/python3 http_.py
same 'python3: one line' readonly /usr/bin/python3 -c 'import sys, json, ssl, ctypes; print(sys.version, sys.path)'
ignore='/__pycache__|\.pyc$|/pyvenv.cfg$'
# pip is a thousand files: as an ordinary user is enough.
if [ "$(id -u)" != 0 ] && /usr/bin/python3 -c 'import ensurepip' 2>/dev/null; then
	same 'python3: venv with pip' build sh -c '/usr/bin/python3 -m venv v && . v/bin/activate &&
		python -c "import sys; print(sys.prefix, sys.executable)" && pip --version && pip list 2>/dev/null'
else
	same 'python3: venv' build sh -c '/usr/bin/python3 -m venv --without-pip v && . v/bin/activate &&
		python -c "import sys; print(sys.prefix, sys.executable)"'
fi
done_testing
