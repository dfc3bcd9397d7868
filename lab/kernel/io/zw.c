/*
 * The Zw twins of the I/O services. In NT they set the previous mode to kernel; here every caller is kernel code already.
 */
#include "iop.h"

NTKERNELAPI NTSTATUS ZwCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock,
				  PLARGE_INTEGER AllocationSize, ULONG FileAttributes, ULONG ShareAccess, ULONG CreateDisposition,
				  ULONG CreateOptions, PVOID EaBuffer, ULONG EaLength)
{
	return NtCreateFile(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, AllocationSize, FileAttributes, ShareAccess,
			    CreateDisposition, CreateOptions, EaBuffer, EaLength);
}

NTKERNELAPI NTSTATUS ZwOpenFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock,
				ULONG ShareAccess, ULONG OpenOptions)
{
	return NtOpenFile(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, ShareAccess, OpenOptions);
}

NTKERNELAPI NTSTATUS ZwReadFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock,
				PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key)
{
	return NtReadFile(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, Buffer, Length, ByteOffset, Key);
}

NTKERNELAPI NTSTATUS ZwWriteFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock,
				 PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key)
{
	return NtWriteFile(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, Buffer, Length, ByteOffset, Key);
}

NTKERNELAPI NTSTATUS ZwQueryInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, ULONG Length,
					    FILE_INFORMATION_CLASS FileInformationClass)
{
	return NtQueryInformationFile(FileHandle, IoStatusBlock, FileInformation, Length, FileInformationClass);
}

NTKERNELAPI NTSTATUS ZwSetInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, ULONG Length,
					  FILE_INFORMATION_CLASS FileInformationClass)
{
	return NtSetInformationFile(FileHandle, IoStatusBlock, FileInformation, Length, FileInformationClass);
}

NTKERNELAPI NTSTATUS ZwQueryDirectoryFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
					  PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, ULONG Length,
					  FILE_INFORMATION_CLASS FileInformationClass, BOOLEAN ReturnSingleEntry, PUNICODE_STRING FileName,
					  BOOLEAN RestartScan)
{
	return NtQueryDirectoryFile(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, FileInformation, Length, FileInformationClass,
				    ReturnSingleEntry, FileName, RestartScan);
}

NTKERNELAPI NTSTATUS ZwQueryVolumeInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FsInformation, ULONG Length,
						  FS_INFORMATION_CLASS FsInformationClass)
{
	return NtQueryVolumeInformationFile(FileHandle, IoStatusBlock, FsInformation, Length, FsInformationClass);
}

NTKERNELAPI NTSTATUS ZwFlushBuffersFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock)
{
	return NtFlushBuffersFile(FileHandle, IoStatusBlock);
}

NTKERNELAPI NTSTATUS ZwDeleteFile(POBJECT_ATTRIBUTES ObjectAttributes)
{
	return NtDeleteFile(ObjectAttributes);
}

NTKERNELAPI NTSTATUS ZwDeviceIoControlFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
					   PIO_STATUS_BLOCK IoStatusBlock, ULONG IoControlCode, PVOID InputBuffer, ULONG InputBufferLength,
					   PVOID OutputBuffer, ULONG OutputBufferLength)
{
	return NtDeviceIoControlFile(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, IoControlCode, InputBuffer, InputBufferLength,
				     OutputBuffer, OutputBufferLength);
}

NTKERNELAPI NTSTATUS ZwLoadDriver(PUNICODE_STRING DriverServiceName)
{
	return NtLoadDriver(DriverServiceName);
}

NTKERNELAPI NTSTATUS ZwUnloadDriver(PUNICODE_STRING DriverServiceName)
{
	return NtUnloadDriver(DriverServiceName);
}
