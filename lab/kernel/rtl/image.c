/* Headers of PE images that the kernel has mapped. The callers pass images that were checked when they were loaded. */
#include "rtl.h"

PIMAGE_NT_HEADERS64 RtlImageNtHeader(PVOID ImageBase)
{
	PIMAGE_DOS_HEADER dos = ImageBase;
	PIMAGE_NT_HEADERS64 headers;

	if (dos == NULL || dos->e_magic != IMAGE_DOS_SIGNATURE || dos->e_lfanew < (LONG)sizeof(*dos) || dos->e_lfanew > 0x1000)
		return NULL;
	headers = (PIMAGE_NT_HEADERS64)((PUCHAR)ImageBase + dos->e_lfanew);
	return headers->Signature == IMAGE_NT_SIGNATURE ? headers : NULL;
}

/* NULL: the image has no such directory, or it is not mapped as an image. */
PVOID RtlImageDirectoryEntryToData(PVOID ImageBase, BOOLEAN MappedAsImage, USHORT DirectoryEntry, PULONG Size)
{
	PIMAGE_NT_HEADERS64 headers = RtlImageNtHeader(ImageBase);
	PIMAGE_DATA_DIRECTORY directory;

	*Size = 0;
	if (headers == NULL || !MappedAsImage || headers->OptionalHeader.Magic != IMAGE_NT_OPTIONAL_HDR64_MAGIC ||
	    DirectoryEntry >= headers->OptionalHeader.NumberOfRvaAndSizes || DirectoryEntry >= IMAGE_NUMBEROF_DIRECTORY_ENTRIES)
		return NULL;
	directory = &headers->OptionalHeader.DataDirectory[DirectoryEntry];
	if (directory->VirtualAddress == 0 || directory->VirtualAddress >= headers->OptionalHeader.SizeOfImage ||
	    directory->Size > headers->OptionalHeader.SizeOfImage - directory->VirtualAddress)
		return NULL;
	*Size = directory->Size;
	return (PUCHAR)ImageBase + directory->VirtualAddress;
}

/* The PE specification's export directory table; addresses are RVAs. */
struct rtl_export_directory {
	ULONG characteristics;
	ULONG time_date_stamp;
	USHORT major_version;
	USHORT minor_version;
	ULONG name;
	ULONG base;
	ULONG number_of_functions;
	ULONG number_of_names;
	ULONG functions;
	ULONG names;
	ULONG name_ordinals;
};

/* The code or data that an image exports by that name; NULL: none, or it is forwarded to another image. */
PVOID RtlFindExportedRoutineByName(PVOID ImageBase, PCSTR RoutineName)
{
	ULONG size;
	const struct rtl_export_directory *exports = RtlImageDirectoryEntryToData(ImageBase, TRUE, IMAGE_DIRECTORY_ENTRY_EXPORT, &size);
	PUCHAR base = ImageBase;
	ULONG low = 0, high;

	if (exports == NULL || size < sizeof(*exports))
		return NULL;
	/* The names are in the order of strcmp. */
	high = exports->number_of_names;
	while (low < high) {
		ULONG middle = low + (high - low) / 2;
		int order = strcmp(RoutineName, (PCSTR)(base + ((PULONG)(base + exports->names))[middle]));
		ULONG ordinal, rva;

		if (order < 0) {
			high = middle;
			continue;
		}
		if (order > 0) {
			low = middle + 1;
			continue;
		}
		ordinal = ((PUSHORT)(base + exports->name_ordinals))[middle];
		if (ordinal >= exports->number_of_functions)
			return NULL;
		rva = ((PULONG)(base + exports->functions))[ordinal];
		return (PUCHAR)base + rva >= (PUCHAR)exports && (PUCHAR)base + rva < (PUCHAR)exports + size ? NULL : base + rva;
	}
	return NULL;
}
