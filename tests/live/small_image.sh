# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# An image that holds libc, a shell and pcall-run, and nothing else, under the lists of calls of
# containers.
. "$PCALL_SOURCE/tests/tap.sh"
need busybox unshare chroot
[ "$(id -u)" = 0 ] || skip_all 'an image is entered by root'
case $(ldd "$pcall_inner") in *san*) skip_all 'a sanitizer brings its own libraries' ;; esac
unshare -m true 2>/dev/null || skip_all 'nothing can be mounted'
image=$tap_dir/image
mkdir -p "$image/bin" "$image/proc" "$image/dev" "$image/srv" "$image/policies"
ldd "$pcall_inner" | grep -o '/[^ ]*' | while read -r library; do
	mkdir -p "$image/$(dirname "$library")"
	cp "$library" "$image/$library"
done
cp "$(command -v busybox)" "$image/bin/busybox"
ln -s busybox "$image/bin/sh"
ln -s busybox "$image/bin/cat"
cp "$pcall_run" "$image/bin/"
cp "$PCALL_POLICY_PATH"/*.policy "$image/policies/"
echo inside >"$image/srv/file"
is "$(find "$image" -name '*.so*' | sed 's#.*/##' | LC_ALL=C sort | tr '\n' ' ')" 'ld-linux-x86-64.so.2 libc.so.6 ' 'only_libc_is_there'

within() { # PROFILE SCRIPT, in /srv
	unshare -m sh -c 'mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" && shift && exec "$@"' sh "$image" \
		"$PCALL_SOURCE/tests/container/under" "$1" -- \
		chroot "$image" /bin/sh -c "cd /srv; export PATH=/bin PCALL_POLICY_PATH=/policies; $2" 2>&1
}

for profile in podman docker; do
	is "$(within $profile 'pcall-run -q -p readonly -- sh -c "cat file; echo x >made || echo refused" 2>/dev/null')" 'inside
refused' "${profile}_a_box"
	is "$(within $profile 'pcall-run -q -p readonly -- pcall-run -q sh -c "cat file; exit 3"; echo $?')" 'inside
3' "${profile}_a_box_in_a_box"
done
done_testing
