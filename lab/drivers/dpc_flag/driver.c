/* A thread at DISPATCH_LEVEL queues a DPC and looks at a flag until it has run. */
#include "../common/threads.h"

static KDPC Dpc;
static volatile LONG Ready;
static THREADS Threads;

DRIVER_INITIALIZE DriverEntry;

static VOID ReadyDpc(PKDPC Self, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Self);
	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	Ready = TRUE;
}

static VOID ResetThread(PVOID Context)
{
	KIRQL Irql;

	UNREFERENCED_PARAMETER(Context);
	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	/* To this processor, which runs it when its IRQL is low again. */
	KeInsertQueueDpc(&Dpc, NULL, NULL);
	while (!Ready) /* [A] */
		YieldProcessor();
	KeLowerIrql(Irql);
}

static VOID UnloadDriver(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	JoinThreads(&Threads);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static PKSTART_ROUTINE const Routines[] = { ResetThread };

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = UnloadDriver;
	KeInitializeDpc(&Dpc, ReadyDpc, NULL);
	return StartThreads(&Threads, Routines, RTL_NUMBER_OF(Routines), NULL);
}
