/* Client IDs: the handle table in which the number of a process or thread finds its object. */
#include "psp.h"

PHANDLE_TABLE PspCidTable;

BOOLEAN PspInitializeCidTable(VOID)
{
	PspCidTable = ExCreateHandleTable(NULL);
	if (PspCidTable == NULL)
		return FALSE;
	/* A number that was in use comes back as late as possible. */
	PspCidTable->StrictFIFO = 1;
	return TRUE;
}

HANDLE PspAllocateCid(PVOID object)
{
	/* Unlike handles' entries these point to the object itself, and without a reference: deletion frees the ID first. */
	HANDLE_TABLE_ENTRY entry = { .ObjectPointerBits = (ULONG64)object >> 4 };

	return ExCreateHandle(PspCidTable, &entry);
}

VOID PspFreeCid(HANDLE id)
{
	PHANDLE_TABLE_ENTRY entry = id != NULL ? ExMapHandleToPointer(PspCidTable, id) : NULL;

	if (entry != NULL)
		ExDestroyHandle(PspCidTable, id, entry);
}

/* The object of a type with that ID, referenced; NULL: there is none, or its deletion has begun. */
static PVOID PspReferenceByCid(HANDLE id, POBJECT_TYPE type)
{
	PHANDLE_TABLE_ENTRY entry = ((ULONG64)id & 3) == 0 ? ExMapHandleToPointer(PspCidTable, id) : NULL;
	PVOID object;

	if (entry == NULL)
		return NULL;
	object = (PVOID)((ULONG64)entry->ObjectPointerBits << 4 | 0xffff000000000000ULL);
	if (!ObReferenceObjectSafe(object))
		object = NULL;
	ExUnlockHandleTableEntry(PspCidTable, entry);
	if (object != NULL && ObGetObjectType(object) != type) {
		ObfDereferenceObject(object);
		object = NULL;
	}
	return object;
}

NTSTATUS PsLookupProcessByProcessId(HANDLE ProcessId, PEPROCESS *Process)
{
	*Process = PspReferenceByCid(ProcessId, PsProcessType);
	return *Process != NULL ? STATUS_SUCCESS : STATUS_INVALID_CID;
}

NTSTATUS PsLookupThreadByThreadId(HANDLE ThreadId, PETHREAD *Thread)
{
	*Thread = PspReferenceByCid(ThreadId, PsThreadType);
	if (*Thread != NULL && !((*Thread)->CrossThreadFlags & PS_CROSS_THREAD_FLAGS_INSERTED)) {
		ObfDereferenceObject(*Thread);
		*Thread = NULL;
	}
	return *Thread != NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
