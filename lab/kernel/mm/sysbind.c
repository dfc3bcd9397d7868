/*
 * Binding a driver: each import, by name or by ordinal, becomes the address of an export of ntoskrnl.exe, hal.dll or fltmgr.sys. The exporters are
 * the boot images, which never go away; what they lack is named.
 */
#include "sysimage.h"
#include "ps.h"
#include "rtl.h"

#define IMAGE_ORDINAL_FLAG64 0x8000000000000000ULL
#define MI_MAXIMUM_FORWARDS  8u

typedef struct _IMAGE_IMPORT_DESCRIPTOR {
	ULONG OriginalFirstThunk;
	ULONG TimeDateStamp;
	ULONG ForwarderChain;
	ULONG Name;
	ULONG FirstThunk;
} IMAGE_IMPORT_DESCRIPTOR;

typedef struct _IMAGE_EXPORT_DIRECTORY {
	ULONG Characteristics;
	ULONG TimeDateStamp;
	USHORT MajorVersion;
	USHORT MinorVersion;
	ULONG Name;
	ULONG Base;
	ULONG NumberOfFunctions;
	ULONG NumberOfNames;
	ULONG AddressOfFunctions;
	ULONG AddressOfNames;
	ULONG AddressOfNameOrdinals;
} IMAGE_EXPORT_DIRECTORY;

/* Does the module's file name begin with Length characters of Name, and end or go on with an extension? */
static BOOLEAN MiIsModule(PCUNICODE_STRING BaseName, const CHAR *Name, SIZE_T Length, BOOLEAN WholeName)
{
	SIZE_T characters = BaseName->Length / sizeof(WCHAR);

	if (characters < Length || (WholeName && characters != Length))
		return FALSE;
	for (SIZE_T i = 0; i < Length; i++)
		if (RtlUpcaseUnicodeChar(BaseName->Buffer[i]) != (WCHAR)(UCHAR)RtlUpperChar(Name[i]))
			return FALSE;
	return characters == Length || BaseName->Buffer[Length] == L'.';
}

/* A boot image by its file name; FALSE: no such exporter. WholeName FALSE: a forwarder's name, without extension. */
static BOOLEAN MiFindExporter(const CHAR *Name, SIZE_T Length, BOOLEAN WholeName, PMI_IMAGE Exporter)
{
	for (PLIST_ENTRY link = PsLoadedModuleList.Flink; link != &PsLoadedModuleList; link = link->Flink) {
		PKLDR_DATA_TABLE_ENTRY entry = CONTAINING_RECORD(link, KLDR_DATA_TABLE_ENTRY, InLoadOrderLinks);
		BOOLEAN boot = FALSE;

		for (ULONG i = 0; i < KeLoaderBlock->ModuleCount; i++)
			if (KeLoaderBlock->Modules[i].DllBase == (ULONG64)entry->DllBase)
				boot = TRUE;
		if (!boot || !MiIsModule(&entry->BaseDllName, Name, Length, WholeName))
			continue;
		Exporter->Base = entry->DllBase;
		Exporter->Size = entry->SizeOfImage;
		Exporter->Headers = RtlImageNtHeader(entry->DllBase);
		return Exporter->Headers != NULL;
	}
	return FALSE;
}

/* Is this a copy of what drivers are bound to, by the name in its export table? As a driver it would take the running kernel's place. */
BOOLEAN MiIsBootImage(const MI_IMAGE *Image)
{
	const IMAGE_EXPORT_DIRECTORY *exports;
	const CHAR *name;
	MI_IMAGE boot;
	ULONG rva, size;

	if (!MiImageDirectory(Image, IMAGE_DIRECTORY_ENTRY_EXPORT, &rva, &size) || size < sizeof(*exports))
		return FALSE;
	exports = MiImageAt(Image, rva, sizeof(*exports));
	name = MiImageString(Image, exports->Name);
	return name && MiFindExporter(name, strlen(name), TRUE, &boot);
}

static ULONG64 MiFindExportByName(const CHAR *ModuleName, SIZE_T ModuleLength, BOOLEAN WholeName, const CHAR *Routine, ULONG Ordinal, ULONG Depth);

/* The routine numbered Index of the export table, following forwarders ("ntoskrnl.KeSetEvent", "ntoskrnl.#12"). 0: none. */
static ULONG64 MiExportAddress(const MI_IMAGE *Module, const IMAGE_EXPORT_DIRECTORY *Exports, ULONG DirectoryRva, ULONG DirectorySize, ULONG Index,
			       ULONG Depth)
{
	const ULONG *functions = MiImageAt(Module, Exports->AddressOfFunctions, sizeof(ULONG));
	const CHAR *forward, *dot;
	ULONG rva;

	if (!functions || Index >= Exports->NumberOfFunctions ||
	    !MiImageAt(Module, Exports->AddressOfFunctions + Index * sizeof(ULONG), sizeof(ULONG)))
		return 0;
	rva = functions[Index];
	if (!rva || rva - DirectoryRva >= DirectorySize)
		return rva && rva < Module->Size ? (ULONG64)Module->Base + rva : 0;
	forward = MiImageString(Module, rva);
	dot = forward ? strrchr(forward, '.') : NULL;
	if (!dot || Depth >= MI_MAXIMUM_FORWARDS)
		return 0;
	if (dot[1] == '#')
		return MiFindExportByName(forward, (SIZE_T)(dot - forward), FALSE, NULL, strtoul(dot + 2, NULL, 10), Depth + 1);
	return MiFindExportByName(forward, (SIZE_T)(dot - forward), FALSE, dot + 1, 0, Depth + 1);
}

/* Binary search: the names of an export table are sorted. Result: index of the routine, or MI_NO_INDEX. */
#define MI_NO_INDEX 0xffffffffu
static ULONG MiSearchName(const MI_IMAGE *Module, const IMAGE_EXPORT_DIRECTORY *Exports, const CHAR *Routine)
{
	ULONG low = 0, high = Exports->NumberOfNames;
	const ULONG *names = MiImageAt(Module, Exports->AddressOfNames, high * sizeof(ULONG));
	const USHORT *ordinals = MiImageAt(Module, Exports->AddressOfNameOrdinals, high * sizeof(USHORT));

	if (high > Module->Size / sizeof(ULONG) || !names || !ordinals)
		return MI_NO_INDEX;
	while (low < high) {
		ULONG middle = low + (high - low) / 2;
		const CHAR *name = MiImageString(Module, names[middle]);
		int order = name ? strcmp(Routine, name) : -1;

		if (!order)
			return ordinals[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return MI_NO_INDEX;
}

/* By name, or by Ordinal when Routine is NULL. 0: there is none. */
static ULONG64 MiFindExportByName(const CHAR *ModuleName, SIZE_T ModuleLength, BOOLEAN WholeName, const CHAR *Routine, ULONG Ordinal, ULONG Depth)
{
	const IMAGE_EXPORT_DIRECTORY *exports;
	MI_IMAGE module;
	ULONG rva, size, index;

	if (!MiFindExporter(ModuleName, ModuleLength, WholeName, &module) || !MiImageDirectory(&module, IMAGE_DIRECTORY_ENTRY_EXPORT, &rva, &size) ||
	    size < sizeof(*exports))
		return 0;
	exports = MiImageAt(&module, rva, sizeof(*exports));
	index = Routine ? MiSearchName(&module, exports, Routine) : Ordinal - exports->Base;
	return index == MI_NO_INDEX ? 0 : MiExportAddress(&module, exports, rva, size, index, Depth);
}

/* A name out of the image for people to read: whatever is not printable ASCII becomes a question mark. */
static VOID MiCopyName(PCHAR Destination, SIZE_T Size, const CHAR *Name)
{
	SIZE_T length = 0;

	for (; Name[length] && length < Size - 1; length++)
		Destination[length] = isprint((UCHAR)Name[length]) ? Name[length] : '?';
	Destination[length] = 0;
}

static NTSTATUS MiMissing(PMI_MISSING_IMPORT Missing, const CHAR *Module, const CHAR *Routine, ULONG Ordinal)
{
	CHAR number[16];

	_snprintf(number, sizeof(number), "#%u", Ordinal);
	if (Missing) {
		MiCopyName(Missing->Module, sizeof(Missing->Module), Module);
		MiCopyName(Missing->Routine, sizeof(Missing->Routine), Routine ? Routine : number);
	}
	return Routine ? STATUS_DRIVER_ENTRYPOINT_NOT_FOUND : STATUS_DRIVER_ORDINAL_NOT_FOUND;
}

/* All imports from one module: a lookup table of names, and the address table that they are to fill. */
static NTSTATUS MiBindDescriptor(const MI_IMAGE *Image, const IMAGE_IMPORT_DESCRIPTOR *Descriptor, PMI_MISSING_IMPORT Missing)
{
	ULONG lookup = Descriptor->OriginalFirstThunk ? Descriptor->OriginalFirstThunk : Descriptor->FirstThunk;
	const CHAR *module = MiImageString(Image, Descriptor->Name);

	if (!module)
		return STATUS_INVALID_IMAGE_FORMAT;
	for (ULONG i = 0;; i += sizeof(ULONG64)) {
		PVOID from = MiImageAt(Image, lookup + i, sizeof(ULONG64));
		PVOID to = MiImageAt(Image, Descriptor->FirstThunk + i, sizeof(ULONG64));
		const CHAR *routine = NULL;
		ULONG64 thunk, address;
		ULONG ordinal = 0;

		/* Additions that wrapped around would have left the image on their way. Linkers align the tables to 4 bytes only. */
		if (!from || !to)
			return STATUS_INVALID_IMAGE_FORMAT;
		RtlCopyMemory(&thunk, from, sizeof(thunk));
		if (!thunk)
			return STATUS_SUCCESS;
		if (thunk & IMAGE_ORDINAL_FLAG64) {
			ordinal = (USHORT)thunk;
		} else {
			/* Behind a 16-bit hint. */
			routine = thunk < Image->Size ? MiImageString(Image, (ULONG)thunk + sizeof(USHORT)) : NULL;
			if (!routine)
				return STATUS_INVALID_IMAGE_FORMAT;
		}
		address = MiFindExportByName(module, strlen(module), TRUE, routine, ordinal, 0);
		if (!address)
			return MiMissing(Missing, module, routine, ordinal);
		RtlCopyMemory(to, &address, sizeof(address));
	}
}

NTSTATUS MiBindImports(const MI_IMAGE *Image, PMI_MISSING_IMPORT Missing)
{
	ULONG rva, size;
	NTSTATUS status = STATUS_SUCCESS;

	if (!MiImageDirectory(Image, IMAGE_DIRECTORY_ENTRY_IMPORT, &rva, &size))
		return STATUS_SUCCESS;
	for (; NT_SUCCESS(status); rva += sizeof(IMAGE_IMPORT_DESCRIPTOR)) {
		const IMAGE_IMPORT_DESCRIPTOR *descriptor = MiImageAt(Image, rva, sizeof(*descriptor));

		if (!descriptor)
			return STATUS_INVALID_IMAGE_FORMAT;
		if (!descriptor->Name || !descriptor->FirstThunk)
			break;
		status = MiBindDescriptor(Image, descriptor, Missing);
	}
	return status;
}
