# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion for pcall.

complete -c pcall -f
complete -c pcall -n __fish_use_subcommand -a policy -d 'list, check, show, test and compare policies'
complete -c pcall -n __fish_use_subcommand -a why -d 'which line decides'
complete -c pcall -n __fish_use_subcommand -a doctor -d 'what this machine offers and lacks'
complete -c pcall -n __fish_use_subcommand -a inside -d 'where this process stands in a tree'
complete -c pcall -n __fish_use_subcommand -a methods -d 'what it can call there'
complete -c pcall -n __fish_use_subcommand -a call -d 'call a method'
complete -c pcall -l color -x -a 'auto always never' -d 'colours'
complete -c pcall -s h -l help -d 'print the commands'
complete -c pcall -l version -d 'print the version'
complete -c pcall -n '__fish_seen_subcommand_from policy; and not __fish_seen_subcommand_from list check show test diff' -a 'list check show test diff'
complete -c pcall -n '__fish_seen_subcommand_from check show test diff' -F
complete -c pcall -n '__fish_seen_subcommand_from why; and not __fish_seen_subcommand_from list read write exec unix dev connect listen method' -a 'list read write exec unix dev connect listen method'
complete -c pcall -n '__fish_seen_subcommand_from why' -F
complete -c pcall -n '__fish_seen_subcommand_from why' -s p -r -F -d policy
complete -c pcall -n '__fish_seen_subcommand_from call' -a "(pcall methods 2>/dev/null | string replace -r ' .*' '')"
complete -c pcall -n '__fish_seen_subcommand_from call' -s m -l message -x -d 'send bytes, print bytes'
complete -c pcall -n '__fish_seen_subcommand_from call' -l size -x -d 'room for the answer'
complete -c pcall -n '__fish_seen_subcommand_from call' -l fd -d 'the answer is a descriptor'
complete -c pcall -n '__fish_seen_subcommand_from doctor inside' -l json -d 'as JSON'
