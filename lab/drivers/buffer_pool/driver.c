/* Two threads copy from one buffer into another; a semaphore counts the free buffers. */
#include "../common/threads.h"

#define BUFFERS 2

static KSEMAPHORE Free; /* a permit for each buffer */
static KEVENT AllIn;    /* every thread has its first buffer */
static volatile LONG In, Copied;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID CopyThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Free, Executive, KernelMode, FALSE, NULL); /* [B] */
	if (InterlockedIncrement(&In) == BUFFERS)
		KeSetEvent(&AllIn, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(&AllIn, Executive, KernelMode, FALSE, NULL);
	KeWaitForSingleObject(&Free, Executive, KernelMode, FALSE, NULL); /* [A] */
	InterlockedIncrement(&Copied);
	KeReleaseSemaphore(&Free, IO_NO_INCREMENT, 2, FALSE); /* [C] */
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { CopyThread, CopyThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeSemaphore(&Free, BUFFERS, BUFFERS);
	KeInitializeEvent(&AllIn, NotificationEvent, FALSE);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
