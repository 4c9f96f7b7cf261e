/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The numbers above the system calls: what a child and its supervisor say to each other.
 *
 * Everything here is read by both sides, and each takes the other for a liar: sizes are checked
 * before use, every word is read once into a copy.
 *
 * A method's number is PCALL_BASE + slot. The first slots are the library's own and the same for
 * every child; from PCALL_SLOT_FIRST on they are slots of the child's symbol table.
 */
#ifndef CORE_PCALL_WIRE_H
#define CORE_PCALL_WIRE_H

#include <stdint.h>

#ifndef PCALL_BASE
#define PCALL_BASE 0x100000
#endif

/* Bytes of a caller's memory that one call of a handler reads or writes, at any depth: what a
 * message can have, and its answer. As in pcall.h. */
#define PCALL_MESSAGE_MAX 0x100000

enum pcall_slot {
	/* for everybody */
	PCALL_SLOT_SYMBOLS, /* () → descriptor of the symbol table, sealed and read-only */
	PCALL_SLOT_INSIDE,  /* (struct wire_inside *ret, size) → 0 */
	/* for who supervises children of its own: a level */
	PCALL_SLOT_LEVEL,     /* (version, ms to answer a call): become a level; (0): end being one,
				 with all children → 0 */
	PCALL_SLOT_DEFINE,    /* (name, size) → its id */
	PCALL_SLOT_INTERCEPT, /* (number of a system call) → its id */
	PCALL_SLOT_SPAWN,     /* (struct wire_spawn *, size, struct wire_spawned *ret) → 0
			       */
	PCALL_SLOT_WAIT,   /* (call, kind, value, flags, struct wire_record *, size): answers, and
			      sleeps until there is something for the level → bytes of the record.
			      EINTR: it is to ask again; the answer is given. 0: it is to ask
			      again when there is a byte at its bell, or the bell is gone */
	PCALL_SLOT_READ,   /* (call, address, to, size): the caller's memory → 0 */
	PCALL_SLOT_WRITE,  /* (call, address, from, size) → 0 */
	PCALL_SLOT_PATH,   /* (call, i, to, size): a string of the call → bytes with its NUL */
	PCALL_SLOT_TAKE,   /* (call, descriptor): the caller's → a copy of it */
	PCALL_SLOT_ANSWER, /* (call, kind, value, flags): as WAIT, and returns at once → 0 */
	PCALL_SLOT_MASK,   /* (child, number of a method or system call, allowed) → 0 */
	PCALL_SLOT_KILL,   /* (child, signal) → 0 */
	PCALL_SLOT_FIND,   /* (name): of a method that the level itself can call → its number */
	PCALL_SLOT_LIMIT,  /* (call, ms): when its caller gets ETIMEDOUT; 0: never → 0 */
	PCALL_SLOT_FREE,   /* (child): kills what is left of it → 0 */
	PCALL_SLOT_REST,   /* (): whoever sleeps in WAIT gets EINTR → 0 */
	PCALL_SLOT_BELL,   /* () → a pipe: the level can sleep there, and be stopped; once */
	PCALL_SLOT_ADOPT, /* (child, badge, adopts): for a child that came to it by adoption → 0 */
	PCALL_SLOT_FIRST = 32,
	PCALL_SLOT_MAX = 1024, /* methods that one child can see */
};

enum {
	PCALL_NAME_MAX = 64,	     /* of a method, with its NUL: [a-z0-9._-] */
	PCALL_LABEL_MAX = 4096,	     /* of all its parts, with its NUL */
	PCALL_LABEL_PART_MAX = 256,  /* of one, with its NUL */
	WIRE_VERSION = 2,	     /* of everything here */
	PCALL_REQUEST_MAX = 4 << 20, /* bytes of a request to spawn */
	PCALL_RECORD_MAX = 16384,
	PCALL_CANDIDATES_MAX = 256, /* paths that a request names for the program */
	PCALL_MASKS_MAX = 2048,	    /* numbers, and names, of one of its lists */
};

/* Ids of children from here up are the root's to give. */
#define WIRE_ID_ADOPTED ((uint64_t)1 << 63)

/*
 * The symbol table: a header, `count` entries sorted by name, then the names, each with its NUL.
 * Offsets count from the beginning.
 */
#define WIRE_SYMBOLS_MAGIC 0x79736370 /* "pcsy" */

struct wire_symbols {
	uint32_t magic;
	uint32_t size; /* of all */
	uint32_t count;
	uint32_t entries; /* offset of the first struct wire_symbol */
};

struct wire_symbol {
	uint32_t name;	 /* offset */
	uint32_t number; /* PCALL_BASE + slot */
};

/* Who the caller is. Later versions are longer; who asks for less gets less. */
enum wire_inside_flag {
	WIRE_INSIDE_SESSION = 1 << 0, /* it is in another session than the root */
};

struct wire_inside {
	uint32_t size;	  /* of what is filled in */
	uint32_t depth;	  /* 1: a child of root */
	uint32_t methods; /* in its symbol table */
	uint32_t flags;	  /* enum wire_inside_flag */
	char label[PCALL_LABEL_MAX];
};

/*
 * A request to spawn: this, then the lists and strings that it points to by offsets from its
 * beginning. The last byte of all is a NUL. Lists of strings are lists of offsets.
 */
#define WIRE_SPAWN_MAGIC 0x70736370 /* "pcsp" */

struct wire_span {
	uint32_t offset;
	uint32_t count;
};

enum wire_spawn_flag {
	WIRE_SPAWN_SESSION = 1 << 0,
	WIRE_SPAWN_SURVIVES = 1 << 1,
	WIRE_SPAWN_ADOPTS = 1 << 2,
	WIRE_SPAWN_TERMINAL = 1 << 3, /* with SESSION */
};

struct wire_spawn {
	uint32_t magic;
	uint32_t size; /* of all */
	uint32_t flags;
	uint32_t label;			   /* offset of a string, as the next */
	uint32_t cwd;			   /* "": where the level stands */
	uint32_t traits_known, traits_set; /* struct traits, as the next */
	uint32_t reserved;
	uint64_t timer_slack;
	uint64_t id; /* of the child: the level\'s choice, and more than that of the one before */
	struct wire_span policy;		 /* bytes */
	struct wire_span argv, envp, candidates; /* uint32_t: offsets of strings */
	struct wire_span fds;			 /* int32_t: of the level's */
	struct wire_span numbers;		 /* int32_t: what they are in the child; as many */
	struct wire_span masks, revocable;	 /* int32_t: numbers */
	struct wire_span masks_named;		 /* uint32_t: offsets of strings */
	uint64_t sigmask, sigignore;
	uint64_t time_ms, badge;
};

/* What became of it. */
struct wire_spawned {
	int32_t stage; /* enum sv_stage */
	int32_t error;
	int32_t pid;
	uint32_t
		events; /* queued for the level so far, if it could not be spawned: some tell why */
	char label[PCALL_LABEL_MAX];
	char text[4096]; /* for people */
};

enum wire_answer {
	WIRE_NOTHING, /* to WAIT: no call is answered */
	WIRE_VALUE,
	WIRE_ERROR,   /* value: errno */
	WIRE_FD,      /* value: a descriptor of the level; flags: O_CLOEXEC */
	WIRE_FORWARD, /* as if the level had not been asked */
};

enum wire_record_type {
	WIRE_RECORD_CALL = 1,
	WIRE_RECORD_EVENT,
};

/* What PCALL_SLOT_WAIT brings: a call of a child below, or something that happened to one. */
struct wire_record {
	uint32_t type;	  /* enum wire_record_type */
	uint32_t size;	  /* of this record, with what follows it */
	uint64_t child;	  /* the level's child that it came through */
	uint64_t call;	  /* CALL: what READ, WRITE, TAKE and the answer name; never used twice */
	uint32_t id;	  /* CALL: of DEFINE or INTERCEPT */
	int32_t pid;	  /* of the caller */
	uint64_t word[6]; /* CALL */
	uint64_t badge;	  /* CALL: as given at spawn, of the level's child */
	uint64_t time_ns; /* EVENT: CLOCK_REALTIME */
	int32_t event;	  /* enum sv_event_type */
	int32_t value;	  /* of struct sv_event */
	uint32_t count;
	uint32_t rule_line;
	uint32_t lacking;
	uint32_t zero; /* no hole: it goes over the wire */
	uint64_t user_us, system_us, memory_kb;
	/* Then strings, each with its NUL: CALL: the caller's label. EVENT: exe, syscall, verb,
	 * object, as_given, policy, rule_source, rule_text, text; "" where there is none. */
};

#define WIRE_EVENT_STRINGS 9

#endif
