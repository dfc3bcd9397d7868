/* Counted strings between the widths. The lab's ANSI code page is UTF-8 (65001), to which Windows can be set as well. */
#include "rtl.h"
#include "mm.h"

#define RTL_STRING_TAG 'grtS'

/* Bytes that the converted string takes with its terminator. */
ULONG RtlxUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString)
{
	ULONG bytes = 0;

	RtlUnicodeToUTF8N(NULL, 0, &bytes, UnicodeString->Buffer, UnicodeString->Length);
	return bytes + 1;
}

ULONG RtlxAnsiStringToUnicodeSize(PCANSI_STRING AnsiString)
{
	ULONG bytes = 0;

	RtlUTF8ToUnicodeN(NULL, 0, &bytes, AnsiString->Buffer, AnsiString->Length);
	return bytes + (ULONG)sizeof(WCHAR);
}

/*
 * The result is terminated. STATUS_BUFFER_OVERFLOW when a destination that was passed in is too small (it then holds what fits),
 * STATUS_INVALID_PARAMETER_2 when no counted string could hold the result.
 */
NTSTATUS RtlUnicodeStringToAnsiString(PANSI_STRING DestinationString, PCUNICODE_STRING SourceString, BOOLEAN AllocateDestinationString)
{
	ULONG size = RtlxUnicodeStringToAnsiSize(SourceString);
	NTSTATUS status = STATUS_SUCCESS;
	ULONG written = 0;

	if (size > 0xffff)
		return STATUS_INVALID_PARAMETER_2;
	if (AllocateDestinationString) {
		DestinationString->Buffer = ExAllocatePoolWithTag(PagedPool, size, RTL_STRING_TAG);
		if (DestinationString->Buffer == NULL)
			return STATUS_NO_MEMORY;
		DestinationString->MaximumLength = (USHORT)size;
	} else if (size > DestinationString->MaximumLength) {
		if (DestinationString->MaximumLength == 0)
			return STATUS_BUFFER_OVERFLOW;
		size = DestinationString->MaximumLength;
		status = STATUS_BUFFER_OVERFLOW;
	}
	RtlUnicodeToUTF8N(DestinationString->Buffer, size - 1, &written, SourceString->Buffer, SourceString->Length);
	DestinationString->Buffer[written] = 0;
	DestinationString->Length = (USHORT)written;
	return status;
}

NTSTATUS RtlAnsiStringToUnicodeString(PUNICODE_STRING DestinationString, PCANSI_STRING SourceString, BOOLEAN AllocateDestinationString)
{
	ULONG size = RtlxAnsiStringToUnicodeSize(SourceString);
	ULONG written = 0;

	if (size > 0xfffe)
		return STATUS_INVALID_PARAMETER_2;
	if (AllocateDestinationString) {
		DestinationString->Buffer = ExAllocatePoolWithTag(PagedPool, size, RTL_STRING_TAG);
		if (DestinationString->Buffer == NULL)
			return STATUS_NO_MEMORY;
		DestinationString->MaximumLength = (USHORT)size;
	} else if (size > DestinationString->MaximumLength) {
		return STATUS_BUFFER_OVERFLOW;
	}
	RtlUTF8ToUnicodeN(DestinationString->Buffer, size - (ULONG)sizeof(WCHAR), &written, SourceString->Buffer, SourceString->Length);
	DestinationString->Buffer[written / sizeof(WCHAR)] = 0;
	DestinationString->Length = (USHORT)written;
	return STATUS_SUCCESS;
}

ULONG RtlUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString)
{
	return RtlxUnicodeStringToAnsiSize(UnicodeString);
}

ULONG RtlAnsiStringToUnicodeSize(PCANSI_STRING AnsiString)
{
	return RtlxAnsiStringToUnicodeSize(AnsiString);
}

/* These cut what does not fit and succeed, as documented. */
NTSTATUS RtlMultiByteToUnicodeN(PWSTR Destination, ULONG DestinationBytes, PULONG ActualBytes, PCSTR Source, ULONG SourceBytes)
{
	RtlUTF8ToUnicodeN(Destination, DestinationBytes, ActualBytes, Source, SourceBytes);
	return STATUS_SUCCESS;
}

NTSTATUS RtlUnicodeToMultiByteN(PCHAR Destination, ULONG DestinationBytes, PULONG ActualBytes, PCWSTR Source, ULONG SourceBytes)
{
	RtlUnicodeToUTF8N(Destination, DestinationBytes, ActualBytes, Source, SourceBytes);
	return STATUS_SUCCESS;
}

NTSTATUS RtlMultiByteToUnicodeSize(PULONG UnicodeBytes, PCSTR Source, ULONG SourceBytes)
{
	RtlUTF8ToUnicodeN(NULL, 0, UnicodeBytes, Source, SourceBytes);
	return STATUS_SUCCESS;
}

NTSTATUS RtlUnicodeToMultiByteSize(PULONG MultiBytes, PCWSTR Source, ULONG SourceBytes)
{
	RtlUnicodeToUTF8N(NULL, 0, MultiBytes, Source, SourceBytes);
	return STATUS_SUCCESS;
}
