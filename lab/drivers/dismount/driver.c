/* A thread that dismounts a volume waits until the dirty pages are written; the writer needs the volume for that. */
#include "../common/threads.h"

static ERESOURCE Volume;
static KEVENT Locked; /* the flush has begun */
static KEVENT Clean;  /* every page is written */
static volatile LONG Dirty = 8;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID DismountThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeEnterCriticalRegion();
	ExAcquireResourceExclusiveLite(&Volume, TRUE); /* [C] */
	KeSetEvent(&Locked, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(&Clean, Executive, KernelMode, FALSE, NULL); /* [A] */
	ExReleaseResourceLite(&Volume);
	KeLeaveCriticalRegion();
}

static VOID WriterThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Locked, Executive, KernelMode, FALSE, NULL);
	KeEnterCriticalRegion();
	ExAcquireResourceSharedLite(&Volume, TRUE); /* [B] */
	while (Dirty)
		InterlockedDecrement(&Dirty);
	ExReleaseResourceLite(&Volume);
	KeLeaveCriticalRegion();
	KeSetEvent(&Clean, IO_NO_INCREMENT, FALSE); /* [D] */
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	JoinThreads(&Threads);
	ExDeleteResourceLite(&Volume);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { DismountThread, WriterThread };
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeEvent(&Locked, NotificationEvent, FALSE);
	KeInitializeEvent(&Clean, NotificationEvent, FALSE);
	ExInitializeResourceLite(&Volume);
	Status = StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
	if (!NT_SUCCESS(Status))
		ExDeleteResourceLite(&Volume);
	return Status;
}
