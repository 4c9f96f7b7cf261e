/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TREE_ACCOUNT_H
#define TREE_ACCOUNT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Who is charged for the words of what waits, and of how much at most. Several queues may share it;
 * it has to stay until they are closed. NULL, below: nobody is. */
struct account {
	atomic_size_t bytes;
	size_t most;
};

bool account_charge(struct account *account, size_t size);
void account_discharge(struct account *account, size_t size);

#endif
