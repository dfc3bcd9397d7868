/* Many threads that wait for ever, for measuring what questions about all of them cost: THREADS of them behind one event, through CHAINS different
 * functions, so that there are as many different stacks.
 */
#include <ntddk.h>

#define THREADS 5000
#define CHAINS  8

DRIVER_INITIALIZE DriverEntry;

static KEVENT Never;

/* Each a frame of its own: the last thing that it does is no jump. */
#define CHAIN(Name)                                                                        \
	static __attribute__((noinline)) VOID Name(ULONG Depth)                            \
	{                                                                                  \
		if (Depth)                                                                 \
			Name(Depth - 1);                                                   \
		else                                                                       \
			KeWaitForSingleObject(&Never, Executive, KernelMode, FALSE, NULL); \
		__asm__ volatile("");                                                      \
	}
CHAIN(WaitA)
CHAIN(WaitB)
CHAIN(WaitC)
CHAIN(WaitD)
CHAIN(WaitE)
CHAIN(WaitF)
CHAIN(WaitG)
CHAIN(WaitH)

static VOID ThreadRoutine(PVOID Context)
{
	static VOID (*const Chains[CHAINS])(ULONG Depth) = { WaitA, WaitB, WaitC, WaitD, WaitE, WaitF, WaitG, WaitH };
	ULONG Number = (ULONG)(ULONG_PTR)Context;

	Chains[Number % CHAINS](Number % 3 + 1);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(DriverObject); /* without a routine for unloading it stays */
	UNREFERENCED_PARAMETER(RegistryPath);
	KeInitializeEvent(&Never, NotificationEvent, FALSE);
	for (ULONG i = 0; i < THREADS; i++) {
		HANDLE Thread;
		NTSTATUS Status = PsCreateSystemThread(&Thread, 0, NULL, NULL, NULL, ThreadRoutine, (PVOID)(ULONG_PTR)i);

		if (!NT_SUCCESS(Status))
			return Status;
		ZwClose(Thread);
	}
	return STATUS_SUCCESS;
}
