/*
 * The Device type's parse procedure: the object manager found a device in a path and asks for a file on it. Here a FILE_OBJECT is
 * born and the driver gets IRP_MJ_CREATE.
 */
#include "iop.h"

static NTSTATUS IopCopyName(PUNICODE_STRING Destination, PUNICODE_STRING Source)
{
	if (!Source->Length)
		return STATUS_SUCCESS;
	Destination->Buffer = ExAllocatePoolWithTag(PagedPool, Source->Length, IOP_TAG_NAME);
	if (!Destination->Buffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlCopyMemory(Destination->Buffer, Source->Buffer, Source->Length);
	Destination->Length = Source->Length;
	Destination->MaximumLength = Source->Length;
	return STATUS_SUCCESS;
}

static ULONG IopFileObjectFlags(const OPEN_PACKET *Packet)
{
	static const struct {
		ULONG Option;
		ULONG Flag;
	} map[] = {
		{ FILE_SYNCHRONOUS_IO_ALERT, FO_SYNCHRONOUS_IO | FO_ALERTABLE_IO },
		{ FILE_SYNCHRONOUS_IO_NONALERT, FO_SYNCHRONOUS_IO },
		{ FILE_NO_INTERMEDIATE_BUFFERING, FO_NO_INTERMEDIATE_BUFFERING },
		{ FILE_WRITE_THROUGH, FO_WRITE_THROUGH },
		{ FILE_SEQUENTIAL_ONLY, FO_SEQUENTIAL_ONLY },
		{ FILE_RANDOM_ACCESS, FO_RANDOM_ACCESS },
	};
	ULONG flags = 0;

	for (ULONG i = 0; i < RTL_NUMBER_OF(map); i++)
		if (Packet->CreateOptions & map[i].Option)
			flags |= map[i].Flag;
	return flags;
}

static NTSTATUS IopCreateFileObject(PDEVICE_OBJECT DeviceObject, const OPEN_PACKET *Packet, PUNICODE_STRING Name, PFILE_OBJECT *FileObject)
{
	OBJECT_ATTRIBUTES attributes;
	PFILE_OBJECT file;
	NTSTATUS status;

	InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
	status = ObCreateObject(KernelMode, IoFileObjectType, &attributes, KernelMode, NULL, sizeof(*file), 0, 0, (PVOID *)&file);
	if (!NT_SUCCESS(status))
		return status;
	RtlZeroMemory(file, sizeof(*file));
	file->Type = IO_TYPE_FILE;
	file->Size = sizeof(*file);
	file->Flags = IopFileObjectFlags(Packet);
	KeInitializeEvent(&file->Event, NotificationEvent, FALSE);
	KeInitializeEvent(&file->Lock, SynchronizationEvent, FALSE);
	KeInitializeSpinLock(&file->IrpListLock);
	InitializeListHead(&file->IrpList);
	status = IopCopyName(&file->FileName, Name);
	if (!NT_SUCCESS(status)) {
		ObDereferenceObject(file);
		return status;
	}
	/* From here on the end of the file object is also the device's business. */
	file->DeviceObject = DeviceObject;
	file->RelatedFileObject = Packet->RelatedFileObject;
	*FileObject = file;
	return STATUS_SUCCESS;
}

/* Sends IRP_MJ_CREATE and waits for its result. */
static NTSTATUS IopSendCreate(PDEVICE_OBJECT Top, PFILE_OBJECT File, POPEN_PACKET Packet, PACCESS_STATE AccessState, ULONG Attributes)
{
	IO_SECURITY_CONTEXT security = { 0 };
	PIO_STACK_LOCATION stack;
	IO_STATUS_BLOCK iosb;
	NTSTATUS status;
	KEVENT event;
	PIRP irp;

	irp = IoAllocateIrp(Top->StackSize, FALSE);
	if (!irp)
		return STATUS_INSUFFICIENT_RESOURCES;
	security.AccessState = AccessState;
	security.DesiredAccess = Packet->DesiredAccess;
	security.FullCreateOptions = Packet->CreateOptions;
	KeInitializeEvent(&event, NotificationEvent, FALSE);
	irp->UserIosb = &iosb;
	irp->UserEvent = &event;
	irp->Flags = IRP_CREATE_OPERATION | IRP_SYNCHRONOUS_API | IRP_DEFER_IO_COMPLETION;
	irp->Overlay.AllocationSize = Packet->AllocationSize;

	stack = IoGetNextIrpStackLocation(irp);
	stack->MajorFunction = IRP_MJ_CREATE;
	stack->FileObject = File;
	stack->Flags = (Packet->Options & IO_OPEN_TARGET_DIRECTORY) ? SL_OPEN_TARGET_DIRECTORY : 0;
	if (!(Attributes & OBJ_CASE_INSENSITIVE))
		stack->Flags |= SL_CASE_SENSITIVE;
	stack->Parameters.Create.SecurityContext = &security;
	stack->Parameters.Create.Options = (Packet->Disposition << 24) | (Packet->CreateOptions & FILE_VALID_OPTION_FLAGS);
	stack->Parameters.Create.FileAttributes = Packet->FileAttributes;
	stack->Parameters.Create.ShareAccess = Packet->ShareAccess;

	IopQueueThreadIrp(irp);
	status = IofCallDriver(Top, irp);
	if (status == STATUS_PENDING) {
		KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
	} else {
		iosb = irp->IoStatus;
		IopCompleteRequest(irp);
	}
	Packet->Information = iosb.Information;
	return iosb.Status;
}

static NTSTATUS IopOpenOnDevice(PDEVICE_OBJECT Device, POPEN_PACKET Packet, PACCESS_STATE AccessState, ULONG Attributes, PUNICODE_STRING Name,
				PVOID *Object)
{
	PFILE_OBJECT file;
	NTSTATUS status;

	status = IopReferenceDevice(Device);
	if (!NT_SUCCESS(status))
		return status;
	status = IopCreateFileObject(Device, Packet, Name, &file);
	if (!NT_SUCCESS(status)) {
		IopDereferenceDevice(Device);
		return status;
	}
	status = IopSendCreate(IoGetAttachedDevice(Device), file, Packet, AccessState, Attributes);
	file->RelatedFileObject = NULL;
	if (status != STATUS_SUCCESS) {
		file->DeviceObject = NULL;
		ObDereferenceObject(file);
		IopDereferenceDevice(Device);
		/* A reparse has to come with a name, which no driver here gives: do not let Ob look again. */
		return status == STATUS_REPARSE ? STATUS_IO_REPARSE_DATA_INVALID : status;
	}
	file->Flags |= FO_FILE_OPEN;
	Packet->FileObject = file;
	*Object = file;
	return STATUS_SUCCESS;
}

NTSTATUS IopParseDevice(PVOID ParseObject, POBJECT_TYPE ObjectType, PACCESS_STATE AccessState, KPROCESSOR_MODE AccessMode, ULONG Attributes,
			PUNICODE_STRING CompleteName, PUNICODE_STRING RemainingName, PVOID Context, PSECURITY_QUALITY_OF_SERVICE SecurityQos,
			PVOID *Object)
{
	POPEN_PACKET packet = Context;

	UNREFERENCED_PARAMETER(AccessMode);
	UNREFERENCED_PARAMETER(CompleteName);
	UNREFERENCED_PARAMETER(SecurityQos);
	*Object = NULL;
	if (packet && packet->ParseCheck == OPEN_PACKET_PATTERN) {
		packet->FinalStatus = IopOpenOnDevice(ParseObject, packet, AccessState, Attributes, RemainingName, Object);
		return packet->FinalStatus;
	}
	/* Not a create: somebody wants the device object itself. */
	if (RemainingName->Length || (ObjectType && ObjectType != IoDeviceObjectType))
		return STATUS_OBJECT_TYPE_MISMATCH;
	ObReferenceObject(ParseObject);
	*Object = ParseObject;
	return STATUS_SUCCESS;
}

/* A name relative to an open file (OBJECT_ATTRIBUTES.RootDirectory). */
NTSTATUS IopParseFile(PVOID ParseObject, POBJECT_TYPE ObjectType, PACCESS_STATE AccessState, KPROCESSOR_MODE AccessMode, ULONG Attributes,
		      PUNICODE_STRING CompleteName, PUNICODE_STRING RemainingName, PVOID Context, PSECURITY_QUALITY_OF_SERVICE SecurityQos,
		      PVOID *Object)
{
	PFILE_OBJECT related = ParseObject;
	POPEN_PACKET packet = Context;

	*Object = NULL;
	if (!packet || packet->ParseCheck != OPEN_PACKET_PATTERN)
		return STATUS_OBJECT_TYPE_MISMATCH;
	packet->RelatedFileObject = related;
	return IopParseDevice(related->DeviceObject, ObjectType, AccessState, AccessMode, Attributes, CompleteName, RemainingName, Context,
			      SecurityQos, Object);
}
