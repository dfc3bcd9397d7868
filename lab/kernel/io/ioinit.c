/*
 * The I/O system's start: object types, the folders of the namespace that are its own, then the volume and the control channel.
 */
#include "iop.h"

NTKERNELAPI POBJECT_TYPE IoFileObjectType;
NTKERNELAPI POBJECT_TYPE IoDriverObjectType;
NTKERNELAPI POBJECT_TYPE IoDeviceObjectType;

static const GENERIC_MAPPING IopFileMapping = { FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS };

typedef struct _IOP_TYPE {
	PCWSTR Name;
	POBJECT_TYPE *Type;
	OB_PARSE_METHOD Parse;
	OB_CLOSE_METHOD Close;
	OB_DELETE_METHOD Delete;
	BOOLEAN DefaultObject; /* a wait on a handle waits for something that is always signalled */
} IOP_TYPE;

static const IOP_TYPE IopTypes[] = {
	{ L"Device", &IoDeviceObjectType, IopParseDevice, NULL, IopDeleteDevice, TRUE },
	{ L"Driver", &IoDriverObjectType, NULL, NULL, IopDeleteDriver, TRUE },
	{ L"File", &IoFileObjectType, IopParseFile, IopCloseFile, IopDeleteFile, FALSE },
};

static BOOLEAN IopCreateTypes(VOID)
{
	for (ULONG i = 0; i < RTL_NUMBER_OF(IopTypes); i++) {
		OBJECT_TYPE_INITIALIZER initializer = { 0 };
		UNICODE_STRING name;

		RtlInitUnicodeString(&name, IopTypes[i].Name);
		initializer.Length = sizeof(initializer);
		initializer.CaseInsensitive = TRUE;
		initializer.UseDefaultObject = IopTypes[i].DefaultObject;
		initializer.InvalidAttributes = OBJ_OPENLINK;
		initializer.GenericMapping = IopFileMapping;
		initializer.ValidAccessMask = FILE_ALL_ACCESS;
		initializer.PoolType = NonPagedPoolNx;
		initializer.ParseProcedure = (PVOID)IopTypes[i].Parse;
		initializer.CloseProcedure = (PVOID)IopTypes[i].Close;
		initializer.DeleteProcedure = (PVOID)IopTypes[i].Delete;
		if (!NT_SUCCESS(ObCreateObjectType(&name, &initializer, NULL, IopTypes[i].Type)))
			return FALSE;
	}
	return TRUE;
}

/* Folders that exist already, made by the object manager, are as good. */
static BOOLEAN IopCreateDirectory(PCWSTR Path)
{
	OBJECT_ATTRIBUTES attributes;
	UNICODE_STRING name;
	HANDLE handle;
	NTSTATUS status;

	RtlInitUnicodeString(&name, Path);
	InitializeObjectAttributes(&attributes, &name, OBJ_PERMANENT | OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
	status = ZwCreateDirectoryObject(&handle, DIRECTORY_ALL_ACCESS, &attributes);
	if (NT_SUCCESS(status))
		ZwClose(handle);
	return NT_SUCCESS(status) || status == STATUS_OBJECT_NAME_COLLISION;
}

static BOOLEAN IopCreateLink(PCWSTR From, PCWSTR To)
{
	UNICODE_STRING from, to;
	NTSTATUS status;

	RtlInitUnicodeString(&from, From);
	RtlInitUnicodeString(&to, To);
	status = IoCreateSymbolicLink(&from, &to);
	return NT_SUCCESS(status) || status == STATUS_OBJECT_NAME_COLLISION;
}

BOOLEAN IoInitSystem(PLOADER_PARAMETER_BLOCK LoaderBlock)
{
	static const PCWSTR directories[] = { L"\\Device", L"\\Driver", L"\\FileSystem", L"\\GLOBAL??" };

	UNREFERENCED_PARAMETER(LoaderBlock);
	IopInitializeIrps();
	IopInitializeDrivers();
	MiInitializeSystemLoad();
	if (!IopCreateTypes())
		return FALSE;
	for (ULONG i = 0; i < RTL_NUMBER_OF(directories); i++)
		if (!IopCreateDirectory(directories[i]))
			return FALSE;
	/* In the System process \?? is the global folder; \DosDevices is the DDK's older name of it. */
	if (!IopCreateLink(L"\\??", L"\\GLOBAL??") || !IopCreateLink(L"\\DosDevices", L"\\??"))
		return FALSE;
	if (!P9MountVolume())
		DbgPrint("IO: no volume C: (no virtio-9p device with tag C answers)\n");
	if (!ControlInitialize())
		DbgPrint("IO: no control channel (no virtio console answers)\n");
	return TRUE;
}
