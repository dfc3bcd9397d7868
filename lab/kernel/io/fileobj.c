/*
 * File objects after their birth: the lock that serialises synchronous ones, IRP_MJ_CLEANUP at the last handle, IRP_MJ_CLOSE at the
 * last reference.
 */
#include "iop.h"

/* FileObject->Busy is the lock, Lock the event that its waiters (counted in Waiters) sleep on. */
VOID IopAcquireFileObjectLock(PFILE_OBJECT FileObject)
{
	if (!__atomic_exchange_n(&FileObject->Busy, TRUE, __ATOMIC_SEQ_CST))
		return;
	__atomic_add_fetch(&FileObject->Waiters, 1, __ATOMIC_SEQ_CST);
	while (__atomic_exchange_n(&FileObject->Busy, TRUE, __ATOMIC_SEQ_CST))
		KeWaitForSingleObject(&FileObject->Lock, Executive, KernelMode, FALSE, NULL);
	__atomic_sub_fetch(&FileObject->Waiters, 1, __ATOMIC_SEQ_CST);
}

VOID IopReleaseFileObjectLock(PFILE_OBJECT FileObject)
{
	__atomic_store_n(&FileObject->Busy, FALSE, __ATOMIC_SEQ_CST);
	if (FileObject->Waiters)
		KeSetEvent(&FileObject->Lock, IO_NO_INCREMENT, FALSE);
}

/* Cleanup and close have no one to report a failure to. Allocation failures are waited out: the driver must be told. */
static VOID IopSendEnd(PFILE_OBJECT File, UCHAR MajorFunction)
{
	PDEVICE_OBJECT top = IoGetRelatedDeviceObject(File);
	LARGE_INTEGER tenMilliseconds = { .QuadPart = -100000 };
	PIO_STACK_LOCATION stack;
	IO_STATUS_BLOCK iosb;
	KEVENT event;
	PIRP irp;

	while (!(irp = IoAllocateIrp(top->StackSize, FALSE)))
		KeDelayExecutionThread(KernelMode, FALSE, &tenMilliseconds);
	KeInitializeEvent(&event, NotificationEvent, FALSE);
	irp->UserIosb = &iosb;
	irp->UserEvent = &event;
	irp->Flags = IRP_CLOSE_OPERATION | IRP_SYNCHRONOUS_API;
	irp->Tail.Overlay.OriginalFileObject = File;
	stack = IoGetNextIrpStackLocation(irp);
	stack->MajorFunction = MajorFunction;
	stack->FileObject = File;
	IopQueueThreadIrp(irp);
	if (IofCallDriver(top, irp) == STATUS_PENDING)
		KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
	IopDequeueThreadIrp(irp);
	IoFreeIrp(irp);
}

/* The File type's close procedure. SystemHandleCount is the number of handles before this one goes. */
VOID IopCloseFile(PEPROCESS Process, PVOID Object, ULONG_PTR ProcessHandleCount, ULONG_PTR SystemHandleCount)
{
	PFILE_OBJECT file = Object;
	BOOLEAN synchronous = (file->Flags & FO_SYNCHRONOUS_IO) != 0;

	UNREFERENCED_PARAMETER(Process);
	UNREFERENCED_PARAMETER(ProcessHandleCount);
	if (SystemHandleCount > 1 || !file->DeviceObject)
		return;
	if (synchronous)
		IopAcquireFileObjectLock(file);
	IopSendEnd(file, IRP_MJ_CLEANUP);
	if (synchronous)
		IopReleaseFileObjectLock(file);
}

/* The File type's delete procedure. */
VOID IopDeleteFile(PVOID Object)
{
	PFILE_OBJECT file = Object;

	if (file->DeviceObject) {
		if (!(file->Flags & FO_HANDLE_CREATED))
			IopSendEnd(file, IRP_MJ_CLEANUP);
		IopSendEnd(file, IRP_MJ_CLOSE);
	}
	if (file->FileName.Buffer)
		ExFreePoolWithTag(file->FileName.Buffer, IOP_TAG_NAME);
	if (file->DeviceObject)
		IopDereferenceDevice(file->DeviceObject);
}
