/* A driver that writes where nothing is mapped: the machine must stop with it. */
#include <ntifs.h>

DRIVER_INITIALIZE DriverEntry;

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(DriverObject);
	UNREFERENCED_PARAMETER(RegistryPath);
	*(volatile ULONG *)0xffffdeadbeef0000ull = 1;
	return STATUS_SUCCESS;
}
