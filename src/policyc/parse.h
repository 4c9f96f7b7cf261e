/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines: words to objects. */
#ifndef POLICYC_PARSE_H
#define POLICYC_PARSE_H

#include <stddef.h>

struct parser;

/* Understands parser->place.text and adds it to the policy. */
int parse_line(struct parser *parser, size_t size);

#endif
