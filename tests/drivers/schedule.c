/* Threads of equal rank that share what only one can have, so that who goes on is a matter of the schedule: with `lab up --seed` the order of their waits and
 * signals is that of the seed.
 */
#include <ntifs.h>

DRIVER_INITIALIZE DriverEntry;

#define THREADS 3
#define ROUNDS  12

static KEVENT Turn, Go;
static KSEMAPHORE Permits;
static KMUTEX Mutex;
static PVOID Threads[THREADS];

static VOID Worker(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Go, Executive, KernelMode, FALSE, NULL);
	for (ULONG i = 0; i < ROUNDS; i++) {
		KeWaitForSingleObject(&Permits, Executive, KernelMode, FALSE, NULL);
		KeWaitForSingleObject(&Mutex, Executive, KernelMode, FALSE, NULL);
		KeReleaseMutex(&Mutex, FALSE);
		KeReleaseSemaphore(&Permits, IO_NO_INCREMENT, 1, FALSE);
		KeWaitForSingleObject(&Turn, Executive, KernelMode, FALSE, NULL);
		KeSetEvent(&Turn, IO_NO_INCREMENT, FALSE);
	}
}

static VOID DriverUnload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = DriverUnload;
	KeInitializeEvent(&Go, NotificationEvent, FALSE);
	KeInitializeEvent(&Turn, SynchronizationEvent, TRUE);
	KeInitializeSemaphore(&Permits, 2, 2);
	KeInitializeMutex(&Mutex, 0);
	for (ULONG i = 0; i < THREADS; i++) {
		HANDLE Handle;
		NTSTATUS Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Worker, NULL);

		if (!NT_SUCCESS(Status))
			return Status;
		ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, NULL, KernelMode, &Threads[i], NULL);
		ZwClose(Handle);
	}
	KeSetEvent(&Go, IO_NO_INCREMENT, FALSE);
	for (ULONG i = 0; i < THREADS; i++) {
		KeWaitForSingleObject(Threads[i], Executive, KernelMode, FALSE, NULL);
		ObDereferenceObject(Threads[i]);
	}
	return STATUS_SUCCESS;
}
