/* Names: from a path to an object and back, and the end of a name that nobody holds any more. */
#include "obp.h"

/* Symbolic links that point in a circle end here. */
#define OB_MAX_REPARSES 30

/* A lookup on its way: the whole name, in pool and its own, and where in it the walk is. */
struct ob_walk {
	const struct ob_lookup *lookup;
	UNICODE_STRING complete;
	UNICODE_STRING remaining;
	BOOLEAN ignore_case;
};

static VOID ObpSkip(PUNICODE_STRING name, USHORT units)
{
	name->Buffer += units;
	name->Length -= units * (USHORT)sizeof(WCHAR);
	name->MaximumLength = name->Length;
}

/* The next component; STATUS_OBJECT_NAME_INVALID when it is empty. */
static NTSTATUS ObpNextComponent(PUNICODE_STRING remaining, PUNICODE_STRING component)
{
	USHORT units = 0;

	if (remaining->Length != 0 && remaining->Buffer[0] == L'\\')
		ObpSkip(remaining, 1);
	*component = *remaining;
	while (units < remaining->Length / sizeof(WCHAR) && remaining->Buffer[units] != L'\\')
		units++;
	component->Length = component->MaximumLength = units * (USHORT)sizeof(WCHAR);
	ObpSkip(remaining, units);
	return units == 0 ? STATUS_OBJECT_NAME_INVALID : STATUS_SUCCESS;
}

/* Enters the object that the lookup came to insert; its name becomes the last component. */
static NTSTATUS ObpInsertName(struct ob_walk *walk, POBJECT_DIRECTORY directory, const UNICODE_STRING *component)
{
	PVOID object = walk->lookup->insert;
	POBJECT_HEADER_NAME_INFO info = ObpNameOf(ObpHeaderOf(object));
	UNICODE_STRING name;
	NTSTATUS status;

	status = ObpCaptureName(component, &name);
	if (!NT_SUCCESS(status))
		return status;
	status = ObpInsertDirectoryEntry(directory, object, &name);
	if (!NT_SUCCESS(status)) {
		ExFreePoolWithTag(name.Buffer, OB_NAME_TAG);
		return status;
	}
	ExFreePoolWithTag(info->Name.Buffer, OB_NAME_TAG);
	info->Name = name;
	return STATUS_SUCCESS;
}

/*
 * One component in one directory. *object is referenced. STATUS_SUCCESS: it was there, or the walk inserted its object (then *object
 * is that); else why not.
 */
static NTSTATUS ObpLookupComponent(struct ob_walk *walk, POBJECT_DIRECTORY directory, const UNICODE_STRING *component, PVOID *object)
{
	NTSTATUS status = STATUS_SUCCESS;

	ObpLockDirectory(directory);
	*object = ObpLookupDirectoryEntry(directory, component, walk->ignore_case);
	if (*object == NULL) {
		if (walk->remaining.Length != 0)
			status = STATUS_OBJECT_PATH_NOT_FOUND;
		else if (walk->lookup->insert == NULL)
			status = STATUS_OBJECT_NAME_NOT_FOUND;
		else
			status = ObpInsertName(walk, directory, component);
		if (NT_SUCCESS(status))
			*object = walk->lookup->insert;
	}
	if (*object != NULL)
		ObfReferenceObject(*object);
	ObpUnlockDirectory(directory);
	return status;
}

/* The name ends with an object that has no parse procedure (or is one that is being collided with). Keeps the reference on success. */
static NTSTATUS ObpFinish(const struct ob_walk *walk, PVOID object)
{
	const struct ob_lookup *lookup = walk->lookup;

	if (object == lookup->insert)
		return STATUS_SUCCESS;
	if (lookup->insert != NULL && !(lookup->attributes & OBJ_OPENIF))
		return STATUS_OBJECT_NAME_COLLISION;
	if (lookup->type != NULL && ObGetObjectType(object) != lookup->type)
		return STATUS_OBJECT_TYPE_MISMATCH;
	return lookup->insert != NULL ? STATUS_OBJECT_NAME_EXISTS : STATUS_SUCCESS;
}

/* Hands the rest of the name to an object's parse procedure. */
static NTSTATUS ObpParse(struct ob_walk *walk, PVOID object, PVOID *found)
{
	const struct ob_lookup *lookup = walk->lookup;

	*found = NULL;
	return ObGetObjectType(object)->TypeInfo.ParseProcedure(object, lookup->type, lookup->access_state, lookup->mode, lookup->attributes,
								&walk->complete, &walk->remaining, lookup->parse_context, lookup->qos, found);
}

/*
 * Walks down from a directory until an object ends the name. STATUS_REPARSE: walk->complete is a new name from the root. The directory
 * stays referenced by the caller.
 */
static NTSTATUS ObpWalk(struct ob_walk *walk, POBJECT_DIRECTORY directory, PVOID *found)
{
	NTSTATUS status;

	ObfReferenceObject(directory);
	for (;;) {
		UNICODE_STRING component;
		POBJECT_TYPE type;
		PVOID object;

		status = ObpNextComponent(&walk->remaining, &component);
		if (NT_SUCCESS(status))
			status = ObpLookupComponent(walk, directory, &component, &object);
		ObfDereferenceObject(directory);
		if (!NT_SUCCESS(status))
			return status;
		type = ObGetObjectType(object);
		/* What is being created collides with a device or link that ends the name; it does not look inside. */
		if (type->TypeInfo.ParseProcedure != NULL && object != walk->lookup->insert &&
		    (walk->lookup->insert == NULL || walk->remaining.Length != 0)) {
			status = ObpParse(walk, object, found);
			ObfDereferenceObject(object);
			return status;
		}
		if (walk->remaining.Length == 0) {
			status = ObpFinish(walk, object);
			if (NT_SUCCESS(status))
				*found = object;
			else
				ObfDereferenceObject(object);
			return status;
		}
		if (type != ObpDirectoryObjectType) {
			ObfDereferenceObject(object);
			return STATUS_OBJECT_TYPE_MISMATCH;
		}
		directory = object;
	}
}

/* Begins at the root; `\??` stands for the device map's directory. */
static NTSTATUS ObpWalkFromRoot(struct ob_walk *walk, PVOID *found)
{
	static UNICODE_STRING dos_prefix = RTL_CONSTANT_STRING(L"\\??");
	POBJECT_DIRECTORY directory = ObpRootDirectoryObject;

	walk->remaining = walk->complete;
	if (walk->complete.Length == 0 || walk->complete.Buffer[0] != L'\\')
		return STATUS_OBJECT_PATH_SYNTAX_BAD;
	if (RtlPrefixUnicodeString(&dos_prefix, &walk->complete, FALSE) &&
	    (walk->complete.Length == dos_prefix.Length || walk->complete.Buffer[3] == L'\\')) {
		directory = ObSystemDeviceMap.DosDevicesDirectory;
		ObpSkip(&walk->remaining, 3);
	} else if (walk->complete.Length == sizeof(WCHAR)) {
		ObpSkip(&walk->remaining, 1);
	}
	if (walk->remaining.Length == 0) {
		NTSTATUS status = ObpFinish(walk, directory);

		if (NT_SUCCESS(status)) {
			ObfReferenceObject(directory);
			*found = directory;
		}
		return status;
	}
	return ObpWalk(walk, directory, found);
}

/* Begins at an open directory, or lets an open object (a file) parse the name. */
static NTSTATUS ObpWalkFromHandle(struct ob_walk *walk, PVOID *found)
{
	PVOID root;
	NTSTATUS status;

	status = ObReferenceObjectByHandle(walk->lookup->root_handle, 0, NULL, KernelMode, &root, NULL);
	if (!NT_SUCCESS(status))
		return status;
	walk->remaining = walk->complete;
	if (ObGetObjectType(root) == ObpDirectoryObjectType) {
		if (walk->complete.Length != 0 && walk->complete.Buffer[0] == L'\\')
			status = STATUS_OBJECT_PATH_SYNTAX_BAD;
		else
			status = ObpWalk(walk, root, found);
	} else if (ObGetObjectType(root)->TypeInfo.ParseProcedure != NULL) {
		status = ObpParse(walk, root, found);
	} else {
		status = STATUS_OBJECT_TYPE_MISMATCH;
	}
	ObfDereferenceObject(root);
	return status;
}

NTSTATUS ObpLookupObjectName(const struct ob_lookup *lookup, PVOID *found)
{
	struct ob_walk walk = { .lookup = lookup };
	NTSTATUS status;

	*found = NULL;
	/* ObCaseInsensitive is set on Windows: types that say so ignore case even where the caller did not ask for it. */
	walk.ignore_case = (lookup->attributes & OBJ_CASE_INSENSITIVE) || lookup->type == NULL || lookup->type->TypeInfo.CaseInsensitive;
	status = ObpCaptureName(lookup->name, &walk.complete);
	if (!NT_SUCCESS(status))
		return status;
	if (lookup->root_handle != NULL)
		status = ObpWalkFromHandle(&walk, found);
	else
		status = ObpWalkFromRoot(&walk, found);
	for (ULONG i = 0; status == STATUS_REPARSE && i < OB_MAX_REPARSES; i++)
		status = ObpWalkFromRoot(&walk, found);
	if (status == STATUS_REPARSE)
		status = STATUS_OBJECT_NAME_NOT_FOUND;
	if (walk.complete.Buffer != NULL)
		ExFreePool(walk.complete.Buffer);
	return status;
}

NTSTATUS ObReferenceObjectByName(PUNICODE_STRING ObjectName, ULONG Attributes, PACCESS_STATE AccessState, ACCESS_MASK DesiredAccess,
				 POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PVOID ParseContext, PVOID *Object)
{
	struct ob_lookup lookup = {
		.name = ObjectName,
		.attributes = Attributes,
		.type = ObjectType,
		.mode = AccessMode,
		.parse_context = ParseContext,
		.access_state = AccessState,
	};

	UNREFERENCED_PARAMETER(DesiredAccess);
	*Object = NULL;
	if (ObjectName == NULL || ObjectName->Length == 0)
		return STATUS_OBJECT_NAME_INVALID;
	return ObpLookupObjectName(&lookup, Object);
}

NTSTATUS ObOpenObjectByName(POBJECT_ATTRIBUTES ObjectAttributes, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PACCESS_STATE AccessState,
			    ACCESS_MASK DesiredAccess, PVOID ParseContext, PHANDLE Handle)
{
	struct ob_lookup lookup = {
		.type = ObjectType,
		.mode = AccessMode,
		.parse_context = ParseContext,
		.access_state = AccessState,
	};
	NTSTATUS status;
	PVOID object;

	*Handle = NULL;
	if (ObjectAttributes == NULL || ObjectAttributes->Length != sizeof(*ObjectAttributes))
		return STATUS_INVALID_PARAMETER;
	lookup.root_handle = ObjectAttributes->RootDirectory;
	lookup.name = ObjectAttributes->ObjectName;
	lookup.attributes = ObjectAttributes->Attributes;
	lookup.qos = ObjectAttributes->SecurityQualityOfService;
	if (lookup.root_handle == NULL && (lookup.name == NULL || lookup.name->Length == 0))
		return STATUS_OBJECT_PATH_SYNTAX_BAD;
	status = ObpLookupObjectName(&lookup, &object);
	if (!NT_SUCCESS(status))
		return status;
	status = ObpCreateHandle(object, DesiredAccess, lookup.attributes, AccessMode, FALSE, Handle);
	/* A file object that was just made by the lookup has only this reference. */
	ObfDereferenceObject(object);
	return status;
}

VOID ObpDeleteNameCheck(POBJECT_HEADER header)
{
	POBJECT_HEADER_NAME_INFO name = ObpNameOf(header);
	POBJECT_DIRECTORY directory = name != NULL ? name->Directory : NULL;
	BOOLEAN removed = FALSE;

	if (directory == NULL)
		return;
	ObfReferenceObject(directory);
	ObpLockDirectory(directory);
	if (header->HandleCount == 0 && !(header->Flags & OB_FLAG_PERMANENT))
		removed = ObpDeleteDirectoryEntry(directory, &header->Body);
	ObpUnlockDirectory(directory);
	ObfDereferenceObject(directory);
	if (removed) {
		ObfDereferenceObject(directory);
		ObfDereferenceObject(&header->Body);
	}
}

/* The name goes when the last handle closes, at once when there is none. */
VOID ObMakeTemporaryObject(PVOID Object)
{
	POBJECT_HEADER header = ObpHeaderOf(Object);

	__atomic_and_fetch(&header->Flags, (UCHAR)~OB_FLAG_PERMANENT, __ATOMIC_RELAXED);
	ObpDeleteNameCheck(header);
}

NTSTATUS ZwMakeTemporaryObject(HANDLE Handle)
{
	PVOID object;
	NTSTATUS status = ObReferenceObjectByHandle(Handle, DELETE, NULL, KernelMode, &object, NULL);

	if (!NT_SUCCESS(status))
		return status;
	ObMakeTemporaryObject(object);
	ObfDereferenceObject(object);
	return STATUS_SUCCESS;
}

/* Puts `text` in front of what is at *at, downwards; FALSE when it does not fit above `low`. */
static BOOLEAN ObpPrepend(PUCHAR low, PUCHAR *at, const VOID *text, USHORT bytes)
{
	if (*at - low < bytes)
		return FALSE;
	*at -= bytes;
	memcpy(*at, text, bytes);
	return TRUE;
}

/* Bytes of the full path without a terminator. */
static ULONG ObpPathBytes(POBJECT_HEADER header)
{
	ULONG bytes = 0;

	for (POBJECT_HEADER_NAME_INFO name = ObpNameOf(header); name != NULL && name->Name.Length != 0;
	     name = ObpNameOf(ObpHeaderOf(name->Directory))) {
		bytes += name->Name.Length + (ULONG)sizeof(WCHAR);
		if (name->Directory == NULL || name->Directory == ObpRootDirectoryObject)
			break;
	}
	return bytes != 0 ? bytes : (ULONG)sizeof(WCHAR);
}

/*
 * The object's full name behind the structure that ObjectNameInfo is. An object without a name gives an empty one.
 * STATUS_INFO_LENGTH_MISMATCH: *ReturnLength says how much room it takes.
 */
NTSTATUS ObQueryNameString(PVOID Object, POBJECT_NAME_INFORMATION ObjectNameInfo, ULONG Length, PULONG ReturnLength)
{
	POBJECT_HEADER header = ObpHeaderOf(Object);
	POBJECT_HEADER_NAME_INFO name = ObpNameOf(header);
	POBJECT_TYPE type = ObpTypeOf(header);
	PUCHAR low = (PUCHAR)(ObjectNameInfo + 1);
	PUCHAR at;
	ULONG bytes;
	BOOLEAN fits = TRUE;

	if (type->TypeInfo.QueryNameProcedure != NULL)
		return type->TypeInfo.QueryNameProcedure(Object, name != NULL && name->Name.Length != 0, ObjectNameInfo, Length, ReturnLength,
							 KernelMode);
	if (Object != ObpRootDirectoryObject && (name == NULL || name->Name.Length == 0)) {
		*ReturnLength = sizeof(*ObjectNameInfo);
		if (Length < sizeof(*ObjectNameInfo))
			return STATUS_INFO_LENGTH_MISMATCH;
		ObjectNameInfo->Name = (UNICODE_STRING){ 0 };
		return STATUS_SUCCESS;
	}
	bytes = ObpPathBytes(header);
	*ReturnLength = (ULONG)sizeof(*ObjectNameInfo) + bytes + (ULONG)sizeof(WCHAR);
	if (Length < *ReturnLength || bytes > 0xfffc)
		return STATUS_INFO_LENGTH_MISMATCH;
	at = low + bytes;
	*(PWSTR)at = 0;
	if (Object == ObpRootDirectoryObject)
		fits = ObpPrepend(low, &at, L"\\", sizeof(WCHAR));
	while (fits && at > low) {
		fits = ObpPrepend(low, &at, name->Name.Buffer, name->Name.Length) && ObpPrepend(low, &at, L"\\", sizeof(WCHAR));
		if (name->Directory == NULL || name->Directory == ObpRootDirectoryObject)
			break;
		name = ObpNameOf(ObpHeaderOf(name->Directory));
	}
	if (!fits)
		return STATUS_INFO_LENGTH_MISMATCH;
	ObjectNameInfo->Name.Buffer = (PWSTR)at;
	ObjectNameInfo->Name.Length = (USHORT)bytes;
	ObjectNameInfo->Name.MaximumLength = (USHORT)(bytes + sizeof(WCHAR));
	return STATUS_SUCCESS;
}
