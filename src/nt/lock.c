/* Mutexes and fast mutexes: see lock.h. Source: wdm.h (KMUTANT, FAST_MUTEX); bit 0 of a fast mutex's Count is set while nobody holds it. */
#include "nt/lock.h"

#include <string.h>

enum { COUNT_FREE = 1, OWNER_BITS = 7 /* a thread is aligned; newer kernels keep flags there */ };

struct imp_error *imp_mutant_read(struct imp_kernel *kernel, uint64_t address, struct imp_lock *lock)
{
	struct imp_error *err = imp_nt_read(kernel, IMP_MUTANT_OWNER, address, &lock->owner);
	uint64_t state;

	if (!err)
		err = imp_nt_read(kernel, IMP_HEADER_SIGNAL_STATE, address, &state);
	if (err)
		return err;
	lock->address = address;
	lock->owner &= ~(uint64_t)OWNER_BITS;
	lock->held = (int32_t)state <= 0;
	lock->abandoned = imp_nt_value(kernel, IMP_MUTANT_ABANDONED, address, 0) & 1;
	return NULL;
}

struct imp_error *imp_fast_mutex_read(struct imp_kernel *kernel, uint64_t address, struct imp_lock *lock)
{
	struct imp_error *err = imp_nt_read(kernel, IMP_FAST_MUTEX_OWNER, address, &lock->owner);
	uint64_t count;

	if (!err)
		err = imp_nt_read(kernel, IMP_FAST_MUTEX_COUNT, address, &count);
	if (err)
		return err;
	lock->address = address;
	lock->owner &= ~(uint64_t)OWNER_BITS;
	lock->held = !(count & COUNT_FREE);
	lock->abandoned = false;
	return NULL;
}

struct imp_error *imp_fast_mutex_of_event(struct imp_kernel *kernel, uint64_t event, uint64_t *address)
{
	const struct imp_field *field;
	struct imp_error *err = imp_nt_field(kernel, IMP_FAST_MUTEX_EVENT, &field);

	*address = err ? 0 : event - field->offset;
	return err;
}
