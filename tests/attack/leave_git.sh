# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# J1: what a box leaves behind in the folder that it may write. The attacks run under `workspace`, then
# git runs there without it, as its owner would: whatever was left must not have run. Each attack is
# shown to work natively first.
. "$PCALL_SOURCE/tests/tap.sh"
need git
HOME=$tap_dir/home
XDG_CONFIG_HOME=$HOME/.config
GIT_CONFIG_NOSYSTEM=1
export HOME XDG_CONFIG_HOME GIT_CONFIG_NOSYSTEM
mkdir -p "$HOME"
git config --global user.name N
git config --global user.email n@example.org
git config --global protocol.file.allow always
git config --global init.defaultBranch main
canary=$tap_dir/canary

# A repository with a submodule, a second worktree and a commit, in $tap_dir/work/r.
world() {
	rm -rf "$tap_dir/work" "$canary"
	if [ -d "$tap_dir/first" ]; then
		cp -a "$tap_dir/first" "$tap_dir/work" && cd "$tap_dir/work/r" || exit
		return
	fi
	mkdir "$tap_dir/work" && cd "$tap_dir/work" || exit
	git init -q lib && git -C lib commit -q --allow-empty -m one
	git init -q r && cd r || exit
	echo a >file && git add file && git commit -q -m one
	git submodule --quiet add ../lib sub 2>/dev/null && git commit -q -m sub
	git worktree add -q ../tree 2>/dev/null && mv ../tree . && git worktree repair tree >/dev/null 2>&1
	git -C tree submodule --quiet update --init 2>/dev/null
	cat >evil <<EOT
#!/bin/sh
echo ran >$canary
EOT
	chmod +x evil
	cp -a "$tap_dir/work" "$tap_dir/first"
}

# What somebody does in that folder afterwards: folder below r.
afterwards() {
	(
		cd "$tap_dir/work/r/$1" || exit
		git status
		echo more >>file
		git add file
		git commit -m more
		git checkout -q -b other
		git branch later
	) >/dev/null 2>&1 </dev/null
}

# leaves NAME FOLDER SCRIPT: natively it plants something that runs there, boxed nothing does.
leaves() {
	world
	sh -c "$3" >/dev/null 2>&1 </dev/null
	afterwards "$2"
	natively=no
	[ ! -e "$canary" ] || natively=ran
	world
	"$pcall_run" -q -p workspace sh -c "$3" >"$tap_dir/out" 2>&1 </dev/null
	afterwards "$2"
	boxed=no
	[ ! -e "$canary" ] || boxed=ran
	is "natively: $natively, boxed: $boxed" 'natively: ran, boxed: no' "$1"
	cd "$tap_dir" || exit
}

config='[core]\n\tfsmonitor = ./evil\n\trepositoryformatversion = 0\n'
evil="printf '$config'"
hook='mkdir -p "$1/hooks"; cp evil "$1/hooks/pre-commit"; cp evil "$1/hooks/post-checkout"'
# A git directory named z with both, made out of the repository's own.
other="cp -r .git z; printf '[core]\\n\\tfsmonitor = $tap_dir/work/r/evil\\n' >>z/config; set -- z; $hook"
# A configuration that would do for the submodule.
submodule="printf '[core]\n\tfsmonitor = $tap_dir/work/r/evil\n\tworktree = $tap_dir/work/r/sub\n'"

leaves 'j1_config' . "$evil >>.git/config"
leaves 'j1_config_by_git' . 'git config core.fsmonitor ./evil'
leaves 'j1_config_hooks_path' . 'mkdir h; cp evil h/pre-commit; git config core.hooksPath h'
leaves 'j1_config_filter' . 'echo "* filter=f" >.gitattributes; git config filter.f.clean ./evil'
leaves 'j1_config_renamed_in' . "$evil >c; mv -f c .git/config"
leaves 'j1_config_removed_and_made' . "$evil >c; rm .git/config; cp c .git/config"
leaves 'j1_config_written_through_a_link' . "ln .git/config c && $evil >>c"
leaves 'j1_config_through_a_symlink' . "ln -s .git/config c; $evil >>c"
leaves 'j1_config_of_a_renamed_directory' . "mv .git g && $evil >>g/config && mv g .git"
leaves 'j1_hook' . 'mkdir -p .git/hooks; cp evil .git/hooks/pre-commit'
leaves 'j1_hook_renamed_in' . 'mkdir h; cp evil h/pre-commit; rm -rf .git/hooks; mv h .git/hooks'
leaves 'j1_worktree_config' . "printf '[extensions]\\n\\tworktreeConfig = true\\n' >>.git/config; $evil >.git/config.worktree"
leaves 'j1_commondir' . "$other; echo ../z >.git/commondir"
leaves 'j1_git_is_a_link' . "$other; rm -rf .git; ln -s z .git"
leaves 'j1_git_is_a_file' . "$other; rm -rf .git; echo 'gitdir: z' >.git"
leaves 'j1_git_is_moved_away_and_a_link' . "$other; mv .git away; ln -s z .git"
leaves 'j1_new_repository_below' new "mkdir new; cp -r .git new/.git; cp evil new; cd new; $evil >>.git/config"
leaves 'j1_new_repository_by_git' new 'git init -q new; cp evil new; git -C new config core.fsmonitor ./evil'
leaves 'j1_new_repository_cloned' new 'git clone -q . new; cp evil new; git -C new config core.fsmonitor ./evil'
leaves 'j1_submodule_config' sub "cp evil sub; $evil >>.git/modules/sub/config"
leaves 'j1_submodule_hook' sub 'set -- .git/modules/sub; '"$hook"
leaves 'j1_submodule_commondir' sub "$other; echo ../../../z >.git/modules/sub/commondir"
leaves 'j1_submodule_points_elsewhere' sub "$other; rm sub/.git; echo 'gitdir: ../z' >sub/.git"
leaves 'j1_worktree_commondir' tree "$other; echo ../../../z >.git/worktrees/tree/commondir"
leaves 'j1_worktree_points_elsewhere' tree "$other; rm tree/.git; echo 'gitdir: ../z' >tree/.git"
leaves 'j1_worktree_without_commondir' tree "mv .git/worktrees/tree .git/worktrees/z; $other; mv z .git/worktrees/tree"
leaves 'j1_worktree_config_of_its_own' tree 'cd .git/worktrees && mv tree z && mkdir tree && cp -r ../HEAD ../objects ../refs tree && '"
	printf '[core]\\n\\tfsmonitor = $tap_dir/work/r/evil\\n' >tree/config"
leaves 'j1_submodule_config_of_a_worktree' tree/sub "$submodule >>.git/worktrees/tree/modules/sub/config"
leaves 'j1_submodule_hook_of_a_worktree' tree/sub 'set -- .git/worktrees/tree/modules/sub; '"$hook"
# A submodule's directory replaced by a link to a repository that is nobody's, wherever such a one could be made.
for at in z .git/z .git/refs/remotes/z .git/logs/refs/remotes/z .git/modules/y/z .git/HEAD; do
	leaves "j1_submodule_is_a_link_to_$at" sub "mv .git/modules/sub .git/modules/old; mv .git/HEAD .git/was; mkdir -p $at
		cp -r .git/modules/old/HEAD .git/modules/old/objects $at; cp -r .git/modules/old/refs $at
		$submodule >$at/config; [ $at = .git/HEAD ] || mv .git/was .git/HEAD; ln -s $tap_dir/work/r/$at .git/modules/sub"
done
leaves 'j1_submodule_is_a_link_to_the_logs' sub "mv .git/modules/sub .git/modules/old; mv .git/logs/refs .git/logs/was
	rm .git/logs/HEAD; cp -r .git/modules/old/HEAD .git/modules/old/objects .git/logs; cp -r .git/modules/old/refs .git/logs
	$submodule >.git/logs/config; ln -s ../logs .git/modules/sub"
leaves 'j1_bare_repository' bare "cp -r .git bare; git --git-dir=bare config core.bare true; mkdir -p bare/hooks; cp evil bare/hooks/reference-transaction"

# What goes with the command leaves nothing.
world
ok 'j1_a_clone_in_tmp_works' "$pcall_run" -q -p workspace sh -c \
	'git clone -q . "$TMPDIR/c" && git -C "$TMPDIR/c" config a.b c && git -C "$TMPDIR/c" commit -q --allow-empty -m x'
cd "$tap_dir" || exit
done_testing
