/*
 * Stands in for the kernel's nt.h when rtl/ is compiled for the host: the same types with the same sizes, and other names for the
 * routines that the host's C library has, too. System headers come before this one.
 */
#ifndef TEST_RTL_NT_H
#define TEST_RTL_NT_H

#include <stddef.h>
#include <stdint.h>

#define NTKERNELAPI
#define VOID                      void
#define TRUE                      1
#define FALSE                     0
#define UNREFERENCED_PARAMETER(p) ((void)(p))
#define NT_SUCCESS(status)        ((NTSTATUS)(status) >= 0)

typedef char CHAR, *PCHAR;
typedef char CCHAR;
typedef const char *PCSTR, *PCSZ;
typedef unsigned char UCHAR, BOOLEAN, *PUCHAR;
typedef int16_t SHORT, CSHORT;
typedef uint16_t USHORT;
typedef __WCHAR_TYPE__ WCHAR, *PWSTR;
typedef const WCHAR *PCWSTR;
typedef int32_t LONG, NTSTATUS;
typedef uint32_t ULONG, *PULONG;
typedef long long LONGLONG;
typedef unsigned long long ULONGLONG, ULONG64, *PULONG64;
typedef uintptr_t ULONG_PTR;
typedef size_t SIZE_T;
typedef void *PVOID;

typedef struct {
	USHORT Length, MaximumLength;
	PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;
typedef struct {
	USHORT Length, MaximumLength;
	PCHAR Buffer;
} STRING, *PSTRING, ANSI_STRING, *PANSI_STRING;
typedef const STRING *PCANSI_STRING;
typedef union {
	LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;
typedef struct {
	CSHORT Year, Month, Day, Hour, Minute, Second, Milliseconds, Weekday;
} TIME_FIELDS, *PTIME_FIELDS;
typedef struct {
	ULONG SizeOfBitMap;
	PULONG Buffer;
} RTL_BITMAP, *PRTL_BITMAP;
typedef void *PRTL_OSVERSIONINFOW, *PRUNTIME_FUNCTION, *PCONTEXT, *PIMAGE_NT_HEADERS64;
typedef int POOL_TYPE;
#define PagedPool 1

#define STATUS_SUCCESS             ((NTSTATUS)0)
#define STATUS_SOME_NOT_MAPPED     ((NTSTATUS)0x00000107)
#define STATUS_BUFFER_OVERFLOW     ((NTSTATUS)0x80000005)
#define STATUS_INVALID_PARAMETER   ((NTSTATUS)0xc000000d)
#define STATUS_NO_MEMORY           ((NTSTATUS)0xc0000017)
#define STATUS_BUFFER_TOO_SMALL    ((NTSTATUS)0xc0000023)
#define STATUS_INVALID_PARAMETER_2 ((NTSTATUS)0xc00000f0)
#define STATUS_NAME_TOO_LONG       ((NTSTATUS)0xc0000106)

#define _i64toa       nt__i64toa
#define _i64tow       nt__i64tow
#define _itoa         nt__itoa
#define _itow         nt__itow
#define _snprintf     nt__snprintf
#define _snprintf_s   nt__snprintf_s
#define _snwprintf    nt__snwprintf
#define _snwprintf_s  nt__snwprintf_s
#define _stricmp      nt__stricmp
#define _strlwr       nt__strlwr
#define _strnicmp     nt__strnicmp
#define _strrev       nt__strrev
#define _strupr       nt__strupr
#define _ui64toa      nt__ui64toa
#define _ui64tow      nt__ui64tow
#define _vsnprintf    nt__vsnprintf
#define _vsnprintf_s  nt__vsnprintf_s
#define _vsnwprintf   nt__vsnwprintf
#define _vsnwprintf_s nt__vsnwprintf_s
#define _vswprintf    nt__vswprintf
#define _wcsicmp      nt__wcsicmp
#define _wcslwr       nt__wcslwr
#define _wcsnicmp     nt__wcsnicmp
#define _wcsrev       nt__wcsrev
#define _wcsupr       nt__wcsupr
#define _wtoi         nt__wtoi
#define _wtol         nt__wtol
#define atoi          nt_atoi
#define atol          nt_atol
#define bsearch       nt_bsearch
#define isdigit       nt_isdigit
#define islower       nt_islower
#define isprint       nt_isprint
#define isspace       nt_isspace
#define isupper       nt_isupper
#define isxdigit      nt_isxdigit
#define memchr        nt_memchr
#define memcmp        nt_memcmp
#define memcpy        nt_memcpy
#define memcpy_s      nt_memcpy_s
#define memmove       nt_memmove
#define memmove_s     nt_memmove_s
#define memset        nt_memset
#define qsort         nt_qsort
#define sprintf       nt_sprintf
#define sprintf_s     nt_sprintf_s
#define strcat        nt_strcat
#define strcat_s      nt_strcat_s
#define strchr        nt_strchr
#define strcmp        nt_strcmp
#define strcpy        nt_strcpy
#define strcpy_s      nt_strcpy_s
#define strlen        nt_strlen
#define strncat       nt_strncat
#define strncat_s     nt_strncat_s
#define strncmp       nt_strncmp
#define strncpy       nt_strncpy
#define strncpy_s     nt_strncpy_s
#define strnlen       nt_strnlen
#define strrchr       nt_strrchr
#define strspn        nt_strspn
#define strstr        nt_strstr
#define strtoul       nt_strtoul
#define swprintf      nt_swprintf
#define swprintf_s    nt_swprintf_s
#define tolower       nt_tolower
#define toupper       nt_toupper
#define towlower      nt_towlower
#define towupper      nt_towupper
#define vsprintf      nt_vsprintf
#define vsprintf_s    nt_vsprintf_s
#define vswprintf_s   nt_vswprintf_s
#define wcscat        nt_wcscat
#define wcscat_s      nt_wcscat_s
#define wcschr        nt_wcschr
#define wcscmp        nt_wcscmp
#define wcscpy        nt_wcscpy
#define wcscpy_s      nt_wcscpy_s
#define wcslen        nt_wcslen
#define wcsncat       nt_wcsncat
#define wcsncat_s     nt_wcsncat_s
#define wcsncmp       nt_wcsncmp
#define wcsncpy       nt_wcsncpy
#define wcsncpy_s     nt_wcsncpy_s
#define wcsnlen       nt_wcsnlen
#define wcsrchr       nt_wcsrchr
#define wcsspn        nt_wcsspn
#define wcsstr        nt_wcsstr
#define wcstoul       nt_wcstoul

#endif
