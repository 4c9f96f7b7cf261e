/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Locks, by kind. What a lock guards, and which one a function wants to be held or takes, is
 * written as an attribute that clang proves (./dev lint thread_safety); to gcc it is nothing.
 *
 * What is proven is the kind: that a tree's lock is held, not which tree's. So nobody takes two
 * locks of one kind at a time. Which kinds are held while others are taken is counted by
 * ./dev house.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#ifdef LOCK_PROOF
#define LOCK_ATTRIBUTE(x) __attribute__((x))
#else
#define LOCK_ATTRIBUTE(x)
#endif

/* Of a field: by whom it is guarded, and of a pointer, what it points to. */
#define GUARDED_BY(kind) LOCK_ATTRIBUTE(guarded_by(kind))
/* Of a function: held by who calls it; taken, and given back, by itself. */
#define REQUIRES(...)	     LOCK_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define REQUIRES_SHARED(...) LOCK_ATTRIBUTE(requires_shared_capability(__VA_ARGS__))
#define EXCLUDES(...)	     LOCK_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define ACQUIRE(...)	     LOCK_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define RELEASE(...)	     LOCK_ATTRIBUTE(release_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...)     LOCK_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define ACQUIRE_SHARED(...)  LOCK_ATTRIBUTE(acquire_shared_capability(__VA_ARGS__))
/* Not looked into: it makes or ends what nobody else knows, and says so beside it. */
#define LOCK_UNPROVEN LOCK_ATTRIBUTE(no_thread_safety_analysis)

/* Stands for all locks of a kind, and for who has a turn at something; there is none. */
struct LOCK_ATTRIBUTE(capability("lock")) lock_kind {
	char none;
};

/*
 * LOCK_KIND(tree): struct tree_lock; tree_locked, for the attributes; tree_lock_take and the other
 * functions below.
 */
#define LOCK_KIND(kind)                                                                          \
	struct kind##_lock {                                                                     \
		pthread_mutex_t mutex;                                                           \
	};                                                                                       \
	extern struct lock_kind kind##_locked;                                                   \
	static inline void kind##_lock_init(struct kind##_lock *lock)                            \
	{                                                                                        \
		pthread_mutex_init(&lock->mutex, NULL);                                          \
	}                                                                                        \
	static inline void kind##_lock_deinit(struct kind##_lock *lock)                          \
	{                                                                                        \
		pthread_mutex_destroy(&lock->mutex);                                             \
	}                                                                                        \
	ACQUIRE(kind##_locked)                                                                   \
	LOCK_UNPROVEN static inline void kind##_lock_take(struct kind##_lock *lock)              \
	{                                                                                        \
		pthread_mutex_lock(&lock->mutex);                                                \
	}                                                                                        \
	TRY_ACQUIRE(true, kind##_locked)                                                         \
	LOCK_UNPROVEN static inline bool kind##_lock_try(struct kind##_lock *lock)               \
	{                                                                                        \
		return pthread_mutex_trylock(&lock->mutex) == 0;                                 \
	}                                                                                        \
	RELEASE(kind##_locked)                                                                   \
	LOCK_UNPROVEN static inline void kind##_lock_give(struct kind##_lock *lock)              \
	{                                                                                        \
		pthread_mutex_unlock(&lock->mutex);                                              \
	}                                                                                        \
	/* Gives it back until @changed is signalled. */                                         \
	REQUIRES(kind##_locked)                                                                  \
	static inline void kind##_lock_wait(struct kind##_lock *lock, pthread_cond_t *changed)   \
	{                                                                                        \
		pthread_cond_wait(changed, &lock->mutex);                                        \
	}                                                                                        \
	/* Until then at the latest: false, it is. */                                            \
	REQUIRES(kind##_locked)                                                                  \
	static inline bool kind##_lock_wait_until(                                               \
		struct kind##_lock *lock, pthread_cond_t *changed, const struct timespec *until) \
	{                                                                                        \
		return pthread_cond_timedwait(changed, &lock->mutex, until) == 0;                \
	}

#endif
