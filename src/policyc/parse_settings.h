/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines that set something: bind, env, limit. */
#ifndef POLICYC_PARSE_SETTINGS_H
#define POLICYC_PARSE_SETTINGS_H

struct parser;

int parse_bind(struct parser *parser);
int parse_env(struct parser *parser);
int parse_limit(struct parser *parser);

#endif
