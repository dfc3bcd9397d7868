/* Which kernel this is, under the names that debuggers and dump readers look for. */
#include "kd.h"
#include "rtl.h"

#define BUILD                22621
#define FREE_BUILD           0xF0000000u
#define SECONDS_1601_TO_1970 11644473600LL

NTKERNELAPI CHAR NtBuildLab[64];
CHAR NtBuildLabEx[64];
NTKERNELAPI ULONG NtBuildNumber = FREE_BUILD | BUILD;
ULONG NtMajorVersion = 10;
ULONG NtMinorVersion;
ULONG CmNtCSDVersion;

/* In NT's form; the branch says that it is the lab's kernel, and the date is the one the linker wrote into the image. */
VOID KdpSetBuildLab(ULONG TimeDateStamp)
{
	LARGE_INTEGER Time = { .QuadPart = (SECONDS_1601_TO_1970 + TimeDateStamp) * 10000000 };
	TIME_FIELDS Fields;

	RtlTimeToTimeFields(&Time, &Fields);
	_snprintf(NtBuildLabEx, sizeof(NtBuildLabEx), "%u.1.amd64fre.impasse_lab.%02u%02u%02u-%02u%02u", BUILD, Fields.Year % 100, Fields.Month,
		  Fields.Day, Fields.Hour, Fields.Minute);
	memcpy(NtBuildLab, NtBuildLabEx, sizeof(NtBuildLab));
}
