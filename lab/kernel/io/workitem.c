/*
 * Work items of drivers: a routine that a system worker thread runs, while the device cannot go away.
 */
#include "iop.h"

#define IOP_WORKITEM_EX 1 /* IO_WORKITEM.Type: Routine is a PIO_WORKITEM_ROUTINE_EX */

NTKERNELAPI PIO_WORKITEM IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject)
{
	PIO_WORKITEM item = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*item), IOP_TAG_BUFFER);

	if (!item)
		return NULL;
	IoInitializeWorkItem(DeviceObject, item);
	return item;
}

/* Bytes of an item that the driver keeps in memory of its own. */
NTKERNELAPI ULONG IoSizeofWorkItem(VOID)
{
	return sizeof(IO_WORKITEM);
}

/* IoObject: a driver or a device object. */
NTKERNELAPI VOID IoInitializeWorkItem(PVOID IoObject, PIO_WORKITEM IoWorkItem)
{
	RtlZeroMemory(IoWorkItem, sizeof(*IoWorkItem));
	IoWorkItem->IoObject = IoObject;
}

/* The item is not queued. */
NTKERNELAPI VOID IoUninitializeWorkItem(PIO_WORKITEM IoWorkItem)
{
	IoWorkItem->IoObject = NULL;
}

NTKERNELAPI VOID IoFreeWorkItem(PIO_WORKITEM IoWorkItem)
{
	ExFreePoolWithTag(IoWorkItem, IOP_TAG_BUFFER);
}

/* The routine may free the item: nothing of it is read after the call. */
static VOID IopProcessWorkItem(PVOID Parameter)
{
	PIO_WORKITEM item = Parameter;
	PDEVICE_OBJECT device = item->IoObject;

	if (item->Type == IOP_WORKITEM_EX)
		((PIO_WORKITEM_ROUTINE_EX)(PVOID)item->Routine)(device, item->Context, item);
	else
		item->Routine(device, item->Context);
	ObDereferenceObject(device);
}

static VOID IopQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE WorkerRoutine, ULONG Type, ULONG QueueType, PVOID Context)
{
	IoWorkItem->Type = Type;
	ObReferenceObject(IoWorkItem->IoObject);
	IoWorkItem->Routine = WorkerRoutine;
	IoWorkItem->Context = Context;
	ExInitializeWorkItem(&IoWorkItem->WorkItem, IopProcessWorkItem, IoWorkItem);
	ExQueueWorkItem(&IoWorkItem->WorkItem, (WORK_QUEUE_TYPE)QueueType);
}

NTKERNELAPI VOID IoQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE WorkerRoutine, ULONG QueueType, PVOID Context)
{
	IopQueueWorkItem(IoWorkItem, WorkerRoutine, 0, QueueType, Context);
}

/* The routine is told its item, too. */
NTKERNELAPI VOID IoQueueWorkItemEx(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE_EX WorkerRoutine, ULONG QueueType, PVOID Context)
{
	IopQueueWorkItem(IoWorkItem, (PIO_WORKITEM_ROUTINE)(PVOID)WorkerRoutine, IOP_WORKITEM_EX, QueueType, Context);
}
