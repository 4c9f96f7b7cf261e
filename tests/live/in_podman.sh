#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# In a real container, without an image: podman's own profile, and Docker's.
. "$PCALL_SOURCE/tests/tap.sh"
need podman python3
[ "$(id -u)" = 0 ] || skip_all 'podman is tried as root'

rootfs=$tap_dir/rootfs
mkdir -p "$rootfs/usr" "$rootfs/tmp" "$rootfs/proc" "$rootfs/sys" "$rootfs/dev" "$rootfs/etc" "$rootfs/root" \
	"$rootfs/run" "$rootfs/var" "$rootfs/pcall"
for name in bin lib lib64 sbin; do
	ln -s "usr/$name" "$rootfs/$name"
done
cp /etc/passwd /etc/group /etc/ld.so.cache "$rootfs/etc/"
"$PCALL_SOURCE/tests/container/under" --oci docker >"$tap_dir/docker.json"

contain() { # OPTION of podman or '', COMMAND...
	option=$1
	shift
	# podman wants to find no cgroups of the first version; limits are ours, for not everybody may raise them
	# shellcheck disable=SC2086 # no option, no word
	unshare -m sh -c 'umount -R /sys/fs/cgroup 2>/dev/null
		mount -t tmpfs none /sys/fs/cgroup && mkdir /sys/fs/cgroup/unified && mount -t cgroup2 none /sys/fs/cgroup
		exec "$@"' sh podman run --rm --workdir=/pcall --network=none --cgroups=disabled --ulimit nofile=4096:4096 --ulimit nproc=1024:1024 \
		$option --rootfs -v /usr:/usr:ro -v "$PCALL_SOURCE:$PCALL_SOURCE:ro" -v "$PCALL_BUILD:$PCALL_BUILD:ro" \
		--env PCALL_POLICY_PATH="$PCALL_POLICY_PATH" "$rootfs" "$@" 2>"$tap_dir/err" </dev/null
}

reason=$(contain '' /bin/true || tail -n 1 "$tap_dir/err")
[ -z "$reason" ] || skip_all "podman cannot run here: $reason"

for with in podman docker; do
	profile=
	[ $with = podman ] || profile="--security-opt=seccomp=$tap_dir/docker.json"
	is "$(contain "$profile" "$pcall_run" -p readonly -- sh -c 'cat /etc/passwd >/dev/null && echo read; echo x 2>/dev/null >/tmp/x ||
		echo refused')" 'read
refused' "a_box_in_a_container_$with"
	is "$(contain "$profile" "$pcall_run" -q --read / --exec /usr --write /tmp --dev null --connect '127.0.0.1:*' \
		--listen '127.0.0.1:*' -- /usr/bin/python3 -B "$PCALL_SOURCE/tests/live/fd_sender_calls.py")" \
		"$(/usr/bin/python3 -B "$PCALL_SOURCE/tests/live/fd_sender_calls.py" 2>&1)" "calls_on_sockets_in_a_container_$with"
done
is "$(contain "--security-opt=seccomp=$tap_dir/docker.json" "$PCALL_BUILD/src/pcall" doctor | grep -c '^missing')" 0 \
	'the_doctor_misses_nothing'
done_testing
