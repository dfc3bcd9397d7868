/*
 * What the files of the I/O manager share among themselves. Nothing here is visible outside io/.
 */
#ifndef IOP_H
#define IOP_H

#include "nt.h"
#include "arc.h"
#include "ke.h"
#include "ob.h"
#include "ps.h"
#include "ex.h"
#include "rtl.h"
#include "mm.h"
#include "hal.h"
#include "io.h"

#define IOP_TAG_IRP 'prII'    /* "IIrp" backwards, as pool tags are written */
#define IOP_TAG_BUFFER 'fuBI'
#define IOP_TAG_NAME 'mNoI'
#define IOP_TAG_DRIVER 'rvrD'

/* The largest buffer that one call may pass to a driver: lengths beyond it are mistakes, not requests. */
#define IOP_MAXIMUM_TRANSFER 0x10000000u

/*
 * What a create hands to the parse procedure (NT's name). ParseCheck tells the parse procedure that the context is really one of
 * these; the results come back in Status, Information and FileObject.
 */
#define OPEN_PACKET_PATTERN 0xbeaa0251u

typedef struct _OPEN_PACKET {
	USHORT Type;
	USHORT Size;
	PFILE_OBJECT FileObject;
	NTSTATUS FinalStatus;
	ULONG_PTR Information;
	ULONG ParseCheck;
	ACCESS_MASK DesiredAccess;
	USHORT FileAttributes;
	USHORT ShareAccess;
	ULONG Options;
	ULONG CreateOptions;
	ULONG Disposition;
	LARGE_INTEGER AllocationSize;
	PFILE_OBJECT RelatedFileObject;
} OPEN_PACKET, *POPEN_PACKET;

/* irp.c */
VOID IopInitializeIrps(VOID);
VOID IopQueueThreadIrp(PIRP Irp);
VOID IopDequeueThreadIrp(PIRP Irp);

/* complete.c: the second half of a completion: results to the caller, events, packet freed. IRQL <= DISPATCH_LEVEL. */
VOID IopCompleteRequest(PIRP Irp);

/* parse.c: methods of the Device and File types. */
NTSTATUS IopParseDevice(PVOID ParseObject, POBJECT_TYPE ObjectType, PACCESS_STATE AccessState, KPROCESSOR_MODE AccessMode,
			ULONG Attributes, PUNICODE_STRING CompleteName, PUNICODE_STRING RemainingName, PVOID Context,
			PSECURITY_QUALITY_OF_SERVICE SecurityQos, PVOID *Object);
NTSTATUS IopParseFile(PVOID ParseObject, POBJECT_TYPE ObjectType, PACCESS_STATE AccessState, KPROCESSOR_MODE AccessMode,
		      ULONG Attributes, PUNICODE_STRING CompleteName, PUNICODE_STRING RemainingName, PVOID Context,
		      PSECURITY_QUALITY_OF_SERVICE SecurityQos, PVOID *Object);

/* fileobj.c: the end of file objects, and the lock of synchronous ones. */
VOID IopCloseFile(PEPROCESS Process, PVOID Object, ULONG_PTR ProcessHandleCount, ULONG_PTR SystemHandleCount);
VOID IopDeleteFile(PVOID Object);
VOID IopAcquireFileObjectLock(PFILE_OBJECT FileObject);
VOID IopReleaseFileObjectLock(PFILE_OBJECT FileObject);

/* create.c. DesiredAccess may hold generic rights; Options are IO_* flags of IoCreateFile. */
ACCESS_MASK IopMapFileAccess(ACCESS_MASK DesiredAccess);
NTSTATUS IopCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
		       PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER AllocationSize, ULONG FileAttributes, ULONG ShareAccess,
		       ULONG Disposition, ULONG CreateOptions, ULONG Options);

/*
 * service.c: the common path of the services on a file handle. IopBeginService references the file and takes its lock when it
 * is synchronous; IopCallService sends the packet (its stack location filled by the caller) and waits if it has to; the file's
 * lock and reference are then gone.
 */
typedef struct _IOP_SERVICE {
	PFILE_OBJECT FileObject;
	PDEVICE_OBJECT DeviceObject;
	PIRP Irp;
	PIO_STACK_LOCATION Stack;
	PKEVENT UserEvent;
	ACCESS_MASK GrantedAccess;
	BOOLEAN Synchronous;      /* the service itself waits, whatever the handle */
	KEVENT Event;
	IO_STATUS_BLOCK Iosb;
} IOP_SERVICE, *PIOP_SERVICE;

NTSTATUS IopBeginService(PIOP_SERVICE Service, HANDLE FileHandle, HANDLE Event, ACCESS_MASK AnyOf, BOOLEAN Synchronous);
NTSTATUS IopPrepareService(PIOP_SERVICE Service, UCHAR MajorFunction, UCHAR MinorFunction, PIO_STATUS_BLOCK IoStatusBlock,
			   PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext);
NTSTATUS IopCallService(PIOP_SERVICE Service, PIO_STATUS_BLOCK IoStatusBlock);
VOID IopEndService(PIOP_SERVICE Service);

/* build.c. Gives the packet a system buffer of Length bytes that is freed, and copied back when Input, on completion. */
NTSTATUS IopAllocateSystemBuffer(PIRP Irp, PVOID UserBuffer, ULONG Length, BOOLEAN CopyIn, BOOLEAN CopyBack);
/* build.c: buffers as the method of the control code in Stack asks. On failure nothing stays attached. */
NTSTATUS IopAttachControlBuffers(PIRP Irp, PIO_STACK_LOCATION Stack, PVOID InputBuffer, PVOID OutputBuffer);
NTSTATUS IopAttachBuffer(PIRP Irp, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length, BOOLEAN Write);

/* driver.c, device.c */
NTSTATUS IopInvalidDeviceRequest(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS IopCreateDriverObject(PUNICODE_STRING ObjectName, PUNICODE_STRING ServiceName, PDRIVER_OBJECT *DriverObject);
VOID IopDeleteDriver(PVOID Object);
VOID IopDeleteDevice(PVOID Object);
VOID IopCompleteUnloadOrDelete(PDEVICE_OBJECT DeviceObject);
NTSTATUS IopReferenceDevice(PDEVICE_OBJECT DeviceObject);
VOID IopDereferenceDevice(PDEVICE_OBJECT DeviceObject);
VOID IopContinueUnload(PDRIVER_OBJECT DriverObject);
extern KSPIN_LOCK IopDatabaseLock;

/* A loaded driver, for those who list them. Kept from IopLoadDriver until the driver object is gone. */
typedef struct _IOP_LOADED_DRIVER {
	LIST_ENTRY Link;
	PDRIVER_OBJECT DriverObject;
} IOP_LOADED_DRIVER, *PIOP_LOADED_DRIVER;

VOID IopInitializeDrivers(VOID);
/* The driver after Previous (NULL: the first), referenced; drops Previous' reference. */
PDRIVER_OBJECT IopNextDriver(PDRIVER_OBJECT Previous);
/* NULL: none of that name. Else referenced. */
PDRIVER_OBJECT IopFindDriver(PUNICODE_STRING ServiceName);

/* p9mount.c, control.c: the two users of virtio. FALSE: no such device, or it does not answer. */
BOOLEAN P9MountVolume(VOID);
BOOLEAN ControlInitialize(VOID);

/* p9lazy.c: every file's cached data to the host. */
VOID P9FlushVolume(VOID);

#endif
