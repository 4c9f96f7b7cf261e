/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lib/patient.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fdpass.h"
#include "common/carrier.h"
#include "common/cleanup.h"
#include "common/pcall-wire.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV /* 5.19 */
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* Notifies getppid and parent-calls, allows all else: enough for a few round trips. */
static int patient_listener(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CARRIER, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PCALL_BASE, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { .len = array_size(code), .filter = code };
	unsigned long flags =
		SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	int fd;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
	return fd < 0 ? -errno : fd;
}

static int patient_call(long number)
{
	long r = syscall(number, 0L, 0L, 0L, 0L, 0L, 0L);

	return r < 0 ? -errno : (int)r;
}

static _Noreturn void patient_run(int socket)
{
	struct spellings spellings;
	int fd = patient_listener();

	/* The number, and the listener itself. */
	if (fdpass_send(socket, &fd, sizeof(fd), &fd, fd >= 0, 0) < 0)
		_exit(1);
	if (fd >= 0) {
		syscall(SYS_getppid);
		spellings.carrier = patient_call(CARRIER);
		spellings.number = patient_call(PCALL_BASE);
		if (write(socket, &spellings, sizeof(spellings)) != sizeof(spellings))
			_exit(1);
	}
	pause();
	_exit(0);
}

static void patient_hear(struct patient *patient)
{
	struct pollfd p = { .fd = patient->socket, .events = POLLIN };
	struct fdpass with;

	if (poll(&p, 1, 2000) != 1 || fdpass_receive(patient->socket, &patient->answer,
						     sizeof(patient->answer), 1, 0, &with) != 1) {
		patient->answer = -EIO;
		return;
	}
	if (with.count == 1)
		patient->sent = with.fds[0];
}

void patient_start(struct patient *patient)
{
	int pair[2];

	*patient = (struct patient){
		.pidfd = -1, .socket = -1, .answer = -EIO, .sent = -1, .listener = -1
	};
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return;
	patient->pid = fork();
	if (patient->pid == 0)
		patient_run(pair[1]);
	close(pair[1]);
	patient->socket = pair[0];
	if (patient->pid < 0)
		return;
	patient_hear(patient);
	patient->pidfd = syscall(SYS_pidfd_open, patient->pid, 0);
}

void patient_end(struct patient *patient)
{
	if (patient->pid > 0) {
		kill(patient->pid, SIGKILL);
		while (waitpid(patient->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (patient->pidfd >= 0)
		close(patient->pidfd);
	if (patient->socket >= 0)
		close(patient->socket);
	if (patient->sent >= 0)
		close(patient->sent);
	if (patient->listener >= 0)
		close(patient->listener);
}

bool patient_answer(const struct patient *patient)
{
	struct seccomp_notif_sizes sizes = { 0 };
	cleanup_free struct seccomp_notif *request = NULL;
	struct seccomp_notif_resp response = { .val = ANSWER };

	syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes);
	request = calloc(1, sizes.seccomp_notif > sizeof(*request) ? sizes.seccomp_notif
								   : sizeof(*request));
	if (!request || ioctl(patient->listener, SECCOMP_IOCTL_NOTIF_RECV, request) < 0)
		return false;
	response.id = request->id;
	return ioctl(patient->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) == 0;
}

bool patient_spellings(const struct patient *patient, struct spellings *ret)
{
	struct pollfd p[] = {
		{.fd = patient->socket,	 .events = POLLIN},
		{ .fd = patient->listener, .events = POLLIN}
	};

	while (poll(p, array_size(p), 2000) > 0 && !(p[0].revents & POLLIN))
		if (!(p[1].revents & POLLIN) || !patient_answer(patient))
			return false;
	return p[0].revents & POLLIN && read(patient->socket, ret, sizeof(*ret)) == sizeof(*ret);
}
