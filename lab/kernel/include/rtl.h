/*
 * The run-time library's face to the rest of the kernel: the C routines that ntoskrnl exports, the Rtl family, debug printing and
 * PC capture. What each routine does is said where it is defined (rtl/).
 */
#ifndef RTL_H
#define RTL_H

#include <stdarg.h>
#include <stddef.h>

#include "nt.h"

/* rtl/mem.c */
NTKERNELAPI void *memcpy(void *destination, const void *source, size_t count);
NTKERNELAPI void *memmove(void *destination, const void *source, size_t count);
NTKERNELAPI void *memset(void *destination, int value, size_t count);
NTKERNELAPI int memcmp(const void *left, const void *right, size_t count);
NTKERNELAPI void *memchr(const void *buffer, int value, size_t count);
NTKERNELAPI SIZE_T RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length);
NTKERNELAPI SIZE_T RtlCompareMemoryUlong(PVOID Source, SIZE_T Length, ULONG Pattern);

#ifndef RtlCopyMemory
#define RtlCopyMemory(Destination, Source, Length) memcpy((Destination), (Source), (Length))
#define RtlMoveMemory(Destination, Source, Length) memmove((Destination), (Source), (Length))
#define RtlFillMemory(Destination, Length, Fill)   memset((Destination), (Fill), (Length))
#define RtlZeroMemory(Destination, Length)         memset((Destination), 0, (Length))
#endif

/* rtl/string.c: narrow strings, ASCII case rules as in NT's kernel-mode C library */
NTKERNELAPI size_t strlen(const char *string);
NTKERNELAPI size_t strnlen(const char *string, size_t limit);
NTKERNELAPI int strcmp(const char *left, const char *right);
NTKERNELAPI int strncmp(const char *left, const char *right, size_t count);
NTKERNELAPI char *strcpy(char *destination, const char *source);
NTKERNELAPI char *strncpy(char *destination, const char *source, size_t count);
NTKERNELAPI char *strcat(char *destination, const char *source);
NTKERNELAPI char *strncat(char *destination, const char *source, size_t count);
NTKERNELAPI char *strchr(const char *string, int character);
NTKERNELAPI char *strrchr(const char *string, int character);
NTKERNELAPI char *strstr(const char *string, const char *part);
NTKERNELAPI size_t strspn(const char *string, const char *set);
NTKERNELAPI int _stricmp(const char *left, const char *right);
NTKERNELAPI int _strnicmp(const char *left, const char *right, size_t count);
NTKERNELAPI char *_strlwr(char *string);
NTKERNELAPI char *_strupr(char *string);
NTKERNELAPI char *_strrev(char *string);

/* rtl/wstring.c */
NTKERNELAPI size_t wcslen(const WCHAR *string);
NTKERNELAPI size_t wcsnlen(const WCHAR *string, size_t limit);
NTKERNELAPI int wcscmp(const WCHAR *left, const WCHAR *right);
NTKERNELAPI int wcsncmp(const WCHAR *left, const WCHAR *right, size_t count);
NTKERNELAPI WCHAR *wcscpy(WCHAR *destination, const WCHAR *source);
NTKERNELAPI WCHAR *wcsncpy(WCHAR *destination, const WCHAR *source, size_t count);
NTKERNELAPI WCHAR *wcscat(WCHAR *destination, const WCHAR *source);
NTKERNELAPI WCHAR *wcsncat(WCHAR *destination, const WCHAR *source, size_t count);
NTKERNELAPI WCHAR *wcschr(const WCHAR *string, WCHAR character);
NTKERNELAPI WCHAR *wcsrchr(const WCHAR *string, WCHAR character);
NTKERNELAPI WCHAR *wcsstr(const WCHAR *string, const WCHAR *part);
NTKERNELAPI size_t wcsspn(const WCHAR *string, const WCHAR *set);
NTKERNELAPI int _wcsicmp(const WCHAR *left, const WCHAR *right);
NTKERNELAPI int _wcsnicmp(const WCHAR *left, const WCHAR *right, size_t count);
NTKERNELAPI WCHAR *_wcslwr(WCHAR *string);
NTKERNELAPI WCHAR *_wcsupr(WCHAR *string);
NTKERNELAPI WCHAR *_wcsrev(WCHAR *string);

/* rtl/ctype.c */
NTKERNELAPI int tolower(int character);
NTKERNELAPI int toupper(int character);
NTKERNELAPI int isdigit(int character);
NTKERNELAPI int isxdigit(int character);
NTKERNELAPI int isspace(int character);
NTKERNELAPI int isupper(int character);
NTKERNELAPI int islower(int character);
NTKERNELAPI int isprint(int character);
NTKERNELAPI WCHAR towlower(WCHAR character);
NTKERNELAPI WCHAR towupper(WCHAR character);
NTKERNELAPI WCHAR RtlUpcaseUnicodeChar(WCHAR SourceCharacter);
NTKERNELAPI WCHAR RtlDowncaseUnicodeChar(WCHAR SourceCharacter);
NTKERNELAPI CHAR RtlUpperChar(CHAR Character);

/* rtl/convert.c */
NTKERNELAPI int atoi(const char *string);
NTKERNELAPI LONG atol(const char *string);
NTKERNELAPI ULONG strtoul(const char *string, char **end, int base);
NTKERNELAPI char *_itoa(int value, char *buffer, int radix);
NTKERNELAPI WCHAR *_itow(int value, WCHAR *buffer, int radix);
NTKERNELAPI char *_i64toa(LONGLONG value, char *buffer, int radix);
NTKERNELAPI char *_ui64toa(ULONGLONG value, char *buffer, int radix);
NTKERNELAPI WCHAR *_i64tow(LONGLONG value, WCHAR *buffer, int radix);
NTKERNELAPI WCHAR *_ui64tow(ULONGLONG value, WCHAR *buffer, int radix);
NTKERNELAPI int _wtoi(const WCHAR *string);
NTKERNELAPI LONG _wtol(const WCHAR *string);
NTKERNELAPI ULONG wcstoul(const WCHAR *string, WCHAR **end, int base);

/* rtl/sort.c */
NTKERNELAPI void qsort(void *base, size_t count, size_t width, int (*compare)(const void *, const void *));
NTKERNELAPI void *bsearch(const void *key, const void *base, size_t count, size_t width, int (*compare)(const void *, const void *));

/* rtl/printf.c */
NTKERNELAPI int sprintf(char *buffer, const char *format, ...);
NTKERNELAPI int vsprintf(char *buffer, const char *format, va_list arguments);
NTKERNELAPI int _snprintf(char *buffer, size_t count, const char *format, ...);
NTKERNELAPI int _vsnprintf(char *buffer, size_t count, const char *format, va_list arguments);
NTKERNELAPI int swprintf(WCHAR *buffer, const WCHAR *format, ...);
NTKERNELAPI int _snwprintf(WCHAR *buffer, size_t count, const WCHAR *format, ...);
NTKERNELAPI int _vsnwprintf(WCHAR *buffer, size_t count, const WCHAR *format, va_list arguments);
NTKERNELAPI int _vswprintf(WCHAR *buffer, const WCHAR *format, va_list arguments);

/* rtl/secure.c */
NTKERNELAPI int memcpy_s(void *destination, size_t size, const void *source, size_t count);
NTKERNELAPI int memmove_s(void *destination, size_t size, const void *source, size_t count);
NTKERNELAPI int strcpy_s(char *destination, size_t size, const char *source);
NTKERNELAPI int strncpy_s(char *destination, size_t size, const char *source, size_t count);
NTKERNELAPI int strcat_s(char *destination, size_t size, const char *source);
NTKERNELAPI int strncat_s(char *destination, size_t size, const char *source, size_t count);
NTKERNELAPI int wcscpy_s(WCHAR *destination, size_t size, const WCHAR *source);
NTKERNELAPI int wcsncpy_s(WCHAR *destination, size_t size, const WCHAR *source, size_t count);
NTKERNELAPI int wcscat_s(WCHAR *destination, size_t size, const WCHAR *source);
NTKERNELAPI int wcsncat_s(WCHAR *destination, size_t size, const WCHAR *source, size_t count);
NTKERNELAPI int sprintf_s(char *buffer, size_t size, const char *format, ...);
NTKERNELAPI int swprintf_s(WCHAR *buffer, size_t size, const WCHAR *format, ...);
NTKERNELAPI int vsprintf_s(char *buffer, size_t size, const char *format, va_list arguments);
NTKERNELAPI int vswprintf_s(WCHAR *buffer, size_t size, const WCHAR *format, va_list arguments);
NTKERNELAPI int _snprintf_s(char *buffer, size_t size, size_t count, const char *format, ...);
NTKERNELAPI int _snwprintf_s(WCHAR *buffer, size_t size, size_t count, const WCHAR *format, ...);
NTKERNELAPI int _vsnprintf_s(char *buffer, size_t size, size_t count, const char *format, va_list arguments);
NTKERNELAPI int _vsnwprintf_s(WCHAR *buffer, size_t size, size_t count, const WCHAR *format, va_list arguments);

/* rtl/unicode.c, rtl/ansi.c, rtl/integer.c */
NTKERNELAPI VOID RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString);
NTKERNELAPI NTSTATUS RtlInitUnicodeStringEx(PUNICODE_STRING DestinationString, PCWSTR SourceString);
NTKERNELAPI VOID RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString);
NTKERNELAPI VOID RtlInitString(PSTRING DestinationString, PCSZ SourceString);
NTKERNELAPI VOID RtlCopyUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString);
NTKERNELAPI VOID RtlCopyString(PSTRING DestinationString, const STRING *SourceString);
NTKERNELAPI LONG RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
NTKERNELAPI BOOLEAN RtlEqualUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
NTKERNELAPI LONG RtlCompareString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive);
NTKERNELAPI BOOLEAN RtlEqualString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive);
NTKERNELAPI BOOLEAN RtlPrefixUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive);
NTKERNELAPI NTSTATUS RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source);
NTKERNELAPI NTSTATUS RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PCUNICODE_STRING Source);
NTKERNELAPI NTSTATUS RtlUpcaseUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString, BOOLEAN AllocateDestinationString);
NTKERNELAPI NTSTATUS RtlDowncaseUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString, BOOLEAN AllocateDestinationString);
NTKERNELAPI NTSTATUS RtlDuplicateUnicodeString(ULONG Flags, PCUNICODE_STRING StringIn, PUNICODE_STRING StringOut);
NTKERNELAPI NTSTATUS RtlHashUnicodeString(PCUNICODE_STRING String, BOOLEAN CaseInSensitive, ULONG HashAlgorithm, PULONG HashValue);
NTKERNELAPI BOOLEAN RtlCreateUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString);
NTKERNELAPI BOOLEAN RtlPrefixString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive);
NTKERNELAPI NTSTATUS RtlAppendStringToString(PSTRING Destination, const STRING *Source);
NTKERNELAPI VOID RtlUpperString(PSTRING DestinationString, const STRING *SourceString);
NTKERNELAPI NTSTATUS RtlValidateUnicodeString(ULONG Flags, PCUNICODE_STRING String);
NTKERNELAPI VOID RtlFreeUnicodeString(PUNICODE_STRING UnicodeString);
NTKERNELAPI VOID RtlFreeAnsiString(PANSI_STRING AnsiString);
NTKERNELAPI NTSTATUS RtlUnicodeStringToAnsiString(PANSI_STRING DestinationString, PCUNICODE_STRING SourceString, BOOLEAN AllocateDestinationString);
NTKERNELAPI NTSTATUS RtlAnsiStringToUnicodeString(PUNICODE_STRING DestinationString, PCANSI_STRING SourceString, BOOLEAN AllocateDestinationString);
NTKERNELAPI ULONG RtlxUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString);
NTKERNELAPI ULONG RtlxAnsiStringToUnicodeSize(PCANSI_STRING AnsiString);
NTKERNELAPI ULONG RtlUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString);
NTKERNELAPI ULONG RtlAnsiStringToUnicodeSize(PCANSI_STRING AnsiString);
NTKERNELAPI NTSTATUS RtlMultiByteToUnicodeN(PWSTR Destination, ULONG DestinationBytes, PULONG ActualBytes, PCSTR Source, ULONG SourceBytes);
NTKERNELAPI NTSTATUS RtlUnicodeToMultiByteN(PCHAR Destination, ULONG DestinationBytes, PULONG ActualBytes, PCWSTR Source, ULONG SourceBytes);
NTKERNELAPI NTSTATUS RtlMultiByteToUnicodeSize(PULONG UnicodeBytes, PCSTR Source, ULONG SourceBytes);
NTKERNELAPI NTSTATUS RtlUnicodeToMultiByteSize(PULONG MultiBytes, PCWSTR Source, ULONG SourceBytes);
NTKERNELAPI NTSTATUS RtlUnicodeToUTF8N(PCHAR Destination, ULONG DestinationBytes, PULONG ActualBytes, PCWSTR Source, ULONG SourceBytes);
NTKERNELAPI NTSTATUS RtlUTF8ToUnicodeN(PWSTR Destination, ULONG DestinationBytes, PULONG ActualBytes, PCSTR Source, ULONG SourceBytes);
NTKERNELAPI NTSTATUS RtlIntegerToUnicodeString(ULONG Value, ULONG Base, PUNICODE_STRING String);
NTKERNELAPI NTSTATUS RtlInt64ToUnicodeString(ULONGLONG Value, ULONG Base, PUNICODE_STRING String);
NTKERNELAPI NTSTATUS RtlUnicodeStringToInteger(PCUNICODE_STRING String, ULONG Base, PULONG Value);

/* rtl/time.c */
NTKERNELAPI VOID RtlTimeToTimeFields(PLARGE_INTEGER Time, PTIME_FIELDS TimeFields);
NTKERNELAPI BOOLEAN RtlTimeFieldsToTime(PTIME_FIELDS TimeFields, PLARGE_INTEGER Time);

NTKERNELAPI BOOLEAN RtlTimeToSecondsSince1970(PLARGE_INTEGER Time, PULONG ElapsedSeconds);
NTKERNELAPI BOOLEAN RtlTimeToSecondsSince1980(PLARGE_INTEGER Time, PULONG ElapsedSeconds);
NTKERNELAPI VOID RtlSecondsSince1970ToTime(ULONG ElapsedSeconds, PLARGE_INTEGER Time);
NTKERNELAPI VOID RtlSecondsSince1980ToTime(ULONG ElapsedSeconds, PLARGE_INTEGER Time);

/* rtl/bitmap.c */
NTKERNELAPI VOID RtlInitializeBitMap(PRTL_BITMAP BitMapHeader, PULONG BitMapBuffer, ULONG SizeOfBitMap);
NTKERNELAPI VOID RtlClearAllBits(PRTL_BITMAP BitMapHeader);
NTKERNELAPI VOID RtlSetAllBits(PRTL_BITMAP BitMapHeader);
NTKERNELAPI VOID RtlClearBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber);
NTKERNELAPI VOID RtlSetBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber);
NTKERNELAPI BOOLEAN RtlTestBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber);
NTKERNELAPI VOID RtlClearBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToClear);
NTKERNELAPI VOID RtlSetBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToSet);
NTKERNELAPI BOOLEAN RtlAreBitsClear(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length);
NTKERNELAPI BOOLEAN RtlAreBitsSet(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length);
NTKERNELAPI ULONG RtlFindClearBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex);
NTKERNELAPI ULONG RtlFindSetBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex);
NTKERNELAPI ULONG RtlFindClearBitsAndSet(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex);
NTKERNELAPI ULONG RtlFindSetBitsAndClear(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex);
NTKERNELAPI ULONG RtlNumberOfClearBits(PRTL_BITMAP BitMapHeader);
NTKERNELAPI ULONG RtlNumberOfSetBits(PRTL_BITMAP BitMapHeader);

NTKERNELAPI CCHAR RtlFindMostSignificantBit(ULONGLONG Set);
NTKERNELAPI CCHAR RtlFindLeastSignificantBit(ULONGLONG Set);
NTKERNELAPI ULONG RtlNumberOfSetBitsUlongPtr(ULONG_PTR Target);

/* rtl/misc.c */
NTKERNELAPI NTSTATUS RtlGetVersion(PRTL_OSVERSIONINFOW VersionInformation);
NTKERNELAPI ULONG RtlRandom(PULONG Seed);
NTKERNELAPI ULONG RtlRandomEx(PULONG Seed);
NTKERNELAPI VOID RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber, PCHAR Message);

/* rtl/fnentry.c, rtl/stktrace.c: functions and frames by their .pdata; any IRQL. Exceptions are seh.h's. */
NTKERNELAPI PRUNTIME_FUNCTION RtlLookupFunctionEntry(ULONG64 ControlPc, PULONG64 ImageBase, PVOID HistoryTable);
NTKERNELAPI PVOID RtlPcToFileHeader(PVOID PcValue, PVOID *BaseOfImage);
NTKERNELAPI USHORT RtlCaptureStackBackTrace(ULONG FramesToSkip, ULONG FramesToCapture, PVOID *BackTrace, PULONG BackTraceHash);
VOID RtlCaptureContext(PCONTEXT ContextRecord); /* rtl/context.S */

/* rtl/guard.S: for images built with control-flow guard, with their own calling conventions */
VOID _guard_check_icall(VOID);
VOID _guard_dispatch_icall(VOID);

/* rtl/image.c */
NTKERNELAPI PIMAGE_NT_HEADERS64 RtlImageNtHeader(PVOID ImageBase);
NTKERNELAPI PVOID RtlImageDirectoryEntryToData(PVOID ImageBase, BOOLEAN MappedAsImage, USHORT DirectoryEntry, PULONG Size);

NTKERNELAPI PVOID RtlFindExportedRoutineByName(PVOID ImageBase, PCSTR RoutineName);

/* rtl/debug.c: one message, one write to the console; any IRQL */
NTKERNELAPI ULONG DbgPrint(PCSTR Format, ...);
NTKERNELAPI ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...);
NTKERNELAPI ULONG vDbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, va_list Arguments);
NTKERNELAPI ULONG vDbgPrintExWithPrefix(PCSTR Prefix, ULONG ComponentId, ULONG Level, PCSTR Format, va_list Arguments);
NTKERNELAPI VOID DbgBreakPoint(VOID);
NTKERNELAPI VOID DbgBreakPointWithStatus(ULONG Status);
extern NTKERNELAPI BOOLEAN KdDebuggerEnabled;
extern NTKERNELAPI BOOLEAN KdDebuggerNotPresent;

#endif
