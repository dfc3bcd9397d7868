/*
 * NtQueryDirectoryFile: the service; what a directory holds is the file system's business.
 */
#include "iop.h"

NTKERNELAPI NTSTATUS NtQueryDirectoryFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
					  PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, ULONG Length,
					  FILE_INFORMATION_CLASS FileInformationClass, BOOLEAN ReturnSingleEntry, PUNICODE_STRING FileName,
					  BOOLEAN RestartScan)
{
	UNICODE_STRING *pattern;
	IOP_SERVICE service;
	NTSTATUS status;

	if (Length > IOP_MAXIMUM_TRANSFER)
		return STATUS_INVALID_PARAMETER;
	status = IopBeginService(&service, FileHandle, Event, FILE_LIST_DIRECTORY, FALSE);
	if (NT_SUCCESS(status))
		status = IopPrepareService(&service, IRP_MJ_DIRECTORY_CONTROL, IRP_MN_QUERY_DIRECTORY, IoStatusBlock, ApcRoutine, ApcContext);
	if (!NT_SUCCESS(status))
		return status;
	service.Irp->UserBuffer = FileInformation;
	/* The pattern may outlive the caller's copy when the packet pends: it goes into a system buffer. */
	if (FileName && FileName->Length) {
		status = IopAllocateSystemBuffer(service.Irp, FileInformation, sizeof(*pattern) + FileName->Length, FALSE, FALSE);
		if (!NT_SUCCESS(status)) {
			IopEndService(&service);
			return status;
		}
		pattern = service.Irp->AssociatedIrp.SystemBuffer;
		pattern->Buffer = (PWSTR)(pattern + 1);
		pattern->Length = FileName->Length;
		pattern->MaximumLength = FileName->Length;
		RtlCopyMemory(pattern->Buffer, FileName->Buffer, FileName->Length);
		service.Stack->Parameters.QueryDirectory.FileName = pattern;
	}
	service.Stack->Flags = (RestartScan ? SL_RESTART_SCAN : 0) | (ReturnSingleEntry ? SL_RETURN_SINGLE_ENTRY : 0);
	service.Stack->Parameters.QueryDirectory.Length = Length;
	service.Stack->Parameters.QueryDirectory.FileInformationClass = FileInformationClass;
	return IopCallService(&service, IoStatusBlock);
}
