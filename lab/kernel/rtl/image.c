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
