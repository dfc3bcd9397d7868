/*
 * The I/O manager's face to the rest of the kernel and to drivers: constants of the DDK that belong to I/O, the exported routines,
 * and what the executive itself calls (IoInitSystem, driver loading). Structure layouts are nt.h's.
 */
#ifndef IO_H
#define IO_H

#include "nt.h"

/* Access rights to files (winnt.h). */
#define FILE_READ_DATA 0x0001u
#define FILE_LIST_DIRECTORY 0x0001u
#define FILE_WRITE_DATA 0x0002u
#define FILE_ADD_FILE 0x0002u
#define FILE_APPEND_DATA 0x0004u
#define FILE_ADD_SUBDIRECTORY 0x0004u
#define FILE_READ_EA 0x0008u
#define FILE_WRITE_EA 0x0010u
#define FILE_EXECUTE 0x0020u
#define FILE_TRAVERSE 0x0020u
#define FILE_DELETE_CHILD 0x0040u
#define FILE_READ_ATTRIBUTES 0x0080u
#define FILE_WRITE_ATTRIBUTES 0x0100u
#define FILE_ALL_ACCESS 0x001f01ffu
#define FILE_GENERIC_READ 0x00120089u
#define FILE_GENERIC_WRITE 0x00120116u
#define FILE_GENERIC_EXECUTE 0x001200a0u

#define FILE_SHARE_READ 0x1u
#define FILE_SHARE_WRITE 0x2u
#define FILE_SHARE_DELETE 0x4u
#define FILE_SHARE_VALID_FLAGS 0x7u

#define FILE_ATTRIBUTE_READONLY 0x0001u
#define FILE_ATTRIBUTE_DIRECTORY 0x0010u
#define FILE_ATTRIBUTE_ARCHIVE 0x0020u
#define FILE_ATTRIBUTE_NORMAL 0x0080u
#define FILE_ATTRIBUTE_REPARSE_POINT 0x0400u
#define FILE_ATTRIBUTE_VALID_FLAGS 0x7fb7u

/* Create dispositions, options, and IO_STATUS_BLOCK.Information of a create (wdm.h). */
#define FILE_SUPERSEDE 0u
#define FILE_OPEN 1u
#define FILE_CREATE 2u
#define FILE_OPEN_IF 3u
#define FILE_OVERWRITE 4u
#define FILE_OVERWRITE_IF 5u
#define FILE_MAXIMUM_DISPOSITION 5u

#define FILE_DIRECTORY_FILE 0x00000001u
#define FILE_WRITE_THROUGH 0x00000002u
#define FILE_SEQUENTIAL_ONLY 0x00000004u
#define FILE_NO_INTERMEDIATE_BUFFERING 0x00000008u
#define FILE_SYNCHRONOUS_IO_ALERT 0x00000010u
#define FILE_SYNCHRONOUS_IO_NONALERT 0x00000020u
#define FILE_NON_DIRECTORY_FILE 0x00000040u
#define FILE_NO_EA_KNOWLEDGE 0x00000200u
#define FILE_RANDOM_ACCESS 0x00000800u
#define FILE_DELETE_ON_CLOSE 0x00001000u
#define FILE_OPEN_BY_FILE_ID 0x00002000u
#define FILE_VALID_OPTION_FLAGS 0x00ffffffu

#define FILE_SUPERSEDED 0u
#define FILE_OPENED 1u
#define FILE_CREATED 2u
#define FILE_OVERWRITTEN 3u
#define FILE_EXISTS 4u
#define FILE_DOES_NOT_EXIST 5u

#define FILE_WRITE_TO_END_OF_FILE 0xffffffffu
#define FILE_USE_FILE_POINTER_POSITION 0xfffffffeu

/* IoCreateFile's Options. */
#define IO_NO_PARAMETER_CHECKING 0x0100u
#define IO_OPEN_TARGET_DIRECTORY 0x0004u

/* Major and minor function codes. */
#define IRP_MJ_CREATE 0x00
#define IRP_MJ_CLOSE 0x02
#define IRP_MJ_READ 0x03
#define IRP_MJ_WRITE 0x04
#define IRP_MJ_QUERY_INFORMATION 0x05
#define IRP_MJ_SET_INFORMATION 0x06
#define IRP_MJ_FLUSH_BUFFERS 0x09
#define IRP_MJ_QUERY_VOLUME_INFORMATION 0x0a
#define IRP_MJ_DIRECTORY_CONTROL 0x0c
#define IRP_MJ_FILE_SYSTEM_CONTROL 0x0d
#define IRP_MJ_DEVICE_CONTROL 0x0e
#define IRP_MJ_INTERNAL_DEVICE_CONTROL 0x0f
#define IRP_MJ_SHUTDOWN 0x10
#define IRP_MJ_CLEANUP 0x12
#define IRP_MJ_PNP 0x1b
#define IRP_MJ_MAXIMUM_FUNCTION 0x1b
#define IRP_MN_QUERY_DIRECTORY 0x01

/* IO_STACK_LOCATION.Control and .Flags. */
#define SL_PENDING_RETURNED 0x01
#define SL_ERROR_RETURNED 0x02
#define SL_INVOKE_ON_CANCEL 0x20
#define SL_INVOKE_ON_SUCCESS 0x40
#define SL_INVOKE_ON_ERROR 0x80
#define SL_RESTART_SCAN 0x01
#define SL_RETURN_SINGLE_ENTRY 0x02
#define SL_INDEX_SPECIFIED 0x04
#define SL_OPEN_TARGET_DIRECTORY 0x04
#define SL_CASE_SENSITIVE 0x80

/* IRP.Flags. */
#define IRP_NOCACHE 0x00000001u
#define IRP_SYNCHRONOUS_API 0x00000004u
#define IRP_CREATE_OPERATION 0x00000008u
#define IRP_BUFFERED_IO 0x00000010u
#define IRP_DEALLOCATE_BUFFER 0x00000020u
#define IRP_INPUT_OPERATION 0x00000040u
#define IRP_CLOSE_OPERATION 0x00000400u
#define IRP_DEFER_IO_COMPLETION 0x00000800u
#define IRP_READ_OPERATION 0x00000100u
#define IRP_WRITE_OPERATION 0x00000200u

/* FILE_OBJECT.Flags. */
#define FO_FILE_OPEN 0x00000001u
#define FO_SYNCHRONOUS_IO 0x00000002u
#define FO_ALERTABLE_IO 0x00000004u
#define FO_NO_INTERMEDIATE_BUFFERING 0x00000008u
#define FO_WRITE_THROUGH 0x00000010u
#define FO_SEQUENTIAL_ONLY 0x00000020u
#define FO_CACHE_SUPPORTED 0x00000040u
#define FO_FILE_MODIFIED 0x00001000u
#define FO_FILE_SIZE_CHANGED 0x00002000u
#define FO_CLEANUP_COMPLETE 0x00004000u
#define FO_DELETE_ON_CLOSE 0x00010000u
#define FO_OPENED_CASE_SENSITIVE 0x00020000u
#define FO_HANDLE_CREATED 0x00040000u
#define FO_RANDOM_ACCESS 0x00100000u
#define FO_FILE_OPEN_CANCELLED 0x00200000u

/* DEVICE_OBJECT.Flags, .Characteristics and DEVOBJ_EXTENSION.ExtensionFlags. */
#define DO_BUFFERED_IO 0x00000004u
#define DO_EXCLUSIVE 0x00000008u
#define DO_DIRECT_IO 0x00000010u
#define DO_DEVICE_HAS_NAME 0x00000040u
#define DO_DEVICE_INITIALIZING 0x00000080u
#define FILE_DEVICE_SECURE_OPEN 0x00000100u
#define DOE_UNLOAD_PENDING 0x00000001u
#define DOE_DELETE_PENDING 0x00000002u
#define DOE_REMOVE_PENDING 0x00000004u
#define DOE_START_PENDING 0x00000010u

/* DRIVER_OBJECT.Flags. */
#define DRVO_UNLOAD_INVOKED 0x00000001u
#define DRVO_LEGACY_DRIVER 0x00000002u
#define DRVO_INITIALIZED 0x00000010u

/* Device types. */
#define FILE_DEVICE_DISK 0x00000007u
#define FILE_DEVICE_DISK_FILE_SYSTEM 0x00000008u
#define FILE_DEVICE_FILE_SYSTEM 0x00000009u
#define FILE_DEVICE_UNKNOWN 0x00000022u

/* Object type numbers in the first USHORT of I/O structures (wdm.h). */
#define IO_TYPE_DEVICE 3
#define IO_TYPE_DRIVER 4
#define IO_TYPE_FILE 5
#define IO_TYPE_IRP 6
#define IO_TYPE_DEVICE_OBJECT_EXTENSION 13

#define METHOD_BUFFERED 0u
#define METHOD_IN_DIRECT 1u
#define METHOD_OUT_DIRECT 2u
#define METHOD_NEITHER 3u

/* ETHREAD.TopLevelIrp of a thread in a file system's fast path (ntifs.h). */
#define FSRTL_FAST_IO_TOP_LEVEL_IRP 4

#define IO_NO_INCREMENT 0
#define IO_DISK_INCREMENT 1
#define EVENT_INCREMENT 1

#define MAXIMUM_FILENAME_LENGTH 256

/*
 * Executive-internal (io/ioinit.c): called by Phase1Initialization. Makes the types, \Device, \Driver, \FileSystem, \??, finds the
 * virtio devices, mounts C: and starts the control channel. FALSE: no memory. A machine without C: or channel still boots.
 */
BOOLEAN IoInitSystem(PLOADER_PARAMETER_BLOCK LoaderBlock);

extern NTKERNELAPI POBJECT_TYPE IoFileObjectType;
extern NTKERNELAPI POBJECT_TYPE IoDriverObjectType;
extern NTKERNELAPI POBJECT_TYPE IoDeviceObjectType;

/* Devices and links (io/device.c, io/symlink.c, io/attach.c). */
NTKERNELAPI NTSTATUS IoCreateDevice(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize, PUNICODE_STRING DeviceName,
				    ULONG DeviceType, ULONG DeviceCharacteristics, BOOLEAN Exclusive,
				    PDEVICE_OBJECT *DeviceObject);
NTKERNELAPI VOID IoDeleteDevice(PDEVICE_OBJECT DeviceObject);
NTKERNELAPI NTSTATUS IoCreateSymbolicLink(PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName);
NTKERNELAPI NTSTATUS IoCreateUnprotectedSymbolicLink(PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName);
NTKERNELAPI NTSTATUS IoDeleteSymbolicLink(PUNICODE_STRING SymbolicLinkName);
NTKERNELAPI NTSTATUS IoGetDeviceObjectPointer(PUNICODE_STRING ObjectName, ACCESS_MASK DesiredAccess,
					      PFILE_OBJECT *FileObject, PDEVICE_OBJECT *DeviceObject);
NTKERNELAPI PDEVICE_OBJECT IoGetRelatedDeviceObject(PFILE_OBJECT FileObject);
NTKERNELAPI PDEVICE_OBJECT IoGetAttachedDevice(PDEVICE_OBJECT DeviceObject);
NTKERNELAPI PDEVICE_OBJECT IoGetAttachedDeviceReference(PDEVICE_OBJECT DeviceObject);
NTKERNELAPI PDEVICE_OBJECT IoAttachDeviceToDeviceStack(PDEVICE_OBJECT SourceDevice, PDEVICE_OBJECT TargetDevice);
NTKERNELAPI VOID IoDetachDevice(PDEVICE_OBJECT TargetDevice);

/* Request packets (io/irp.c, io/complete.c, io/cancel.c, io/build.c). */
NTKERNELAPI PIRP IoAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota);
NTKERNELAPI VOID IoFreeIrp(PIRP Irp);
NTKERNELAPI VOID IoInitializeIrp(PIRP Irp, USHORT PacketSize, CCHAR StackSize);
NTKERNELAPI VOID IoReuseIrp(PIRP Irp, NTSTATUS Status);
NTKERNELAPI USHORT IoSizeofIrp(CCHAR StackSize);
NTKERNELAPI NTSTATUS IofCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTKERNELAPI NTSTATUS IoCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTKERNELAPI VOID IofCompleteRequest(PIRP Irp, CCHAR PriorityBoost);
NTKERNELAPI VOID IoCompleteRequest(PIRP Irp, CCHAR PriorityBoost);
NTKERNELAPI BOOLEAN IoCancelIrp(PIRP Irp);
NTKERNELAPI VOID IoAcquireCancelSpinLock(PKIRQL Irql);
NTKERNELAPI VOID IoReleaseCancelSpinLock(KIRQL Irql);
NTKERNELAPI PIRP IoBuildSynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length,
					      PLARGE_INTEGER StartingOffset, PKEVENT Event, PIO_STATUS_BLOCK IoStatusBlock);
NTKERNELAPI PIRP IoBuildAsynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length,
					       PLARGE_INTEGER StartingOffset, PIO_STATUS_BLOCK IoStatusBlock);
NTKERNELAPI PIRP IoBuildDeviceIoControlRequest(ULONG IoControlCode, PDEVICE_OBJECT DeviceObject, PVOID InputBuffer,
					       ULONG InputBufferLength, PVOID OutputBuffer, ULONG OutputBufferLength,
					       BOOLEAN InternalDeviceIoControl, PKEVENT Event,
					       PIO_STATUS_BLOCK IoStatusBlock);

static inline PIO_STACK_LOCATION IoGetCurrentIrpStackLocation(PIRP Irp)
{
	return Irp->Tail.Overlay.CurrentStackLocation;
}

static inline PIO_STACK_LOCATION IoGetNextIrpStackLocation(PIRP Irp)
{
	return Irp->Tail.Overlay.CurrentStackLocation - 1;
}

static inline VOID IoMarkIrpPending(PIRP Irp)
{
	IoGetCurrentIrpStackLocation(Irp)->Control |= SL_PENDING_RETURNED;
}

/* Memory descriptor lists (io/mdl.c). */
NTKERNELAPI PMDL IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota, PIRP Irp);
NTKERNELAPI VOID IoFreeMdl(PMDL Mdl);
NTKERNELAPI SIZE_T MmSizeOfMdl(PVOID Base, SIZE_T Length);
NTKERNELAPI VOID MmBuildMdlForNonPagedPool(PMDL Mdl);
NTKERNELAPI VOID MmProbeAndLockPages(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode, ULONG Operation);
NTKERNELAPI VOID MmUnlockPages(PMDL MemoryDescriptorList);
NTKERNELAPI PVOID MmMapLockedPagesSpecifyCache(PMDL MemoryDescriptorList, KPROCESSOR_MODE AccessMode,
					       MEMORY_CACHING_TYPE CacheType, PVOID RequestedAddress, ULONG BugCheckOnFailure,
					       ULONG Priority);
NTKERNELAPI VOID MmUnmapLockedPages(PVOID BaseAddress, PMDL MemoryDescriptorList);

/* Share modes and work items (io/share.c, io/workitem.c). */
NTKERNELAPI NTSTATUS IoCheckShareAccess(ACCESS_MASK DesiredAccess, ULONG DesiredShareAccess, PFILE_OBJECT FileObject,
					PSHARE_ACCESS ShareAccess, BOOLEAN Update);
NTKERNELAPI VOID IoSetShareAccess(ACCESS_MASK DesiredAccess, ULONG DesiredShareAccess, PFILE_OBJECT FileObject,
				  PSHARE_ACCESS ShareAccess);
NTKERNELAPI VOID IoRemoveShareAccess(PFILE_OBJECT FileObject, PSHARE_ACCESS ShareAccess);
NTKERNELAPI VOID IoUpdateShareAccess(PFILE_OBJECT FileObject, PSHARE_ACCESS ShareAccess);

typedef struct _IO_WORKITEM *PIO_WORKITEM;
typedef VOID (*PIO_WORKITEM_ROUTINE)(PDEVICE_OBJECT DeviceObject, PVOID Context);
NTKERNELAPI PIO_WORKITEM IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject);
NTKERNELAPI VOID IoFreeWorkItem(PIO_WORKITEM IoWorkItem);
typedef VOID (*PIO_WORKITEM_ROUTINE_EX)(PVOID IoObject, PVOID Context, PIO_WORKITEM IoWorkItem);
NTKERNELAPI ULONG IoSizeofWorkItem(VOID);
NTKERNELAPI VOID IoInitializeWorkItem(PVOID IoObject, PIO_WORKITEM IoWorkItem);
NTKERNELAPI VOID IoUninitializeWorkItem(PIO_WORKITEM IoWorkItem);
NTKERNELAPI VOID IoQueueWorkItemEx(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE_EX WorkerRoutine, ULONG QueueType, PVOID Context);
NTKERNELAPI VOID IoQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE WorkerRoutine, ULONG QueueType, PVOID Context);
NTKERNELAPI NTSTATUS IoAllocateDriverObjectExtension(PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress,
						     ULONG DriverObjectExtensionSize, PVOID *DriverObjectExtension);
NTKERNELAPI PVOID IoGetDriverObjectExtension(PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress);

/* Files (io/create.c, io/readwrite.c, io/fileinfo.c, io/dirctl.c, io/ioctl.c). Every Zw routine has its Nt twin. */
#define IO_FILE_ROUTINES(P) \
	NTKERNELAPI NTSTATUS P##CreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, \
		PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER AllocationSize, ULONG FileAttributes, ULONG ShareAccess, \
		ULONG CreateDisposition, ULONG CreateOptions, PVOID EaBuffer, ULONG EaLength); \
	NTKERNELAPI NTSTATUS P##OpenFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, \
		PIO_STATUS_BLOCK IoStatusBlock, ULONG ShareAccess, ULONG OpenOptions); \
	NTKERNELAPI NTSTATUS P##ReadFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, \
		PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key); \
	NTKERNELAPI NTSTATUS P##WriteFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, \
		PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key); \
	NTKERNELAPI NTSTATUS P##QueryInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, \
		ULONG Length, FILE_INFORMATION_CLASS FileInformationClass); \
	NTKERNELAPI NTSTATUS P##SetInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, \
		ULONG Length, FILE_INFORMATION_CLASS FileInformationClass); \
	NTKERNELAPI NTSTATUS P##QueryDirectoryFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, \
		PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, ULONG Length, \
		FILE_INFORMATION_CLASS FileInformationClass, BOOLEAN ReturnSingleEntry, PUNICODE_STRING FileName, \
		BOOLEAN RestartScan); \
	NTKERNELAPI NTSTATUS P##QueryVolumeInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FsInformation, \
		ULONG Length, FS_INFORMATION_CLASS FsInformationClass); \
	NTKERNELAPI NTSTATUS P##FlushBuffersFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock); \
	NTKERNELAPI NTSTATUS P##DeleteFile(POBJECT_ATTRIBUTES ObjectAttributes); \
	NTKERNELAPI NTSTATUS P##DeviceIoControlFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, \
		PIO_STATUS_BLOCK IoStatusBlock, ULONG IoControlCode, PVOID InputBuffer, ULONG InputBufferLength, \
		PVOID OutputBuffer, ULONG OutputBufferLength); \
	NTKERNELAPI NTSTATUS P##LoadDriver(PUNICODE_STRING DriverServiceName); \
	NTKERNELAPI NTSTATUS P##UnloadDriver(PUNICODE_STRING DriverServiceName);

IO_FILE_ROUTINES(Zw)
IO_FILE_ROUTINES(Nt)

/*
 * Driver images (mm/sysload.c). Reads FileName (an NT path, e.g. \??\C:\x\y.sys), relocates it, binds it against the loaded modules and
 * enters it in PsLoadedModuleList. On STATUS_DRIVER_ENTRYPOINT_NOT_FOUND and STATUS_DRIVER_ORDINAL_NOT_FOUND, Missing says what
 * is lacking. Caller is at PASSIVE_LEVEL. Errors: the open's status, STATUS_INVALID_IMAGE_FORMAT, STATUS_IMAGE_ALREADY_LOADED,
 * STATUS_INSUFFICIENT_RESOURCES.
 */
typedef struct _MI_MISSING_IMPORT {
	CHAR Routine[256];
	CHAR Module[64];
} MI_MISSING_IMPORT, *PMI_MISSING_IMPORT;

VOID MiInitializeSystemLoad(VOID);
NTSTATUS MmLoadSystemImage(PUNICODE_STRING FileName, PMI_MISSING_IMPORT Missing, PVOID *ImageHandle, PVOID *ImageBase);

/* Takes the image off the list, enters it in MmUnloadedDrivers and frees its pages; threads inside keep waiting, as in NT. */
NTSTATUS MmUnloadSystemImage(PVOID ImageHandle);

#define MI_UNLOADED_DRIVERS 50
extern PUNLOADED_DRIVERS MmUnloadedDrivers;
extern ULONG MmLastUnloadedDriver;

/* Drivers (io/driver.c). ServiceName is the bare name of the service, ImagePath an NT path. */
NTSTATUS IopLoadDriver(PUNICODE_STRING ServiceName, PUNICODE_STRING ImagePath, PMI_MISSING_IMPORT Missing,
		       PDRIVER_OBJECT *DriverObject);
NTSTATUS IopUnloadDriver(PUNICODE_STRING ServiceName, PLARGE_INTEGER Timeout);

#endif
