/* Dispatcher objects as objects with names and handles: their types, and the Zw calls for events. */
#include "ex.h"
#include "exp.h"
#include "ke.h"
#include "ob.h"
#include "rtl.h"

POBJECT_TYPE ExEventObjectType;
POBJECT_TYPE ExSemaphoreObjectType;
POBJECT_TYPE ExMutantObjectType;
POBJECT_TYPE ExTimerObjectType;

/* Nobody can be waiting: each waiter by handle holds a reference. */
static VOID ExpDeleteTimer(PVOID object)
{
	KeCancelTimer(&((PETIMER)object)->KeTimer);
}

static VOID ExpDeleteMutant(PVOID object)
{
	PKMUTANT mutant = object;

	/* Leaves the owner's list of mutants. */
	if (KeReadStateMutant(mutant) <= 0)
		KeReleaseMutant(mutant, 0, TRUE, FALSE);
}

static const struct {
	PCWSTR name;
	POBJECT_TYPE *type;
	ULONG query, modify, all;
	ULONG size;
	VOID (*delete)(PVOID);
} ExpTypes[] = {
	{ L"Event", &ExEventObjectType, EVENT_QUERY_STATE, EVENT_MODIFY_STATE, EVENT_ALL_ACCESS, sizeof(KEVENT), NULL },
	{ L"Mutant", &ExMutantObjectType, MUTANT_QUERY_STATE, 0, MUTANT_ALL_ACCESS, sizeof(KMUTANT), ExpDeleteMutant },
	{ L"Semaphore", &ExSemaphoreObjectType, SEMAPHORE_QUERY_STATE, SEMAPHORE_MODIFY_STATE, SEMAPHORE_ALL_ACCESS, sizeof(KSEMAPHORE), NULL },
	{ L"Timer", &ExTimerObjectType, TIMER_QUERY_STATE, TIMER_MODIFY_STATE, TIMER_ALL_ACCESS, sizeof(ETIMER), ExpDeleteTimer },
};

BOOLEAN ExpCreateTypes(VOID)
{
	for (ULONG i = 0; i < RTL_NUMBER_OF(ExpTypes); i++) {
		OBJECT_TYPE_INITIALIZER info = {
			.Length = sizeof(info),
			.CaseInsensitive = TRUE,
			.InvalidAttributes = OBJ_OPENLINK,
			.PoolType = NonPagedPool,
			.GenericMapping = { STANDARD_RIGHTS_READ | ExpTypes[i].query, STANDARD_RIGHTS_WRITE | ExpTypes[i].modify,
					    STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, ExpTypes[i].all },
			.ValidAccessMask = ExpTypes[i].all,
			.DefaultNonPagedPoolCharge = ExpTypes[i].size,
			.DeleteProcedure = ExpTypes[i].delete,
		};
		UNICODE_STRING name;

		RtlInitUnicodeString(&name, ExpTypes[i].name);
		if (!NT_SUCCESS(ObCreateObjectType(&name, &info, NULL, ExpTypes[i].type)))
			return FALSE;
	}
	return TRUE;
}

NTSTATUS ZwCreateEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, EVENT_TYPE EventType,
		       BOOLEAN InitialState)
{
	PKEVENT event;
	NTSTATUS status;

	*EventHandle = NULL;
	if (EventType != NotificationEvent && EventType != SynchronizationEvent)
		return STATUS_INVALID_PARAMETER;
	status = ObCreateObject(KernelMode, ExEventObjectType, ObjectAttributes, KernelMode, NULL, sizeof(*event), 0, 0, (PVOID *)&event);
	if (!NT_SUCCESS(status))
		return status;
	KeInitializeEvent(event, EventType, InitialState);
	return ObInsertObject(event, NULL, DesiredAccess, 0, NULL, EventHandle);
}

NTSTATUS ZwOpenEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
	return ObOpenObjectByName(ObjectAttributes, ExEventObjectType, KernelMode, NULL, DesiredAccess, NULL, EventHandle);
}

static NTSTATUS ExpChangeEvent(HANDLE handle, LONG (*change)(PKEVENT), PLONG previous)
{
	PKEVENT event;
	NTSTATUS status;
	LONG before;

	status = ObReferenceObjectByHandle(handle, EVENT_MODIFY_STATE, ExEventObjectType, KernelMode, (PVOID *)&event, NULL);
	if (!NT_SUCCESS(status))
		return status;
	before = change(event);
	if (previous != NULL)
		*previous = before;
	ObfDereferenceObject(event);
	return STATUS_SUCCESS;
}

static LONG ExpSetEvent(PKEVENT event)
{
	return KeSetEvent(event, 1, FALSE); /* EVENT_INCREMENT */
}

NTSTATUS ZwSetEvent(HANDLE EventHandle, PLONG PreviousState)
{
	return ExpChangeEvent(EventHandle, ExpSetEvent, PreviousState);
}

NTSTATUS ZwResetEvent(HANDLE EventHandle, PLONG PreviousState)
{
	return ExpChangeEvent(EventHandle, KeResetEvent, PreviousState);
}

NTSTATUS ZwClearEvent(HANDLE EventHandle)
{
	return ExpChangeEvent(EventHandle, KeResetEvent, NULL);
}

/* IoCreateNotificationEvent and IoCreateSynchronizationEvent: opens the named event or makes it, signalled. NULL: neither worked. */
static PKEVENT ExpCreateNamedEvent(PUNICODE_STRING name, EVENT_TYPE type, PHANDLE handle)
{
	OBJECT_ATTRIBUTES attributes;
	PKEVENT event;

	InitializeObjectAttributes(&attributes, name, OBJ_OPENIF | OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL, NULL);
	if (!NT_SUCCESS(ZwCreateEvent(handle, EVENT_ALL_ACCESS, &attributes, type, TRUE)))
		return NULL;
	if (!NT_SUCCESS(ObReferenceObjectByHandle(*handle, 0, ExEventObjectType, KernelMode, (PVOID *)&event, NULL)))
		return NULL;
	/* The handle keeps the event, as documented. */
	ObfDereferenceObject(event);
	return event;
}

PKEVENT IoCreateNotificationEvent(PUNICODE_STRING EventName, PHANDLE EventHandle)
{
	return ExpCreateNamedEvent(EventName, NotificationEvent, EventHandle);
}

PKEVENT IoCreateSynchronizationEvent(PUNICODE_STRING EventName, PHANDLE EventHandle)
{
	return ExpCreateNamedEvent(EventName, SynchronizationEvent, EventHandle);
}
