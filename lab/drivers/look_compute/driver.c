/* Looks like a hang, but is none: the owner of a mutex takes its time. */
#include "../common/threads.h"

static KMUTEX Results;
static KEVENT Begun; /* the mutex has its owner */
static volatile LONG Stop;
static volatile ULONG Primes;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID CountPrimes(VOID)
{
	for (ULONG Number = 3; !Stop; Number += 2) {
		ULONG Divisor = 3;

		while (Divisor * Divisor <= Number && Number % Divisor)
			Divisor += 2;
		if (Divisor * Divisor > Number)
			Primes++;
	}
}

static VOID ComputeThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Results, Executive, KernelMode, FALSE, NULL);
	KeSetEvent(&Begun, IO_NO_INCREMENT, FALSE);
	CountPrimes();
	KeReleaseMutex(&Results, FALSE);
}

static VOID PrintThread(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Begun, Executive, KernelMode, FALSE, NULL);
	KeWaitForSingleObject(&Results, Executive, KernelMode, FALSE, NULL);
	DbgPrint("%lu primes\n", Primes);
	KeReleaseMutex(&Results, FALSE);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	Stop = TRUE;
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { ComputeThread, PrintThread, PrintThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeMutex(&Results, 0);
	KeInitializeEvent(&Begun, NotificationEvent, FALSE);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
