/* Directories: 37 chains of names, and ZwCreateDirectoryObject. Paths are name.c's. */
#include "obp.h"

#define OB_BUCKETS RTL_NUMBER_OF(((POBJECT_DIRECTORY)0)->HashBuckets)

VOID ObpLockDirectory(POBJECT_DIRECTORY directory)
{
	KeEnterCriticalRegion();
	ExfAcquirePushLockExclusive(&directory->Lock);
}

VOID ObpUnlockDirectory(POBJECT_DIRECTORY directory)
{
	ExfReleasePushLockExclusive(&directory->Lock);
	KeLeaveCriticalRegion();
}

/* The same for names that differ in case only, so that both kinds of lookup use the same chain. */
static ULONG ObpHashName(const UNICODE_STRING *name)
{
	ULONG hash = 0;

	for (ULONG i = 0; i < name->Length / sizeof(WCHAR); i++)
		hash += (hash << 1) + (hash >> 1) + RtlUpcaseUnicodeChar(name->Buffer[i]);
	return hash;
}

/* Not referenced; the lock keeps it. */
PVOID ObpLookupDirectoryEntry(POBJECT_DIRECTORY directory, const UNICODE_STRING *name, BOOLEAN ignore_case)
{
	ULONG hash = ObpHashName(name);

	for (POBJECT_DIRECTORY_ENTRY entry = directory->HashBuckets[hash % OB_BUCKETS]; entry != NULL; entry = entry->ChainLink) {
		if (entry->HashValue == hash && RtlEqualUnicodeString(name, &ObpNameOf(ObpHeaderOf(entry->Object))->Name, ignore_case))
			return entry->Object;
	}
	return NULL;
}

NTSTATUS ObpInsertDirectoryEntry(POBJECT_DIRECTORY directory, PVOID object, const UNICODE_STRING *name)
{
	POBJECT_DIRECTORY_ENTRY entry = ExAllocatePoolWithTag(PagedPool, sizeof(*entry), OB_DIRECTORY_TAG);

	if (entry == NULL)
		return STATUS_INSUFFICIENT_RESOURCES;
	/* The name in the directory keeps the object, and the object's name its directory. */
	ObfReferenceObject(object);
	ObfReferenceObject(directory);
	entry->Object = object;
	entry->HashValue = ObpHashName(name);
	entry->ChainLink = directory->HashBuckets[entry->HashValue % OB_BUCKETS];
	directory->HashBuckets[entry->HashValue % OB_BUCKETS] = entry;
	ObpNameOf(ObpHeaderOf(object))->Directory = directory;
	return STATUS_SUCCESS;
}

/* The references to the object and to the directory become the caller's. FALSE: no such entry. */
BOOLEAN ObpDeleteDirectoryEntry(POBJECT_DIRECTORY directory, PVOID object)
{
	POBJECT_HEADER_NAME_INFO name = ObpNameOf(ObpHeaderOf(object));
	POBJECT_DIRECTORY_ENTRY *link = &directory->HashBuckets[ObpHashName(&name->Name) % OB_BUCKETS];

	for (; *link != NULL; link = &(*link)->ChainLink) {
		POBJECT_DIRECTORY_ENTRY entry = *link;

		if (entry->Object != object)
			continue;
		*link = entry->ChainLink;
		ExFreePoolWithTag(entry, OB_DIRECTORY_TAG);
		name->Directory = NULL;
		return TRUE;
	}
	return FALSE;
}

/* A permanent directory of the kernel's own; parent and name NULL make the root, which has no name. */
NTSTATUS ObpCreateDirectory(POBJECT_DIRECTORY parent, PCWSTR name, POBJECT_DIRECTORY *directory)
{
	UNICODE_STRING text;
	POBJECT_HEADER header;
	NTSTATUS status;

	RtlInitUnicodeString(&text, name);
	status = ObpAllocateObject(ObpDirectoryObjectType, sizeof(OBJECT_DIRECTORY), &text, NULL, &header);
	if (!NT_SUCCESS(status))
		return status;
	header->Flags = OB_FLAG_PERMANENT | OB_FLAG_KERNEL_OBJECT;
	*directory = (POBJECT_DIRECTORY)&header->Body;
	memset(*directory, 0, sizeof(**directory));
	if (parent == NULL)
		return STATUS_SUCCESS;
	ObpLockDirectory(parent);
	status = ObpInsertDirectoryEntry(parent, *directory, &ObpNameOf(header)->Name);
	ObpUnlockDirectory(parent);
	return status;
}

NTSTATUS ZwCreateDirectoryObject(PHANDLE DirectoryHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
	POBJECT_DIRECTORY directory;
	NTSTATUS status;

	*DirectoryHandle = NULL;
	status =
		ObCreateObject(KernelMode, ObpDirectoryObjectType, ObjectAttributes, KernelMode, NULL, sizeof(*directory), 0, 0, (PVOID *)&directory);
	if (!NT_SUCCESS(status))
		return status;
	return ObInsertObject(directory, NULL, DesiredAccess, 0, NULL, DirectoryHandle);
}
