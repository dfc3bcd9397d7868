/* The healthy twin of list_purge: the routine that removes an entry leaves the lock to its caller. */
#include "../common/threads.h"

typedef struct _ENTRY {
	LIST_ENTRY Link;
	ULONG Age;
} ENTRY, *PENTRY;

typedef struct _EXTENSION {
	FAST_MUTEX ListLock;
	LIST_ENTRY List; /* of ENTRY */
	THREADS Threads;
} EXTENSION, *PEXTENSION;

DRIVER_INITIALIZE DriverEntry;

static VOID AddEntry(PEXTENSION Extension, ULONG Age)
{
	PENTRY Entry = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*Entry), 'yrtE');

	if (!Entry)
		return;
	Entry->Age = Age;
	ExAcquireFastMutex(&Extension->ListLock);
	InsertTailList(&Extension->List, &Entry->Link);
	ExReleaseFastMutex(&Extension->ListLock);
}

/* ListLock is held. */
static VOID RemoveEntry(PENTRY Entry)
{
	RemoveEntryList(&Entry->Link);
	ExFreePool(Entry);
}

static VOID PurgeEntries(PEXTENSION Extension)
{
	ExAcquireFastMutex(&Extension->ListLock);
	for (PLIST_ENTRY Link = Extension->List.Flink, Next; Link != &Extension->List; Link = Next) {
		Next = Link->Flink;
		RemoveEntry(CONTAINING_RECORD(Link, ENTRY, Link));
	}
	ExReleaseFastMutex(&Extension->ListLock);
}

static VOID PurgeThread(PVOID Context)
{
	for (ULONG i = 0; i < 10; i++)
		AddEntry(Context, i);
	PurgeEntries(Context);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	PEXTENSION Extension = DriverObject->DeviceObject->DeviceExtension;

	JoinThreads(&Extension->Threads);
	IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { PurgeThread };
	PDEVICE_OBJECT Device;
	PEXTENSION Extension;
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	Status = IoCreateDevice(DriverObject, sizeof(EXTENSION), NULL, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Extension = Device->DeviceExtension;
	ExInitializeFastMutex(&Extension->ListLock);
	InitializeListHead(&Extension->List);
	Status = StartThreads(&Extension->Threads, Routines, RTL_NUMBER_OF(Routines), Extension);
	if (!NT_SUCCESS(Status))
		IoDeleteDevice(Device);
	return Status;
}
