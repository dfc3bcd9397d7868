/* A driver that is bound in every way there is: by name from ntoskrnl.exe and from HAL.dll, and by ordinal (built against a library
 * whose DbgPrintEx has no name).
 */
#include <ntifs.h>

DRIVER_INITIALIZE DriverEntry;

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	LARGE_INTEGER Frequency, Start, End;

	DriverObject->DriverUnload = Unload;
	Start = KeQueryPerformanceCounter(&Frequency);
	KeStallExecutionProcessor(100);
	End = KeQueryPerformanceCounter(NULL);
	if (Frequency.QuadPart <= 0 || (End.QuadPart - Start.QuadPart) * 1000000 < 100 * Frequency.QuadPart)
		return STATUS_UNSUCCESSFUL;
	DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "imports: bound, %wZ\n", RegistryPath);
	return STATUS_SUCCESS;
}
