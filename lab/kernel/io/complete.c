/*
 * The way of a packet down a device stack (IofCallDriver) and back up (IofCompleteRequest), and what its originator gets at
 * the end. With one address space for all, results are copied in whatever context completes the packet; NT needs an APC for it.
 */
#include "iop.h"
#include "kd.h"

NTKERNELAPI NTSTATUS IofCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
	PIO_STACK_LOCATION stack;

	if (--Irp->CurrentLocation <= 0)
		KeBugCheckEx(NO_MORE_IRP_STACK_LOCATIONS, (ULONG_PTR)Irp, 0, 0, 0);
	stack = --Irp->Tail.Overlay.CurrentStackLocation;
	stack->DeviceObject = DeviceObject;
	return DeviceObject->DriverObject->MajorFunction[stack->MajorFunction](DeviceObject, Irp);
}

NTKERNELAPI NTSTATUS IoCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
	return IofCallDriver(DeviceObject, Irp);
}

static BOOLEAN IopWantsCompletion(PIRP Irp, PIO_STACK_LOCATION Stack)
{
	if (!Stack->CompletionRoutine)
		return FALSE;
	if (NT_SUCCESS(Irp->IoStatus.Status) && (Stack->Control & SL_INVOKE_ON_SUCCESS))
		return TRUE;
	if (!NT_SUCCESS(Irp->IoStatus.Status) && (Stack->Control & SL_INVOKE_ON_ERROR))
		return TRUE;
	return Irp->Cancel && (Stack->Control & SL_INVOKE_ON_CANCEL);
}

/* Clears what a finished location held but its major function, which a debugger may still want to see. */
static VOID IopClearStackLocation(PIO_STACK_LOCATION Stack)
{
	Stack->MinorFunction = 0;
	Stack->Flags = 0;
	Stack->Control = 0;
	RtlZeroMemory(&Stack->Parameters, sizeof(Stack->Parameters));
	Stack->FileObject = NULL;
}

static VOID IopFreeMdls(PIRP Irp)
{
	PMDL mdl, next;

	for (mdl = Irp->MdlAddress; mdl; mdl = next) {
		next = mdl->Next;
		IoFreeMdl(mdl);
	}
	Irp->MdlAddress = NULL;
}

/*
 * Walks the packet up its stack, calling completion routines, until one keeps it (STATUS_MORE_PROCESSING_REQUIRED) or the
 * originator is reached. IRQL <= DISPATCH_LEVEL.
 */
NTKERNELAPI VOID IofCompleteRequest(PIRP Irp, CCHAR PriorityBoost)
{
	if (Irp->CurrentLocation > (CHAR)(Irp->StackCount + 1) || Irp->Type != IO_TYPE_IRP)
		KeBugCheckEx(MULTIPLE_IRP_COMPLETE_REQUESTS, (ULONG_PTR)Irp, 0, 0, 0);

	while (Irp->CurrentLocation <= Irp->StackCount) {
		PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
		BOOLEAN last;

		Irp->CurrentLocation++;
		Irp->Tail.Overlay.CurrentStackLocation++;
		last = Irp->CurrentLocation == (CHAR)(Irp->StackCount + 1);
		Irp->PendingReturned = (stack->Control & SL_PENDING_RETURNED) != 0;
		if (IopWantsCompletion(Irp, stack)) {
			PIO_COMPLETION_ROUTINE routine = stack->CompletionRoutine;
			PDEVICE_OBJECT device = last ? NULL : IoGetCurrentIrpStackLocation(Irp)->DeviceObject;

			IopClearStackLocation(stack);
			if (routine(device, Irp, stack->Context) == STATUS_MORE_PROCESSING_REQUIRED)
				return;
		} else {
			if (Irp->PendingReturned && !last)
				IoMarkIrpPending(Irp);
			IopClearStackLocation(stack);
		}
	}
	/* One past the end says "completed": a second completion is caught above. */
	Irp->CurrentLocation++;

	if (Irp->Flags & IRP_CLOSE_OPERATION) {
		*Irp->UserIosb = Irp->IoStatus;
		KeSetEvent(Irp->UserEvent, PriorityBoost, FALSE);
		return;
	}
	IopFreeMdls(Irp);
	/* Completed before its caller saw it pending: IopCallService finishes it without an event. */
	if ((Irp->Flags & IRP_DEFER_IO_COMPLETION) && !Irp->PendingReturned)
		return;
	IopCompleteRequest(Irp);
}

NTKERNELAPI VOID IoCompleteRequest(PIRP Irp, CCHAR PriorityBoost)
{
	IofCompleteRequest(Irp, PriorityBoost);
}

/* The user's APC routine, run as a kernel APC of the thread that asked. */
static VOID IopApcRundown(PKAPC Apc)
{
	ExFreePoolWithTag(Apc, IOP_TAG_BUFFER);
}

static VOID IopApcKernelRoutine(PKAPC Apc, PKNORMAL_ROUTINE *NormalRoutine, PVOID *NormalContext, PVOID *SystemArgument1, PVOID *SystemArgument2)
{
	UNREFERENCED_PARAMETER(NormalRoutine);
	UNREFERENCED_PARAMETER(NormalContext);
	UNREFERENCED_PARAMETER(SystemArgument1);
	UNREFERENCED_PARAMETER(SystemArgument2);
	ExFreePoolWithTag(Apc, IOP_TAG_BUFFER);
}

static VOID IopQueueUserApc(PIRP Irp)
{
	PKAPC apc = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*apc), IOP_TAG_BUFFER);
	PIO_APC_ROUTINE routine = Irp->Overlay.AsynchronousParameters.UserApcRoutine;

	if (!apc)
		return;
	/* A PIO_APC_ROUTINE takes (context, status block, reserved), the very registers of a normal routine's three arguments. */
	KeInitializeApc(apc, &Irp->Tail.Overlay.Thread->Tcb, OriginalApcEnvironment, IopApcKernelRoutine, IopApcRundown,
			(PKNORMAL_ROUTINE)(PVOID)routine, KernelMode, Irp->Overlay.AsynchronousParameters.UserApcContext);
	if (!KeInsertQueueApc(apc, Irp->UserIosb, NULL, 0))
		ExFreePoolWithTag(apc, IOP_TAG_BUFFER);
}

VOID IopCompleteRequest(PIRP Irp)
{
	PFILE_OBJECT file = Irp->Tail.Overlay.OriginalFileObject;
	NTSTATUS status = Irp->IoStatus.Status;
	BOOLEAN service = (Irp->Flags & IRP_SYNCHRONOUS_API) != 0;

	if (Irp->Flags & IRP_BUFFERED_IO) {
		if ((Irp->Flags & IRP_INPUT_OPERATION) && !NT_ERROR(status) && Irp->IoStatus.Information && Irp->UserBuffer)
			RtlCopyMemory(Irp->UserBuffer, Irp->AssociatedIrp.SystemBuffer, Irp->IoStatus.Information);
		if (Irp->Flags & IRP_DEALLOCATE_BUFFER)
			ExFreePool(Irp->AssociatedIrp.SystemBuffer);
	}
	IopDequeueThreadIrp(Irp);

	/* An error that was returned at once is in the caller's hands already: nothing else is signalled (as in NT). */
	if (!NT_ERROR(status) || Irp->PendingReturned || service) {
		if (Irp->UserIosb)
			*Irp->UserIosb = Irp->IoStatus;
		if (file && !service) {
			file->FinalStatus = status;
			KeSetEvent(&file->Event, IO_NO_INCREMENT, FALSE);
		}
		if (Irp->UserEvent)
			KeSetEvent(Irp->UserEvent, IO_NO_INCREMENT, FALSE);
		if (Irp->Overlay.AsynchronousParameters.UserApcRoutine && file && !service)
			IopQueueUserApc(Irp);
	} else if (file && !service) {
		file->FinalStatus = status;
		KeSetEvent(&file->Event, IO_NO_INCREMENT, FALSE);
	}
	/* A service referenced the event by its handle; builders of packets pass plain events. */
	if (Irp->UserEvent && file && !service)
		ObDereferenceObject(Irp->UserEvent);
	IoFreeIrp(Irp);
	if (file)
		ObDereferenceObject(file);
}
