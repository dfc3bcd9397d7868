/*
 * Names: which ones C: accepts, and their way between NT's UTF-16 and the host's UTF-8. NT's rules, not Win32's: trailing dots and
 * blanks are kept, . and .. are no names at all (Win32 resolves them before NT sees a path).
 */
#include "p9fs.h"

/* Control characters and what wildcards, streams and paths are made of: a bit for each of the first 128 characters. */
static BOOLEAN P9IsReserved(WCHAR Character)
{
	static const ULONG64 reserved[] = {
		0xffffffff | 1ULL << '"' | 1ULL << '*' | 1ULL << '/' | 1ULL << ':' | 1ULL << '<' | 1ULL << '>' | 1ULL << '?',
		1ULL << ('\\' - 64) | 1ULL << ('|' - 64),
	};

	return Character < 128 && (reserved[Character / 64] >> Character % 64 & 1);
}

/* STATUS_OBJECT_NAME_INVALID: not a name that a file can have. */
NTSTATUS P9CheckComponent(PCUNICODE_STRING Name)
{
	ULONG count = Name->Length / sizeof(WCHAR);

	if (!count || count > P9_NAME_MAXIMUM)
		return STATUS_OBJECT_NAME_INVALID;
	if (Name->Buffer[0] == L'.' && (count == 1 || (count == 2 && Name->Buffer[1] == L'.')))
		return STATUS_OBJECT_NAME_INVALID;
	for (ULONG i = 0; i < count; i++)
		if (P9IsReserved(Name->Buffer[i]))
			return STATUS_OBJECT_NAME_INVALID;
	return STATUS_SUCCESS;
}

BOOLEAN P9NextComponent(PUNICODE_STRING Path, PUNICODE_STRING Component)
{
	USHORT length = 0;

	if (!Path->Length)
		return FALSE;
	while (length < Path->Length && Path->Buffer[length / sizeof(WCHAR)] != L'\\')
		length += sizeof(WCHAR);
	Component->Buffer = Path->Buffer;
	Component->Length = length;
	Component->MaximumLength = length;
	if (length < Path->Length)
		length += sizeof(WCHAR);
	Path->Buffer += length / sizeof(WCHAR);
	Path->Length -= length;
	return TRUE;
}

/* STATUS_OBJECT_NAME_INVALID: half a surrogate pair has no UTF-8. */
NTSTATUS P9ToUtf8(PCUNICODE_STRING Name, PP9_NAME Utf8)
{
	ULONG written;
	NTSTATUS status;

	status = RtlUnicodeToUTF8N(Utf8->Text, sizeof(Utf8->Text), &written, Name->Buffer, Name->Length);
	if (status != STATUS_SUCCESS)
		return STATUS_OBJECT_NAME_INVALID;
	Utf8->Length = (USHORT)written;
	return STATUS_SUCCESS;
}

BOOLEAN P9FromUtf8(const CHAR *Text, ULONG Length, PWSTR Buffer, PUNICODE_STRING Name)
{
	ULONG written;

	if (RtlUTF8ToUnicodeN(Buffer, P9_NAME_MAXIMUM * sizeof(WCHAR), &written, Text, Length) != STATUS_SUCCESS)
		return FALSE;
	Name->Buffer = Buffer;
	Name->Length = (USHORT)written;
	Name->MaximumLength = (USHORT)written;
	return NT_SUCCESS(P9CheckComponent(Name));
}

NTSTATUS P9CopyName(PUNICODE_STRING Destination, PCUNICODE_STRING Source)
{
	Destination->Buffer = ExAllocatePoolWithTag(NonPagedPoolNx, Source->Length ? Source->Length : sizeof(WCHAR), P9_TAG_NAME);
	if (!Destination->Buffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlCopyMemory(Destination->Buffer, Source->Buffer, Source->Length);
	Destination->Length = Source->Length;
	Destination->MaximumLength = Source->Length;
	return STATUS_SUCCESS;
}

/* Writes the characters of Name, and the backslash before it, in front of *End. */
static VOID P9Prepend(PWSTR *End, PCUNICODE_STRING Name)
{
	*End -= Name->Length / sizeof(WCHAR);
	RtlCopyMemory(*End, Name->Buffer, Name->Length);
	*--*End = L'\\';
}

NTSTATUS P9FullName(PP9_FCB Fcb, PUNICODE_STRING Path)
{
	ULONG length = Fcb->Parent ? Fcb->Name.Length + sizeof(WCHAR) : sizeof(WCHAR);
	PWSTR end;

	for (PP9_DIRECTORY directory = Fcb->Parent; directory && directory->Parent; directory = directory->Parent)
		length += directory->Name.Length + sizeof(WCHAR);
	if (length > 0xfffe)
		return STATUS_NAME_TOO_LONG;
	Path->Buffer = ExAllocatePoolWithTag(PagedPool, length, P9_TAG_NAME);
	if (!Path->Buffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	Path->Length = (USHORT)length;
	Path->MaximumLength = (USHORT)length;
	end = Path->Buffer + length / sizeof(WCHAR);
	if (!Fcb->Parent) {
		*--end = L'\\';
		return STATUS_SUCCESS;
	}
	P9Prepend(&end, &Fcb->Name);
	for (PP9_DIRECTORY directory = Fcb->Parent; directory->Parent; directory = directory->Parent)
		P9Prepend(&end, &directory->Name);
	return STATUS_SUCCESS;
}
