/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Labels: which are good, and how those of one name are told apart. */
#include "common/label.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "common/cleanup.h"
#include "common/escape.h"
#include "common/pcall-wire.h"

enum {
	NAME_MOST = 63,	 /* bytes of a command's name */
	DIGITS_MOST = 9, /* of a number */
};

int label_judge(const char *outer, const char *label)
{
	size_t size = strlen(label), above = outer ? strlen(outer) + 1 : 0;

	if (size >= PCALL_LABEL_PART_MAX || above + size >= PCALL_LABEL_MAX)
		return -ENAMETOOLONG;
	if (size == 0 || strcmp(label, ".") == 0 || strcmp(label, "..") == 0 ||
	    strchr(label, '/') || escape_plain(label, size) < size)
		return -EINVAL;
	return 0;
}

char *label_of_name(const char *name)
{
	char *label = strndup(name, NAME_MOST), *at = label;

	if (!label || !label[0] || strcmp(label, ".") == 0 || strcmp(label, "..") == 0) {
		free(label);
		return strdup("_");
	}
	while (*(at += escape_plain(at, strlen(at))))
		*at++ = '_';
	for (at = label; (at = strchr(at, '/'));)
		*at = '_';
	return label;
}

unsigned int label_number(const char *base, const char *label)
{
	size_t length = strlen(base), digits;
	unsigned int number = 0;

	if (strncmp(base, label, length) != 0)
		return 0;
	label += length;
	if (!*label)
		return 1;
	digits = *label == '-' ? strspn(label + 1, "0123456789") : 0;
	if (digits == 0 || digits > DIGITS_MOST || label[1] == '0' || label[1 + digits])
		return 0;
	for (label++; *label; label++)
		number = number * 10 + (unsigned int)(*label - '0');
	return number;
}
