/* What a thread waits for: its own array of KWAIT_BLOCK. */
#include "nt/thread.h"

#include <string.h>

static void read_object(struct imp_kernel *kernel, struct imp_wait *wait)
{
	uint64_t waiters;
	struct imp_error *err = imp_dispatcher_read(kernel, wait->object, &wait->header);

	wait->header_known = !err;
	if (err) {
		imp_kernel_note_error(kernel, err);
		return;
	}
	waiters = imp_waiters_count(kernel, &wait->header);
	wait->other_waiters = waiters ? waiters - 1 : 0; /* without the thread itself */
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
		read_object(kernel, wait);
		++*count;
	}
	return err;
}
