/* The system's version and random numbers. */
#include "rtl.h"
#include "kd.h"

#define RTL_PLATFORM_NT         2     /* VER_PLATFORM_WIN32_NT */
#define RTL_SUITE_SINGLEUSERTS  0x100 /* VER_SUITE_SINGLEUSERTS */
#define RTL_SUITE_TERMINAL      0x10  /* VER_SUITE_TERMINAL */
#define RTL_PRODUCT_WORKSTATION 1     /* VER_NT_WORKSTATION */

/* Takes RTL_OSVERSIONINFOW, or RTL_OSVERSIONINFOEXW when the size says so. */
NTSTATUS RtlGetVersion(PRTL_OSVERSIONINFOW VersionInformation)
{
	ULONG size = VersionInformation->dwOSVersionInfoSize;

	VersionInformation->dwMajorVersion = NtMajorVersion;
	VersionInformation->dwMinorVersion = NtMinorVersion;
	VersionInformation->dwBuildNumber = NtBuildNumber & 0xffff;
	VersionInformation->dwPlatformId = RTL_PLATFORM_NT;
	VersionInformation->szCSDVersion[0] = 0;
	if (size == sizeof(RTL_OSVERSIONINFOEXW)) {
		PRTL_OSVERSIONINFOEXW extended = (PRTL_OSVERSIONINFOEXW)VersionInformation;

		extended->wServicePackMajor = extended->wServicePackMinor = 0;
		extended->wSuiteMask = RTL_SUITE_TERMINAL | RTL_SUITE_SINGLEUSERTS;
		extended->wProductType = RTL_PRODUCT_WORKSTATION;
		extended->wReserved = 0;
	}
	return STATUS_SUCCESS;
}

/* Lehmer's generator modulo the prime 2^31-1, as the documentation of RtlUniform describes it. 0 to 2^31-2. */
ULONG RtlRandom(PULONG Seed)
{
	*Seed = (ULONG)((*Seed * 0x7fffffedULL + 0x7fffffc3ULL) % 0x7fffffffULL);
	return *Seed;
}

ULONG RtlRandomEx(PULONG Seed)
{
	return RtlRandom(Seed);
}
