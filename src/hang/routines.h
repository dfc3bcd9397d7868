/* The kernel's routines that the verdict knows: what a call of one does, and to which of its arguments. Source: the documentation of the Windows Driver Kit
 * (wdm.h, ntifs.h). Everything that the verdict concludes from code goes through this table; no driver's name and no driver's function is in it.
 */
#ifndef IMP_HANG_ROUTINES_H
#define IMP_HANG_ROUTINES_H

#include "nt/kernel.h"

enum imp_deed {
	IMP_DEED_SIGNALS,        /* makes the object signalled, or gives back a lock */
	IMP_DEED_PULSES,         /* releases those who wait now, and leaves it non-signalled */
	IMP_DEED_WAITS,          /* waits for the object */
	IMP_DEED_WAITS_MANY,     /* for those of an array */
	IMP_DEED_TAKES,          /* acquires a lock exclusively */
	IMP_DEED_TAKES_SHARED,   /* shared */
	IMP_DEED_COMPLETES,      /* completes the IRP */
	IMP_DEED_CREATES_THREAD, /* `routine` is run once, by a thread of its own */
	IMP_DEED_PREPARES_DPC,   /* `routine` is run when the DPC object is queued */
	IMP_DEED_QUEUES_DPC,     /* the DPC object runs soon, or when the timer is due */
	IMP_DEED_QUEUES_WORK,    /* `routine` (or the item's) is run by a worker */
	IMP_DEED_CALLS_REGISTER, /* control-flow guard: the target is in rax */
	IMP_DEED_ENDS,           /* never returns */
};

enum { IMP_NO_ARGUMENT = 0xff };

struct imp_routine {
	const char *name;
	enum imp_deed deed;
	uint8_t object;  /* which argument, from 0: the address of the object */
	uint8_t routine; /* which argument is code that will run */
	uint8_t context; /* which is handed to it */
};

struct imp_routines;

/* Finds the routines of the table in this kernel. Freed with imp_routines_free. Errors: NO_MEMORY. */
struct imp_error *imp_routines_new(struct imp_kernel *kernel, struct imp_routines **routines);
void imp_routines_free(struct imp_routines *routines);
/* The routine that begins at `address`, or that is named so; NULL when it is none of the table. */
const struct imp_routine *imp_routine_at(const struct imp_routines *routines, uint64_t address);
const struct imp_routine *imp_routine_named(const char *name);

#endif
