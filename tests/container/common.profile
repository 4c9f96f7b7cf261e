# What the profiles of Docker, containerd and podman all let pass, on x86-64.
allow accept accept4 access adjtimex alarm bind brk capget capset chdir chmod chown clock_adjtime
allow clock_getres clock_gettime clock_nanosleep close close_range connect copy_file_range creat dup dup2
allow dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait
allow epoll_wait_old eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64
allow fallocate fanotify_mark fchdir fchmod fchmodat fchown fchownat fcntl fdatasync fgetxattr flistxattr
allow flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex futimesat get_robust_list
allow get_thread_area getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer
allow getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit
allow getrusage getsid getsockname getsockopt gettid gettimeofday getuid getxattr inotify_add_watch
allow inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_setup io_submit
allow ioctl ioprio_get ioprio_set kill
allow lchown lgetxattr link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr lstat madvise
allow membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap
allow mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink mremap msgctl msgget
allow msgrcv msgsnd msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat open openat
allow openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll
allow prctl pread64 preadv preadv2 prlimit64 process_mrelease pselect6 pwrite64 pwritev pwritev2 read
allow readahead readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages removexattr rename
allow renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask
allow rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max
allow sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
allow sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield
allow seccomp select semctl semget semop semtimedop sendfile sendmmsg sendmsg sendto set_robust_list
allow set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid setpriority
allow setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid setxattr shmat shmctl shmdt
allow shmget shutdown sigaltstack signalfd signalfd4 socketpair splice stat statfs statx symlink symlinkat
allow sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun
allow timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill truncate
allow umask uname unlink unlinkat utime utimensat utimes vfork wait4 waitid write writev
allow arch_prctl chroot modify_ldt
allow personality arg 0 == 0
allow personality arg 0 == 8
allow personality arg 0 == 0x20000
allow personality arg 0 == 0x20008
allow personality arg 0 == 0xffffffff
