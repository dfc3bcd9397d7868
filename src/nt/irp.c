/* I/O request packets: see irp.h. Source: wdm.h's documentation of IRP and IO_STACK_LOCATION; the locations follow the packet in memory. */
#include "nt/irp.h"

#include <string.h>

enum { IO_TYPE_IRP = 6, MAX_IRPS = 4096, MAJOR_POWER = 0x16, MAJOR_SYSTEM_CONTROL = 0x17, MAJOR_PNP = 0x1b };

struct imp_error *imp_irp_read(struct imp_kernel *kernel, uint64_t address, struct imp_irp *irp)
{
	uint64_t type, stack_count, current, packet = imp_nt_size(kernel, "_IRP"), location = imp_nt_size(kernel, "_IO_STACK_LOCATION");
	struct imp_error *err = imp_nt_read(kernel, IMP_IRP_TYPE, address, &type);

	memset(irp, 0, sizeof(*irp));
	irp->address = address;
	if (!err)
		err = imp_nt_read(kernel, IMP_IRP_SIZE, address, &irp->size);
	if (!err)
		err = imp_nt_read(kernel, IMP_IRP_STACK_COUNT, address, &stack_count);
	if (!err)
		err = imp_nt_read(kernel, IMP_IRP_CURRENT_LOCATION, address, &current);
	if (err)
		return err;
	irp->type = (int16_t)type;
	irp->stack_count = (uint8_t)stack_count;
	irp->current = (uint8_t)current;
	if (irp->type != IO_TYPE_IRP || irp->size < packet + irp->stack_count * location || irp->current > irp->stack_count + 1 || !packet ||
	    !location)
		return imp_error_new(IMP_ERROR_FORMAT, "no IRP at %016llx: its type is %lld (an IRP's is %d), its size 0x%llx for %u stack locations",
				     (unsigned long long)address, (long long)irp->type, IO_TYPE_IRP, (unsigned long long)irp->size, irp->stack_count);
	irp->locations = address + packet;
	irp->location_size = location;
	irp->flags = imp_nt_value(kernel, IMP_IRP_FLAGS, address, 0);
	irp->mdl = imp_nt_value(kernel, IMP_IRP_MDL, address, 0);
	irp->system_buffer = imp_nt_value(kernel, IMP_IRP_SYSTEM_BUFFER, address, 0);
	irp->thread = imp_nt_value(kernel, IMP_IRP_THREAD, address, 0);
	irp->original_file = imp_nt_value(kernel, IMP_IRP_ORIGINAL_FILE, address, 0);
	irp->user_iosb = imp_nt_value(kernel, IMP_IRP_USER_IOSB, address, 0);
	irp->user_event = imp_nt_value(kernel, IMP_IRP_USER_EVENT, address, 0);
	irp->user_buffer = imp_nt_value(kernel, IMP_IRP_USER_BUFFER, address, 0);
	irp->cancel_routine = imp_nt_value(kernel, IMP_IRP_CANCEL_ROUTINE, address, 0);
	irp->auxiliary_buffer = imp_nt_value(kernel, IMP_IRP_AUXILIARY_BUFFER, address, 0);
	irp->status = imp_nt_value(kernel, IMP_IRP_STATUS, address, 0) & UINT32_MAX;
	irp->information = imp_nt_value(kernel, IMP_IRP_INFORMATION, address, 0);
	irp->allocation_size = imp_nt_value(kernel, IMP_IRP_ALLOCATION_SIZE, address, 0);
	irp->requestor_mode = imp_nt_value(kernel, IMP_IRP_REQUESTOR_MODE, address, 0) & 0xff;
	irp->pending_returned = imp_nt_value(kernel, IMP_IRP_PENDING, address, 0);
	irp->cancel = imp_nt_value(kernel, IMP_IRP_CANCEL, address, 0);
	irp->cancel_irql = imp_nt_value(kernel, IMP_IRP_CANCEL_IRQL, address, 0);
	irp->apc_environment = imp_nt_value(kernel, IMP_IRP_APC_ENVIRONMENT, address, 0) & 0xff;
	return NULL;
}

struct imp_error *imp_irp_location_read(struct imp_kernel *kernel, const struct imp_irp *irp, unsigned number, struct imp_irp_location *location)
{
	static const enum imp_nt_field bytes[] = { IMP_IO_STACK_MAJOR, IMP_IO_STACK_MINOR, IMP_IO_STACK_FLAGS, IMP_IO_STACK_CONTROL };
	uint64_t values[4] = { 0 }, address = irp->locations + (number - 1) * irp->location_size;
	struct imp_error *err = NULL;

	memset(location, 0, sizeof(*location));
	location->address = address;
	for (size_t i = 0; !err && i < 4; i++)
		err = imp_nt_read(kernel, bytes[i], address, &values[i]);
	if (!err)
		err = imp_nt_read(kernel, IMP_IO_STACK_DEVICE, address, &location->device);
	if (err)
		return err;
	location->major = (uint8_t)values[0];
	location->minor = (uint8_t)values[1];
	location->flags = (uint8_t)values[2];
	location->control = (uint8_t)values[3];
	location->file = imp_nt_value(kernel, IMP_IO_STACK_FILE, address, 0);
	location->completion = imp_nt_value(kernel, IMP_IO_STACK_COMPLETION, address, 0);
	location->completion_context = imp_nt_value(kernel, IMP_IO_STACK_CONTEXT, address, 0);
	location->arguments[0] = imp_nt_value(kernel, IMP_IO_STACK_ARGUMENT1, address, 0);
	location->arguments[1] = imp_nt_value(kernel, IMP_IO_STACK_ARGUMENT2, address, 0);
	location->arguments[2] = imp_nt_value(kernel, IMP_IO_STACK_ARGUMENT3, address, 0);
	location->arguments[3] = imp_nt_value(kernel, IMP_IO_STACK_ARGUMENT4, address, 0);
	return NULL;
}

struct imp_error *imp_thread_irps(struct imp_kernel *kernel, uint64_t thread, bool (*visit)(void *context, uint64_t irp), void *context)
{
	const struct imp_field *head, *link;
	struct imp_error *err = imp_nt_field(kernel, IMP_THREAD_IRP_LIST, &head);

	if (!err)
		err = imp_nt_field(kernel, IMP_IRP_THREAD_LINKS, &link);
	if (err)
		return err;
	return imp_error_context(imp_nt_list(kernel, thread + head->offset, link->offset, MAX_IRPS, visit, context), "IRPs of thread %016llx",
				 (unsigned long long)thread);
}

const char *imp_minor_function_name(unsigned major, unsigned minor)
{
	/* in the order of their codes, as wdm.h documents them */
	static const char *const pnp[] = {
		"IRP_MN_START_DEVICE",
		"IRP_MN_QUERY_REMOVE_DEVICE",
		"IRP_MN_REMOVE_DEVICE",
		"IRP_MN_CANCEL_REMOVE_DEVICE",
		"IRP_MN_STOP_DEVICE",
		"IRP_MN_QUERY_STOP_DEVICE",
		"IRP_MN_CANCEL_STOP_DEVICE",
		"IRP_MN_QUERY_DEVICE_RELATIONS",
		"IRP_MN_QUERY_INTERFACE",
		"IRP_MN_QUERY_CAPABILITIES",
		"IRP_MN_QUERY_RESOURCES",
		"IRP_MN_QUERY_RESOURCE_REQUIREMENTS",
		"IRP_MN_QUERY_DEVICE_TEXT",
		"IRP_MN_FILTER_RESOURCE_REQUIREMENTS",
		NULL,
		"IRP_MN_READ_CONFIG",
		"IRP_MN_WRITE_CONFIG",
		"IRP_MN_EJECT",
		"IRP_MN_SET_LOCK",
		"IRP_MN_QUERY_ID",
		"IRP_MN_QUERY_PNP_DEVICE_STATE",
		"IRP_MN_QUERY_BUS_INFORMATION",
		"IRP_MN_DEVICE_USAGE_NOTIFICATION",
		"IRP_MN_SURPRISE_REMOVAL",
		NULL,
		"IRP_MN_DEVICE_ENUMERATED",
	};
	static const char *const power[] = { "IRP_MN_WAIT_WAKE", "IRP_MN_POWER_SEQUENCE", "IRP_MN_SET_POWER", "IRP_MN_QUERY_POWER" };
	static const char *const wmi[] = {
		"IRP_MN_QUERY_ALL_DATA",
		"IRP_MN_QUERY_SINGLE_INSTANCE",
		"IRP_MN_CHANGE_SINGLE_INSTANCE",
		"IRP_MN_CHANGE_SINGLE_ITEM",
		"IRP_MN_ENABLE_EVENTS",
		"IRP_MN_DISABLE_EVENTS",
		"IRP_MN_ENABLE_COLLECTION",
		"IRP_MN_DISABLE_COLLECTION",
		"IRP_MN_REGINFO",
		"IRP_MN_EXECUTE_METHOD",
		NULL,
		"IRP_MN_REGINFO_EX",
	};
	static const struct {
		unsigned major;
		const char *const *names;
		size_t count;
	} tables[] = {
		{ MAJOR_PNP, pnp, sizeof(pnp) / sizeof(pnp[0]) },
		{ MAJOR_POWER, power, sizeof(power) / sizeof(power[0]) },
		{ MAJOR_SYSTEM_CONTROL, wmi, sizeof(wmi) / sizeof(wmi[0]) },
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (tables[i].major == major && minor < tables[i].count && tables[i].names[minor])
			return tables[i].names[minor];
	}
	return "N/A";
}
