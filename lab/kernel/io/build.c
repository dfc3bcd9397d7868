/*
 * Packets that drivers have the I/O manager build for them.
 */
#include "iop.h"

NTSTATUS IopAllocateSystemBuffer(PIRP Irp, PVOID UserBuffer, ULONG Length, BOOLEAN CopyIn, BOOLEAN CopyBack)
{
	PVOID buffer = ExAllocatePoolWithTag(NonPagedPoolNx, Length ? Length : 1, IOP_TAG_BUFFER);

	if (!buffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (CopyIn)
		RtlCopyMemory(buffer, UserBuffer, Length);
	Irp->AssociatedIrp.SystemBuffer = buffer;
	Irp->UserBuffer = UserBuffer;
	Irp->Flags |= IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER | (CopyBack ? IRP_INPUT_OPERATION : 0);
	return STATUS_SUCCESS;
}

/* Buffers a read or write the way the device asks for (DO_BUFFERED_IO, DO_DIRECT_IO or neither). */
NTSTATUS IopAttachBuffer(PIRP Irp, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length, BOOLEAN Write)
{
	if (DeviceObject->Flags & DO_BUFFERED_IO)
		return IopAllocateSystemBuffer(Irp, Buffer, Length, Write, !Write);
	Irp->UserBuffer = Buffer;
	if ((DeviceObject->Flags & DO_DIRECT_IO) && Length) {
		if (!IoAllocateMdl(Buffer, Length, FALSE, FALSE, Irp))
			return STATUS_INSUFFICIENT_RESOURCES;
		MmBuildMdlForNonPagedPool(Irp->MdlAddress);
	}
	return STATUS_SUCCESS;
}

/*
 * For IRP_MJ_READ, WRITE, FLUSH_BUFFERS, SHUTDOWN and PNP. The caller owns the packet and frees it in its completion routine.
 * NULL: no memory.
 */
NTKERNELAPI PIRP IoBuildAsynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length,
					       PLARGE_INTEGER StartingOffset, PIO_STATUS_BLOCK IoStatusBlock)
{
	PIRP irp = IoAllocateIrp(DeviceObject->StackSize, FALSE);
	PIO_STACK_LOCATION stack;

	if (!irp)
		return NULL;
	irp->Tail.Overlay.Thread = PsGetCurrentThread();
	irp->UserIosb = IoStatusBlock;
	stack = IoGetNextIrpStackLocation(irp);
	stack->MajorFunction = (UCHAR)MajorFunction;
	if (MajorFunction == IRP_MJ_READ || MajorFunction == IRP_MJ_WRITE) {
		if (!NT_SUCCESS(IopAttachBuffer(irp, DeviceObject, Buffer, Length, MajorFunction == IRP_MJ_WRITE))) {
			IoFreeIrp(irp);
			return NULL;
		}
		irp->Flags |= MajorFunction == IRP_MJ_READ ? IRP_READ_OPERATION : IRP_WRITE_OPERATION;
		/* Parameters.Read and .Write have one layout. */
		stack->Parameters.Read.Length = Length;
		if (StartingOffset)
			stack->Parameters.Read.ByteOffset = *StartingOffset;
	}
	return irp;
}

/* As above, but the I/O manager frees the packet when it completes; Event is then set and IoStatusBlock filled. */
NTKERNELAPI PIRP IoBuildSynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length,
					      PLARGE_INTEGER StartingOffset, PKEVENT Event, PIO_STATUS_BLOCK IoStatusBlock)
{
	PIRP irp = IoBuildAsynchronousFsdRequest(MajorFunction, DeviceObject, Buffer, Length, StartingOffset, IoStatusBlock);

	if (!irp)
		return NULL;
	irp->UserEvent = Event;
	irp->Flags |= IRP_SYNCHRONOUS_API;
	IopQueueThreadIrp(irp);
	return irp;
}

/* The four transfer methods are the low two bits of the control code. NULL: no memory. */
NTKERNELAPI PIRP IoBuildDeviceIoControlRequest(ULONG IoControlCode, PDEVICE_OBJECT DeviceObject, PVOID InputBuffer, ULONG InputBufferLength,
					       PVOID OutputBuffer, ULONG OutputBufferLength, BOOLEAN InternalDeviceIoControl, PKEVENT Event,
					       PIO_STATUS_BLOCK IoStatusBlock)
{
	PIRP irp = IoAllocateIrp(DeviceObject->StackSize, FALSE);
	PIO_STACK_LOCATION stack;

	if (!irp)
		return NULL;
	stack = IoGetNextIrpStackLocation(irp);
	stack->MajorFunction = InternalDeviceIoControl ? IRP_MJ_INTERNAL_DEVICE_CONTROL : IRP_MJ_DEVICE_CONTROL;
	stack->Parameters.DeviceIoControl.IoControlCode = IoControlCode;
	stack->Parameters.DeviceIoControl.InputBufferLength = InputBufferLength;
	stack->Parameters.DeviceIoControl.OutputBufferLength = OutputBufferLength;
	if (!NT_SUCCESS(IopAttachControlBuffers(irp, stack, InputBuffer, OutputBuffer))) {
		IoFreeIrp(irp);
		return NULL;
	}
	irp->UserIosb = IoStatusBlock;
	irp->UserEvent = Event;
	irp->Flags |= IRP_SYNCHRONOUS_API;
	IopQueueThreadIrp(irp);
	return irp;
}

NTSTATUS IopAttachControlBuffers(PIRP Irp, PIO_STACK_LOCATION Stack, PVOID InputBuffer, PVOID OutputBuffer)
{
	ULONG method = Stack->Parameters.DeviceIoControl.IoControlCode & 3;
	ULONG input = Stack->Parameters.DeviceIoControl.InputBufferLength;
	ULONG output = Stack->Parameters.DeviceIoControl.OutputBufferLength;
	NTSTATUS status;

	if (method == METHOD_NEITHER) {
		Stack->Parameters.DeviceIoControl.Type3InputBuffer = InputBuffer;
		Irp->UserBuffer = OutputBuffer;
		return STATUS_SUCCESS;
	}
	if (method == METHOD_BUFFERED) {
		ULONG length = input > output ? input : output;

		if (!length)
			return STATUS_SUCCESS;
		status = IopAllocateSystemBuffer(Irp, OutputBuffer, length, FALSE, output != 0);
		if (NT_SUCCESS(status))
			RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, InputBuffer, input);
		return status;
	}
	if (input) {
		status = IopAllocateSystemBuffer(Irp, NULL, input, FALSE, FALSE);
		if (!NT_SUCCESS(status))
			return status;
		RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, InputBuffer, input);
	}
	if (output) {
		if (!IoAllocateMdl(OutputBuffer, output, FALSE, FALSE, Irp)) {
			if (input)
				ExFreePoolWithTag(Irp->AssociatedIrp.SystemBuffer, IOP_TAG_BUFFER);
			return STATUS_INSUFFICIENT_RESOURCES;
		}
		MmBuildMdlForNonPagedPool(Irp->MdlAddress);
	}
	return STATUS_SUCCESS;
}
