/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A node of a tree of model_tree: obeys until nobody gives orders any more. */
#include <stdlib.h>
#include <unistd.h>
#include "tree_wire.h"

int main(int argc, char **argv)
{
	static struct tree_order order;
	static struct tree_report report;
	struct tree_actor *actor = tree_actor_new();
	int fd = argc > 1 ? TREE_FD + (int)strtol(argv[1], NULL, 10) : -1;

	while (actor && read(fd, &order, sizeof(order)) == (ssize_t)sizeof(order)) {
		tree_obey(actor, &order, &report);
		if (write(fd, &report, sizeof(report)) != (ssize_t)sizeof(report))
			return 1;
	}
	return 1;
}
