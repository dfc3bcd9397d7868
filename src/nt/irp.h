/* I/O request packets: IRP with its stack locations, and the packets of a thread. */
#ifndef IMP_NT_IRP_H
#define IMP_NT_IRP_H

#include "nt/kernel.h"

struct imp_irp {
	uint64_t address;
	int64_t type;  /* 6 of every packet */
	uint64_t size; /* bytes, stack locations included */
	uint64_t flags, mdl, system_buffer, thread, original_file, user_iosb, user_event, user_buffer, cancel_routine, auxiliary_buffer;
	uint64_t status, information, allocation_size;
	unsigned stack_count;
	unsigned current; /* 1 to stack_count; above: not sent yet, or completed */
	uint64_t requestor_mode, pending_returned, cancel, cancel_irql, apc_environment;
	uint64_t locations; /* address of the first (lowest driver's) stack location */
	uint64_t location_size;
};

struct imp_irp_location {
	uint64_t address;
	uint8_t major, minor, flags, control;
	uint64_t device, file, completion, completion_context;
	uint64_t arguments[4];
};

/* SL_... of IO_STACK_LOCATION.Control (wdm.h). */
enum {
	IMP_IRP_PENDING_RETURNED = 0x01,
	IMP_IRP_ERROR_RETURNED = 0x02,
	IMP_IRP_INVOKE_ON_CANCEL = 0x20,
	IMP_IRP_INVOKE_ON_SUCCESS = 0x40,
	IMP_IRP_INVOKE_ON_ERROR = 0x80,
};

/* Reads the packet at `address`. Errors: FAULT; FORMAT when no IRP lies there; NOT_FOUND without symbols. */
struct imp_error *imp_irp_read(struct imp_kernel *kernel, uint64_t address, struct imp_irp *irp);
/* Its stack location `number`, 1 to stack_count. Errors: FAULT, NOT_FOUND. */
struct imp_error *imp_irp_location_read(struct imp_kernel *kernel, const struct imp_irp *irp, unsigned number, struct imp_irp_location *location);
/* Calls `visit` for each packet on the thread's IrpList until it returns false. Errors: as imp_nt_list. */
struct imp_error *imp_thread_irps(struct imp_kernel *kernel, uint64_t thread, bool (*visit)(void *context, uint64_t irp), void *context);
/* "IRP_MN_START_DEVICE" of a major function that has minor ones; "N/A" otherwise. */
const char *imp_minor_function_name(unsigned major, unsigned minor);

#endif
