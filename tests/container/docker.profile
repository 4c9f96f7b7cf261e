# Docker's and containerd's default (Docker 25 and later: no io_uring), without capabilities that no container has by default.
# What it does not know is EPERM, a number that is no system call as well (so it is where crun applies the profile).
default EPERM
use common
allow landlock_add_rule landlock_create_ruleset landlock_restrict_self
allow cachestat=451 fchmodat2=452 map_shadow_stack=453 futex_wake=454 futex_wait=455 futex_requeue=456 futex_waitv=449
allow io_pgetevents ptrace process_vm_readv process_vm_writev vmsplice
allow socket arg 0 != 40
allow clone arg 0 & 0x7e020000 == 0
errno ENOSYS clone3
