# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion for pcall-run.

function __pcall_policies
	for directory in (string split : -- "$PCALL_POLICY_PATH") ~/.config/pcall $XDG_CONFIG_HOME/pcall /etc/pcall \
			/usr/local/share/pcall/policies /usr/share/pcall/policies
		for file in $directory/*.policy
			basename $file .policy
		end
	end
end

complete -c pcall-run -f -a '(__fish_complete_subcommand --fcs-skip=1)'
complete -c pcall-run -s p -l policy -x -a '(__pcall_policies)' -d 'use this policy'
complete -c pcall-run -s r -l read -r -F -d 'read files, list directories'
complete -c pcall-run -s w -l write -r -F -d 'read, create, change and delete'
complete -c pcall-run -s x -l exec -r -F -d 'run this program'
complete -c pcall-run -l list -r -F -d 'names and metadata only'
complete -c pcall-run -l deny -x -d 'refuse, whatever else allows it'
complete -c pcall-run -l hide -r -F -d 'as if it did not exist'
complete -c pcall-run -l bind -x -d 'what the command calls NAME is PATH'
complete -c pcall-run -l connect -x -d 'connect to this address'
complete -c pcall-run -l listen -x -d 'accept connections there'
complete -c pcall-run -l unix -r -F -d 'use this UNIX socket'
complete -c pcall-run -l dev -r -F -a 'null tty' -d 'use a device, or a bundle of devices'
complete -c pcall-run -l method -x -d 'call this method of a supervisor above'
complete -c pcall-run -l env -x -a '(set -nx)' -d 'pass a variable, or set it'
complete -c pcall-run -l limit -x -a 'mem= procs= files= cpu= time= fsize= children= pending=' -d 'limit a resource'
complete -c pcall-run -l ask -x -d 'ask somebody at the moment of use (not yet)'
complete -c pcall-run -s C -l chdir -x -a '(__fish_complete_directories)' -d 'run the command in this directory'
complete -c pcall-run -l label -x -d 'call the sandbox so'
complete -c pcall-run -l timeout -x -d 'end the command after this time'
complete -c pcall-run -l new-session -d 'without our terminal'
complete -c pcall-run -l die-with-parent -d 'end when the process that started us does'
complete -c pcall-run -l keep-fd -x -d 'pass this descriptor'
complete -c pcall-run -l json-status-fd -x -d 'write child-pid and exit-code there'
complete -c pcall-run -l learn -d 'write a policy of what is used (not yet)'
complete -c pcall-run -l dry-run -d 'print the policy and the command, run nothing'
complete -c pcall-run -l events -r -F -d 'write what happens there as JSON lines'
complete -c pcall-run -l summary -x -a 'auto always never' -d 'a table of refusals at the end'
complete -c pcall-run -s q -l quiet -d 'say nothing of refusals'
complete -c pcall-run -s v -l verbose -d 'tell refusals also where stderr is no terminal'
complete -c pcall-run -l fail-on-deny -d 'exit with N if something was refused'
complete -c pcall-run -l color -x -a 'auto always never' -d 'colours'
complete -c pcall-run -l keep-caps -x -d 'keep these capabilities'
complete -c pcall-run -l allow-degraded -d 'run without landlock or scopes'
complete -c pcall-run -s h -l help -d 'print the options'
complete -c pcall-run -l version -d 'print the version'
