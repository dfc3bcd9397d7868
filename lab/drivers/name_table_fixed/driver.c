/* The healthy twin of name_table: a lookup that leaves the lock to its caller. */
#include "../common/threads.h"

/* Exported by ntoskrnl.exe, but in no header of the DDK. */
NTKERNELAPI VOID FASTCALL ExfAcquirePushLockExclusive(PEX_PUSH_LOCK PushLock);
NTKERNELAPI VOID FASTCALL ExfReleasePushLockExclusive(PEX_PUSH_LOCK PushLock);

#define SLOTS 64

typedef struct _TABLE {
	EX_PUSH_LOCK Lock;
	ULONG Used;
	ULONG Keys[SLOTS];
} TABLE;

static TABLE Table;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

/* The slot of a key, SLOTS: none. The lock is held. */
static ULONG Find(ULONG Key)
{
	ULONG Slot;

	for (Slot = 0; Slot < Table.Used; Slot++)
		if (Table.Keys[Slot] == Key)
			break;
	if (Slot == Table.Used)
		Slot = SLOTS;
	return Slot;
}

static VOID Insert(ULONG Key)
{
	KeEnterCriticalRegion();
	ExfAcquirePushLockExclusive(&Table.Lock);
	if (Find(Key) == SLOTS && Table.Used < SLOTS)
		Table.Keys[Table.Used++] = Key;
	ExfReleasePushLockExclusive(&Table.Lock);
	KeLeaveCriticalRegion();
}

static VOID InsertThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	for (ULONG i = 0; i < SLOTS; i++)
		Insert(i * 7);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { InsertThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
