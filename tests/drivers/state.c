/* A machine that stops with known things in it, each printed as "FACT name value" before: packets on their way, timers, queued DPCs, resources, pool. What a
 * debugger says of the dump must be these values. The structures are those of the public headers, filled by the kernel.
 */
#include <ntifs.h>

DRIVER_INITIALIZE DriverEntry;

#define IOCTL_STATE CTL_CODE(FILE_DEVICE_UNKNOWN, 0x8a5, METHOD_BUFFERED, FILE_ANY_ACCESS)
#define SMALL_SIZE  0x150
#define BIG_SIZE    0x5000
#define PERIOD_MS   5000

static KEVENT Never, Started;
static KTIMER Periodic, Plain;
static KDPC TimerDpc, First, Second;
static PDEVICE_OBJECT Lower, Upper;
static ERESOURCE Exclusive, Shared;
static UCHAR Buffer[0x20];
static IO_STATUS_BLOCK IoStatus;

#define FACT(Name, Value) DbgPrint("FACT %s %p\n", Name, (PVOID)(ULONG_PTR)(Value))

static VOID Routine(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
}

static VOID Cancel(PDEVICE_OBJECT Device, PIRP Irp)
{
	UNREFERENCED_PARAMETER(Device);
	IoReleaseCancelSpinLock(Irp->CancelIrql);
}

static NTSTATUS Completed(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context)
{
	UNREFERENCED_PARAMETER(Device);
	UNREFERENCED_PARAMETER(Irp);
	UNREFERENCED_PARAMETER(Context);
	return STATUS_SUCCESS;
}

/* The upper device passes packets on; the lower one keeps them. */
static NTSTATUS Dispatch(PDEVICE_OBJECT Device, PIRP Irp)
{
	if (Device == Upper) {
		IoCopyCurrentIrpStackLocationToNext(Irp);
		IoSetCompletionRoutine(Irp, Completed, (PVOID)(ULONG_PTR)0x1234abcd, TRUE, FALSE, TRUE);
		IoMarkIrpPending(Irp);
		IoCallDriver(Lower, Irp);
		return STATUS_PENDING;
	}
	IoSetCancelRoutine(Irp, Cancel);
	IoMarkIrpPending(Irp);
	return STATUS_PENDING;
}

static VOID Sender(PVOID Context)
{
	PIRP Irp = IoBuildDeviceIoControlRequest(IOCTL_STATE, Upper, Buffer, 0x10, Buffer, 0x20, FALSE, &Never, &IoStatus);

	UNREFERENCED_PARAMETER(Context);
	FACT("irp", Irp);
	FACT("sender", KeGetCurrentThread());
	IoCallDriver(Upper, Irp);
	KeSetEvent(&Started, 0, FALSE);
	KeWaitForSingleObject(&Never, Executive, KernelMode, FALSE, NULL);
}

static VOID Sleeper(PVOID Context)
{
	LARGE_INTEGER Long = { .QuadPart = -7200 * 10000000LL };

	UNREFERENCED_PARAMETER(Context);
	FACT("sleeper", KeGetCurrentThread());
	KeSetPriorityThread(KeGetCurrentThread(), 20); /* it sleeps before the thread that it wakes goes on */
	KeSetEvent(&Started, 0, FALSE);
	KeDelayExecutionThread(KernelMode, FALSE, &Long);
}

static VOID StartThread(PKSTART_ROUTINE Routine, PVOID Context)
{
	HANDLE Thread;

	if (NT_SUCCESS(PsCreateSystemThread(&Thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, Routine, Context))) {
		ZwClose(Thread);
		KeWaitForSingleObject(&Started, Executive, KernelMode, FALSE, NULL);
	}
}

/* One that comes to wait for the resource that this driver holds alone. */
static VOID Waiter(PVOID IsExclusive)
{
	FACT(IsExclusive ? "exclusive_waiter" : ExGetSharedWaiterCount(&Exclusive) ? "shared_waiter2" : "shared_waiter1", KeGetCurrentThread());
	KeEnterCriticalRegion();
	KeSetEvent(&Started, 0, FALSE);
	if (IsExclusive)
		ExAcquireResourceExclusiveLite(&Exclusive, TRUE);
	else
		ExAcquireResourceSharedLite(&Exclusive, TRUE);
}

static VOID StartWaiter(BOOLEAN IsExclusive)
{
	LARGE_INTEGER Short = { .QuadPart = -10 * 10000LL };
	ULONG Before = ExGetExclusiveWaiterCount(&Exclusive) + ExGetSharedWaiterCount(&Exclusive);

	StartThread(Waiter, (PVOID)(ULONG_PTR)IsExclusive);
	while (ExGetExclusiveWaiterCount(&Exclusive) + ExGetSharedWaiterCount(&Exclusive) == Before)
		KeDelayExecutionThread(KernelMode, FALSE, &Short);
}

static VOID Sharer(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	FACT("sharer", KeGetCurrentThread());
	KeEnterCriticalRegion();
	for (ULONG i = 0; i < 4; i++)
		ExAcquireResourceSharedLite(&Shared, TRUE);
	KeSetEvent(&Started, 0, FALSE);
	KeWaitForSingleObject(&Never, Executive, KernelMode, FALSE, NULL);
}

static VOID MakeResources(VOID)
{
	ExInitializeResourceLite(&Exclusive);
	ExInitializeResourceLite(&Shared);
	KeEnterCriticalRegion();
	ExAcquireResourceExclusiveLite(&Exclusive, TRUE);
	ExAcquireResourceExclusiveLite(&Exclusive, TRUE);
	StartWaiter(FALSE);
	StartWaiter(TRUE);
	StartWaiter(FALSE);
	ExAcquireResourceSharedLite(&Shared, TRUE);
	StartThread(Sharer, NULL);
	FACT("exclusive", &Exclusive);
	FACT("shared", &Shared);
}

static VOID MakeTimers(VOID)
{
	LARGE_INTEGER Due = { .QuadPart = -3600 * 10000000LL };

	KeInitializeTimerEx(&Periodic, SynchronizationTimer);
	KeInitializeTimer(&Plain);
	KeInitializeDpc(&TimerDpc, Routine, NULL);
	KeSetTimerEx(&Periodic, Due, PERIOD_MS, &TimerDpc);
	Due.QuadPart *= 3;
	KeSetTimer(&Plain, Due, NULL);
	FACT("periodic", &Periodic);
	FACT("periodic_due", Periodic.DueTime.QuadPart);
	FACT("plain", &Plain);
	FACT("timer_dpc", &TimerDpc);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Device\\StateLower");
	PUCHAR Small, Big;
	KIRQL OldIrql;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Dispatch;
	KeInitializeEvent(&Never, NotificationEvent, FALSE);
	KeInitializeEvent(&Started, SynchronizationEvent, FALSE);
	if (!NT_SUCCESS(IoCreateDevice(DriverObject, 0, &Name, FILE_DEVICE_UNKNOWN, 0, FALSE, &Lower)) ||
	    !NT_SUCCESS(IoCreateDevice(DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Upper)))
		return STATUS_UNSUCCESSFUL;
	Upper->StackSize = 2;
	FACT("thread", KeGetCurrentThread());
	FACT("lower", Lower);
	FACT("upper", Upper);
	StartThread(Sender, NULL);
	StartThread(Sleeper, NULL);
	MakeResources();
	MakeTimers();
	Small = ExAllocatePoolWithTag(NonPagedPoolNx, SMALL_SIZE, 'lmSt');
	Big = ExAllocatePoolWithTag(NonPagedPoolNx, BIG_SIZE, 'giBt');
	FACT("small", Small);
	FACT("big", Big);
	KeInitializeDpc(&First, Routine, (PVOID)(ULONG_PTR)0x1111);
	KeInitializeDpc(&Second, Routine, (PVOID)(ULONG_PTR)0x2222);
	FACT("dpc1", &First);
	FACT("dpc2", &Second);
	KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
	KeInsertQueueDpc(&First, (PVOID)(ULONG_PTR)0xaaaa, (PVOID)(ULONG_PTR)0xbbbb);
	KeInsertQueueDpc(&Second, NULL, NULL);
	KeBugCheckEx(0xE2, 1, 2, 3, 4); /* MANUALLY_INITIATED_CRASH */
}
