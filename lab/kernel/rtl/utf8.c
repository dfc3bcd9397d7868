/* UTF-8 and UTF-16: one code point at a time, and the two Rtl routines that convert buffers. UTF-8 is the lab's ANSI code page. */
#include "format.h"

#define RTL_REPLACEMENT 0xfffdU

ULONG RtlpDecodeUtf16(const WCHAR *text, size_t length, size_t *index)
{
	ULONG unit = text[(*index)++];

	if (unit < 0xd800 || unit > 0xdfff)
		return unit;
	if (unit > 0xdbff || *index >= length || text[*index] < 0xdc00 || text[*index] > 0xdfff)
		return RTL_REPLACEMENT;
	return 0x10000 + ((unit - 0xd800) << 10) + (text[(*index)++] - 0xdc00U);
}

ULONG RtlpEncodeUtf8(ULONG code_point, UCHAR bytes[4])
{
	ULONG count = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
	static const UCHAR lead[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (ULONG i = count - 1; i > 0; i--) {
		bytes[i] = (UCHAR)(0x80 | (code_point & 0x3f));
		code_point >>= 6;
	}
	bytes[0] = (UCHAR)(lead[count] | code_point);
	return count;
}

ULONG RtlpDecodeUtf8(const UCHAR *text, size_t length, size_t *index)
{
	ULONG first = text[(*index)++];
	ULONG more, code_point;
	static const ULONG lowest[4] = { 0, 0x80, 0x800, 0x10000 };

	if (first < 0x80)
		return first;
	more = first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0;
	if (more == 0 || length - *index < more)
		return RTL_REPLACEMENT;
	code_point = first & (0x3fU >> more);
	for (ULONG i = 0; i < more; i++) {
		if ((text[*index + i] & 0xc0) != 0x80)
			return RTL_REPLACEMENT;
		code_point = code_point << 6 | (text[*index + i] & 0x3fU);
	}
	if (code_point < lowest[more] || code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff))
		return RTL_REPLACEMENT;
	*index += more;
	return code_point;
}

/*
 * Destination may be NULL to ask for the size only. STATUS_SOME_NOT_MAPPED when a lone surrogate was replaced,
 * STATUS_BUFFER_TOO_SMALL when whole characters were left out.
 */
NTSTATUS RtlUnicodeToUTF8N(PCHAR Destination, ULONG DestinationBytes, PULONG ActualBytes, PCWSTR Source, ULONG SourceBytes)
{
	size_t count = SourceBytes / sizeof(WCHAR);
	NTSTATUS status = STATUS_SUCCESS;
	ULONG written = 0;

	for (size_t i = 0; i < count;) {
		UCHAR bytes[4];
		ULONG code_point = RtlpDecodeUtf16(Source, count, &i);
		ULONG size = RtlpEncodeUtf8(code_point, bytes);

		if (code_point == RTL_REPLACEMENT && Source[i - 1] != RTL_REPLACEMENT)
			status = STATUS_SOME_NOT_MAPPED;
		if (Destination != NULL) {
			if (DestinationBytes - written < size) {
				status = STATUS_BUFFER_TOO_SMALL;
				break;
			}
			memcpy(Destination + written, bytes, size);
		}
		written += size;
	}
	if (ActualBytes != NULL)
		*ActualBytes = written;
	return status;
}

NTSTATUS RtlUTF8ToUnicodeN(PWSTR Destination, ULONG DestinationBytes, PULONG ActualBytes, PCSTR Source, ULONG SourceBytes)
{
	const UCHAR *bytes = (const UCHAR *)Source;
	NTSTATUS status = STATUS_SUCCESS;
	ULONG capacity = DestinationBytes / sizeof(WCHAR);
	ULONG written = 0;

	for (size_t i = 0; i < SourceBytes;) {
		size_t start = i;
		ULONG code_point = RtlpDecodeUtf8(bytes, SourceBytes, &i);
		ULONG units = code_point < 0x10000 ? 1 : 2;

		if (code_point == RTL_REPLACEMENT && i - start == 1)
			status = STATUS_SOME_NOT_MAPPED;
		if (Destination != NULL) {
			if (capacity - written < units) {
				status = STATUS_BUFFER_TOO_SMALL;
				break;
			}
			if (units == 1) {
				Destination[written] = (WCHAR)code_point;
			} else {
				Destination[written] = (WCHAR)(0xd800 + ((code_point - 0x10000) >> 10));
				Destination[written + 1] = (WCHAR)(0xdc00 + ((code_point - 0x10000) & 0x3ff));
			}
		}
		written += units;
	}
	if (ActualBytes != NULL)
		*ActualBytes = written * (ULONG)sizeof(WCHAR);
	return status;
}
