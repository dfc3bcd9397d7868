/* A driver that stops the machine on purpose, with parameters that a dump must show. */
#include <ntifs.h>

DRIVER_INITIALIZE DriverEntry;

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(DriverObject);
	UNREFERENCED_PARAMETER(RegistryPath);
	KeBugCheckEx(0xE2, 0x1111, 0x2222, 0x3333, 0x4444); /* MANUALLY_INITIATED_CRASH */
}
