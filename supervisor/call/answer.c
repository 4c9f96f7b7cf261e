/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers, on their way to the caller, and whether it waits for one. */
#include "call/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "call/call.h"
#include "tree/child.h"

static int response_send(int listener, struct seccomp_notif_resp *response)
{
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response) < 0)
		return -errno;
	return 0;
}

struct seccomp_notif_addfd answer_add(uint64_t id, struct sv_answer answer)
{
	return (struct seccomp_notif_addfd){
		.id = id,
		.srcfd = (uint32_t)answer.fd,
		.newfd_flags = answer.flags & O_CLOEXEC,
	};
}

/*
 * After ADDFD, which said r, the SEND: that wakes the caller on this CPU (SYNC_WAKE_UP), which
 * ADDFD_SEND does not. What ADDFD says is what the caller's open would have said: EMFILE is the
 * child's own limit.
 */
int answer_added(int listener, uint64_t id, struct sv_answer answer, int r)
{
	struct seccomp_notif_resp response = { .id = id };

	if (r < 0)
		response.error = r;
	else
		response.val = r;
	close(answer.fd);
	return response_send(listener, &response);
}

static int answer_send_fd(int listener, uint64_t id, struct sv_answer answer)
{
	struct seccomp_notif_addfd add = answer_add(id, answer);
	int fd = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	return answer_added(listener, id, answer, fd < 0 ? -errno : fd);
}

int answer_send(int listener, uint64_t id, struct sv_answer answer)
{
	struct seccomp_notif_resp response = { .id = id };

	switch (answer.kind) {
	case SV_ANSWER_LATER: return 0;
	case SV_ANSWER_FORWARD: response.error = -EIO; break; /* to nobody: a bug of ours */
	case SV_ANSWER_FD: return answer_send_fd(listener, id, answer);
	case SV_ANSWER_ERROR: response.error = -answer.error; break;
	case SV_ANSWER_VALUE: response.val = answer.value; break;
	}
	return response_send(listener, &response);
}

int gate_send(int listener, uint64_t id, struct sv_gate gate)
{
	struct seccomp_notif_resp response = { .id = id, .error = -gate.error };

	if (gate.error == 0)
		response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	return response_send(listener, &response);
}

bool call_valid(const struct call *call)
{
	uint64_t id = call->id;

	return ioctl(call->regs.child->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}
