/* Making objects: memory with its headers, the creator's wishes kept until ObInsertObject, and the end of both. */
#include "obp.h"
#include "ps.h"

static NPAGED_LOOKASIDE_LIST ObpCreateInfoLookasideList;

VOID ObpInitializeCreateInfo(VOID)
{
	ExInitializeNPagedLookasideList(&ObpCreateInfoLookasideList, NULL, NULL, 0, sizeof(OBJECT_CREATE_INFORMATION), OB_CREATE_TAG, 0);
}

NTSTATUS ObpCaptureName(const UNICODE_STRING *name, PUNICODE_STRING captured)
{
	*captured = (UNICODE_STRING){ 0 };
	if (name == NULL || name->Length == 0 || name->Buffer == NULL)
		return STATUS_SUCCESS;
	if (name->Length % sizeof(WCHAR) != 0)
		return STATUS_OBJECT_NAME_INVALID;
	captured->Buffer = ExAllocatePoolWithTag(PagedPool, name->Length + sizeof(WCHAR), OB_NAME_TAG);
	if (captured->Buffer == NULL)
		return STATUS_INSUFFICIENT_RESOURCES;
	memcpy(captured->Buffer, name->Buffer, name->Length);
	captured->Buffer[name->Length / sizeof(WCHAR)] = 0;
	captured->Length = name->Length;
	captured->MaximumLength = name->Length <= 0xfffc ? name->Length + sizeof(WCHAR) : name->Length;
	return STATUS_SUCCESS;
}

static UCHAR ObpInfoMask(POBJECT_TYPE type, const UNICODE_STRING *name, POBJECT_CREATE_INFORMATION create)
{
	UCHAR mask = 0;

	/* The type of types lists its objects, and there is no type yet when the first of them is made. */
	if (type == NULL || type->TypeInfo.MaintainTypeList)
		mask |= OB_INFO_CREATOR;
	if (name != NULL && name->Length != 0)
		mask |= OB_INFO_NAME;
	if (create != NULL && (create->Attributes & OBJ_EXCLUSIVE))
		mask |= OB_INFO_PROCESS;
	if (create != NULL && (create->PagedPoolCharge != type->TypeInfo.DefaultPagedPoolCharge ||
			       create->NonPagedPoolCharge != type->TypeInfo.DefaultNonPagedPoolCharge))
		mask |= OB_INFO_QUOTA;
	return mask;
}

static VOID ObpFillInfo(POBJECT_HEADER header, const UNICODE_STRING *captured, POBJECT_CREATE_INFORMATION create)
{
	POBJECT_HEADER_CREATOR_INFO creator = ObpInfoOf(header, OB_INFO_CREATOR);
	POBJECT_HEADER_NAME_INFO name = ObpNameOf(header);
	POBJECT_HEADER_PROCESS_INFO process = ObpInfoOf(header, OB_INFO_PROCESS);
	POBJECT_HEADER_QUOTA_INFO quota = ObpInfoOf(header, OB_INFO_QUOTA);

	if (creator != NULL) {
		InitializeListHead(&creator->TypeList);
		creator->CreatorUniqueProcess = PsInitialSystemProcess != NULL ? PsGetCurrentProcessId() : NULL;
	}
	if (name != NULL) {
		name->Name = *captured;
		name->ReferenceCount = 1;
	}
	if (process != NULL)
		process->ExclusiveProcess = PsGetCurrentProcess();
	if (quota != NULL) {
		quota->PagedPoolCharge = create->PagedPoolCharge;
		quota->NonPagedPoolCharge = create->NonPagedPoolCharge;
	}
}

NTSTATUS ObpAllocateObject(POBJECT_TYPE type, ULONG body_size, const UNICODE_STRING *name, POBJECT_CREATE_INFORMATION create, POBJECT_HEADER *result)
{
	UCHAR mask = ObpInfoMask(type, name, create);
	ULONG offset = ObpInfoMaskToOffset[mask];
	SIZE_T size = offset + (ULONG)FIELD_OFFSET(OBJECT_HEADER, Body) + body_size;
	POOL_TYPE pool = type != NULL ? (POOL_TYPE)type->TypeInfo.PoolType : NonPagedPool;
	UNICODE_STRING captured;
	POBJECT_HEADER header;
	NTSTATUS status;
	PUCHAR memory;

	status = ObpCaptureName(name, &captured);
	if (!NT_SUCCESS(status))
		return status;
	memory = ExAllocatePoolWithTag(pool, size, type != NULL ? type->Key : 'TjbO');
	if (memory == NULL) {
		if (captured.Buffer != NULL)
			ExFreePoolWithTag(captured.Buffer, OB_NAME_TAG);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	memset(memory, 0, offset + (ULONG)FIELD_OFFSET(OBJECT_HEADER, Body));
	header = (POBJECT_HEADER)(memory + offset);
	header->PointerCount = 1;
	header->InfoMask = mask;
	header->Flags = OB_FLAG_NEW_OBJECT;
	header->ObjectCreateInfo = create;
	ObpFillInfo(header, &captured, create);
	if (type != NULL) {
		header->TypeIndex = ObpEncodeTypeIndex(header, type->Index);
		ObpEnterObjectOfType(header, type);
	}
	*result = header;
	return STATUS_SUCCESS;
}

VOID ObDeleteCapturedInsertInfo(PVOID Object)
{
	POBJECT_HEADER header = ObpHeaderOf(Object);

	if (!(header->Flags & OB_FLAG_NEW_OBJECT))
		return;
	if (header->ObjectCreateInfo != NULL)
		ExFreeToNPagedLookasideList(&ObpCreateInfoLookasideList, header->ObjectCreateInfo);
	header->ObjectCreateInfo = NULL;
}

/* The last step of an object's life; its type's delete procedure has run. */
VOID ObpFreeObject(PVOID object)
{
	POBJECT_HEADER header = ObpHeaderOf(object);
	POBJECT_HEADER_NAME_INFO name = ObpNameOf(header);
	POBJECT_TYPE type = ObpTypeOf(header);

	ObDeleteCapturedInsertInfo(object);
	ObpLeaveObjectOfType(header, type);
	if (name != NULL && name->Name.Buffer != NULL)
		ExFreePoolWithTag(name->Name.Buffer, OB_NAME_TAG);
	/* An index below 2 tells a debugger, and the next reference, that this object is gone. */
	header->TypeIndex = ObpEncodeTypeIndex(header, 0);
	ExFreePoolWithTag((PUCHAR)header - ObpInfoMaskToOffset[header->InfoMask], type->Key);
}

/*
 * Makes an object whose body is zeroed. The name and attributes take effect with ObInsertObject. ParseContext is not used, as in NT.
 * STATUS_INVALID_PARAMETER: attributes that the type does not take; STATUS_OBJECT_NAME_INVALID; STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS ObCreateObject(KPROCESSOR_MODE ProbeMode, POBJECT_TYPE ObjectType, POBJECT_ATTRIBUTES ObjectAttributes, KPROCESSOR_MODE OwnershipMode,
			PVOID ParseContext, ULONG ObjectBodySize, ULONG PagedPoolCharge, ULONG NonPagedPoolCharge, PVOID *Object)
{
	const UNICODE_STRING *name = ObjectAttributes != NULL ? ObjectAttributes->ObjectName : NULL;
	POBJECT_CREATE_INFORMATION create;
	POBJECT_HEADER header;
	NTSTATUS status;

	UNREFERENCED_PARAMETER(ParseContext);
	*Object = NULL;
	if (ObjectAttributes != NULL &&
	    (ObjectAttributes->Length != sizeof(*ObjectAttributes) || (ObjectAttributes->Attributes & ObjectType->TypeInfo.InvalidAttributes)))
		return STATUS_INVALID_PARAMETER;
	create = ExAllocateFromNPagedLookasideList(&ObpCreateInfoLookasideList);
	if (create == NULL)
		return STATUS_INSUFFICIENT_RESOURCES;
	memset(create, 0, sizeof(*create));
	if (ObjectAttributes != NULL) {
		create->Attributes = ObjectAttributes->Attributes & OBJ_VALID_ATTRIBUTES;
		create->RootDirectory = ObjectAttributes->RootDirectory;
	}
	create->ProbeMode = ProbeMode;
	create->PagedPoolCharge = PagedPoolCharge != 0 ? PagedPoolCharge : ObjectType->TypeInfo.DefaultPagedPoolCharge;
	create->NonPagedPoolCharge = NonPagedPoolCharge != 0 ? NonPagedPoolCharge : ObjectType->TypeInfo.DefaultNonPagedPoolCharge;
	status = ObpAllocateObject(ObjectType, ObjectBodySize, name, create, &header);
	if (!NT_SUCCESS(status)) {
		ExFreeToNPagedLookasideList(&ObpCreateInfoLookasideList, create);
		return status;
	}
	memset(&header->Body, 0, ObjectBodySize);
	if (create->Attributes & OBJ_PERMANENT)
		header->Flags |= OB_FLAG_PERMANENT;
	if (create->Attributes & OBJ_EXCLUSIVE)
		header->Flags |= OB_FLAG_EXCLUSIVE;
	if (OwnershipMode == KernelMode)
		header->Flags |= OB_FLAG_KERNEL_OBJECT;
	*Object = &header->Body;
	return STATUS_SUCCESS;
}

static NTSTATUS ObpEnterName(PVOID object, POBJECT_CREATE_INFORMATION create, PACCESS_STATE access_state, PVOID *inserted)
{
	POBJECT_HEADER header = ObpHeaderOf(object);
	POBJECT_HEADER_NAME_INFO name = ObpNameOf(header);
	struct ob_lookup lookup = {
		.root_handle = create->RootDirectory,
		.name = &name->Name,
		.attributes = create->Attributes,
		.type = ObpTypeOf(header),
		.mode = KernelMode,
		.access_state = access_state,
		.insert = object,
	};

	return ObpLookupObjectName(&lookup, inserted);
}

/*
 * Enters the object under the name it was created with and opens a handle when Handle is not NULL. The reference of the creation is
 * given up, whatever the result; ObjectPointerBias more references are taken and *NewObject set when an object results.
 * STATUS_OBJECT_NAME_EXISTS (OBJ_OPENIF): the handle is to the object that had the name before.
 */
NTSTATUS ObInsertObject(PVOID Object, PACCESS_STATE PassedAccessState, ACCESS_MASK DesiredAccess, ULONG ObjectPointerBias, PVOID *NewObject,
			PHANDLE Handle)
{
	POBJECT_HEADER header = ObpHeaderOf(Object);
	POBJECT_CREATE_INFORMATION create = header->ObjectCreateInfo;
	PVOID inserted = Object;
	NTSTATUS status = STATUS_SUCCESS;
	NTSTATUS handle_status = STATUS_SUCCESS;
	ULONG attributes = create->Attributes;

	if (NewObject != NULL)
		*NewObject = NULL;
	if (Handle != NULL)
		*Handle = NULL;
	if (ObpNameOf(header) != NULL) {
		status = ObpEnterName(Object, create, PassedAccessState, &inserted);
		if (!NT_SUCCESS(status)) {
			ObfDereferenceObject(Object);
			return status;
		}
	} else {
		ObfReferenceObject(Object);
	}
	/* From here on `inserted` carries the lookup's reference, and Object that of its creation. */
	if (inserted == Object) {
		ObDeleteCapturedInsertInfo(Object);
		header->Flags &= ~OB_FLAG_NEW_OBJECT;
	}
	if (Handle != NULL)
		handle_status = ObpCreateHandle(inserted, DesiredAccess, attributes, KernelMode, inserted == Object, Handle);
	if (NT_SUCCESS(handle_status)) {
		if (ObjectPointerBias != 0)
			ObpAddReferences(ObpHeaderOf(inserted), ObjectPointerBias);
		if (NewObject != NULL)
			*NewObject = inserted;
	} else {
		status = handle_status;
		ObpDeleteNameCheck(ObpHeaderOf(inserted));
	}
	ObfDereferenceObject(inserted);
	ObfDereferenceObject(Object);
	return status;
}
