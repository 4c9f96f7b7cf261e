/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hostile: every door into the kernel. See box.h. */
#include "hostile.h"

#include <elf.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/landlock.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#define HIGH (0xdeadbeefUL << 32)

static bool boxed(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

/* Is what is refused still refused? */
static void still_bounded(const char *what)
{
	if (is_canary(open(at("s/canary"), O_RDONLY)))
		broke(what);
	if (open(at("s/new"), O_CREAT | O_WRONLY, 0644) >= 0)
		broke(what);
}

/* Runs in a process of its own, which may be killed; its exit status, or -signal. */
static int in_process(void (*run)(void))
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		alarm(5);
		broken = 0;
		run();
		fflush(NULL);
		_exit(broken ? 1 : 0);
	}
	NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* The same for what returns: is it said to have broken out? */
static void in_process_refused(void (*run)(void))
{
	if (in_process(run) == 1)
		broken++;
}

/* A copy of the path of s/canary that 32 bits can name. */
static char *low_path;

static long int80(long nr, long a, long b, long c)
{
	long r;

	__asm__ volatile("int $0x80" : "=a"(r) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return (int)r;
}

enum {
	NR32_OPEN = 5,
	NR32_EXECVE = 11,
	NR32_GETPID = 20,
	NR32_MKDIR = 39,
	NR32_SOCKETCALL = 102,
	NR32_IPC = 117,
	NR32_CLONE = 120,
};

static void d01_int80(void)
{
	long fd = int80(NR32_OPEN, (long)low_path, O_RDONLY, 0);

	if (fd >= 0 && is_canary((int)fd))
		broke("open by int 0x80");
	MUST_FAIL(int80(NR32_GETPID, 0, 0, 0));
	MUST_FAIL(int80(NR32_MKDIR, (long)strcpy(low_path + 2048, at("s/int80")), 0755, 0));
	MUST_FAIL(int80(NR32_IPC, 23, 0, 4096));
	MUST_FAIL(int80(-1, 0, 0, 0));
}

/* Where it does not raise SIGILL it never comes back here: what it did must be seen in s. */
static void d01_sysenter(void)
{
	strcpy(low_path + 2048, at("s/sysenter"));
	__asm__ volatile("sysenter"
			 :
			 : "a"(NR32_MKDIR), "b"(low_path + 2048), "c"(0755)
			 : "memory", "rdx");
}

static void d01_vsyscall(void)
{
	long (*vsyscall_time)(long *) = (long (*)(long *))0xffffffffff600400;
	long at_time = 0;

	vsyscall_time(&at_time); /* SIGSEGV, or the time */
}

static void d01(void)
{
	static const int numbers[] = { SYS_open,  SYS_openat, SYS_execve, SYS_fork,
				       SYS_mkdir, 512,	      520,	  545 };

	low_path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
			-1, 0);
	NEED(low_path != MAP_FAILED);
	strcpy(low_path, at("s/canary"));
	in_process_refused(d01_int80);
	in_process_refused(d01_sysenter);
	in_process_refused(d01_vsyscall);
	if (access(at("s/sysenter"), F_OK) == 0)
		broke("sysenter");
	for (size_t i = 0; i < COUNT(numbers); i++) {
		long x32 = 0x40000000L | numbers[i];

		MUST_FAIL(syscall(x32, low_path, O_RDONLY, 0));
		MUST_FAIL(syscall(x32, AT_FDCWD, low_path, O_RDONLY));
		MUST_FAIL(syscall(x32 | (long)0x80000000u, low_path, O_RDONLY, 0));
	}
	still_bounded("afterwards");
}

/* A program of 32 bits that opens s/canary, and ends with 1 if it could. */
static void write_program32(const char *path, const char *target)
{
	static const unsigned char code[] = {
		0xb8, 5,    0,	  0,	0, /* mov $5, %eax: open */
		0xbb, 0,    0,	  0,	0, /* mov $target, %ebx */
		0x31, 0xc9,		   /* xor %ecx, %ecx */
		0xcd, 0x80, 0x85, 0xc0,	   /* int $0x80; test %eax, %eax */
		0xbb, 1,    0,	  0,	0, /* mov $1, %ebx */
		0x79, 2,    0x31, 0xdb,	   /* jns; xor %ebx, %ebx */
		0xb8, 1,    0,	  0,	0, /* mov $1, %eax: exit */
		0xcd, 0x80, 0xf4,	   /* int $0x80; hlt */
	};
	const uint32_t base = 0x08048000, start = sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr);
	unsigned char image[1024] = { 0 };
	uint32_t string = base + start + sizeof(code);
	Elf32_Ehdr head = { .e_type = ET_EXEC,
			    .e_machine = EM_386,
			    .e_version = 1,
			    .e_entry = base + start,
			    .e_phoff = sizeof(head),
			    .e_ehsize = sizeof(head),
			    .e_phentsize = sizeof(Elf32_Phdr),
			    .e_phnum = 1 };
	Elf32_Phdr segment = { .p_type = PT_LOAD,
			       .p_vaddr = base,
			       .p_paddr = base,
			       .p_filesz = sizeof(image),
			       .p_memsz = sizeof(image),
			       .p_flags = PF_R | PF_W | PF_X,
			       .p_align = 4096 };
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0755);

	memcpy(head.e_ident, ELFMAG "\1\1\1", 7);
	memcpy(image, &head, sizeof(head));
	memcpy(image + sizeof(head), &segment, sizeof(segment));
	memcpy(image + start, code, sizeof(code));
	memcpy(image + start + 6, &string, 4);
	snprintf((char *)image + start + sizeof(code), 512, "%s", target);
	NEED(fd >= 0 && write(fd, image, sizeof(image)) == sizeof(image));
	close(fd);
}

static void run_program32(void)
{
	execl(at("w/program32"), "program32", NULL);
	_exit(3);
}

static void d01_program(void)
{
	write_program32(at("w/program32"), at("s/canary"));
	if (in_process(run_program32) == 1)
		broke("a program of 32 bits");
}

static void d02(void)
{
	const char *canary = at("s/canary");
	struct sock_filter allow = { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW };
	struct sock_fprog program = { 1, &allow };
	int held = open(at("w"), O_RDONLY | O_DIRECTORY);
	long fd;

	/* The number itself: the kernel takes the low half of the register. */
	MUST_FAIL(syscall((long)(HIGH | SYS_open), canary, O_RDONLY, 0));
	MUST_FAIL(syscall((long)(HIGH | SYS_openat), AT_FDCWD, canary, O_RDONLY, 0));
	MUST_FAIL(syscall(SYS_openat, HIGH | 0xffffff9c, canary, O_RDONLY, 0));
	MUST_FAIL(syscall(SYS_openat, HIGH | (unsigned int)held, "../s/canary", O_RDONLY, 0));
	MUST_FAIL(syscall(SYS_openat, AT_FDCWD, canary, HIGH | O_PATH, 0));
	MUST_FAIL(syscall(SYS_unlinkat, HIGH | (unsigned int)held, "../s/dir/file", HIGH));
	/* Families that are refused by their number. */
	MUST_FAIL(syscall(SYS_socket, HIGH | AF_NETLINK, SOCK_RAW, 2));
	MUST_FAIL(syscall(SYS_socket, HIGH | AF_NETLINK, HIGH | SOCK_RAW, HIGH | 15));
	MUST_FAIL(syscall(SYS_socket, HIGH | AF_PACKET, SOCK_RAW, 0));
	MUST_FAIL(syscall(SYS_socket, HIGH | AF_INET, HIGH | SOCK_RAW, 255));
	MUST_FAIL(syscall(SYS_socketpair, HIGH | 30, SOCK_STREAM, 0, &fd));
	MUST_FAIL(syscall(SYS_ioctl, 0, HIGH | 0x5412, "x"));
	MUST_FAIL(syscall(SYS_unshare, HIGH | CLONE_NEWUSER));
	MUST_FAIL(syscall(SYS_unshare, CLONE_NEWNS | 1UL << 63));
	fd = syscall(SYS_clone, HIGH | CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	if (fd == 0)
		_exit(0);
	MUST_FAIL(fd);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	MUST_FAIL(syscall(SYS_seccomp, HIGH | SECCOMP_SET_MODE_FILTER,
			  HIGH | SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
	MUST_FAIL(syscall(SYS_prlimit64, HIGH, HIGH | 10, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", NULL));
	MUST_FAIL(syscall(SYS_personality, HIGH | READ_IMPLIES_EXEC));
	still_bounded("afterwards");
}

static void no_call(long nr)
{
	MUST_FAIL(syscall(nr, at("s/canary"), 0, 0, 0, 0, 0));
	/* what Docker's list says to all of them */
	if (errno != EPERM)
		MUST_FAIL_WITH(syscall(nr, at("s/canary"), 0, 0, 0, 0, 0), ENOSYS);
}

static void d03(void)
{
	static const long others[] = { -1,	   -2,	     0x7fffffff, 0x80000000,
				       0xffffffff, 0x100020, 0x1003ff,	 0x1fffff,
				       0x3fffffff, 4096,     65536 };

	NEED(getpid() > 0);
	/* From 0x100020 up are methods that somebody defines; nobody did. 335 and 336 are of probes
	 * in the program: the kernel asks no filter, and raises SIGILL.
	 */
	for (long nr = 337; nr < 424; nr++)
		no_call(nr);
	for (long nr = 470; nr < 700; nr++)
		no_call(nr);
	for (size_t i = 0; i < COUNT(others); i++)
		no_call(others[i]);
	/* Natively these do something. */
	MUST_FAIL(syscall((long)(HIGH | SYS_open), at("s/canary"), O_RDONLY));
}

static void open_canary(void)
{
	still_bounded("a new task");
}

static void d04_namespaces(void)
{
	static const int flags[] = { CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,	   CLONE_NEWNET,
				     CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP, 0x80 };
	static const char *const names[] = { "user", "mnt", "pid",    "net",
					     "ipc",  "uts", "cgroup", "time" };
	char path[64], args[88] = { 0 };

	for (size_t i = 0; i < COUNT(flags); i++) {
		long pid =
			flags[i] == 0x80 ? -1 : syscall(SYS_clone, flags[i] | SIGCHLD, 0, 0, 0, 0);

		if (pid == 0)
			_exit(0);
		MUST_FAIL(pid);
		MUST_FAIL(unshare(flags[i]));
		MUST_FAIL(unshare(CLONE_NEWUSER | flags[i]));
		memcpy(args, &(uint64_t){ (uint64_t)flags[i] }, 8);
		pid = syscall(SYS_clone3, args, sizeof(args));
		if (pid == 0)
			_exit(0);
		MUST_FAIL(pid);
		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		MUST_FAIL(setns(open(path, O_RDONLY), flags[i]));
		snprintf(path, sizeof(path), "/proc/1/ns/%s", names[i]);
		MUST_FAIL(open(path, O_RDONLY));
	}
	MUST_FAIL(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID));
	/* clone3 says with its ENOSYS that libraries should take clone. */
	MUST_FAIL_WITH(syscall(SYS_clone3, args, sizeof(args)), ENOSYS);
}

static int task_run(void *data)
{
	(void)data;
	open_canary();
	_exit(broken ? 1 : 0);
}

static void d04_tasks(void)
{
	static const int flags[] = { SIGCHLD,
				     CLONE_UNTRACED | SIGCHLD,
				     CLONE_VM | SIGCHLD,
				     CLONE_VM | CLONE_VFORK | SIGCHLD,
				     CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD,
				     CLONE_VM | CLONE_SIGHAND | SIGCHLD,
				     CLONE_IO | CLONE_SYSVSEM | SIGCHLD,
				     CLONE_PARENT | SIGCHLD,
				     CLONE_PARENT | CLONE_UNTRACED | CLONE_VM,
				     CLONE_PARENT | CLONE_VM | SIGKILL,
				     0 };
	static char stacks[COUNT(flags)][65536] __attribute__((aligned(16)));

	for (size_t i = 0; i < COUNT(flags); i++) {
		/* Whose parent is the zygote then, and what signal is it told with? */
		int pid = clone(task_run, stacks[i] + sizeof(stacks[i]), flags[i], NULL),
		    status = 0;

		if (pid > 0 && waitpid(pid, &status, __WALL) == pid && WIFEXITED(status) &&
		    WEXITSTATUS(status) == 1)
			broken++;
	}
	usleep(100000);
	in_process_refused(open_canary);
	still_bounded("afterwards");
}

static void d05(void)
{
	struct io_uring_params params = { .flags = 0 };
	uint64_t context = 0;

	MUST_FAIL(syscall(SYS_io_uring_setup, 4, &params));
	MUST_FAIL(syscall(SYS_io_uring_register, -1, 22, NULL, 0));
	for (int fd = 0; fd < 32; fd++)
		MUST_FAIL(syscall(SYS_io_uring_enter, fd, 1, 1, 1, NULL, 0));
	/* The older kind does nothing but read and write what is open. */
	TRY(syscall(SYS_io_setup, 8, &context));
	still_bounded("afterwards");
}

static void d06_prctl(void)
{
	static const int refused[] = { PR_SET_PTRACER, PR_SET_SYSCALL_USER_DISPATCH,
				       PR_SCHED_CORE };
	static char allow; /* SYSCALL_DISPATCH_FILTER_ALLOW, read at each call from then on */
	char name[16];
	int status;

	MUST_FAIL(prctl(PR_SET_PTRACER, -1, 0, 0, 0));
	MUST_FAIL(prctl(PR_SET_PTRACER, 1, 0, 0, 0));
	MUST_FAIL(prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &allow));
	MUST_FAIL(prctl(PR_SET_MM, PR_SET_MM_START_CODE, 0x400000, 0, 0));
	MUST_FAIL(prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, open(at("w/elf"), O_RDONLY), 0, 0));
	MUST_FAIL(prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &status, 0, 0));
	MUST_FAIL(prctl(PR_SCHED_CORE, 1, getppid(), 1, 0));
	for (size_t i = 0; i < COUNT(refused); i++)
		MUST_FAIL(syscall(SYS_prctl, HIGH | (unsigned int)refused[i], 99, 0, 0, 0));
	/* Not to be read any more: neither by the supervisor? It stays mediated. */
	TRY(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
	still_bounded("not dumpable");
	NEED(access(at("w/canary"), F_OK) == 0);
	TRY(prctl(PR_SET_DUMPABLE, 0x100000000, 0, 0, 0));
	TRY(prctl(PR_SET_NAME, "\033[2J\n\r\t\x9b", 0, 0, 0));
	still_bounded("of another name");
	NEED(prctl(PR_GET_NAME, name, 0, 0, 0) == 0);
	TRY(prctl(65, 1, 0, 0, 0));
	TRY(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
	TRY(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	if (boxed()) {
		MUST_FAIL(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
		MUST_FAIL(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0));
	}
	still_bounded("afterwards");
}

static int filter_all(uint32_t action, unsigned int flags)
{
	struct sock_filter code[] = {
		{BPF_LD | BPF_W | BPF_ABS,   0, 0, 0		    },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_openat	      },
		{ BPF_RET | BPF_K,	   0, 0, action		},
		{ BPF_RET | BPF_K,	   0, 0, SECCOMP_RET_ALLOW},
	};
	struct sock_fprog program = { COUNT(code), code };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static const uint32_t *action_now;

static void one_action(void)
{
	TRY(filter_all(*action_now, 0));
	still_bounded("with a filter of its own");
	/* By another call, too. */
	TRY(filter_all(*action_now, SECCOMP_FILTER_FLAG_TSYNC));
	if (is_canary((int)syscall(SYS_open, at("s/canary"), O_RDONLY)))
		broke("open");
}

static void ask_for_listener(void)
{
	for (unsigned int flags = 0; flags < 64; flags++)
		if (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER &&
		    filter_all(SECCOMP_RET_USER_NOTIF, flags) >= 0)
			broke("a listener");
}

static void d06_seccomp(void)
{
	static const uint32_t actions[] = { SECCOMP_RET_ALLOW,	       SECCOMP_RET_LOG,
					    SECCOMP_RET_TRACE,	       SECCOMP_RET_USER_NOTIF,
					    SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_TRAP,
					    SECCOMP_RET_KILL_THREAD,   SECCOMP_RET_KILL_PROCESS };
	int fd;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (size_t i = 0; i < COUNT(actions); i++) {
		action_now = &actions[i];
		if (boxed())
			in_process_refused(one_action);
	}
	in_process_refused(ask_for_listener);
	MUST_FAIL(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			  SECCOMP_FILTER_FLAG_NEW_LISTENER | 1UL << 32, NULL));
	for (fd = 0; fd < 64; fd++)
		for (unsigned int nr = 0; nr < 5; nr++)
			MUST_FAIL(syscall(SYS_ioctl, fd, 0xc0502100u | nr, at("w")));
	still_bounded("afterwards");
}

static int memfd_of(const char *path, unsigned int flags)
{
	char bytes[65536];
	int in = open(path, O_RDONLY), out = (int)syscall(SYS_memfd_create, "program", flags);
	ssize_t n;

	if (in < 0 || out < 0)
		return -1;
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		NEED(write(out, bytes, (size_t)n) == n);
	close(in);
	fchmod(out, 0777);
	return out;
}

static unsigned int memfd_flags;

/* What runs, if anything does, tries to print the canary: the box looks for that. */
static void run_memfd(void)
{
	const char *canary = at("s/canary");
	char *argv[] = { (char *)"cat", (char *)canary, NULL }, *envp[] = { NULL };
	int fd = memfd_of("/bin/cat", memfd_flags);

	if (fd >= 0)
		syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
	_exit(3);
}

static void run_memfd_by_name(void)
{
	const char *canary = at("s/canary");
	char *argv[] = { (char *)"cat", (char *)canary, NULL }, *envp[] = { NULL }, path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", memfd_of("/bin/cat", memfd_flags));
	execve(path, argv, envp);
	_exit(3);
}

static void run_loader(void)
{
	execl("/lib64/ld-linux-x86-64.so.2", "ld.so", "/bin/cat", at("s/canary"), NULL);
	_exit(3);
}

static void run_loader_on_refused(void)
{
	execl("/lib64/ld-linux-x86-64.so.2", "ld.so", at("s/elf"), NULL);
	_exit(3);
}

static void write_script(const char *path, const char *interpreter)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0755);

	NEED(fd >= 0);
	dprintf(fd, "#!%s\n", interpreter);
	close(fd);
}

static void run_script(void)
{
	execl(at("w/script"), "script", NULL);
	_exit(3);
}

static void d07(void)
{
	static const unsigned int flags[] = { 0, 1, 2, 8, 0x10 };

	for (size_t i = 0; i < COUNT(flags); i++) {
		memfd_flags = flags[i];
		in_process(run_memfd);
		in_process(run_memfd_by_name);
		/* Sealed against it: nothing that is won in a race makes it a program. */
		MUST_FAIL_WITH(fchmod(memfd_of("/bin/cat", flags[i] & ~0x10u), 0755), EPERM);
	}
	in_process(run_loader);
	/* It ends with HOSTILE_UNFIT if it runs. */
	if (in_process(run_loader_on_refused) == HOSTILE_UNFIT)
		broke("ld.so on a refused program");
	write_script(at("w/script"), at("s/elf"));
	if (in_process(run_script) == HOSTILE_UNFIT)
		broke("#! of a refused interpreter");
	write_script(at("w/inner"), at("s/elf"));
	write_script(at("w/script"), at("w/inner"));
	if (in_process(run_script) == HOSTILE_UNFIT)
		broke("#! of a script of a refused interpreter");
}

/* Returns 42 if the bytes run. */
static const unsigned char answer_code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };

static void *map_file(int protection)
{
	int fd = open(at("w/code"), O_CREAT | O_RDWR | O_TRUNC, 0755);

	NEED(fd >= 0 && write(fd, answer_code, sizeof(answer_code)) == sizeof(answer_code));
	return mmap(NULL, 4096, protection, MAP_PRIVATE, fd, 0);
}

static void d07_sealed(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(page != MAP_FAILED);
	memcpy(page, answer_code, sizeof(answer_code));
	MUST_FAIL(mprotect(page, 4096, PROT_READ | PROT_EXEC));
	MUST_FAIL(syscall(SYS_pkey_mprotect, page, 4096, PROT_READ | PROT_EXEC, -1));
	MUST_FAIL(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0) == MAP_FAILED
			  ? -1
			  : 0);
	MUST_FAIL(map_file(PROT_READ | PROT_WRITE | PROT_EXEC) == MAP_FAILED ? -1 : 0);
	memfd_flags = 0;
	if (in_process(run_memfd) != 3)
		broke("a memfd");
	still_bounded("afterwards");
}

static void d08_mounts(void)
{
	int tree = open("/", O_PATH | O_DIRECTORY);

	MUST_FAIL(mkdir(at("w/mnt"), 0755) < 0 ? 0 : chroot(at("w/mnt")));
	if (!boxed())
		return; /* what follows would be the machine's loss, natively */
	MUST_FAIL(syscall(SYS_mount, "none", at("w/mnt"), "tmpfs", 0, NULL));
	MUST_FAIL(syscall(SYS_mount, at("s"), at("w/mnt"), NULL, 4096, NULL));
	MUST_FAIL(syscall(SYS_umount2, "/proc", 2));
	MUST_FAIL(syscall(SYS_pivot_root, ".", "."));
	MUST_FAIL(syscall(SYS_open_tree, AT_FDCWD, at("s"), 1));
	MUST_FAIL(syscall(SYS_open_tree, tree, "", AT_EMPTY_PATH));
	MUST_FAIL(syscall(SYS_move_mount, tree, "", AT_FDCWD, at("w/mnt"), 4));
	MUST_FAIL(syscall(SYS_fsopen, "tmpfs", 0));
	MUST_FAIL(syscall(SYS_fsconfig, tree, 6, NULL, NULL, 0));
	MUST_FAIL(syscall(SYS_fsmount, tree, 0, 0));
	MUST_FAIL(syscall(SYS_fspick, AT_FDCWD, "/", 0));
	MUST_FAIL(syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, "", 32));
	MUST_FAIL(syscall(SYS_quotactl, 0x80000700, "/dev/sda1", 0, NULL));
	MUST_FAIL(syscall(SYS_quotactl_fd, tree, 0x80000700, 0, NULL));
}

/* Each with arguments that would do nothing to the machine if it were let through. */
static void d08_machine(void)
{
	union bpf_attr bpf = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};
	struct perf_event_attr perf = { .size = sizeof(perf), .type = PERF_TYPE_SOFTWARE };
	struct timeval now = { 0 };
	char name[65];

	gethostname(name, sizeof(name));
	MUST_FAIL(syscall(SYS_add_key, "user", "pcall-test", "x", 1, -2));
	MUST_FAIL(syscall(SYS_request_key, "user", "pcall-test", NULL, 0));
	MUST_FAIL(syscall(SYS_keyctl, 0, -3, 0));
	MUST_FAIL(syscall(SYS_bpf, BPF_MAP_CREATE, &bpf, sizeof(bpf)));
	MUST_FAIL(syscall(SYS_perf_event_open, &perf, 0, -1, -1, 0));
	MUST_FAIL(personality(READ_IMPLIES_EXEC));
	MUST_FAIL(personality(ADDR_COMPAT_LAYOUT));
	MUST_FAIL(personality(PER_LINUX32));
	MUST_FAIL(syscall(SYS_userfaultfd, 1));
	MUST_FAIL(syscall(SYS_fanotify_init, 0x200, 0));
	MUST_FAIL(syscall(SYS_lookup_dcookie, 0, name, 1));
	MUST_FAIL(syscall(SYS_modify_ldt, 0, name, sizeof(name)));
	if (!boxed())
		return;
	MUST_FAIL(syscall(SYS_reboot, 0xfee1dead, 0, 0, NULL));
	MUST_FAIL(syscall(SYS_init_module, name, 1, ""));
	MUST_FAIL(syscall(SYS_finit_module, 0, "", 0));
	MUST_FAIL(syscall(SYS_delete_module, "no-such-module", O_NONBLOCK));
	MUST_FAIL(syscall(SYS_kexec_load, 0, 0, NULL, 0));
	MUST_FAIL(syscall(SYS_kexec_file_load, -1, -1, 0, "", 0));
	MUST_FAIL(syscall(SYS_acct, NULL));
	MUST_FAIL(syscall(SYS_acct, at("w/canary")));
	MUST_FAIL(syscall(SYS_swapon, at("w/canary"), 0));
	MUST_FAIL(syscall(SYS_swapoff, at("w/canary")));
	MUST_FAIL(settimeofday(&now, NULL));
	MUST_FAIL(clock_settime(CLOCK_REALTIME, &(struct timespec){ 0 }));
	MUST_FAIL(sethostname(name, strlen(name)));
	MUST_FAIL(syscall(SYS_setdomainname, name, 1));
	MUST_FAIL(syscall(SYS_iopl, 3));
	MUST_FAIL(syscall(SYS_ioperm, 0x80, 1, 1));
	MUST_FAIL(syscall(SYS_syslog, 3, name, sizeof(name)));
	MUST_FAIL(syscall(SYS_vhangup));
}

static void d08(void)
{
	d08_machine();
	d08_mounts();
	still_bounded("afterwards");
}

static const struct hostile_attack attacks[] = {
	{"d01",		 d01	     },
	{ "d01_program",	 d01_program   },
	      { "d02",	       d02	   },
	{ "d03",		 d03	     },
	{ "d04_namespaces", d04_namespaces},
	      { "d04_tasks",	     d04_tasks     },
	{ "d05",		 d05	     },
	{ "d06_prctl",      d06_prctl	 },
	      { "d06_seccomp",    d06_seccomp   },
	{ "d07",		 d07	     },
	{ "d07_sealed",	d07_sealed	   },
	      { "d08",	       d08	   },
};

int main(int argc, char **argv)
{
	return hostile_main(attacks, COUNT(attacks), argc, argv);
}
