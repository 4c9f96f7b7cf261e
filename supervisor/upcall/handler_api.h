/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What handlers see of a call: the functions of supervisor.h. */
#ifndef UPCALL_HANDLER_API_H
#define UPCALL_HANDLER_API_H

struct upcall_ops;

/* Of the root's own handlers. */
extern const struct upcall_ops upcall_root_ops;

#endif
