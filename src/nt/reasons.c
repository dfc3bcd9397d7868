/* Names of thread states and wait reasons. They are renumbered between builds, so the kernel's own PDB is asked first. */
#include "nt/thread.h"

#include <string.h>

/* KTHREAD_STATE and KWAIT_REASON as documented for ZwQuerySystemInformation; for kernels whose PDB lacks the enumerations. */
static const char *const states[] = { "Initialized", "Ready", "Running", "Standby", "Terminated", "Waiting", "Transition", "DeferredReady" };
static const char *const reasons[] = {
	"Executive",   "FreePage",   "PageIn",       "PoolAllocation",   "DelayExecution",   "Suspended",   "UserRequest",
	"WrExecutive", "WrFreePage", "WrPageIn",     "WrPoolAllocation", "WrDelayExecution", "WrSuspended", "WrUserRequest",
	"WrSpare0",    "WrQueue",    "WrLpcReceive", "WrLpcReply",       "WrVirtualMemory",  "WrPageOut",   "WrRendezvous",
};

struct search {
	int64_t value;
	const char *name;
};

static bool look_at(void *context, const char *name, int64_t value)
{
	struct search *search = context;

	if (value == search->value)
		search->name = name;
	return !search->name;
}

static const char *enumerator(struct imp_kernel *kernel, const char *type_name, uint8_t value, const char *const *table, size_t count)
{
	struct search search = { .value = value };
	struct imp_type type;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_kernel_need_symbols(kernel);

	if (!err)
		err = imp_type_find(kernel->nt.pdb, type_name, &type);
	if (!err)
		err = imp_type_enumerators(&type, look_at, &search);
	if (search.name)
		return search.name;
	return value < count ? table[value] : "Unknown";
}

const char *imp_thread_state_name(struct imp_kernel *kernel, uint8_t state)
{
	return enumerator(kernel, "_KTHREAD_STATE", state, states, sizeof(states) / sizeof(states[0]));
}

const char *imp_wait_reason_name(struct imp_kernel *kernel, uint8_t reason)
{
	return enumerator(kernel, "_KWAIT_REASON", reason, reasons, sizeof(reasons) / sizeof(reasons[0]));
}
