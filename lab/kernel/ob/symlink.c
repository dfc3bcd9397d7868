/* Symbolic links of the name space (`\DosDevices` -> `\??`): a parse procedure that sends the lookup elsewhere. */
#include "obp.h"

/*
 * The rest of the name goes behind the link's target and the lookup begins anew. A name that ends with the link means the link itself
 * only when a symbolic link is asked for.
 */
static NTSTATUS ObpParseSymbolicLink(PVOID ParseObject, POBJECT_TYPE ObjectType, PACCESS_STATE AccessState, KPROCESSOR_MODE AccessMode,
				     ULONG Attributes, PUNICODE_STRING CompleteName, PUNICODE_STRING RemainingName, PVOID Context,
				     PSECURITY_QUALITY_OF_SERVICE SecurityQos, PVOID *Object)
{
	POBJECT_SYMBOLIC_LINK link = ParseObject;
	SIZE_T length = (SIZE_T)link->LinkTarget.Length + RemainingName->Length;
	PWSTR buffer;

	UNREFERENCED_PARAMETER(AccessState);
	UNREFERENCED_PARAMETER(AccessMode);
	UNREFERENCED_PARAMETER(Attributes);
	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(SecurityQos);
	*Object = NULL;
	if (RemainingName->Length == 0 && ObjectType == ObpSymbolicLinkObjectType) {
		ObfReferenceObject(ParseObject);
		*Object = ParseObject;
		return STATUS_SUCCESS;
	}
	if (length > 0xfffc)
		return STATUS_NAME_TOO_LONG;
	buffer = ExAllocatePoolWithTag(PagedPool, length + sizeof(WCHAR), OB_NAME_TAG);
	if (buffer == NULL)
		return STATUS_INSUFFICIENT_RESOURCES;
	memcpy(buffer, link->LinkTarget.Buffer, link->LinkTarget.Length);
	memcpy((PUCHAR)buffer + link->LinkTarget.Length, RemainingName->Buffer, RemainingName->Length);
	buffer[length / sizeof(WCHAR)] = 0;
	ExFreePool(CompleteName->Buffer);
	CompleteName->Buffer = buffer;
	CompleteName->Length = (USHORT)length;
	CompleteName->MaximumLength = (USHORT)(length + sizeof(WCHAR));
	return STATUS_REPARSE;
}

static VOID ObpDeleteSymbolicLink(PVOID object)
{
	POBJECT_SYMBOLIC_LINK link = object;

	if (link->LinkTarget.Buffer != NULL)
		ExFreePoolWithTag(link->LinkTarget.Buffer, OB_NAME_TAG);
}

NTSTATUS ObpInitializeSymbolicLinks(VOID)
{
	OBJECT_TYPE_INITIALIZER info = {
		.Length = sizeof(info),
		.CaseInsensitive = TRUE,
		.UseDefaultObject = TRUE,
		.PoolType = PagedPool,
		.GenericMapping = { STANDARD_RIGHTS_READ | SYMBOLIC_LINK_QUERY, STANDARD_RIGHTS_WRITE, STANDARD_RIGHTS_EXECUTE | SYMBOLIC_LINK_QUERY,
				    SYMBOLIC_LINK_ALL_ACCESS },
		.ValidAccessMask = SYMBOLIC_LINK_ALL_ACCESS,
		.ParseProcedure = ObpParseSymbolicLink,
		.DeleteProcedure = ObpDeleteSymbolicLink,
	};
	UNICODE_STRING name;

	RtlInitUnicodeString(&name, L"SymbolicLink");
	return ObCreateObjectType(&name, &info, NULL, &ObpSymbolicLinkObjectType);
}

/* Makes the object and inserts it; the handle, where asked for, has DesiredAccess. */
static NTSTATUS ObpMakeLink(POBJECT_ATTRIBUTES attributes, const UNICODE_STRING *target, ACCESS_MASK access, PHANDLE handle)
{
	POBJECT_SYMBOLIC_LINK link;
	NTSTATUS status;

	status = ObCreateObject(KernelMode, ObpSymbolicLinkObjectType, attributes, KernelMode, NULL, sizeof(*link), 0, 0, (PVOID *)&link);
	if (!NT_SUCCESS(status))
		return status;
	KeQuerySystemTime(&link->CreationTime);
	status = ObpCaptureName(target, &link->LinkTarget);
	if (!NT_SUCCESS(status)) {
		ObfDereferenceObject(link);
		return status;
	}
	return ObInsertObject(link, NULL, access, 0, NULL, handle);
}

/* A permanent link in the root directory. */
NTSTATUS ObpCreateSymbolicLink(PCWSTR name, PCWSTR target)
{
	OBJECT_ATTRIBUTES attributes;
	UNICODE_STRING text;
	UNICODE_STRING target_text;
	WCHAR path[64] = L"\\";

	wcsncat(path, name, RTL_NUMBER_OF(path) - 2);
	RtlInitUnicodeString(&text, path);
	RtlInitUnicodeString(&target_text, target);
	InitializeObjectAttributes(&attributes, &text, OBJ_CASE_INSENSITIVE | OBJ_PERMANENT, NULL, NULL);
	return ObpMakeLink(&attributes, &target_text, 0, NULL);
}

NTSTATUS ZwCreateSymbolicLinkObject(PHANDLE LinkHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, PUNICODE_STRING LinkTarget)
{
	*LinkHandle = NULL;
	if (LinkTarget->Length == 0 || LinkTarget->Length % sizeof(WCHAR) != 0 || LinkTarget->Length > LinkTarget->MaximumLength)
		return STATUS_INVALID_PARAMETER;
	return ObpMakeLink(ObjectAttributes, LinkTarget, DesiredAccess, LinkHandle);
}

NTSTATUS ZwOpenSymbolicLinkObject(PHANDLE LinkHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
	return ObOpenObjectByName(ObjectAttributes, ObpSymbolicLinkObjectType, KernelMode, NULL, DesiredAccess, NULL, LinkHandle);
}

/* STATUS_BUFFER_TOO_SMALL: *ReturnedLength says how many bytes it takes. */
NTSTATUS ZwQuerySymbolicLinkObject(HANDLE LinkHandle, PUNICODE_STRING LinkTarget, PULONG ReturnedLength)
{
	POBJECT_SYMBOLIC_LINK link;
	NTSTATUS status;

	status = ObReferenceObjectByHandle(LinkHandle, SYMBOLIC_LINK_QUERY, ObpSymbolicLinkObjectType, KernelMode, (PVOID *)&link, NULL);
	if (!NT_SUCCESS(status))
		return status;
	if (ReturnedLength != NULL)
		*ReturnedLength = link->LinkTarget.MaximumLength;
	if (link->LinkTarget.Length > LinkTarget->MaximumLength)
		status = STATUS_BUFFER_TOO_SMALL;
	else
		RtlCopyUnicodeString(LinkTarget, &link->LinkTarget);
	ObfDereferenceObject(link);
	return status;
}
