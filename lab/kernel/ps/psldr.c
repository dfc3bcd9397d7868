/* PsLoadedModuleList: the boot images, from the loader block. Drivers that are loaded later are mm/sysload.c's. */
#include "psp.h"
#include "arc.h"

#define PSP_MODULE_TAG       'dLmM' /* "MmLd" */
#define LDRP_ENTRY_PROCESSED 0x4000u

LIST_ENTRY PsLoadedModuleList = { &PsLoadedModuleList, &PsLoadedModuleList };
KSPIN_LOCK PsLoadedModuleSpinLock;

/* The loader's names are ASCII. */
static BOOLEAN PspModuleName(PUNICODE_STRING name, const char *text)
{
	ANSI_STRING ansi;

	RtlInitAnsiString(&ansi, text);
	return NT_SUCCESS(RtlAnsiStringToUnicodeString(name, &ansi, TRUE));
}

static BOOLEAN PspEnterModule(const LOADER_MODULE *module)
{
	PKLDR_DATA_TABLE_ENTRY entry = ExAllocatePoolWithTag(NonPagedPool, sizeof(*entry), PSP_MODULE_TAG);

	if (entry == NULL)
		return FALSE;
	memset(entry, 0, sizeof(*entry));
	entry->DllBase = (PVOID)module->DllBase;
	entry->EntryPoint = (PVOID)module->EntryPoint;
	entry->SizeOfImage = module->SizeOfImage;
	entry->SizeOfImageNotRounded = module->SizeOfImage;
	entry->TimeDateStamp = module->TimeDateStamp;
	entry->CheckSum = module->CheckSum;
	entry->Flags = LDRP_ENTRY_PROCESSED;
	entry->LoadCount = 1;
	entry->ExceptionTable = RtlImageDirectoryEntryToData(entry->DllBase, TRUE, IMAGE_DIRECTORY_ENTRY_EXCEPTION, &entry->ExceptionTableSize);
	if (!PspModuleName(&entry->BaseDllName, module->BaseDllName) || !PspModuleName(&entry->FullDllName, module->FullDllName))
		return FALSE;
	ExInterlockedInsertTailList(&PsLoadedModuleList, &entry->InLoadOrderLinks, &PsLoadedModuleSpinLock);
	return TRUE;
}

BOOLEAN PspInitializeModuleList(PLOADER_PARAMETER_BLOCK loader_block)
{
	for (ULONG i = 0; i < loader_block->ModuleCount && i < LOADER_BLOCK_MODULES; i++) {
		if (!PspEnterModule(&loader_block->Modules[i]))
			return FALSE;
	}
	return TRUE;
}

/* What ntoskrnl.exe or hal.dll, the first two images, export by that name. Forwarded names count: they lead to the kernel's own. */
PVOID MmGetSystemRoutineAddress(PUNICODE_STRING SystemRoutineName)
{
	PLIST_ENTRY link = PsLoadedModuleList.Flink;
	ANSI_STRING name;
	PVOID routine = NULL;

	if (!NT_SUCCESS(RtlUnicodeStringToAnsiString(&name, SystemRoutineName, TRUE)))
		return NULL;
	for (ULONG i = 0; i < 2 && routine == NULL && link != &PsLoadedModuleList; i++, link = link->Flink)
		routine = RtlFindExportedRoutineByName(CONTAINING_RECORD(link, KLDR_DATA_TABLE_ENTRY, InLoadOrderLinks)->DllBase, name.Buffer);
	RtlFreeAnsiString(&name);
	return routine;
}
