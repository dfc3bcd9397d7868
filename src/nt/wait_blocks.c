/* What a thread waits for: its own array of KWAIT_BLOCK. */
#include "nt/thread.h"

#include <string.h>

/* An object whose wait list does not have its waiter is no object any more: a driver freed the memory in which its threads still wait. */
static void read_object(struct imp_kernel *kernel, const struct imp_thread *thread, struct imp_wait *wait)
{
	struct imp_error *err = imp_dispatcher_read(kernel, wait->object, &wait->header);

	if (!err)
		err = imp_waiters_find(kernel, &wait->header, thread->address, &wait->header_known, &wait->other_waiters);
	if (err && (imp_error_code(err) == IMP_ERROR_INTERRUPTED || imp_error_code(err) == IMP_ERROR_NO_MEMORY))
		imp_kernel_note(kernel, "%s", imp_error_message(err)); /* nothing is known of the object then */
	else if (!wait->header_known)
		imp_kernel_note(
			kernel,
			"thread %016llx waits for %016llx, where no object has it among its waiters: the memory was freed or overwritten while"
			" the thread waited",
			(unsigned long long)thread->address, (unsigned long long)wait->object);
	else if (err)
		imp_kernel_note(kernel, "%s", imp_error_message(err));
	imp_error_free(err);
}

struct imp_error *imp_thread_waits(struct imp_kernel *kernel, const struct imp_thread *thread, struct imp_wait *waits, size_t capacity, size_t *count)
{
	uint64_t size = imp_nt_size(kernel, "_KWAIT_BLOCK");
	struct imp_error *err = NULL;

	*count = 0;
	if (!thread->waits || !thread->wait_blocks || !size)
		return NULL;
	for (uint64_t i = 0; !err && i < thread->wait_block_count && *count < capacity; i++) {
		struct imp_wait *wait = &waits[*count];

		memset(wait, 0, sizeof(*wait));
		wait->block = thread->wait_blocks + i * size;
		err = imp_nt_read(kernel, IMP_WAIT_BLOCK_OBJECT, wait->block, &wait->object);
		if (err || !wait->object)
			break;
		read_object(kernel, thread, wait);
		++*count;
	}
	return err;
}
