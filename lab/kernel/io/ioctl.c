/*
 * NtDeviceIoControlFile: control codes from one driver to another by handle.
 */
#include "iop.h"

/* Bits 14 and 15 of a control code: the access that the handle must have been opened with (CTL_CODE). */
#define IOP_CONTROL_ACCESS(Code) (((Code) >> 14) & 3u)

NTKERNELAPI NTSTATUS NtDeviceIoControlFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
					   PIO_STATUS_BLOCK IoStatusBlock, ULONG IoControlCode, PVOID InputBuffer, ULONG InputBufferLength,
					   PVOID OutputBuffer, ULONG OutputBufferLength)
{
	ULONG required = IOP_CONTROL_ACCESS(IoControlCode);
	PIO_STACK_LOCATION stack;
	IOP_SERVICE service;
	NTSTATUS status;

	if (InputBufferLength > IOP_MAXIMUM_TRANSFER || OutputBufferLength > IOP_MAXIMUM_TRANSFER)
		return STATUS_INVALID_PARAMETER;
	status = IopBeginService(&service, FileHandle, Event, 0, FALSE);
	if (!NT_SUCCESS(status))
		return status;
	/* FILE_READ_ACCESS and FILE_WRITE_ACCESS have the values of FILE_READ_DATA and FILE_WRITE_DATA. */
	if ((service.GrantedAccess & required) != required) {
		IopEndService(&service);
		return STATUS_ACCESS_DENIED;
	}
	status = IopPrepareService(&service, IRP_MJ_DEVICE_CONTROL, 0, IoStatusBlock, ApcRoutine, ApcContext);
	if (!NT_SUCCESS(status))
		return status;
	stack = service.Stack;
	stack->Parameters.DeviceIoControl.IoControlCode = IoControlCode;
	stack->Parameters.DeviceIoControl.InputBufferLength = InputBufferLength;
	stack->Parameters.DeviceIoControl.OutputBufferLength = OutputBufferLength;
	status = IopAttachControlBuffers(service.Irp, stack, InputBuffer, OutputBuffer);
	if (!NT_SUCCESS(status)) {
		IopEndService(&service);
		return status;
	}
	return IopCallService(&service, IoStatusBlock);
}
