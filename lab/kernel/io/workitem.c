/*
 * Work items of drivers: a routine that a system worker thread runs, while the device cannot go away.
 */
#include "iop.h"

NTKERNELAPI PIO_WORKITEM IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject)
{
	PIO_WORKITEM item = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*item), IOP_TAG_BUFFER);

	if (!item)
		return NULL;
	RtlZeroMemory(item, sizeof(*item));
	item->IoObject = DeviceObject;
	return item;
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

	item->Routine(device, item->Context);
	ObDereferenceObject(device);
}

NTKERNELAPI VOID IoQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE WorkerRoutine, ULONG QueueType, PVOID Context)
{
	ObReferenceObject(IoWorkItem->IoObject);
	IoWorkItem->Routine = WorkerRoutine;
	IoWorkItem->Context = Context;
	ExInitializeWorkItem(&IoWorkItem->WorkItem, IopProcessWorkItem, IoWorkItem);
	ExQueueWorkItem(&IoWorkItem->WorkItem, (WORK_QUEUE_TYPE)QueueType);
}
