/*
 * Driver images: is this file one, and if so, its sections at their addresses, relocated. The file is not trusted: no offset in it is
 * followed without a look at where it leads. Format: Microsoft's "PE Format".
 */
#include "sysimage.h"
#include "rtl.h"
#include "ke.h"

#define IMAGE_FILE_RELOCS_STRIPPED  0x0001
#define IMAGE_FILE_EXECUTABLE_IMAGE 0x0002

#define IMAGE_SUBSYSTEM_NATIVE   1
#define IMAGE_REL_BASED_ABSOLUTE 0
#define IMAGE_REL_BASED_DIR64    10
#define IMAGE_SCN_MEM_EXECUTE    0x20000000u
#define IMAGE_SCN_MEM_WRITE      0x80000000u

/* Load configuration (IMAGE_LOAD_CONFIG_DIRECTORY64): where /GS keeps its cookie, where /guard:cf keeps its pointers. */
#define LOAD_CONFIG_SECURITY_COOKIE 0x58u
#define LOAD_CONFIG_GUARD_CHECK     0x70u
#define LOAD_CONFIG_GUARD_DISPATCH  0x78u
#define LOAD_CONFIG_GUARD_FLAGS     0x90u
#define IMAGE_GUARD_CF_INSTRUMENTED 0x100u

/* The value of a cookie that nobody has initialised. */
#define DEFAULT_SECURITY_COOKIE 0x00002b992ddfa232ULL

#define MI_MAXIMUM_IMAGE    0x10000000u
#define MI_MAXIMUM_SECTIONS 96u

PVOID MiImageAt(const MI_IMAGE *Image, ULONG Rva, ULONG Length)
{
	if (Rva > Image->Size || Length > Image->Size - Rva)
		return NULL;
	return Image->Base + Rva;
}

const CHAR *MiImageString(const MI_IMAGE *Image, ULONG Rva)
{
	const CHAR *text = MiImageAt(Image, Rva, 1);

	return text && strnlen(text, Image->Size - Rva) < Image->Size - Rva ? text : NULL;
}

BOOLEAN MiImageDirectory(const MI_IMAGE *Image, ULONG Index, PULONG Rva, PULONG Size)
{
	PIMAGE_OPTIONAL_HEADER64 optional = &Image->Headers->OptionalHeader;

	if (Index >= optional->NumberOfRvaAndSizes || Index >= RTL_NUMBER_OF(optional->DataDirectory))
		return FALSE;
	*Rva = optional->DataDirectory[Index].VirtualAddress;
	*Size = optional->DataDirectory[Index].Size;
	return *Rva && *Size && MiImageAt(Image, *Rva, *Size);
}

/* The headers in the file, or NULL. HeadersOffset: where they are. */
static PIMAGE_NT_HEADERS64 MiCheckHeaders(const UCHAR *File, ULONG FileSize, PULONG HeadersOffset)
{
	const IMAGE_DOS_HEADER *dos = (const IMAGE_DOS_HEADER *)File;
	PIMAGE_NT_HEADERS64 headers;
	PIMAGE_OPTIONAL_HEADER64 optional;
	ULONG offset;

	if (FileSize < sizeof(*dos) || dos->e_magic != IMAGE_DOS_SIGNATURE)
		return NULL;
	offset = (ULONG)dos->e_lfanew;
	if ((offset & 3) || offset > FileSize || FileSize - offset < sizeof(*headers))
		return NULL;
	headers = (PIMAGE_NT_HEADERS64)(File + offset);
	optional = &headers->OptionalHeader;
	if (headers->Signature != IMAGE_NT_SIGNATURE || headers->FileHeader.Machine != IMAGE_FILE_MACHINE_AMD64 ||
	    !(headers->FileHeader.Characteristics & IMAGE_FILE_EXECUTABLE_IMAGE) || headers->FileHeader.SizeOfOptionalHeader < sizeof(*optional) ||
	    optional->Magic != IMAGE_NT_OPTIONAL_HDR64_MAGIC || optional->Subsystem != IMAGE_SUBSYSTEM_NATIVE)
		return NULL;
	if (!optional->SizeOfImage || optional->SizeOfImage > MI_MAXIMUM_IMAGE || optional->AddressOfEntryPoint >= optional->SizeOfImage ||
	    !optional->AddressOfEntryPoint)
		return NULL;
	*HeadersOffset = offset;
	return headers;
}

/* The section table in the file, or NULL: it must lie inside the headers, and the headers inside file and image. */
static PIMAGE_SECTION_HEADER MiCheckSectionTable(const UCHAR *File, ULONG FileSize, ULONG HeadersOffset)
{
	const IMAGE_NT_HEADERS64 *headers = (const IMAGE_NT_HEADERS64 *)(File + HeadersOffset);
	ULONG count = headers->FileHeader.NumberOfSections, size = headers->OptionalHeader.SizeOfHeaders;
	ULONG table = HeadersOffset + FIELD_OFFSET(IMAGE_NT_HEADERS64, OptionalHeader) + headers->FileHeader.SizeOfOptionalHeader;

	if (!count || count > MI_MAXIMUM_SECTIONS || size > FileSize || size > headers->OptionalHeader.SizeOfImage)
		return NULL;
	if (table > size || count * sizeof(IMAGE_SECTION_HEADER) > size - table)
		return NULL;
	return (PIMAGE_SECTION_HEADER)(File + table);
}

/* Sections ascend without overlap, inside the image; their bytes are in the file. */
static BOOLEAN MiCheckSections(const IMAGE_SECTION_HEADER *Sections, ULONG Count, ULONG FileSize, ULONG HeadersSize, ULONG ImageSize)
{
	ULONG end = HeadersSize;

	for (ULONG i = 0; i < Count; i++) {
		const IMAGE_SECTION_HEADER *section = &Sections[i];
		ULONG size = section->Misc.VirtualSize ? section->Misc.VirtualSize : section->SizeOfRawData;

		if (section->VirtualAddress < end || section->VirtualAddress > ImageSize || size > ImageSize - section->VirtualAddress)
			return FALSE;
		if (section->SizeOfRawData && (section->PointerToRawData > FileSize || section->SizeOfRawData > FileSize - section->PointerToRawData))
			return FALSE;
		end = section->VirtualAddress + size;
	}
	return TRUE;
}

static VOID MiCopySections(const UCHAR *File, const IMAGE_SECTION_HEADER *Sections, ULONG Count, PUCHAR Base)
{
	for (ULONG i = 0; i < Count; i++) {
		ULONG size = Sections[i].SizeOfRawData;

		/* Raw data is padded to the file's alignment: what exceeds the section is not part of it. */
		if (Sections[i].Misc.VirtualSize && size > Sections[i].Misc.VirtualSize)
			size = Sections[i].Misc.VirtualSize;
		RtlCopyMemory(Base + Sections[i].VirtualAddress, File + Sections[i].PointerToRawData, size);
	}
}

/* One block of relocations: a page's address, its length, and 16-bit entries of type and offset. */
static BOOLEAN MiRelocateBlock(const MI_IMAGE *Image, ULONG PageRva, const USHORT *Entries, ULONG Count, ULONG64 Delta)
{
	for (ULONG i = 0; i < Count; i++) {
		ULONG type = Entries[i] >> 12;
		PVOID place;
		ULONG64 value;

		if (type == IMAGE_REL_BASED_ABSOLUTE)
			continue;
		place = MiImageAt(Image, PageRva + (Entries[i] & 0xfff), sizeof(value));
		if (type != IMAGE_REL_BASED_DIR64 || !place || PageRva > Image->Size)
			return FALSE;
		RtlCopyMemory(&value, place, sizeof(value));
		value += Delta;
		RtlCopyMemory(place, &value, sizeof(value));
	}
	return TRUE;
}

/* An image without relocations is taken as having nothing to relocate, unless it says that they were stripped. */
static BOOLEAN MiRelocate(const MI_IMAGE *Image)
{
	ULONG64 delta = (ULONG64)Image->Base - Image->Headers->OptionalHeader.ImageBase;
	ULONG rva, size;

	if (!MiImageDirectory(Image, IMAGE_DIRECTORY_ENTRY_BASERELOC, &rva, &size))
		return !(Image->Headers->FileHeader.Characteristics & IMAGE_FILE_RELOCS_STRIPPED);
	while (size >= 2 * sizeof(ULONG)) {
		const ULONG *block = MiImageAt(Image, rva, 2 * sizeof(ULONG));
		ULONG length = block[1];

		if (!block[0] && !length)
			break;
		if (length < 2 * sizeof(ULONG) || length > size)
			return FALSE;
		if (!MiRelocateBlock(Image, block[0], (const USHORT *)(block + 2), (length - 2 * sizeof(ULONG)) / sizeof(USHORT), delta))
			return FALSE;
		rva += length;
		size -= length;
	}
	return TRUE;
}

/* The variable of eight bytes to which the load configuration points at Offset; NULL: it is too short, or points out of the image. */
static PULONG64 MiLoadConfigVariable(const MI_IMAGE *Image, ULONG Offset)
{
	ULONG64 address;
	ULONG rva, size;

	if (!MiImageDirectory(Image, IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG, &rva, &size) || size < Offset + sizeof(address))
		return NULL;
	RtlCopyMemory(&address, Image->Base + rva + Offset, sizeof(address));
	address -= (ULONG64)Image->Base;
	if (address > Image->Size || (address & 7))
		return NULL;
	return MiImageAt(Image, (ULONG)address, sizeof(address));
}

/* Gives a driver built with /GS a cookie that an overrun cannot guess; its top 16 bits are zero by convention. */
static VOID MiSetSecurityCookie(const MI_IMAGE *Image)
{
	PULONG64 place = MiLoadConfigVariable(Image, LOAD_CONFIG_SECURITY_COOKIE);
	ULONG64 cookie;

	if (!place || *place != DEFAULT_SECURITY_COOKIE)
		return;
	cookie = (KeReadTsc() * 0x9e3779b97f4a7c15ULL ^ (ULONG64)Image->Base) & 0x0000ffffffffffffULL;
	*place = cookie && cookie != DEFAULT_SECURITY_COOKIE ? cookie : DEFAULT_SECURITY_COOKIE + 1;
}

/* Of an image that calls through them: the pointers to what looks at the targets of indirect calls. */
static VOID MiSetGuardPointers(const MI_IMAGE *Image)
{
	ULONG rva, size, flags;
	PULONG64 place;

	if (!MiImageDirectory(Image, IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG, &rva, &size) || size < LOAD_CONFIG_GUARD_FLAGS + sizeof(flags))
		return;
	RtlCopyMemory(&flags, Image->Base + rva + LOAD_CONFIG_GUARD_FLAGS, sizeof(flags));
	if (!(flags & IMAGE_GUARD_CF_INSTRUMENTED))
		return;
	place = MiLoadConfigVariable(Image, LOAD_CONFIG_GUARD_CHECK);
	if (place)
		*place = (ULONG64)_guard_check_icall;
	place = MiLoadConfigVariable(Image, LOAD_CONFIG_GUARD_DISPATCH);
	if (place)
		*place = (ULONG64)_guard_dispatch_icall;
}

NTSTATUS MiMapDriverImage(const UCHAR *File, ULONG FileSize, PMI_IMAGE Image)
{
	PIMAGE_SECTION_HEADER sections;
	PIMAGE_NT_HEADERS64 headers;
	ULONG offset, count;

	headers = MiCheckHeaders(File, FileSize, &offset);
	sections = headers ? MiCheckSectionTable(File, FileSize, offset) : NULL;
	if (!sections)
		return STATUS_INVALID_IMAGE_FORMAT;
	count = headers->FileHeader.NumberOfSections;
	if (!MiCheckSections(sections, count, FileSize, headers->OptionalHeader.SizeOfHeaders, headers->OptionalHeader.SizeOfImage))
		return STATUS_INVALID_IMAGE_FORMAT;

	Image->Size = (ULONG)ROUND_TO_PAGES(headers->OptionalHeader.SizeOfImage);
	Image->Base = MiAllocateDriverImage(Image->Size);
	if (!Image->Base)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlCopyMemory(Image->Base, File, headers->OptionalHeader.SizeOfHeaders);
	MiCopySections(File, sections, count, Image->Base);
	Image->Headers = (PIMAGE_NT_HEADERS64)(Image->Base + offset);
	Image->Sections = (PIMAGE_SECTION_HEADER)(Image->Base + ((PUCHAR)sections - File));
	if (!MiRelocate(Image)) {
		MiFreeDriverImage(Image->Base, Image->Size);
		return STATUS_INVALID_IMAGE_FORMAT;
	}
	Image->Headers->OptionalHeader.ImageBase = (ULONG64)Image->Base;
	MiSetSecurityCookie(Image);
	MiSetGuardPointers(Image);
	return STATUS_SUCCESS;
}

static ULONG MiSectionProtection(ULONG Characteristics)
{
	if (Characteristics & IMAGE_SCN_MEM_EXECUTE)
		return PAGE_EXECUTE_READ;
	return (Characteristics & IMAGE_SCN_MEM_WRITE) ? PAGE_READWRITE : PAGE_READONLY;
}

/*
 * Sections smaller than a page share pages with their neighbours: such an image stays writable and executable, as in NT. Sections
 * named INIT stay mapped after the entry routine: a thread that it started may still be in them.
 */
VOID MiProtectImageSections(const MI_IMAGE *Image)
{
	const IMAGE_NT_HEADERS64 *headers = Image->Headers;
	ULONG count = headers->FileHeader.NumberOfSections;

	if (headers->OptionalHeader.SectionAlignment < PAGE_SIZE) {
		MiProtectDriverImage(Image->Base, Image->Size, PAGE_EXECUTE_READWRITE);
		return;
	}
	MiProtectDriverImage(Image->Base, ROUND_TO_PAGES(headers->OptionalHeader.SizeOfHeaders), PAGE_READONLY);
	for (ULONG i = 0; i < count; i++) {
		const IMAGE_SECTION_HEADER *section = &Image->Sections[i];
		ULONG size = section->Misc.VirtualSize ? section->Misc.VirtualSize : section->SizeOfRawData;

		if (size && !BYTE_OFFSET((ULONG_PTR)section->VirtualAddress))
			MiProtectDriverImage(Image->Base + section->VirtualAddress, ROUND_TO_PAGES(size),
					     MiSectionProtection(section->Characteristics));
	}
}
