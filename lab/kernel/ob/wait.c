/* Waiting for an object by handle. Which part of an object a wait is for is said by its type. */
#include "obp.h"
#include "ps.h"

/*
 * Types whose objects begin with a dispatcher header have DefaultObject NULL; others name an offset (a file object's event), with
 * the low bit telling it from a pointer.
 */
static PVOID ObpWaitableOf(PVOID object)
{
	ULONG_PTR where = (ULONG_PTR)ObGetObjectType(object)->DefaultObject;

	if ((LONG_PTR)where < 0)
		return (PVOID)where;
	return (PUCHAR)object + where;
}

NTSTATUS NtWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
	KPROCESSOR_MODE mode = ExGetPreviousMode();
	NTSTATUS status;
	PVOID object;

	status = ObReferenceObjectByHandle(Handle, SYNCHRONIZE, NULL, mode, &object, NULL);
	if (!NT_SUCCESS(status))
		return status;
	if (!(ObGetObjectType(object)->TypeInfo.ValidAccessMask & SYNCHRONIZE))
		status = STATUS_OBJECT_TYPE_MISMATCH;
	else
		status = KeWaitForSingleObject(ObpWaitableOf(object), UserRequest, mode, Alertable, Timeout);
	ObfDereferenceObject(object);
	return status;
}

NTSTATUS ZwWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
	return NtWaitForSingleObject(Handle, Alertable, Timeout);
}
