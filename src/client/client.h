/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A supervisor that is itself in a tree: the level's side. It asks the root for everything, by the
 * methods of pcall-wire.h; nothing here is trusted by anybody, and nothing here decides.
 */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

struct sv_ops;

extern const struct sv_ops client_ops;

#endif
