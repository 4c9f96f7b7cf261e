# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# ^C, ^Z, fg, resize and signals, typed into an interactive shell on a terminal of its own.
. "$PCALL_SOURCE/tests/tap.sh"
need /usr/bin/python3 bash
exec /usr/bin/python3 "$PCALL_SOURCE/tests/live/cli_terminal.py" "$pcall_run" "$tap_dir"
