/*
 * Loading and unloading drivers: from a path to an entry in PsLoadedModuleList, and from there to one in MmUnloadedDrivers. What is
 * inside an image is sysimage.c's and sysbind.c's.
 */
#include "sysimage.h"
#include "ke.h"
#include "ob.h"
#include "ps.h"
#include "rtl.h"
#include "hal.h"

#define MI_MAXIMUM_FILE 0x4000000
#define MI_READ_PART    0x100000u

/* KLDR_DATA_TABLE_ENTRY.Flags. */
#define LDRP_ENTRY_PROCESSED 0x00004000u
#define LDRP_SYSTEM_MAPPED   0x01000000u
#define LDRP_MM_LOADED       0x40000000u

PUNLOADED_DRIVERS MmUnloadedDrivers;
ULONG MmLastUnloadedDriver;

/* One driver is loaded or unloaded at a time (NT's name; there it is a mutant too). */
static KMUTANT MmSystemLoadLock;

VOID MiInitializeSystemLoad(VOID)
{
	KeInitializeMutant(&MmSystemLoadLock, FALSE);
}

static VOID MiAcquireLoadLock(VOID)
{
	KeWaitForSingleObject(&MmSystemLoadLock, WrVirtualMemory, KernelMode, FALSE, NULL);
}

static VOID MiReleaseLoadLock(VOID)
{
	KeReleaseMutant(&MmSystemLoadLock, 1, FALSE, FALSE);
}

static NTSTATUS MiReadWhole(HANDLE File, PUCHAR Buffer, ULONG Length)
{
	LARGE_INTEGER offset = { .QuadPart = 0 };
	IO_STATUS_BLOCK iosb;
	NTSTATUS status = STATUS_SUCCESS;

	while (NT_SUCCESS(status) && Length) {
		ULONG part = Length < MI_READ_PART ? Length : MI_READ_PART;

		status = ZwReadFile(File, NULL, NULL, NULL, &iosb, Buffer + offset.QuadPart, part, &offset, NULL);
		if (NT_SUCCESS(status) && !iosb.Information)
			status = STATUS_END_OF_FILE;
		if (NT_SUCCESS(status)) {
			offset.QuadPart += (LONGLONG)iosb.Information;
			Length -= (ULONG)iosb.Information;
		}
	}
	return status;
}

/* The file's bytes, in pool (MI_TAG_LOAD). Nobody may write to it meanwhile. */
static NTSTATUS MiReadImageFile(PUNICODE_STRING FileName, PUCHAR *Buffer, PULONG Size)
{
	FILE_STANDARD_INFORMATION standard;
	OBJECT_ATTRIBUTES attributes;
	IO_STATUS_BLOCK iosb;
	HANDLE file;
	NTSTATUS status;

	InitializeObjectAttributes(&attributes, FileName, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
	status = ZwOpenFile(&file, FILE_READ_DATA | FILE_EXECUTE | SYNCHRONIZE, &attributes, &iosb, FILE_SHARE_READ,
			    FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE);
	if (!NT_SUCCESS(status))
		return status;
	*Buffer = NULL;
	status = ZwQueryInformationFile(file, &iosb, &standard, sizeof(standard), FileStandardInformation);
	if (NT_SUCCESS(status) && (!standard.EndOfFile.QuadPart || standard.EndOfFile.QuadPart > MI_MAXIMUM_FILE))
		status = STATUS_INVALID_IMAGE_FORMAT;
	if (NT_SUCCESS(status)) {
		*Size = (ULONG)standard.EndOfFile.QuadPart;
		*Buffer = ExAllocatePoolWithTag(NonPagedPoolNx, *Size, MI_TAG_LOAD);
		status = *Buffer ? MiReadWhole(file, *Buffer, *Size) : STATUS_INSUFFICIENT_RESOURCES;
	}
	ZwClose(file);
	if (!NT_SUCCESS(status) && *Buffer)
		ExFreePoolWithTag(*Buffer, MI_TAG_LOAD);
	return status;
}

static BOOLEAN MiIsLoaded(PUNICODE_STRING FileName)
{
	for (PLIST_ENTRY link = PsLoadedModuleList.Flink; link != &PsLoadedModuleList; link = link->Flink) {
		PKLDR_DATA_TABLE_ENTRY entry = CONTAINING_RECORD(link, KLDR_DATA_TABLE_ENTRY, InLoadOrderLinks);

		if (RtlEqualUnicodeString(&entry->FullDllName, FileName, TRUE))
			return TRUE;
	}
	return FALSE;
}

/* BaseDllName is the end of FullDllName, whose characters lie behind the entry. */
static VOID MiSetNames(PKLDR_DATA_TABLE_ENTRY Entry, PUNICODE_STRING FileName)
{
	USHORT start = FileName->Length / sizeof(WCHAR);

	Entry->FullDllName.Buffer = (PWSTR)(Entry + 1);
	Entry->FullDllName.Length = FileName->Length;
	Entry->FullDllName.MaximumLength = (USHORT)(FileName->Length + sizeof(WCHAR));
	RtlCopyMemory(Entry->FullDllName.Buffer, FileName->Buffer, FileName->Length);
	Entry->FullDllName.Buffer[start] = 0;
	while (start && FileName->Buffer[start - 1] != L'\\')
		start--;
	Entry->BaseDllName.Buffer = Entry->FullDllName.Buffer + start;
	Entry->BaseDllName.Length = (USHORT)(FileName->Length - start * sizeof(WCHAR));
	Entry->BaseDllName.MaximumLength = (USHORT)(Entry->BaseDllName.Length + sizeof(WCHAR));
}

static PKLDR_DATA_TABLE_ENTRY MiMakeEntry(const MI_IMAGE *Image, PUNICODE_STRING FileName)
{
	SIZE_T size = sizeof(KLDR_DATA_TABLE_ENTRY) + FileName->Length + sizeof(WCHAR);
	PKLDR_DATA_TABLE_ENTRY entry = ExAllocatePoolWithTag(NonPagedPoolNx, size, MI_TAG_LOAD);
	ULONG rva, length;

	if (!entry)
		return NULL;
	RtlZeroMemory(entry, size);
	MiSetNames(entry, FileName);
	entry->DllBase = Image->Base;
	entry->SizeOfImage = Image->Size;
	entry->SizeOfImageNotRounded = Image->Headers->OptionalHeader.SizeOfImage;
	entry->EntryPoint = Image->Base + Image->Headers->OptionalHeader.AddressOfEntryPoint;
	entry->TimeDateStamp = Image->Headers->FileHeader.TimeDateStamp;
	entry->CheckSum = Image->Headers->OptionalHeader.CheckSum;
	entry->Flags = LDRP_ENTRY_PROCESSED | LDRP_SYSTEM_MAPPED | LDRP_MM_LOADED;
	entry->LoadCount = 1;
	if (MiImageDirectory(Image, IMAGE_DIRECTORY_ENTRY_EXCEPTION, &rva, &length)) {
		entry->ExceptionTable = Image->Base + rva;
		entry->ExceptionTableSize = length;
	}
	return entry;
}

static VOID MiInsertEntry(PKLDR_DATA_TABLE_ENTRY Entry)
{
	BOOLEAN enabled = KiLockBriefly(&PsLoadedModuleSpinLock);

	InsertTailList(&PsLoadedModuleList, &Entry->InLoadOrderLinks);
	KiUnlockBriefly(&PsLoadedModuleSpinLock, enabled);
}

static NTSTATUS MiLoadLocked(PUNICODE_STRING FileName, PMI_MISSING_IMPORT Missing, PKLDR_DATA_TABLE_ENTRY *Entry)
{
	PKLDR_DATA_TABLE_ENTRY entry;
	MI_IMAGE image;
	NTSTATUS status;
	PUCHAR file;
	ULONG size;

	if (MiIsLoaded(FileName))
		return STATUS_IMAGE_ALREADY_LOADED;
	status = MiReadImageFile(FileName, &file, &size);
	if (!NT_SUCCESS(status))
		return status;
	status = MiMapDriverImage(file, size, &image);
	ExFreePoolWithTag(file, MI_TAG_LOAD);
	if (!NT_SUCCESS(status))
		return status;
	status = MiIsBootImage(&image) ? STATUS_IMAGE_ALREADY_LOADED_AS_DLL : MiBindImports(&image, Missing);
	entry = NT_SUCCESS(status) ? MiMakeEntry(&image, FileName) : NULL;
	if (NT_SUCCESS(status) && !entry)
		status = STATUS_INSUFFICIENT_RESOURCES;
	if (!NT_SUCCESS(status)) {
		MiFreeDriverImage(image.Base, image.Size);
		return status;
	}
	MiProtectImageSections(&image);
	MiInsertEntry(entry);
	*Entry = entry;
	return STATUS_SUCCESS;
}

NTSTATUS MmLoadSystemImage(PUNICODE_STRING FileName, PMI_MISSING_IMPORT Missing, PVOID *ImageHandle, PVOID *ImageBase)
{
	PKLDR_DATA_TABLE_ENTRY entry;
	NTSTATUS status;

	if (FileName->Length > 0xfff0)
		return STATUS_NAME_TOO_LONG;
	MiAcquireLoadLock();
	status = MiLoadLocked(FileName, Missing, &entry);
	MiReleaseLoadLock();
	if (NT_SUCCESS(status)) {
		*ImageHandle = entry;
		*ImageBase = entry->DllBase;
	}
	return status;
}

/* Enters the image in the ring of those that debuggers show as unloaded; without memory for it, it is simply not there. */
static VOID MiRememberUnloadedDriver(PKLDR_DATA_TABLE_ENTRY Entry)
{
	PUNLOADED_DRIVERS slot;
	PWSTR name;

	if (!MmUnloadedDrivers) {
		SIZE_T size = MI_UNLOADED_DRIVERS * sizeof(*MmUnloadedDrivers);

		slot = ExAllocatePoolWithTag(NonPagedPoolNx, size, MI_TAG_LOAD);
		if (!slot)
			return;
		RtlZeroMemory(slot, size);
		MmUnloadedDrivers = slot;
	}
	name = ExAllocatePoolWithTag(NonPagedPoolNx, Entry->BaseDllName.MaximumLength, MI_TAG_LOAD);
	if (!name)
		return;
	RtlCopyMemory(name, Entry->BaseDllName.Buffer, Entry->BaseDllName.MaximumLength);
	if (MmLastUnloadedDriver >= MI_UNLOADED_DRIVERS)
		MmLastUnloadedDriver = 0;
	/* The index is that of the next slot, and 50, not 0, when the last one was filled: so NT's. */
	slot = &MmUnloadedDrivers[MmLastUnloadedDriver++];
	if (slot->Name.Buffer)
		ExFreePoolWithTag(slot->Name.Buffer, MI_TAG_LOAD);
	slot->Name = Entry->BaseDllName;
	slot->Name.Buffer = name;
	slot->StartAddress = Entry->DllBase;
	slot->EndAddress = (PUCHAR)Entry->DllBase + Entry->SizeOfImage;
	KeQuerySystemTime(&slot->CurrentTime);
}

NTSTATUS MmUnloadSystemImage(PVOID ImageHandle)
{
	PKLDR_DATA_TABLE_ENTRY entry = ImageHandle;
	BOOLEAN enabled;

	MiAcquireLoadLock();
	enabled = KiLockBriefly(&PsLoadedModuleSpinLock);
	RemoveEntryList(&entry->InLoadOrderLinks);
	KiUnlockBriefly(&PsLoadedModuleSpinLock, enabled);
	MiRememberUnloadedDriver(entry);
	MiFreeDriverImage(entry->DllBase, entry->SizeOfImage);
	ExFreePoolWithTag(entry, MI_TAG_LOAD);
	MiReleaseLoadLock();
	return STATUS_SUCCESS;
}
