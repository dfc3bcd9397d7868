/* A machine with four processors that crashes on its third while the others are busy: one at PASSIVE_LEVEL, one at HIGH_LEVEL where no interrupt reaches it,
 * and one that waits for a spin lock. Their stacks have to be in the dump, each with the routine that says where it was.
 */
#include <ntifs.h>

DRIVER_INITIALIZE DriverEntry;

#define PROCESSORS 4
#define CULPRIT    2

static volatile LONG Busy;
static KSPIN_LOCK Held = 1;
static KEVENT Never;

static __attribute__((noinline)) VOID SpinLow(VOID)
{
	InterlockedIncrement(&Busy);
	for (;;)
		YieldProcessor();
}

static __attribute__((noinline)) VOID SpinHigh(VOID)
{
	KIRQL Irql;

	KeRaiseIrql(HIGH_LEVEL, &Irql);
	InterlockedIncrement(&Busy);
	for (;;)
		YieldProcessor();
}

/* Nobody gives it back: it is taken in its definition. */
static __attribute__((noinline)) VOID SpinForLock(VOID)
{
	KIRQL Irql;

	InterlockedIncrement(&Busy);
	KeAcquireSpinLock(&Held, &Irql);
	for (;;)
		YieldProcessor();
}

static __attribute__((noinline)) VOID Crash(VOID)
{
	while (Busy < PROCESSORS - 1)
		YieldProcessor();
	KeBugCheckEx(0xDEADDEAD, CULPRIT, KeGetCurrentProcessorNumberEx(NULL), 3, 4);
}

static VOID OnProcessor(PVOID Context)
{
	static VOID (*const Routines[PROCESSORS])(VOID) = { SpinLow, SpinHigh, Crash, SpinForLock };
	ULONG Number = (ULONG)(ULONG_PTR)Context;

	KeSetSystemAffinityThreadEx((KAFFINITY)1 << Number);
	Routines[Number]();
	KeWaitForSingleObject(&Never, Executive, KernelMode, FALSE, NULL);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(DriverObject);
	UNREFERENCED_PARAMETER(RegistryPath);
	KeInitializeEvent(&Never, NotificationEvent, FALSE);
	if (KeQueryActiveProcessorCount(NULL) != PROCESSORS)
		return STATUS_NOT_SUPPORTED;
	for (ULONG i = 0; i < PROCESSORS; i++) {
		HANDLE Thread;
		NTSTATUS Status = PsCreateSystemThread(&Thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, OnProcessor, (PVOID)(ULONG_PTR)i);

		if (!NT_SUCCESS(Status))
			return Status;
		ZwClose(Thread);
	}
	/* The crash comes while this waits; a driver that had started would be one whose crash the tests have to wait for. */
	KeWaitForSingleObject(&Never, Executive, KernelMode, FALSE, NULL);
	return STATUS_SUCCESS;
}
