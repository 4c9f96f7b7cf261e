# podman's default as Debian 12 has it (golang-github-containers-common 0.50), without capabilities that no container has by default.
# What it does not know is ENOSYS.
default ENOSYS
use common
allow landlock_add_rule landlock_create_ruleset landlock_restrict_self
allow clone clone3 ptrace process_vm_readv process_vm_writev pidfd_getfd
allow get_mempolicy mbind set_mempolicy keyctl reboot syslog
allow mount umount2 mount_setattr move_mount fsconfig fsmount fsopen fspick open_tree pivot_root unshare
allow socket arg 0 != 16
allow socket arg 2 != 9
errno EINVAL socket arg 0 == 16 arg 2 == 9
errno EPERM acct bpf clock_settime delete_module fanotify_init finit_module init_module io_pgetevents
errno EPERM ioperm iopl kcmp kexec_file_load kexec_load lookup_dcookie migrate_pages move_pages nfsservctl
errno EPERM open_by_handle_at perf_event_open process_madvise query_module quotactl setdomainname sethostname
errno EPERM setns settimeofday swapoff swapon sysfs userfaultfd uselib ustat vhangup vmsplice
