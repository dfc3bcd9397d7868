/* Handles to objects: opening, reaching the object, closing. The tables themselves are ex/handle.c's. */
#include "obp.h"
#include "ps.h"

/*
 * An entry keeps this many references of the object ready, so that reaching the object by handle touches only the entry; the handle
 * itself is one more. OBJECT_HEADER.PointerCount of an open object is therefore around 32768, as on every NT since 8.1.
 */
#define OB_CACHED_REFERENCES 0x7fff

/* Handles to the kernel's table have all bits from 31 up set. */
#define OB_KERNEL_HANDLE_BITS 0xffffffff80000000ULL

#define OB_ATTRIBUTE_PROTECT_CLOSE 1 /* HANDLE_TABLE_ENTRY.Attributes: 1 protect from close, 2 inherit, 4 audit */
#define OB_ATTRIBUTE_INHERIT       2

PHANDLE_TABLE ObpKernelHandleTable;

static PVOID ObpObjectOf(PHANDLE_TABLE_ENTRY entry)
{
	/* 44 bits of the address without its low 4; the high 16 are those of the kernel's half. */
	POBJECT_HEADER header = (POBJECT_HEADER)((ULONG64)entry->ObjectPointerBits << 4 | 0xffff000000000000ULL);

	return &header->Body;
}

/* Which table a handle belongs to; *index is the handle without the mark of the kernel's table. */
static PHANDLE_TABLE ObpTableOf(HANDLE handle, KPROCESSOR_MODE mode, PHANDLE index)
{
	*index = handle;
	if (((ULONG64)handle & OB_KERNEL_HANDLE_BITS) == OB_KERNEL_HANDLE_BITS) {
		*index = (HANDLE)((ULONG64)handle & ~OB_KERNEL_HANDLE_BITS);
		return mode == KernelMode ? ObpKernelHandleTable : NULL;
	}
	return PsGetCurrentProcess()->ObjectTable;
}

ACCESS_MASK ObpMapAccess(POBJECT_TYPE type, ACCESS_MASK access)
{
	const GENERIC_MAPPING *mapping = &type->TypeInfo.GenericMapping;
	ACCESS_MASK mapped = access & ~(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL | MAXIMUM_ALLOWED);

	if (access & GENERIC_READ)
		mapped |= mapping->GenericRead;
	if (access & GENERIC_WRITE)
		mapped |= mapping->GenericWrite;
	if (access & GENERIC_EXECUTE)
		mapped |= mapping->GenericExecute;
	if (access & GENERIC_ALL)
		mapped |= mapping->GenericAll;
	/* The kernel may have all of what it leaves open. */
	if (access & MAXIMUM_ALLOWED)
		mapped |= type->TypeInfo.ValidAccessMask;
	return mapped & (type->TypeInfo.ValidAccessMask | ACCESS_SYSTEM_SECURITY);
}

static VOID ObpCountHandle(POBJECT_HEADER header, POBJECT_TYPE type)
{
	ULONG handles = __atomic_add_fetch(&type->TotalNumberOfHandles, 1, __ATOMIC_RELAXED);

	__atomic_add_fetch(&header->HandleCount, 1, __ATOMIC_ACQ_REL);
	if (handles > type->HighWaterNumberOfHandles)
		type->HighWaterNumberOfHandles = handles;
}

/* The count that is left in the system. A name without handles goes. */
static LONGLONG ObpUncountHandle(POBJECT_HEADER header, PEPROCESS process)
{
	POBJECT_TYPE type = ObpTypeOf(header);
	LONGLONG before = __atomic_fetch_sub(&header->HandleCount, 1, __ATOMIC_ACQ_REL);

	__atomic_sub_fetch(&type->TotalNumberOfHandles, 1, __ATOMIC_RELAXED);
	/* Counts per process exist for no type: the whole system's stand for both. */
	if (type->TypeInfo.CloseProcedure != NULL)
		type->TypeInfo.CloseProcedure(process, &header->Body, (ULONG_PTR)before, (ULONG_PTR)before);
	if (before == 1)
		ObpDeleteNameCheck(header);
	return before - 1;
}

NTSTATUS ObpCreateHandle(PVOID object, ACCESS_MASK access, ULONG attributes, KPROCESSOR_MODE mode, BOOLEAN create, PHANDLE handle)
{
	POBJECT_HEADER header = ObpHeaderOf(object);
	POBJECT_TYPE type = ObpTypeOf(header);
	BOOLEAN kernel = mode == KernelMode && (attributes & OBJ_KERNEL_HANDLE);
	PEPROCESS process = kernel ? PsInitialSystemProcess : PsGetCurrentProcess();
	PHANDLE_TABLE table = kernel ? ObpKernelHandleTable : process->ObjectTable;
	HANDLE_TABLE_ENTRY entry = { 0 };
	HANDLE value;
	NTSTATUS status;

	*handle = NULL;
	if (table == NULL)
		return STATUS_PROCESS_IS_TERMINATING;
	access = ObpMapAccess(type, access);
	ObpCountHandle(header, type);
	if (type->TypeInfo.OpenProcedure != NULL) {
		status = type->TypeInfo.OpenProcedure(create ? ObCreateHandle : ObOpenHandle, mode, process, object, &access,
						      (ULONG)header->HandleCount);
		if (!NT_SUCCESS(status)) {
			ObpUncountHandle(header, process);
			return status;
		}
	}
	ObpAddReferences(header, OB_CACHED_REFERENCES + 1);
	entry.ObjectPointerBits = (ULONG64)header >> 4;
	entry.RefCnt = OB_CACHED_REFERENCES;
	entry.Attributes = (attributes & OBJ_INHERIT) ? OB_ATTRIBUTE_INHERIT : 0;
	entry.GrantedAccessBits = access & 0x1ffffff;
	value = ExCreateHandle(table, &entry);
	if (value == NULL) {
		ObpUncountHandle(header, process);
		ObpDropReferences(header, OB_CACHED_REFERENCES + 1, FALSE);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	*handle = kernel ? (HANDLE)((ULONG64)value | OB_KERNEL_HANDLE_BITS) : value;
	return STATUS_SUCCESS;
}

/* The current process or thread, which have constants instead of handles. */
static NTSTATUS ObpReferencePseudoHandle(HANDLE handle, POBJECT_TYPE wanted, PVOID *object, POBJECT_HANDLE_INFORMATION information)
{
	BOOLEAN is_process = handle == NtCurrentProcess();
	POBJECT_TYPE type = is_process ? PsProcessType : PsThreadType;

	if (wanted != NULL && wanted != type)
		return STATUS_OBJECT_TYPE_MISMATCH;
	*object = is_process ? (PVOID)PsGetCurrentProcess() : (PVOID)PsGetCurrentThread();
	ObfReferenceObject(*object);
	if (information != NULL) {
		information->HandleAttributes = 0;
		information->GrantedAccess = type->TypeInfo.ValidAccessMask;
	}
	return STATUS_SUCCESS;
}

/* Takes a reference out of a handle's entry, which gets new ones when it has none left. FALSE: the handle is not in use. */
static BOOLEAN ObpReferenceEntry(PHANDLE_TABLE table, HANDLE index, PHANDLE_TABLE_ENTRY entry)
{
	PHANDLE_TABLE_ENTRY locked;

	if (ExFastReferenceHandle(table, index, entry))
		return TRUE;
	locked = ExMapHandleToPointer(table, index);
	if (locked == NULL)
		return FALSE;
	if (locked->RefCnt == 0) {
		ObpAddReferences(ObpHeaderOf(ObpObjectOf(locked)), OB_CACHED_REFERENCES + 1);
		locked->RefCnt = OB_CACHED_REFERENCES;
	} else {
		locked->RefCnt--;
	}
	*entry = *locked;
	ExUnlockHandleTableEntry(table, locked);
	return TRUE;
}

/*
 * STATUS_INVALID_HANDLE; STATUS_OBJECT_TYPE_MISMATCH; STATUS_ACCESS_DENIED when AccessMode is UserMode and the handle was not granted
 * that access. *Object is referenced.
 */
NTSTATUS ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PVOID *Object,
				   POBJECT_HANDLE_INFORMATION HandleInformation)
{
	HANDLE_TABLE_ENTRY entry;
	PHANDLE_TABLE table;
	NTSTATUS status;
	HANDLE index;
	PVOID object;

	*Object = NULL;
	if (Handle == NtCurrentProcess() || Handle == NtCurrentThread())
		return ObpReferencePseudoHandle(Handle, ObjectType, Object, HandleInformation);
	table = ObpTableOf(Handle, AccessMode, &index);
	if (table == NULL || !ObpReferenceEntry(table, index, &entry))
		return STATUS_INVALID_HANDLE;
	object = ObpObjectOf(&entry);
	if (ObjectType != NULL && ObGetObjectType(object) != ObjectType) {
		status = STATUS_OBJECT_TYPE_MISMATCH;
	} else if (AccessMode != KernelMode && (ObpMapAccess(ObGetObjectType(object), DesiredAccess) & ~entry.GrantedAccessBits)) {
		status = STATUS_ACCESS_DENIED;
	} else {
		*Object = object;
		if (HandleInformation != NULL) {
			HandleInformation->HandleAttributes = (entry.Attributes & OB_ATTRIBUTE_INHERIT) ? OBJ_INHERIT : 0;
			HandleInformation->GrantedAccess = entry.GrantedAccessBits;
		}
		return STATUS_SUCCESS;
	}
	ObfDereferenceObject(object);
	return status;
}

NTSTATUS ObReferenceObjectByHandleWithTag(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, ULONG Tag,
					  PVOID *Object, POBJECT_HANDLE_INFORMATION HandleInformation)
{
	UNREFERENCED_PARAMETER(Tag);
	return ObReferenceObjectByHandle(Handle, DesiredAccess, ObjectType, AccessMode, Object, HandleInformation);
}

NTSTATUS ObOpenObjectByPointer(PVOID Object, ULONG HandleAttributes, PACCESS_STATE PassedAccessState, ACCESS_MASK DesiredAccess,
			       POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PHANDLE Handle)
{
	POBJECT_TYPE type = ObGetObjectType(Object);

	UNREFERENCED_PARAMETER(PassedAccessState);
	*Handle = NULL;
	if (ObjectType != NULL && ObjectType != type)
		return STATUS_OBJECT_TYPE_MISMATCH;
	if (HandleAttributes & type->TypeInfo.InvalidAttributes)
		return STATUS_INVALID_PARAMETER;
	return ObpCreateHandle(Object, DesiredAccess, HandleAttributes, AccessMode, FALSE, Handle);
}

/* The entry is gone from its table; gives back what it held. */
static VOID ObpReleaseEntry(const HANDLE_TABLE_ENTRY *entry, PEPROCESS process)
{
	HANDLE_TABLE_ENTRY copy = *entry;
	POBJECT_HEADER header = ObpHeaderOf(ObpObjectOf(&copy));

	ObpUncountHandle(header, process);
	ObpDropReferences(header, (LONGLONG)copy.RefCnt + 1, FALSE);
}

static NTSTATUS ObpCloseEntry(PHANDLE_TABLE table, HANDLE index, HANDLE handle, PEPROCESS process, KPROCESSOR_MODE mode)
{
	PHANDLE_TABLE_ENTRY entry = ExMapHandleToPointer(table, index);
	HANDLE_TABLE_ENTRY closed;
	POBJECT_TYPE type;

	if (entry == NULL)
		return STATUS_INVALID_HANDLE;
	closed = *entry;
	type = ObGetObjectType(ObpObjectOf(entry));
	if (closed.Attributes & OB_ATTRIBUTE_PROTECT_CLOSE) {
		ExUnlockHandleTableEntry(table, entry);
		return STATUS_HANDLE_NOT_CLOSABLE;
	}
	if (type->TypeInfo.OkayToCloseProcedure != NULL && !type->TypeInfo.OkayToCloseProcedure(process, ObpObjectOf(entry), handle, mode)) {
		ExUnlockHandleTableEntry(table, entry);
		return STATUS_HANDLE_NOT_CLOSABLE;
	}
	ExDestroyHandle(table, index, entry);
	ObpReleaseEntry(&closed, process);
	return STATUS_SUCCESS;
}

/* STATUS_INVALID_HANDLE; STATUS_HANDLE_NOT_CLOSABLE. */
NTSTATUS ObCloseHandle(HANDLE Handle, KPROCESSOR_MODE PreviousMode)
{
	HANDLE index;
	PHANDLE_TABLE table;

	if (Handle == NtCurrentProcess() || Handle == NtCurrentThread())
		return STATUS_SUCCESS;
	table = ObpTableOf(Handle, PreviousMode, &index);
	if (table == NULL)
		return STATUS_INVALID_HANDLE;
	return ObpCloseEntry(table, index, Handle, table == ObpKernelHandleTable ? PsInitialSystemProcess : PsGetCurrentProcess(), PreviousMode);
}

NTSTATUS ZwClose(HANDLE Handle)
{
	return ObCloseHandle(Handle, KernelMode);
}

NTSTATUS NtClose(HANDLE Handle)
{
	return ObCloseHandle(Handle, ExGetPreviousMode());
}

static BOOLEAN ObpAnyHandle(PHANDLE_TABLE_ENTRY entry, HANDLE handle, PVOID context)
{
	UNREFERENCED_PARAMETER(handle);
	*(PHANDLE_TABLE_ENTRY)context = *entry;
	return TRUE;
}

VOID ObKillProcess(PEPROCESS Process)
{
	PHANDLE_TABLE table = __atomic_exchange_n(&Process->ObjectTable, NULL, __ATOMIC_ACQ_REL);
	HANDLE_TABLE_ENTRY found;
	HANDLE handle;

	if (table == NULL)
		return;
	table->Rundown = 1;
	while (ExEnumHandleTable(table, ObpAnyHandle, &found, &handle)) {
		PHANDLE_TABLE_ENTRY entry = ExMapHandleToPointer(table, handle);

		if (entry == NULL)
			continue;
		found = *entry;
		ExDestroyHandle(table, handle, entry);
		ObpReleaseEntry(&found, Process);
	}
	ExDestroyHandleTable(table);
}
