/* Locks that record who holds them: mutexes (KMUTANT) and fast mutexes (FAST_MUTEX, which guarded mutexes have been since Windows 8). */
#ifndef IMP_NT_LOCK_H
#define IMP_NT_LOCK_H

#include "nt/kernel.h"

struct imp_lock {
	uint64_t address;
	uint64_t owner; /* KTHREAD; 0: nobody */
	bool held, abandoned;
};

/* Reads the mutex at `address`. Errors: FAULT, NOT_FOUND. */
struct imp_error *imp_mutant_read(struct imp_kernel *kernel, uint64_t address, struct imp_lock *lock);
/* Reads the fast mutex at `address`. Errors: FAULT, NOT_FOUND. */
struct imp_error *imp_fast_mutex_read(struct imp_kernel *kernel, uint64_t address, struct imp_lock *lock);
/* The fast mutex whose event is at `event`. Errors: NOT_FOUND. */
struct imp_error *imp_fast_mutex_of_event(struct imp_kernel *kernel, uint64_t event, uint64_t *address);

#endif
