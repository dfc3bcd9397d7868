/* Waiting for an object by handle. Which part of an object a wait is for is said by its type. */
#include "obp.h"
#include "ps.h"

/* DefaultObject is an offset into the object - 0 where it begins with a dispatcher header - or the address of an event for all of the type. */
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
