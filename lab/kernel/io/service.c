/*
 * The path that all services on a file handle share: from the handle to the file, the packet to its driver, the wait.
 */
#include "iop.h"

/*
 * References the file behind FileHandle and, for synchronous files, takes its lock. The handle must have been opened with one of
 * the rights in AnyOf (0: any handle will do). Event is the caller's event handle or NULL. Synchronous: this service does not
 * return before its packet is complete. On success IopEndService or IopCallService must follow.
 */
NTSTATUS IopBeginService(PIOP_SERVICE Service, HANDLE FileHandle, HANDLE Event, ACCESS_MASK AnyOf, BOOLEAN Synchronous)
{
	OBJECT_HANDLE_INFORMATION information;
	NTSTATUS status;

	Service->Irp = NULL;
	Service->UserEvent = NULL;
	Service->Synchronous = Synchronous;
	status = ObReferenceObjectByHandle(FileHandle, 0, IoFileObjectType, KernelMode, (PVOID *)&Service->FileObject, &information);
	if (!NT_SUCCESS(status))
		return status;
	Service->GrantedAccess = information.GrantedAccess;
	if (AnyOf && !(information.GrantedAccess & AnyOf)) {
		ObDereferenceObject(Service->FileObject);
		return STATUS_ACCESS_DENIED;
	}
	if (Event) {
		status = ObReferenceObjectByHandle(Event, EVENT_MODIFY_STATE, ExEventObjectType, KernelMode, (PVOID *)&Service->UserEvent, NULL);
		if (!NT_SUCCESS(status)) {
			ObDereferenceObject(Service->FileObject);
			return status;
		}
		KeClearEvent(Service->UserEvent);
	}
	Service->DeviceObject = IoGetRelatedDeviceObject(Service->FileObject);
	if (Service->FileObject->Flags & FO_SYNCHRONOUS_IO)
		IopAcquireFileObjectLock(Service->FileObject);
	return STATUS_SUCCESS;
}

/* Without a packet sent: gives back what IopBeginService took. */
VOID IopEndService(PIOP_SERVICE Service)
{
	if (Service->Irp) {
		if ((Service->Irp->Flags & IRP_DEALLOCATE_BUFFER) && Service->Irp->AssociatedIrp.SystemBuffer)
			ExFreePool(Service->Irp->AssociatedIrp.SystemBuffer);
		IoFreeIrp(Service->Irp);
	}
	if (Service->UserEvent)
		ObDereferenceObject(Service->UserEvent);
	if (Service->FileObject->Flags & FO_SYNCHRONOUS_IO)
		IopReleaseFileObjectLock(Service->FileObject);
	ObDereferenceObject(Service->FileObject);
}

/* Makes Service->Irp and Service->Stack. On failure the service has ended. */
NTSTATUS IopPrepareService(PIOP_SERVICE Service, UCHAR MajorFunction, UCHAR MinorFunction, PIO_STATUS_BLOCK IoStatusBlock, PIO_APC_ROUTINE ApcRoutine,
			   PVOID ApcContext)
{
	PFILE_OBJECT file = Service->FileObject;
	PIRP irp = IoAllocateIrp(Service->DeviceObject->StackSize, FALSE);

	if (!irp) {
		IopEndService(Service);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	KeClearEvent(&file->Event);
	Service->Irp = irp;
	irp->Flags = IRP_DEFER_IO_COMPLETION;
	irp->UserIosb = IoStatusBlock;
	irp->UserEvent = Service->UserEvent;
	irp->Overlay.AsynchronousParameters.UserApcRoutine = ApcRoutine;
	irp->Overlay.AsynchronousParameters.UserApcContext = ApcContext;
	irp->Tail.Overlay.OriginalFileObject = file;
	if (Service->Synchronous && !(file->Flags & FO_SYNCHRONOUS_IO)) {
		KeInitializeEvent(&Service->Event, NotificationEvent, FALSE);
		irp->Flags |= IRP_SYNCHRONOUS_API;
		irp->UserEvent = &Service->Event;
		irp->UserIosb = &Service->Iosb;
	}
	Service->Stack = IoGetNextIrpStackLocation(irp);
	Service->Stack->MajorFunction = MajorFunction;
	Service->Stack->MinorFunction = MinorFunction;
	Service->Stack->FileObject = file;
	return STATUS_SUCCESS;
}

/*
 * Sends the packet. STATUS_PENDING comes back only for asynchronous files and services; in all other cases the packet is complete
 * and, unless it failed at once, *IoStatusBlock is filled.
 */
NTSTATUS IopCallService(PIOP_SERVICE Service, PIO_STATUS_BLOCK IoStatusBlock)
{
	PFILE_OBJECT file = Service->FileObject;
	BOOLEAN synchronousFile = (file->Flags & FO_SYNCHRONOUS_IO) != 0;
	BOOLEAN ownEvent = (Service->Irp->Flags & IRP_SYNCHRONOUS_API) != 0;
	NTSTATUS status;

	/* The packet's completion drops the handle's reference; this one keeps the file for the wait and the lock. */
	ObReferenceObject(file);
	IopQueueThreadIrp(Service->Irp);
	status = IofCallDriver(Service->DeviceObject, Service->Irp);
	if (status != STATUS_PENDING) {
		IopCompleteRequest(Service->Irp);
	} else if (ownEvent) {
		KeWaitForSingleObject(&Service->Event, Executive, KernelMode, FALSE, NULL);
		status = Service->Iosb.Status;
	} else if (synchronousFile) {
		KeWaitForSingleObject(&file->Event, Executive, KernelMode, FALSE, NULL);
		status = file->FinalStatus;
	}
	if (ownEvent)
		*IoStatusBlock = Service->Iosb;
	if (synchronousFile)
		IopReleaseFileObjectLock(file);
	ObDereferenceObject(file);
	return status;
}
