/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects of rules: paths, commands, sockets, devices, addresses, methods. */
#ifndef POLICYC_PARSE_OBJECTS_H
#define POLICYC_PARSE_OBJECTS_H

#include <stdbool.h>

#include "policyc/parse.h"

int object_path(struct parser *parser, const struct word *word, bool except);
int object_exec(struct parser *parser, const struct word *word, bool except);
int object_unix(struct parser *parser, const struct word *word, bool except);
int object_dev(struct parser *parser, const struct word *word, bool except);
int object_address(struct parser *parser, const struct word *word, bool except);
int object_method(struct parser *parser, const struct word *word, bool except);
/* Does this device belong to a bundle? Its name, or NULL. */
const char *dev_bundle_of(const char *path);

#endif
