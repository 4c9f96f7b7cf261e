/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The symbol table as the shim reads it: right ones, and bytes that nobody meant well. */
#include "check_main.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../shim/symbols.h"
#include "common/cleanup.h"
#include "common/pcall-wire.h"

enum {
	FIRST = PCALL_BASE + PCALL_SLOT_FIRST,
};

/* A table in memory of exactly its size, so that a sanitizer sees who reads behind it. */
struct table {
	unsigned char *bytes;
	size_t size;
};

static void table_deinit(struct table *table)
{
	free(table->bytes);
}

#define cleanup_table __attribute__((cleanup(table_deinit)))

static struct wire_symbols *header(const struct table *table)
{
	return (struct wire_symbols *)table->bytes;
}

static struct wire_symbol *entry(const struct table *table, unsigned int i)
{
	return (struct wire_symbol *)(table->bytes + header(table)->entries) + i;
}

/* Names in their order, each with the next number. */
static struct table table_make(const char *const *names, unsigned int count)
{
	struct table table = { 0 };
	uint32_t offset;

	table.size = sizeof(struct wire_symbols) + count * sizeof(struct wire_symbol);
	offset = table.size;
	for (unsigned int i = 0; i < count; i++)
		table.size += strlen(names[i]) + 1;
	table.bytes = calloc(1, table.size);
	ck_assert_ptr_nonnull(table.bytes);
	*header(&table) = (struct wire_symbols){ WIRE_SYMBOLS_MAGIC, table.size, count,
						 sizeof(struct wire_symbols) };
	for (unsigned int i = 0; i < count; i++) {
		*entry(&table, i) = (struct wire_symbol){ offset, FIRST + i };
		memcpy(table.bytes + offset, names[i], strlen(names[i]) + 1);
		offset += strlen(names[i]) + 1;
	}
	return table;
}

static const char *const names[] = { "a", "a.b", "camera.frame", "demo.add", "demo.address", "z" };

static struct table table_usual(void)
{
	return table_make(names, array_size(names));
}

START_TEST(every_name_is_found)
{
	struct table table cleanup_table = table_usual();
	struct symbols symbols;

	ck_assert_int_eq(symbols_init(&symbols, table.bytes, table.size), 0);
	for (unsigned int i = 0; i < array_size(names); i++) {
		ck_assert_int_eq(symbols_find(&symbols, names[i]), FIRST + i);
		ck_assert_str_eq(symbols_name(&symbols, i), names[i]);
	}
	ck_assert_ptr_null(symbols_name(&symbols, array_size(names)));
}
END_TEST

START_TEST(what_is_not_there_is_enoent)
{
	static const char *const absent[] = {
		"", "A", "a.", "a.bb", "demo.ad", "demo.addres", "zz"
	};
	struct table table cleanup_table = table_usual();
	struct symbols symbols;

	ck_assert_int_eq(symbols_init(&symbols, table.bytes, table.size), 0);
	for (unsigned int i = 0; i < array_size(absent); i++)
		ck_assert_int_eq(symbols_find(&symbols, absent[i]), -ENOENT);
}
END_TEST

START_TEST(names_too_long_are_einval)
{
	struct symbols symbols = { 0 };
	char name[PCALL_NAME_MAX + 1];

	memset(name, 'a', sizeof(name));
	name[PCALL_NAME_MAX] = 0;
	ck_assert_int_eq(symbols_find(&symbols, name), -EINVAL);
	name[PCALL_NAME_MAX - 1] = 0;
	ck_assert_int_eq(symbols_find(&symbols, name), -ENOENT);
	ck_assert_int_eq(symbols_find(&symbols, NULL), -EINVAL);
}
END_TEST

START_TEST(a_full_table_is_read)
{
	static char text[PCALL_SLOT_MAX - PCALL_SLOT_FIRST][PCALL_NAME_MAX];
	const char *full[array_size(text)];
	struct table table cleanup_table = { 0 };
	struct symbols symbols;

	for (unsigned int i = 0; i < array_size(text); i++) {
		snprintf(text[i], sizeof(text[i]), "n%062u", i);
		full[i] = text[i];
	}
	table = table_make(full, array_size(full));
	ck_assert_uint_le(table.size, symbols_size_max);
	ck_assert_int_eq(symbols_init(&symbols, table.bytes, table.size), 0);
	for (unsigned int i = 0; i < array_size(full); i++)
		ck_assert_int_eq(symbols_find(&symbols, full[i]), FIRST + i);
}
END_TEST

/* One word of the header at a time. */
static const struct {
	const char *what;
	size_t offset;
	uint32_t value;
} headers[] = {
	{"magic",			    offsetof(struct wire_symbols, magic),	 0		   },
	{ "size beyond the file",		  offsetof(struct wire_symbols, size),    100000	      },
	{ "size below the entries",	    offsetof(struct wire_symbols, size),	 20		    },
	{ "size below the header",	   offsetof(struct wire_symbols, size),	4		  },
	{ "too many",			offsetof(struct wire_symbols, count),   PCALL_SLOT_MAX + 1},
	{ "too many for a word",		 offsetof(struct wire_symbols, count),   0x20000001	  },
	{ "more than there is room for",	 offsetof(struct wire_symbols, count),   100		   },
	{ "one more than there is room for", offsetof(struct wire_symbols, count),   12		      },
	{ "entries in the header",	   offsetof(struct wire_symbols, entries), 8		     },
	{ "entries at odd places",	   offsetof(struct wire_symbols, entries), 18		      },
	{ "entries behind the end",	    offsetof(struct wire_symbols, entries), 0xfffffff0	       },
};

START_TEST(wrong_headers_are_refused)
{
	struct table table cleanup_table = table_usual();
	struct symbols symbols = { 0 };

	memcpy(table.bytes + headers[_i].offset, &headers[_i].value, sizeof(uint32_t));
	ck_assert_msg(symbols_init(&symbols, table.bytes, table.size) == -EPROTO, "%s",
		      headers[_i].what);
	ck_assert_ptr_null(symbols.bytes);
}
END_TEST

START_TEST(more_entries_than_slots_are_refused)
{
	static const char *many[PCALL_SLOT_MAX + 1];
	struct table table cleanup_table = { 0 };
	struct symbols symbols;

	for (unsigned int i = 0; i < array_size(many); i++)
		many[i] = "";
	table = table_make(many, array_size(many));
	ck_assert_int_eq(symbols_init(&symbols, table.bytes, table.size), -EPROTO);
	header(&table)->count--;
	ck_assert_int_eq(symbols_init(&symbols, table.bytes, table.size), 0);
}
END_TEST

START_TEST(too_few_bytes_are_refused)
{
	struct table table cleanup_table = table_usual();
	struct symbols symbols = { 0 };

	for (size_t size = 0; size < table.size; size++)
		ck_assert_int_eq(symbols_init(&symbols, table.bytes, size), -EPROTO);
	ck_assert_int_eq(symbols_init(&symbols, table.bytes, symbols_size_max + 1), -EPROTO);
}
END_TEST

START_TEST(a_system_call_is_no_method)
{
	static const uint32_t numbers[] = {
		0, 60, PCALL_BASE - 1, 1u << 30, 0x40000000 + FIRST, 0x80000000 + FIRST, 0xffffffff
	};
	struct table table cleanup_table = table_usual();
	struct symbols symbols;

	ck_assert_int_eq(symbols_init(&symbols, table.bytes, table.size), 0);
	for (unsigned int i = 0; i < array_size(numbers); i++) {
		entry(&table, 2)->number = numbers[i];
		ck_assert_int_eq(symbols_find(&symbols, names[2]), -ENOENT);
	}
}
END_TEST

START_TEST(names_end_inside_the_table)
{
	struct table table cleanup_table = table_usual();
	struct symbols symbols;

	ck_assert_int_eq(symbols_init(&symbols, table.bytes, table.size), 0);
	/* the last byte is the NUL of "z" */
	table.bytes[table.size - 1] = 'z';
	ck_assert_int_eq(symbols_find(&symbols, "zz"), -ENOENT);
	ck_assert_int_eq(symbols_find(&symbols, "z"), -ENOENT);
	ck_assert_ptr_null(symbols_name(&symbols, 5));
	entry(&table, 5)->name = 0xffffffff;
	ck_assert_int_eq(symbols_find(&symbols, "z"), -ENOENT);
	ck_assert_int_eq(symbols_find(&symbols, ""), -ENOENT);
	ck_assert_ptr_null(symbols_name(&symbols, 5));
}
END_TEST

START_TEST(unsorted_tables_end_the_search)
{
	static const char *const unsorted[] = { "z", "demo.add", "a", "z", "b" };
	struct table table cleanup_table = table_make(unsorted, array_size(unsorted));
	struct symbols symbols;
	int r;

	ck_assert_int_eq(symbols_init(&symbols, table.bytes, table.size), 0);
	for (unsigned int i = 0; i < array_size(unsorted); i++) {
		r = symbols_find(&symbols, unsorted[i]);
		ck_assert(r == -ENOENT || r >= FIRST);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("shim_symbols");
	TCase *tcase = test_case(suite, "table");

	tcase_add_test(tcase, every_name_is_found);
	tcase_add_test(tcase, what_is_not_there_is_enoent);
	tcase_add_test(tcase, names_too_long_are_einval);
	tcase_add_test(tcase, a_full_table_is_read);
	tcase_add_loop_test(tcase, wrong_headers_are_refused, 0, array_size(headers));
	tcase_add_test(tcase, more_entries_than_slots_are_refused);
	tcase_add_test(tcase, too_few_bytes_are_refused);
	tcase_add_test(tcase, a_system_call_is_no_method);
	tcase_add_test(tcase, names_end_inside_the_table);
	tcase_add_test(tcase, unsorted_tables_end_the_search);
	return suite;
}
