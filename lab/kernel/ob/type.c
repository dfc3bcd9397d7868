/* Object types, and the first ones: Type, Directory, SymbolicLink with the directories that every NT has. */
#include "obp.h"

/* Entries 0 (NULL) and 1 (MmBadPointer) are reserved, as in NT: an index below 2 marks a freed or damaged header. */
#define OB_FIRST_TYPE_INDEX 2
#define OB_MAX_TYPES        256

POBJECT_TYPE ObTypeIndexTable[OB_MAX_TYPES];
UCHAR ObHeaderCookie;
UCHAR ObpInfoMaskToOffset[256];
POBJECT_TYPE ObpTypeObjectType, ObpDirectoryObjectType, ObpSymbolicLinkObjectType;
POBJECT_DIRECTORY ObpRootDirectoryObject, ObpTypeDirectoryObject;
DEVICE_MAP ObSystemDeviceMap;
/* Never signalled: for types whose objects nobody can usefully wait for. */
static KEVENT ObpDefaultObject;
static ULONG ObpObjectTypes = OB_FIRST_TYPE_INDEX;
static KSPIN_LOCK ObpTypeListLock;

UCHAR ObpEncodeTypeIndex(POBJECT_HEADER header, UCHAR index)
{
	return index ^ ObHeaderCookie ^ (UCHAR)((ULONG_PTR)header >> 8);
}

POBJECT_TYPE ObpTypeOf(POBJECT_HEADER header)
{
	return ObTypeIndexTable[ObpEncodeTypeIndex(header, header->TypeIndex)];
}

POBJECT_TYPE ObGetObjectType(PVOID Object)
{
	return ObpTypeOf(ObpHeaderOf(Object));
}

static VOID ObpRaiseMark(ULONG value, ULONG *high_water)
{
	ULONG high = __atomic_load_n(high_water, __ATOMIC_RELAXED);

	while (value > high && !__atomic_compare_exchange_n(high_water, &high, value, FALSE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		continue;
}

VOID ObpEnterObjectOfType(POBJECT_HEADER header, POBJECT_TYPE type)
{
	POBJECT_HEADER_CREATOR_INFO creator = ObpInfoOf(header, OB_INFO_CREATOR);

	ObpRaiseMark(__atomic_add_fetch(&type->TotalNumberOfObjects, 1, __ATOMIC_RELAXED), &type->HighWaterNumberOfObjects);
	if (creator != NULL)
		ExInterlockedInsertTailList(&type->TypeList, &creator->TypeList, &ObpTypeListLock);
}

VOID ObpLeaveObjectOfType(POBJECT_HEADER header, POBJECT_TYPE type)
{
	POBJECT_HEADER_CREATOR_INFO creator = ObpInfoOf(header, OB_INFO_CREATOR);
	KIRQL irql;

	if (creator != NULL) {
		KeAcquireSpinLock(&ObpTypeListLock, &irql);
		RemoveEntryList(&creator->TypeList);
		KeReleaseSpinLock(&ObpTypeListLock, irql);
	}
	__atomic_sub_fetch(&type->TotalNumberOfObjects, 1, __ATOMIC_RELAXED);
}

/* The first four letters of the name, as pool tag of the type's objects. */
static ULONG ObpTypeKey(const UNICODE_STRING *name)
{
	ULONG key = 0;

	for (ULONG i = 0; i < 4; i++)
		key |= (i < name->Length / sizeof(WCHAR) ? (UCHAR)name->Buffer[i] : (ULONG)' ') << (8 * i);
	return key;
}

/* What a wait for an object of the type waits for: see ObpWaitableOf. A file is waited for by the event inside of it, as in NT. */
static VOID ObpSetDefaultObject(POBJECT_TYPE type)
{
	static UNICODE_STRING file = RTL_CONSTANT_STRING(L"File");

	if (type->TypeInfo.UseDefaultObject) {
		type->TypeInfo.ValidAccessMask |= SYNCHRONIZE;
		type->DefaultObject = &ObpDefaultObject;
	} else if (RtlEqualUnicodeString(&type->Name, &file, FALSE)) {
		type->DefaultObject = (PVOID)(ULONG_PTR)FIELD_OFFSET(FILE_OBJECT, Event);
	}
}

/*
 * Makes a type and enters it in \ObjectTypes. The initializer is copied. STATUS_INVALID_PARAMETER: a bad initializer or name;
 * STATUS_OBJECT_NAME_COLLISION: the name is in use; STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS ObCreateObjectType(PUNICODE_STRING TypeName, POBJECT_TYPE_INITIALIZER ObjectTypeInitializer, PSECURITY_DESCRIPTOR SecurityDescriptor,
			    POBJECT_TYPE *ObjectType)
{
	POBJECT_HEADER header;
	POBJECT_TYPE type;
	NTSTATUS status;

	UNREFERENCED_PARAMETER(SecurityDescriptor); /* nobody without kernel rights exists to be refused */
	if (TypeName == NULL || TypeName->Length == 0 || TypeName->Length % sizeof(WCHAR) != 0 ||
	    ObjectTypeInitializer->Length != sizeof(*ObjectTypeInitializer))
		return STATUS_INVALID_PARAMETER;
	if (ObpObjectTypes == OB_MAX_TYPES)
		return STATUS_INSUFFICIENT_RESOURCES;
	status = ObpAllocateObject(ObpTypeObjectType, sizeof(OBJECT_TYPE), TypeName, NULL, &header);
	if (!NT_SUCCESS(status))
		return status;
	type = (POBJECT_TYPE)&header->Body;
	memset(type, 0, sizeof(*type));
	InitializeListHead(&type->TypeList);
	InitializeListHead(&type->CallbackList);
	type->Name = ObpNameOf(header)->Name;
	type->Key = ObpTypeKey(TypeName);
	type->TypeInfo = *ObjectTypeInitializer;
	ObpSetDefaultObject(type);
	if (ObpTypeObjectType == NULL) {
		/* The type of types is the first and is its own type. */
		ObpTypeObjectType = type;
		type->TypeInfo.MaintainTypeList = TRUE;
	}
	type->Index = (UCHAR)ObpObjectTypes++;
	ObTypeIndexTable[type->Index] = type;
	header->TypeIndex = ObpEncodeTypeIndex(header, ObpTypeObjectType->Index);
	header->Flags = (header->Flags & ~OB_FLAG_NEW_OBJECT) | OB_FLAG_PERMANENT;
	header->ObjectCreateInfo = NULL;
	if (type == ObpTypeObjectType)
		ObpEnterObjectOfType(header, type);
	if (ObpTypeDirectoryObject != NULL) {
		ObpLockDirectory(ObpTypeDirectoryObject);
		if (ObpLookupDirectoryEntry(ObpTypeDirectoryObject, &type->Name, TRUE) != NULL)
			status = STATUS_OBJECT_NAME_COLLISION;
		else
			status = ObpInsertDirectoryEntry(ObpTypeDirectoryObject, type, &type->Name);
		ObpUnlockDirectory(ObpTypeDirectoryObject);
	}
	*ObjectType = type;
	return status;
}

static VOID ObpFillOffsets(VOID)
{
	static const UCHAR sizes[8] = {
		sizeof(OBJECT_HEADER_CREATOR_INFO),
		sizeof(OBJECT_HEADER_NAME_INFO),
		sizeof(OBJECT_HEADER_HANDLE_INFO),
		sizeof(OBJECT_HEADER_QUOTA_INFO),
		sizeof(OBJECT_HEADER_PROCESS_INFO),
		sizeof(OBJECT_HEADER_AUDIT_INFO),
		0x10, /* OBJECT_HEADER_EXTENDED_INFO */
		sizeof(OBJECT_HEADER_PADDING_INFO),
	};

	for (ULONG mask = 0; mask < 256; mask++) {
		UCHAR offset = 0;

		for (ULONG bit = 0; bit < 8; bit++)
			offset += (mask >> bit & 1) ? sizes[bit] : 0;
		ObpInfoMaskToOffset[mask] = offset;
	}
}

static NTSTATUS ObpCreateFirstTypes(VOID)
{
	OBJECT_TYPE_INITIALIZER info = { .Length = sizeof(info), .PoolType = NonPagedPool };
	UNICODE_STRING name;
	NTSTATUS status;

	info.InvalidAttributes = OBJ_OPENLINK;
	info.CaseInsensitive = TRUE;
	info.UseDefaultObject = TRUE;
	info.GenericMapping = (GENERIC_MAPPING){ STANDARD_RIGHTS_READ, STANDARD_RIGHTS_WRITE, STANDARD_RIGHTS_EXECUTE, OBJECT_TYPE_ALL_ACCESS };
	info.ValidAccessMask = OBJECT_TYPE_ALL_ACCESS;
	RtlInitUnicodeString(&name, L"Type");
	status = ObCreateObjectType(&name, &info, NULL, &ObpTypeObjectType);
	if (!NT_SUCCESS(status))
		return status;

	info.GenericMapping = (GENERIC_MAPPING){ STANDARD_RIGHTS_READ | DIRECTORY_QUERY | DIRECTORY_TRAVERSE,
						 STANDARD_RIGHTS_WRITE | DIRECTORY_CREATE_OBJECT | DIRECTORY_CREATE_SUBDIRECTORY,
						 STANDARD_RIGHTS_EXECUTE | DIRECTORY_QUERY | DIRECTORY_TRAVERSE, DIRECTORY_ALL_ACCESS };
	info.ValidAccessMask = DIRECTORY_ALL_ACCESS;
	info.PoolType = PagedPool;
	RtlInitUnicodeString(&name, L"Directory");
	return ObCreateObjectType(&name, &info, NULL, &ObpDirectoryObjectType);
}

/* The types that were made before \ObjectTypes existed. */
static NTSTATUS ObpEnterFirstTypes(VOID)
{
	NTSTATUS status = STATUS_SUCCESS;

	ObpLockDirectory(ObpTypeDirectoryObject);
	for (ULONG i = OB_FIRST_TYPE_INDEX; NT_SUCCESS(status) && i < ObpObjectTypes; i++)
		status = ObpInsertDirectoryEntry(ObpTypeDirectoryObject, ObTypeIndexTable[i], &ObTypeIndexTable[i]->Name);
	ObpUnlockDirectory(ObpTypeDirectoryObject);
	return status;
}

static NTSTATUS ObpCreateFirstDirectories(VOID)
{
	static const PCWSTR names[] = { L"Driver", L"Device", L"FileSystem", L"KernelObjects", L"BaseNamedObjects", L"Callback" };
	POBJECT_DIRECTORY directory;
	NTSTATUS status;

	status = ObpCreateDirectory(NULL, NULL, &ObpRootDirectoryObject);
	if (NT_SUCCESS(status))
		status = ObpCreateDirectory(ObpRootDirectoryObject, L"ObjectTypes", &ObpTypeDirectoryObject);
	if (NT_SUCCESS(status))
		status = ObpEnterFirstTypes();
	if (NT_SUCCESS(status))
		status = ObpCreateDirectory(ObpRootDirectoryObject, L"GLOBAL??", &ObSystemDeviceMap.DosDevicesDirectory);
	for (ULONG i = 0; NT_SUCCESS(status) && i < RTL_NUMBER_OF(names); i++)
		status = ObpCreateDirectory(ObpRootDirectoryObject, names[i], &directory);
	if (!NT_SUCCESS(status))
		return status;
	ObSystemDeviceMap.GlobalDosDevicesDirectory = ObSystemDeviceMap.DosDevicesDirectory;
	ObSystemDeviceMap.DosDevicesDirectory->DeviceMap = &ObSystemDeviceMap;
	ObSystemDeviceMap.ReferenceCount = 1;
	return STATUS_SUCCESS;
}

BOOLEAN ObInitSystem(VOID)
{
	NTSTATUS status;

	/* Hard to guess, as NT's is; the counter's low byte is what changes most from boot to boot. */
	ObHeaderCookie = (UCHAR)(KeReadTsc() >> 4);
	ObpFillOffsets();
	/* Readers of dumps take the first null after entry 0 for the table's end. */
	ObTypeIndexTable[1] = MmBadPointer;
	KeInitializeEvent(&ObpDefaultObject, NotificationEvent, FALSE);
	ObpInitializeCreateInfo();
	status = ObpCreateFirstTypes();
	if (NT_SUCCESS(status))
		status = ObpCreateFirstDirectories();
	if (NT_SUCCESS(status))
		status = ObpInitializeSymbolicLinks();
	if (NT_SUCCESS(status))
		status = ObpCreateSymbolicLink(L"DosDevices", L"\\??");
	if (!NT_SUCCESS(status))
		return FALSE;
	ObpKernelHandleTable = ExCreateHandleTable(NULL);
	return ObpKernelHandleTable != NULL;
}
