/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ioctl and fcntl, by their command: the low half, which is all that the kernel looks at. What is
 * not listed is ENOTTY, as if the object did not know it, and for fcntl EINVAL.
 *
 * A command of ioctl belongs here if it does nothing to the object that reading, writing or closing
 * it could not, and takes neither a name nor an address. Not here, though harmless to look at:
 * commands that list directories (they know nothing of hidden names) and that hand out descriptors
 * of namespaces.
 */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/random.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "confine/sysrow.h"
#include "call/call.h"
#include "call/fd_take.h"
#include "path/pty.h"
#include "common/cleanup.h"

/* Linux 6.10, 6.12 */
#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY 1027
#endif
#ifndef F_CREATED_QUERY
#define F_CREATED_QUERY 1028
#endif

enum {
	SECCOMP_TYPE = 0x2100, /* '!', the type of SECCOMP_IOCTL_* */
	TYPE_MASK = 0xff00,
};

static const struct when ioctl_when[] = {
	/* The usual ones first: they are tried in this order. */
	IF_EQUAL(1, TCGETS, PASS),
	IF_EQUAL(1, TIOCGWINSZ, PASS),
	IF_EQUAL(1, FIONREAD, PASS),
	IF_EQUAL(1, FIONBIO, PASS),
	IF_EQUAL(1, TIOCGPGRP, PASS),
	IF_EQUAL(1, TIOCSPGRP, PASS),
	IF_EQUAL(1, TCSETS, PASS),
	IF_EQUAL(1, TCSETSW, PASS),
	IF_EQUAL(1, TCSETSF, PASS),
	IF_EQUAL(1, FIOCLEX, PASS),
	IF_EQUAL(1, FIONCLEX, PASS),
	IF_EQUAL(1, FIOASYNC, PASS),
	IF_EQUAL(1, FICLONE, PASS),
	IF_EQUAL(1, FICLONERANGE, PASS),
	IF_EQUAL(1, FS_IOC_GETFLAGS, PASS),

	/* Never, and said so. */
	IF_EQUAL(1, TIOCSTI,
		 REFUSE(EPERM, "typing into a terminal (TIOCSTI)")), /* types into the terminal for
									whoever reads next */
	IF_EQUAL(1, TIOCLINUX,
		 REFUSE(EPERM, "the selection of a console (TIOCLINUX)")), /* the console's
									      selection: the same */
	IF_EQUAL(1, TIOCCONS,
		 REFUSE(EPERM,
			"taking the output of the console (TIOCCONS)")), /* takes the console's
									    output */
	IF_EQUAL(1, TIOCSETD,
		 REFUSE(EPERM,
			"another line discipline (TIOCSETD)")), /* line disciplines are drivers */
	IF_EQUAL(1, TIOCEXCL,
		 REFUSE(EPERM,
			"a terminal for itself alone (TIOCEXCL)")), /* would lock the user out of
								       the terminal, for good */
	IF_EQUAL(1, FS_IOC_SETFLAGS,
		 REFUSE(EPERM, "flags of a file (FS_IOC_SETFLAGS)")), /* changes a file through a
									 descriptor for reading */
	IF_EQUAL(1, FS_IOC_FSSETXATTR, REFUSE(EPERM, "flags of a file (FS_IOC_FSSETXATTR)")),
	IF_EQUAL(1, FIDEDUPERANGE, REFUSE(EPERM, "deduplication of files (FIDEDUPERANGE)")),
	IF_MASKED(1, TYPE_MASK, SECCOMP_TYPE,
		  REFUSE(EPERM, "the calls of others (a seccomp listener)")),

	/* Terminals. */
	IF_EQUAL(1, TCGETA, PASS),
	IF_EQUAL(1, TCSETA, PASS),
	IF_EQUAL(1, TCSETAW, PASS),
	IF_EQUAL(1, TCSETAF, PASS),
	IF_EQUAL(1, TCGETS2, PASS),
	IF_EQUAL(1, TCSETS2, PASS),
	IF_EQUAL(1, TCSETSW2, PASS),
	IF_EQUAL(1, TCSETSF2, PASS),
	IF_EQUAL(1, TCSBRK, PASS),
	IF_EQUAL(1, TCSBRKP, PASS),
	IF_EQUAL(1, TIOCSBRK, PASS),
	IF_EQUAL(1, TIOCCBRK, PASS),
	IF_EQUAL(1, TCXONC, AND),
	IF_EQUAL64(2, TCOOFF, NOTIFY), /* stops the output of all who write there */
	IF_EQUAL(1, TCXONC, PASS),
	IF_EQUAL(1, TCFLSH, PASS),
	IF_EQUAL(1, TIOCOUTQ, PASS),
	IF_EQUAL(1, TIOCSWINSZ, PASS),
	IF_EQUAL(1, TIOCGSID, PASS),
	IF_EQUAL(1, TIOCGETD, PASS),
	IF_EQUAL(1, TIOCSCTTY, PASS),
	IF_EQUAL(1, TIOCNOTTY, PASS),
	IF_EQUAL(1, TIOCNXCL, PASS),
	IF_EQUAL(1, TIOCGEXCL, PASS),
	IF_EQUAL(1, TIOCMGET, PASS),
	IF_EQUAL(1, TIOCMSET, PASS),
	IF_EQUAL(1, TIOCMBIS, PASS),
	IF_EQUAL(1, TIOCMBIC, PASS),
	IF_EQUAL(1, TIOCGSOFTCAR, PASS),
	IF_EQUAL(1, TIOCSSOFTCAR, PASS),
	IF_EQUAL(1, TIOCGICOUNT, PASS),
	IF_EQUAL(1, TIOCGLCKTRMIOS, PASS),
	/* Pseudo-terminals: the other end of one that the child made. */
	IF_EQUAL(1, TIOCGPTN, PASS),
	IF_EQUAL(1, TIOCSPTLCK, PASS),
	IF_EQUAL(1, TIOCGPTLCK, PASS),
	IF_EQUAL(1, TIOCGPTPEER, PASS),
	IF_EQUAL(1, TIOCGDEV, PASS),
	IF_EQUAL(1, TIOCPKT, PASS),
	IF_EQUAL(1, TIOCGPKT, PASS),
	IF_EQUAL(1, TIOCSIG, PASS),

	/* Any descriptor. */
	IF_EQUAL(1, FIOQSIZE, PASS),
	IF_EQUAL(1, FIGETBSZ, PASS),
	IF_EQUAL(1, FIOGETOWN, PASS),
	IF_EQUAL(1, FIOSETOWN,
		 REFUSE(EPERM, "who gets signals of a descriptor (FIOSETOWN)")), /* who gets SIGIO,
				    by an address: fcntl says it in registers */

	/* Files and disks: to read. */
	IF_EQUAL(1, FS_IOC32_GETFLAGS, PASS),
	IF_EQUAL(1, FS_IOC_GETVERSION, PASS),
	IF_EQUAL(1, FS_IOC_FSGETXATTR, PASS),
	IF_EQUAL(1, FS_IOC_GETFSLABEL, PASS),
	IF_EQUAL(1, FS_IOC_FIEMAP, PASS),
	IF_EQUAL(1, BLKGETSIZE, PASS),
	IF_EQUAL(1, BLKGETSIZE64, PASS),
	IF_EQUAL(1, BLKSSZGET, PASS),
	IF_EQUAL(1, BLKPBSZGET, PASS),
	IF_EQUAL(1, BLKBSZGET, PASS),
	IF_EQUAL(1, BLKROGET, PASS),
	IF_EQUAL(1, RNDGETENTCNT, PASS),

	/* Sockets: what the interfaces are called. */
	IF_EQUAL(1, SIOCATMARK, PASS),
	IF_EQUAL(1, SIOCGPGRP, PASS),
	IF_EQUAL(1, SIOCSPGRP,
		 REFUSE(EPERM, "who gets signals of a descriptor (SIOCSPGRP)")), /* the same */
	IF_EQUAL(1, SIOCOUTQNSD, PASS),
	IF_EQUAL(1, SIOCGSTAMP_OLD, PASS),
	IF_EQUAL(1, SIOCGSTAMPNS_OLD, PASS),
	IF_EQUAL(1, SIOCGSTAMP_NEW, PASS),
	IF_EQUAL(1, SIOCGSTAMPNS_NEW, PASS),
	IF_EQUAL(1, SIOCGIFNAME, PASS),
	IF_EQUAL(1, SIOCGIFCONF, PASS),
	IF_EQUAL(1, SIOCGIFFLAGS, PASS),
	IF_EQUAL(1, SIOCGIFADDR, PASS),
	IF_EQUAL(1, SIOCGIFDSTADDR, PASS),
	IF_EQUAL(1, SIOCGIFBRDADDR, PASS),
	IF_EQUAL(1, SIOCGIFNETMASK, PASS),
	IF_EQUAL(1, SIOCGIFMETRIC, PASS),
	IF_EQUAL(1, SIOCGIFMTU, PASS),
	IF_EQUAL(1, SIOCGIFHWADDR, PASS),
	IF_EQUAL(1, SIOCGIFINDEX, PASS),
	IF_EQUAL(1, SIOCGIFTXQLEN, PASS),
	IF_EQUAL(1, SIOCGIFMAP, PASS),
};

/* ioctl(fd, TCXONC, TCOOFF): a terminal that others write to as well stays as it is. */
static struct sv_answer sys_ioctl(struct call *call)
{
	cleanup_fd int fd = -1;
	int r = fd_take(call, arg_int(call, 0), &fd);

	if (r == 0 && pty_made(call->regs.child, fd))
		r = ioctl(fd, TCXONC, TCOOFF) < 0 ? errno : 0;
	else if (r == 0)
		r = isatty(fd) ? registers_deny(&call->regs, VERB_NONE,
						"stopping the output of a terminal", EPERM)
			       : ENOTTY;
	return r ? answer_fail(call, r) : sv_answer_value(0);
}

/* The commands that say nothing of others: all else is judged or refused. */
static const struct when fcntl_when[] = {
	IF_EQUAL(1, F_SETFL, PASS),
	IF_EQUAL(1, F_GETFL, PASS),
	IF_EQUAL(1, F_SETFD, PASS),
	IF_EQUAL(1, F_DUPFD_CLOEXEC, PASS),
	IF_EQUAL(1, F_SETLK, PASS),
	IF_EQUAL(1, F_SETLKW, PASS),
	IF_EQUAL(1, F_GETFD, PASS),
	IF_EQUAL(1, F_DUPFD, PASS),
	IF_EQUAL(1, F_GETLK, PASS),
	IF_EQUAL(1, F_OFD_SETLK, PASS),
	IF_EQUAL(1, F_OFD_SETLKW, PASS),
	IF_EQUAL(1, F_OFD_GETLK, PASS),
	IF_EQUAL(1, F_GETPIPE_SZ, PASS),
	IF_EQUAL(1, F_SETPIPE_SZ, PASS),
	IF_EQUAL(1, F_ADD_SEALS, PASS),
	IF_EQUAL(1, F_GET_SEALS, PASS),
	IF_EQUAL(1, F_DUPFD_QUERY, PASS),
	IF_EQUAL(1, F_CREATED_QUERY, PASS),
	IF_EQUAL(1, F_GETOWN, PASS),
	IF_EQUAL(1, F_GETOWN_EX, PASS),
	IF_EQUAL(1, F_GETSIG, PASS),
	IF_EQUAL(1, F_GETLEASE, PASS),
	IF_EQUAL(1, F_GET_RW_HINT, PASS),
	IF_EQUAL(1, F_SET_RW_HINT, PASS),
	IF_EQUAL(1, F_GET_FILE_RW_HINT, PASS),
	IF_EQUAL(1, F_SET_FILE_RW_HINT, PASS),
	OTHERWISE(NOTIFY),
};

/*
 * fcntl(fd, F_SETOWN, pid): who gets SIGIO; the negative of a group. Of a group whose leader is not
 * the child's the kernel's scope would be asked about one process only (Linux 6.18).
 */
static struct sv_gate setown(const struct registers *regs)
{
	int owner = (int)(uint32_t)regs->arg[2].u;

	if (owner == 0)
		return gate_continue();
	if (owner == INT32_MIN)
		return gate_error(EINVAL);
	return gate_owned(regs, owner > 0 ? owner : -owner, ESRCH);
}

/* fcntl(fd, command, ...) where the command is none of the harmless ones. */
static struct sv_gate gate_fcntl(const struct registers *regs)
{
	int command = (int)regs->arg[1].s;
	char object[48];

	switch (command) {
	case F_SETOWN: return setown(regs);
	case F_SETLEASE: snprintf(object, sizeof(object), "a lease, which holds up others"); break;
	case F_SETOWN_EX:
	case F_SETSIG: snprintf(object, sizeof(object), "whom a descriptor signals"); break;
	default: snprintf(object, sizeof(object), "fcntl command %d", command);
	}
	return gate_error(registers_deny(regs, VERB_NONE, object, EINVAL));
}

const struct sysrow ioctl_rows[] = {
	ROW(ioctl, "fuz", WHEN(ioctl_when), .error = ENOTTY, .lacking = true, .handler = sys_ioctl,
	    .note = "terminals, FIO*, clones of files, and questions; typing into terminals, "
		    "stopping the output of one that the child did not make, line "
		    "disciplines, file flags, owners: EPERM; "
		    "others: ENOTTY"),
	ROW(fcntl, "fiz", WHEN(fcntl_when), .gate = gate_fcntl,
	    .note = "F_SETOWN of processes outside: ESRCH; F_SETOWN_EX, F_SETSIG, F_SETLEASE, "
		    "F_NOTIFY "
		    "and what is not known: EINVAL"),
	ROWS_END,
};
