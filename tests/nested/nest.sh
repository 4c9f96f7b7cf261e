# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# The example of levels: who may call what, four deep.
. "$PCALL_SOURCE/tests/tap.sh"

cd "$tap_dir" || exit 1
status_is 0 the_browser_ends_well "$PCALL_BUILD/tests/example/example-nest"
sort "$tap_dir/out" >got
sort >wanted <<'END'
tab1: camera.frame: camera.frame for tab1
tab1: tab.title: No such file or directory
tab1/plugin: camera.frame: camera.frame for tab1/plugin
tab1/plugin: tab.title: tab.title for tab1/plugin
tab1/plugin/widget: camera.frame: No such file or directory
tab1/plugin/widget: tab.title: tab.title for tab1/plugin/widget
tab2: camera.frame: No such file or directory
tab2: tab.title: No such file or directory
tab2/plugin: camera.frame: No such file or directory
tab2/plugin: tab.title: tab.title for tab2/plugin
tab2/plugin/widget: camera.frame: No such file or directory
tab2/plugin/widget: tab.title: tab.title for tab2/plugin/widget
END
ok everybody_may_what_the_readme_says diff wanted got

done_testing
