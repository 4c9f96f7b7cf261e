# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# dash and bash: pipelines, here-documents, traps, jobs of a script.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"
need dash bash
template=$tap_dir/shells
mkdir "$template"

cat >"$template/pipelines" <<'EOF'
i=0
while [ $i -lt 100 ]; do
	printf '%s\n' line $i end | cat | wc -l
	i=$((i + 1))
done | sort | uniq -c
EOF

cat >"$template/documents" <<'EOF'
x=value
cat <<A; cat <<'B'; cat <<-C
$x $(echo command) `echo old` $((6 * 7))
A
$x $(echo command)
B
	indented
	C
i=0
while [ $i -lt 2000 ]; do echo "$i $i $i $i $i"; i=$((i + 1)); done >long
{ echo 'cat <<EOL'; cat long; echo EOL; } >big
. ./big | cksum
read -r a b <<D
one two three
D
echo "$a-$b"
(cat; echo after) <<E | tr a-z A-Z
from a subshell
E
EOF

cat >"$template/scripts" <<'EOF'
trap 'echo exit' EXIT
trap 'echo usr1' USR1
kill -USR1 $$
sleep 100 & sleep 0.1; kill $!; wait $!; echo "killed $?"
(exit 7); echo $?
set -m; sleep 0.1 & wait $!; echo "job $?"; set +m
f() { local v=1; echo "$v $*"; }; f a 'b c'
umask 027; echo text >file; mkdir dir; ln -s file link; echo more >>link; cat <link
for g in *; do echo "$g"; done
cd dir; echo "${PWD##*/}"; cd ..; test -x scripts || echo not executable
printf '#!/bin/sh\necho ran "$0" "$@"\n' >run; chmod +x run; ./run 1 '2 3'; PATH=.:$PATH run by name
./missing; echo $?; ./dir; echo $?; ./file; echo $?
exec 3<>file; read -r line <&3; echo "$line"; exec 3>&-; mkfifo p; cat p & echo fifo >p; wait
rm p; kill -KILL $$
EOF

cat >"$template/bashisms" <<'EOF'
cat <<<"here string"; diff <(seq 1 5) <(seq 1 6); echo $?
coproc { tr a-z A-Z; }; out=${COPROC[0]}; echo coproc >&"${COPROC[1]}"; eval "exec ${COPROC[1]}>&-"
cat <&"$out"; wait
declare -A a=([k]=v); echo "${a[k]}"; mapfile -t m < <(seq 100); echo ${#m[@]}
seq 3 | tee >(cat >tee.out) | cat; echo ${PIPESTATUS[@]}; until [ -s tee.out ]; do :; done; cat tee.out
ulimit -n >/dev/null; time true; type -t ls; disown -a; shopt -s globstar; echo **
EOF

for shell in dash bash; do
	same "$shell: 100 pipelines of three" workspace $shell ./pipelines
	same "$shell: here-documents" workspace $shell ./documents
	wanted_status=137
	same "$shell: traps, jobs, files" workspace $shell ./scripts
	wanted_status=127
	same "$shell: a command that is not there" readonly $shell -c nothing-like-this
	wanted_status=0
done
same 'bash: what only bash has' workspace bash ./bashisms
same 'bash: as a login shell' workspace bash -l -c 'echo "$0 $-"; cd; echo ~'
done_testing
