# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# git: a repository of 50 commits, status of 2,000 files, clone, gc.
. "$PCALL_SOURCE/tests/live/programs_kit.sh"
need git
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_AUTHOR_DATE='1000000000 +0000'
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org GIT_COMMITTER_DATE='1000000000 +0000'
# The samples of hooks are not copied in the box; an index has times in it.
export GIT_TEMPLATE_DIR='' GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=gc.auto GIT_CONFIG_VALUE_0=0
export GIT_CONFIG_KEY_1=core.fsync GIT_CONFIG_VALUE_1=none
ignore='/\.git/(worktrees/.*/|modules/.*/)?index$|\.(pack|idx|rev)$|/info/commit-graph|/objects/info/|/logs/'
template=$tap_dir/git
mkdir "$template"

cat >"$template/commits" <<'EOF'
git init -q -b main r; cd r
i=0
while [ $i -lt 50 ]; do
	echo $i >>file; git add file; git commit -q -m "commit $i"
	i=$((i + 1))
done
git log --oneline | sha256sum; git log -3 --stat; git rev-list --count HEAD
git gc -q; git fsck --strict; git count-objects -v | grep -E '^(count|in-pack|packs)'
cd ..; git clone -q r clone; cd clone; git log -1 --format=%H; git status; git remote -v
git checkout -q -b topic HEAD~3; echo x >other; git add .; git commit -q -m other
git rebase -q main; git log -2 --format=%s; git merge -q --no-edit main; git tag v1; git describe
git stash list; echo y >other; git diff; git stash -q; git stash pop -q; git grep -n x -- other; git blame file | tail -n 1
git push -q origin topic; git -C ../r branch -a; git worktree add -q ../tree main 2>&1 | tail -n 1
git fetch -q; git archive HEAD | tar tf - ; git config --list --local | sort; git reflog | wc -l
git bundle create -q ../b HEAD; git bundle verify -q ../b; rm ../b; git submodule status; git rm -q --cached other
git -c protocol.file.allow=always submodule --quiet add ../r sub 2>&1; git status --short
EOF

cat >"$template/status" <<'EOF'
cd many; git status --short | wc -l; git status; echo changed >d7/f7; git status --porcelain; git add -A
git commit -q -m change; git diff --stat HEAD~1; git ls-files | wc -l; rm -rf d9; git status --short | wc -l
EOF

# Repositories are made where the folder is written and nothing is kept from git.
box_options='--write . --env GIT_OPTIONAL_LOCKS=1'
same 'git: 50 commits, gc, clone, rebase, worktrees' readonly sh ./commits
rm "$template/commits"
box_options=

# In a repository that is there, under workspace as it is.
ok 'a repository' sh -c 'cd "$1" && git init -q -b main here && cd here && seq 9 >file && git add . &&
	git commit -q -m one && git branch topic && git commit -q --allow-empty -m two' sh "$template"
# It makes .git again, which is there.
expected='^write .*/\.git$'
same 'git: work in a repository that is there' workspace sh -c '
	cd here; echo x >x; git add x; git commit -q -m x; git checkout -q topic; echo y >y; git add y; git commit -q -m y
	git rebase -q main; git merge -q main; git tag t; git switch -q -c other; echo z >z; git stash -q -u; git stash pop -q
	git commit -q -a --amend -m z; git cherry-pick main 2>&1 | tail -n 1; git gc -q; git status --short'
expected=
# What cannot go on says why.
for what in 'config a.b c' 'config --worktree a.b c' 'remote add o /x' 'worktree add -q w' 'init -q fresh'; do
	cp -a "$template/here" "$tap_dir/here"
	# shellcheck disable=SC2086 # words
	status_is "$(sh -c 'cd "$1" && shift && "$@" >/dev/null 2>&1; echo $?' sh "$tap_dir/here" "$pcall_run" -q -p workspace git $what)" \
		"git $what ends as it does" sh -c 'cd "$1" && shift && exec "$@"' sh "$tap_dir/here" "$pcall_run" -v -p workspace git $what
	ok '... and the line that refuses is told' grep -Eq '^ +why +deny +write' "$tap_dir/err" || diag <"$tap_dir/err"
	rm -rf "$tap_dir/here"
done
rm -r "$template/here"

# A repository that may only be read: status leaves the index alone, and diff says that it could not
# note in it what it has looked at.
ok 'a small repository' sh -c 'cd "$1" && git init -q -b main small && cd small && seq 100 >file &&
	git add . && git commit -q -m one && echo more >>file' sh "$template"
same 'git: status and log where nothing may be written' readonly \
	sh -c 'cd small; git status; git log --oneline; git show --stat | tail -n 1; git branch; git cat-file -p HEAD:file'
expected='^write .*/\.git/index\.lock$'
same 'git: diff where nothing may be written' readonly sh -c 'cd small; git diff; git diff HEAD~0 --stat'
expected=
rm -r "$template/small"

ok 'a repository of 2,000 files' sh -c '
	mkdir "$1/many"; cd "$1/many" || exit
	for d in $(seq 20); do mkdir "d$d"; (cd "d$d" && seq 100 | while read -r f; do echo "$d $f" >"f$f"; done); done
	git init -q -b main; git add .; git commit -q -m all; git repack -adq; git prune' sh "$template"
same 'git: status of 2,000 files' workspace sh ./status
done_testing
