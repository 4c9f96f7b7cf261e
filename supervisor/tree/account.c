/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tree/account.h"

bool account_charge(struct account *account, size_t size)
{
	size_t before = account ? atomic_load(&account->bytes) : 0;

	if (!account)
		return true;
	do
		if (before > account->most || size > account->most - before)
			return false;
	while (!atomic_compare_exchange_weak(&account->bytes, &before, before + size));
	return true;
}

void account_discharge(struct account *account, size_t size)
{
	if (account)
		atomic_fetch_sub(&account->bytes, size);
}
