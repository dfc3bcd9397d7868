/* An exception that nobody handles, in the place and by the cause that CAUSE names: the bugcheck is that place's. */
#include <ntifs.h>

DRIVER_INITIALIZE DriverEntry;

#define NOINLINE __attribute__((noinline))

static NOINLINE VOID Culprit(VOID)
{
	volatile LONG Zero = 0, One = 1;

	switch (CAUSE) {
	case 1:
		ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
	case 4:
		*(volatile LONG *)0x20 = 1;
		break;
	case 5:
		__asm__ volatile("int3");
		break;
	default:
		One = One / Zero;
	}
}

static VOID CulpritDpc(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	Culprit();
}

static NOINLINE LONG Search(VOID)
{
	return EXCEPTION_CONTINUE_SEARCH;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static KDPC Dpc;

	UNREFERENCED_PARAMETER(DriverObject);
	UNREFERENCED_PARAMETER(RegistryPath);
	__try {
		if (CAUSE == 3) {
			/* The handler of the thread that it interrupts is not for it. */
			KeInitializeDpc(&Dpc, CulpritDpc, NULL);
			KeInsertQueueDpc(&Dpc, NULL, NULL);
		} else {
			Culprit();
		}
	} __except (CAUSE == 3 ? EXCEPTION_EXECUTE_HANDLER : Search()) {
		return STATUS_SUCCESS;
	}
	return STATUS_SUCCESS;
}
