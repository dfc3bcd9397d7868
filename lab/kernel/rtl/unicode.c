/* Counted strings: initialize, copy, compare, append, change case. Conversion to the other width is ansi.c's, numbers are integer.c's. */
#include "rtl.h"
#include "mm.h"

#define RTL_STRING_TAG 'grtS'

/* The longest counted string, in bytes: an even number below 64 KiB that leaves room for a terminator. */
#define RTL_MAX_STRING_BYTES 0xfffcU

VOID RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
	size_t bytes;

	DestinationString->Length = DestinationString->MaximumLength = 0;
	DestinationString->Buffer = (PWSTR)SourceString;
	if (SourceString == NULL)
		return;
	bytes = wcslen(SourceString) * sizeof(WCHAR);
	if (bytes > RTL_MAX_STRING_BYTES)
		bytes = RTL_MAX_STRING_BYTES;
	DestinationString->Length = (USHORT)bytes;
	DestinationString->MaximumLength = (USHORT)(bytes + sizeof(WCHAR));
}

NTSTATUS RtlInitUnicodeStringEx(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
	if (SourceString != NULL && wcslen(SourceString) * sizeof(WCHAR) > RTL_MAX_STRING_BYTES) {
		RtlInitUnicodeString(DestinationString, NULL);
		return STATUS_NAME_TOO_LONG;
	}
	RtlInitUnicodeString(DestinationString, SourceString);
	return STATUS_SUCCESS;
}

VOID RtlInitString(PSTRING DestinationString, PCSZ SourceString)
{
	size_t bytes;

	DestinationString->Length = DestinationString->MaximumLength = 0;
	DestinationString->Buffer = (PCHAR)SourceString;
	if (SourceString == NULL)
		return;
	bytes = strlen(SourceString);
	if (bytes > 0xfffe)
		bytes = 0xfffe;
	DestinationString->Length = (USHORT)bytes;
	DestinationString->MaximumLength = (USHORT)(bytes + 1);
}

VOID RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString)
{
	RtlInitString(DestinationString, SourceString);
}

/* Copies what fits; adds a terminator when there is room for one. A NULL source makes the destination empty. */
VOID RtlCopyUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString)
{
	USHORT length;

	if (SourceString == NULL) {
		DestinationString->Length = 0;
		return;
	}
	length = SourceString->Length;
	if (length > DestinationString->MaximumLength)
		length = DestinationString->MaximumLength;
	memmove(DestinationString->Buffer, SourceString->Buffer, length);
	DestinationString->Length = length;
	if (length + sizeof(WCHAR) <= DestinationString->MaximumLength)
		DestinationString->Buffer[length / sizeof(WCHAR)] = 0;
}

VOID RtlCopyString(PSTRING DestinationString, const STRING *SourceString)
{
	USHORT length;

	if (SourceString == NULL) {
		DestinationString->Length = 0;
		return;
	}
	length = SourceString->Length;
	if (length > DestinationString->MaximumLength)
		length = DestinationString->MaximumLength;
	memmove(DestinationString->Buffer, SourceString->Buffer, length);
	DestinationString->Length = length;
}

static LONG RtlpCompareUnits(PCUNICODE_STRING left, PCUNICODE_STRING right, size_t count, BOOLEAN ignore_case)
{
	for (size_t i = 0; i < count; i++) {
		WCHAR a = left->Buffer[i];
		WCHAR b = right->Buffer[i];

		if (a == b)
			continue;
		if (ignore_case) {
			a = RtlUpcaseUnicodeChar(a);
			b = RtlUpcaseUnicodeChar(b);
		}
		if (a != b)
			return (LONG)a - (LONG)b;
	}
	return 0;
}

LONG RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
	USHORT shorter = String1->Length < String2->Length ? String1->Length : String2->Length;
	LONG order = RtlpCompareUnits(String1, String2, shorter / sizeof(WCHAR), CaseInSensitive);

	return order != 0 ? order : (LONG)String1->Length - (LONG)String2->Length;
}

BOOLEAN RtlEqualUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
	return String1->Length == String2->Length && RtlpCompareUnits(String1, String2, String1->Length / sizeof(WCHAR), CaseInSensitive) == 0;
}

/* TRUE when String2 begins with String1. */
BOOLEAN RtlPrefixUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
	return String1->Length <= String2->Length && RtlpCompareUnits(String1, String2, String1->Length / sizeof(WCHAR), CaseInSensitive) == 0;
}

LONG RtlCompareString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive)
{
	USHORT shorter = String1->Length < String2->Length ? String1->Length : String2->Length;

	for (USHORT i = 0; i < shorter; i++) {
		int a = (UCHAR)String1->Buffer[i];
		int b = (UCHAR)String2->Buffer[i];

		if (CaseInSensitive) {
			a = toupper(a);
			b = toupper(b);
		}
		if (a != b)
			return a - b;
	}
	return (LONG)String1->Length - (LONG)String2->Length;
}

BOOLEAN RtlEqualString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive)
{
	return String1->Length == String2->Length && RtlCompareString(String1, String2, CaseInSensitive) == 0;
}

/* STATUS_BUFFER_TOO_SMALL leaves the destination as it was. */
static NTSTATUS RtlpAppend(PUNICODE_STRING destination, const WCHAR *source, size_t bytes)
{
	size_t length = destination->Length;

	if (bytes > destination->MaximumLength - length)
		return STATUS_BUFFER_TOO_SMALL;
	memmove((PUCHAR)destination->Buffer + length, source, bytes);
	length += bytes;
	destination->Length = (USHORT)length;
	if (length + sizeof(WCHAR) <= destination->MaximumLength)
		destination->Buffer[length / sizeof(WCHAR)] = 0;
	return STATUS_SUCCESS;
}

NTSTATUS RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source)
{
	return Source == NULL ? STATUS_SUCCESS : RtlpAppend(Destination, Source, wcslen(Source) * sizeof(WCHAR));
}

NTSTATUS RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PCUNICODE_STRING Source)
{
	return RtlpAppend(Destination, Source->Buffer, Source->Length);
}

static NTSTATUS RtlpMapCase(PUNICODE_STRING destination, PCUNICODE_STRING source, BOOLEAN allocate, WCHAR (*map)(WCHAR))
{
	if (allocate) {
		destination->Buffer = ExAllocatePoolWithTag(PagedPool, source->Length != 0 ? source->Length : sizeof(WCHAR), RTL_STRING_TAG);
		if (destination->Buffer == NULL)
			return STATUS_NO_MEMORY;
		destination->MaximumLength = source->Length;
	} else if (source->Length > destination->MaximumLength) {
		return STATUS_BUFFER_OVERFLOW;
	}
	for (size_t i = 0; i < source->Length / sizeof(WCHAR); i++)
		destination->Buffer[i] = map(source->Buffer[i]);
	destination->Length = source->Length;
	return STATUS_SUCCESS;
}

NTSTATUS RtlUpcaseUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString, BOOLEAN AllocateDestinationString)
{
	return RtlpMapCase(DestinationString, SourceString, AllocateDestinationString, RtlUpcaseUnicodeChar);
}

NTSTATUS RtlDowncaseUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString, BOOLEAN AllocateDestinationString)
{
	return RtlpMapCase(DestinationString, SourceString, AllocateDestinationString, RtlDowncaseUnicodeChar);
}

/* Flags: 1 adds a terminator, 2 allocates even for an empty string (RTL_DUPLICATE_UNICODE_STRING_*). */
NTSTATUS RtlDuplicateUnicodeString(ULONG Flags, PCUNICODE_STRING StringIn, PUNICODE_STRING StringOut)
{
	size_t bytes = StringIn->Length + ((Flags & 1) ? sizeof(WCHAR) : 0);

	if (bytes > 0xfffe)
		return STATUS_NAME_TOO_LONG;
	StringOut->Length = StringOut->MaximumLength = 0;
	StringOut->Buffer = NULL;
	if (StringIn->Length == 0 && (Flags & 3) != 3)
		return STATUS_SUCCESS;
	StringOut->Buffer = ExAllocatePoolWithTag(PagedPool, bytes, RTL_STRING_TAG);
	if (StringOut->Buffer == NULL)
		return STATUS_NO_MEMORY;
	memcpy(StringOut->Buffer, StringIn->Buffer, StringIn->Length);
	if (Flags & 1)
		StringOut->Buffer[StringIn->Length / sizeof(WCHAR)] = 0;
	StringOut->Length = StringIn->Length;
	StringOut->MaximumLength = (USHORT)bytes;
	return STATUS_SUCCESS;
}

/* HASH_STRING_ALGORITHM_DEFAULT (0) and _X65599 (1) are the same function: hash = hash * 65599 + character. */
NTSTATUS RtlHashUnicodeString(PCUNICODE_STRING String, BOOLEAN CaseInSensitive, ULONG HashAlgorithm, PULONG HashValue)
{
	ULONG hash = 0;

	if (String == NULL || HashValue == NULL || HashAlgorithm > 1)
		return STATUS_INVALID_PARAMETER;
	for (size_t i = 0; i < String->Length / sizeof(WCHAR); i++) {
		WCHAR unit = String->Buffer[i];

		hash = hash * 65599 + (CaseInSensitive ? RtlUpcaseUnicodeChar(unit) : unit);
	}
	*HashValue = hash;
	return STATUS_SUCCESS;
}

/* A terminated copy in pool. FALSE: too long, or no memory. */
BOOLEAN RtlCreateUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
	UNICODE_STRING source;

	return NT_SUCCESS(RtlInitUnicodeStringEx(&source, SourceString)) && NT_SUCCESS(RtlDuplicateUnicodeString(3, &source, DestinationString));
}

BOOLEAN RtlPrefixString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive)
{
	STRING head = *String2;

	if (String1->Length > head.Length)
		return FALSE;
	head.Length = String1->Length;
	return RtlCompareString(String1, &head, CaseInSensitive) == 0;
}

NTSTATUS RtlAppendStringToString(PSTRING Destination, const STRING *Source)
{
	if (Source->Length > Destination->MaximumLength - Destination->Length)
		return STATUS_BUFFER_TOO_SMALL;
	memmove(Destination->Buffer + Destination->Length, Source->Buffer, Source->Length);
	Destination->Length += Source->Length;
	return STATUS_SUCCESS;
}

VOID RtlUpperString(PSTRING DestinationString, const STRING *SourceString)
{
	USHORT length = SourceString->Length;

	if (length > DestinationString->MaximumLength)
		length = DestinationString->MaximumLength;
	for (USHORT i = 0; i < length; i++)
		DestinationString->Buffer[i] = RtlUpperChar(SourceString->Buffer[i]);
	DestinationString->Length = length;
}

NTSTATUS RtlValidateUnicodeString(ULONG Flags, PCUNICODE_STRING String)
{
	if (Flags != 0 || String == NULL || String->Length % sizeof(WCHAR) != 0 || String->MaximumLength % sizeof(WCHAR) != 0 ||
	    String->Length > String->MaximumLength || (String->Buffer == NULL && String->MaximumLength != 0))
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

VOID RtlFreeUnicodeString(PUNICODE_STRING UnicodeString)
{
	if (UnicodeString->Buffer != NULL)
		ExFreePool(UnicodeString->Buffer);
	memset(UnicodeString, 0, sizeof(*UnicodeString));
}

VOID RtlFreeAnsiString(PANSI_STRING AnsiString)
{
	if (AnsiString->Buffer != NULL)
		ExFreePool(AnsiString->Buffer);
	memset(AnsiString, 0, sizeof(*AnsiString));
}
