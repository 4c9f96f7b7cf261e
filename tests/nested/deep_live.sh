# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# deep_live.sh TEST: a script of tests/live, with all that it runs three boxes deep.
. "$PCALL_SOURCE/tests/nested/deep.sh"
deep_directory=$(mktemp -d "${TMPDIR:-/tmp}/deep.XXXXXX") || exit 1
trap 'rm -rf "$deep_directory"' EXIT
deep_build "$deep_directory" 3
PCALL_BUILD=$deep_directory sh "$PCALL_SOURCE/tests/live/$1.sh"
