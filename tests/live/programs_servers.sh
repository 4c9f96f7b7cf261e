# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# redis with its benchmark, nginx with 10,000 requests: servers in the box, clients outside of it.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"

# serve native|boxed POLICY-OPTIONS -- COMMAND: in the background; the number of its process in $server.
serve() {
	serve_kind=$1
	shift
	mkdir -p "$tap_dir/serve"
	rm -f "$tap_dir/events"
	if [ "$serve_kind" = native ]; then
		while [ "$1" != -- ]; do shift; done
		shift
	else
		set -- "$pcall_run" -q --events "$tap_dir/events" "$@"
	fi
	(cd "$tap_dir/serve" && exec "$@") >"$tap_dir/$serve_kind.server" 2>&1 </dev/null &
	server=$!
}

redis_talk() {
	redis-cli -p "$port" set k v; redis-cli -p "$port" get k; redis-cli -p "$port" eval 'return redis.call("incr", "n")' 0
	redis-benchmark -p "$port" -q -n 10000 -c 20 -t set,get,lpush >"$tap_dir/load" 2>&1; echo $?
	redis-cli -p "$port" dbsize; redis-cli -p "$port" save; redis-cli -p "$port" bgsave; sleep 0.5
	redis-cli -p "$port" lastsave | grep -c .; redis-cli -p "$port" info persistence | tr -d '\r' | grep last_bgsave_status
	redis-cli -p "$port" shutdown nosave; wait $server; echo $?
}

nginx_talk() {
	curl -s "http://127.0.0.1:$port/index.html" | cksum; curl -s -o /dev/null -w '%{http_code}\n' "http://127.0.0.1:$port/none"
	ab -q -n 10000 -c 20 -k "http://127.0.0.1:$port/index.html" 2>&1 | grep -E '^(Complete|Failed|Non-2xx|HTML transferred)' | tr -s ' '
	kill -HUP $server; sleep 0.5; curl -s "http://127.0.0.1:$port/" | cksum
	kill -QUIT $server; wait $server; echo $?; wc -l <"$tap_dir/serve/access.log"
}

same_server() { # name, talk
	for kind in native boxed; do
		rm -rf "$tap_dir/serve"
		port=$(free_port)
		"$3" "$kind"
		listening "$port" || diag "$kind: does not listen"
		"$2" >"$tap_dir/$kind.said" 2>&1
		kill $server 2>/dev/null
	done
	if cmp -s "$tap_dir/native.said" "$tap_dir/boxed.said"; then
		pass "$1"
	else
		fail "$1" || {
			diff "$tap_dir/native.said" "$tap_dir/boxed.said" | head -n 20 | diag
			tail -n 20 "$tap_dir/boxed.server" | diag
		}
	fi
	is "$(denials "$tap_dir/events")" '' "$1: nothing is refused"
}

redis_start() {
	serve "$1" -p workspace --listen "127.0.0.1:$port" -- redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no
}

nginx_start() {
	mkdir -p "$tap_dir/serve"
	echo '<p>page</p>' >"$tap_dir/serve/index.html"
	cat >"$tap_dir/serve/nginx.conf" <<EOF
daemon off; pid nginx.pid; error_log error.log; worker_processes 2;
$([ "$(id -u)" != 0 ] || echo 'user root root;')
events { worker_connections 256; }
http { access_log access.log; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
	uwsgi_temp_path t4; scgi_temp_path t5; sendfile on;
	server { listen 127.0.0.1:$port; root $tap_dir/serve; } }
EOF
	serve "$1" -p workspace --listen "127.0.0.1:$port" -- nginx -e error.log -p "$tap_dir/serve" -c "$tap_dir/serve/nginx.conf"
}

if command -v redis-server >/dev/null && command -v redis-benchmark >/dev/null; then
	same_server 'redis: values, a load, a snapshot' redis_talk redis_start
else
	skip 'redis: values, a load, a snapshot' 'no redis'
fi
if command -v nginx >/dev/null && command -v ab >/dev/null && command -v curl >/dev/null; then
	same_server 'nginx: 10,000 requests, a reload' nginx_talk nginx_start
else
	skip 'nginx: 10,000 requests, a reload' 'no nginx, ab or curl'
fi
done_testing
