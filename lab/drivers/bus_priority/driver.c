/* Three threads of different priority on one processor: the lowest owns the bus, the highest needs it, the middle one is busy. */
#include "../common/threads.h"

#define LOW    2
#define MEDIUM 4
#define HIGH   6 /* below the system's own threads, which are to go on */

static KMUTEX Bus;
static KEVENT Owned;  /* the low thread has the bus */
static KEVENT Pinned; /* the two others have come to their processor, where they wait for that */
static volatile LONG Coming = 2;
static volatile LONG Sent;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

/* All on the first processor, as where there is one only. */
static VOID RunAs(KPRIORITY Priority)
{
	KeSetSystemAffinityThread(1);
	KeSetPriorityThread(KeGetCurrentThread(), Priority);
}

static VOID WaitForOwner(KPRIORITY Priority)
{
	RunAs(Priority);
	if (InterlockedDecrement(&Coming) == 0)
		KeSetEvent(&Pinned, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(&Owned, Executive, KernelMode, FALSE, NULL);
}

static VOID ProbeThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	RunAs(LOW);
	KeWaitForSingleObject(&Pinned, Executive, KernelMode, FALSE, NULL);
	KeWaitForSingleObject(&Bus, Executive, KernelMode, FALSE, NULL);
	KeSetEvent(&Owned, IO_NO_INCREMENT, FALSE); /* [B] */
	KeReleaseMutex(&Bus, FALSE);
}

/* Busy until something has been sent. */
static VOID MeterThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	WaitForOwner(MEDIUM);
	while (!Sent) /* [C] */
		YieldProcessor();
}

static VOID SendThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	WaitForOwner(HIGH);
	KeWaitForSingleObject(&Bus, Executive, KernelMode, FALSE, NULL); /* [A] */
	Sent = TRUE;
	KeReleaseMutex(&Bus, FALSE);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { ProbeThread, MeterThread, SendThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeMutex(&Bus, 0);
	KeInitializeEvent(&Pinned, NotificationEvent, FALSE);
	KeInitializeEvent(&Owned, NotificationEvent, FALSE);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
