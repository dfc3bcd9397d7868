/* Pointer counts: taking and giving up references, and deleting objects whose last one went - at once, or by a worker thread. */
#include "obp.h"
#include "kd.h"

/* Objects that could not be deleted where their last reference went, linked by NextToFree. */
static PVOID ObpRemoveObjectList;
static VOID ObpProcessRemoveObjectQueue(PVOID parameter);
static WORK_QUEUE_ITEM ObpRemoveObjectWorkItem = { .WorkerRoutine = ObpProcessRemoveObjectQueue };

VOID ObpAddReferences(POBJECT_HEADER header, LONGLONG count)
{
	LONGLONG before = __atomic_fetch_add(&header->PointerCount, count, __ATOMIC_RELAXED);

	/* Nobody may hold a pointer without a reference. */
	if (before < 1)
		KeBugCheckEx(REFERENCE_BY_POINTER, (ULONG_PTR)ObpTypeOf(header), (ULONG_PTR)&header->Body, 0x10, (ULONG_PTR)before);
}

static VOID ObpRemoveObject(POBJECT_HEADER header)
{
	POBJECT_TYPE type = ObpTypeOf(header);

	if (type->TypeInfo.DeleteProcedure != NULL)
		type->TypeInfo.DeleteProcedure(&header->Body);
	ObpFreeObject(&header->Body);
}

static VOID ObpProcessRemoveObjectQueue(PVOID parameter)
{
	PVOID object = __atomic_exchange_n(&ObpRemoveObjectList, NULL, __ATOMIC_ACQ_REL);

	UNREFERENCED_PARAMETER(parameter);
	while (object != NULL) {
		POBJECT_HEADER header = ObpHeaderOf(object);

		object = header->NextToFree;
		header->NextToFree = NULL;
		ObpRemoveObject(header);
	}
}

/* The work item is queued by whoever finds the list empty, and looks at the list once: it cannot be queued twice at a time. */
static VOID ObpDeferRemoval(POBJECT_HEADER header)
{
	PVOID first = __atomic_load_n(&ObpRemoveObjectList, __ATOMIC_RELAXED);

	do {
		header->NextToFree = first;
	} while (!__atomic_compare_exchange_n(&ObpRemoveObjectList, &first, (PVOID)&header->Body, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	if (first == NULL)
		ExQueueWorkItem(&ObpRemoveObjectWorkItem, CriticalWorkQueue);
}

LONGLONG ObpDropReferences(POBJECT_HEADER header, LONGLONG count, BOOLEAN deferred)
{
	LONGLONG left = __atomic_sub_fetch(&header->PointerCount, count, __ATOMIC_ACQ_REL);

	if (left > 0)
		return left;
	if (left < 0)
		KeBugCheckEx(REFERENCE_BY_POINTER, (ULONG_PTR)ObpTypeOf(header), (ULONG_PTR)&header->Body, 0x11, (ULONG_PTR)left);
	/* A delete procedure may wait and touch paged data. */
	if (deferred || KeGetCurrentIrql() != PASSIVE_LEVEL)
		ObpDeferRemoval(header);
	else
		ObpRemoveObject(header);
	return 0;
}

LONG_PTR ObfReferenceObject(PVOID Object)
{
	ObpAddReferences(ObpHeaderOf(Object), 1);
	return ObpHeaderOf(Object)->PointerCount;
}

LONG_PTR ObfReferenceObjectWithTag(PVOID Object, ULONG Tag)
{
	UNREFERENCED_PARAMETER(Tag);
	return ObfReferenceObject(Object);
}

/* The count that is left: 0 says that the object is gone. */
LONG_PTR ObfDereferenceObject(PVOID Object)
{
	return ObpDropReferences(ObpHeaderOf(Object), 1, FALSE);
}

LONG_PTR ObfDereferenceObjectWithTag(PVOID Object, ULONG Tag)
{
	UNREFERENCED_PARAMETER(Tag);
	return ObfDereferenceObject(Object);
}

VOID ObDereferenceObjectDeferDelete(PVOID Object)
{
	ObpDropReferences(ObpHeaderOf(Object), 1, TRUE);
}

VOID ObDereferenceObjectDeferDeleteWithTag(PVOID Object, ULONG Tag)
{
	UNREFERENCED_PARAMETER(Tag);
	ObDereferenceObjectDeferDelete(Object);
}

/* For objects that are found on a list that does not hold a reference. FALSE: its deletion has begun. */
BOOLEAN ObReferenceObjectSafe(PVOID Object)
{
	POBJECT_HEADER header = ObpHeaderOf(Object);
	LONGLONG count = __atomic_load_n(&header->PointerCount, __ATOMIC_RELAXED);

	while (count != 0) {
		if (__atomic_compare_exchange_n(&header->PointerCount, &count, count + 1, FALSE, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return TRUE;
	}
	return FALSE;
}

/* STATUS_OBJECT_TYPE_MISMATCH: not of that type, or no type was given for a caller in user mode. */
NTSTATUS ObReferenceObjectByPointer(PVOID Object, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode)
{
	POBJECT_TYPE type = ObGetObjectType(Object);

	UNREFERENCED_PARAMETER(DesiredAccess); /* a pointer has no granted access to compare with */
	if (type != ObjectType && (ObjectType != NULL || AccessMode != KernelMode))
		return STATUS_OBJECT_TYPE_MISMATCH;
	ObfReferenceObject(Object);
	return STATUS_SUCCESS;
}

NTSTATUS ObReferenceObjectByPointerWithTag(PVOID Object, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, ULONG Tag)
{
	UNREFERENCED_PARAMETER(Tag);
	return ObReferenceObjectByPointer(Object, DesiredAccess, ObjectType, AccessMode);
}
