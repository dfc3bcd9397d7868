/* Small services: the previous mode, local time. */
#include "ex.h"
#include "ke.h"

KPROCESSOR_MODE ExGetPreviousMode(VOID)
{
	return KeGetCurrentThread()->PreviousMode;
}

/* SharedUserData's TimeZoneBias: 100-ns units to subtract from UTC. Its high part is written twice, so that a torn read shows. */
static LONGLONG ExpTimeZoneBias(VOID)
{
	volatile KSYSTEM_TIME *bias = &SharedUserData->TimeZoneBias;
	LARGE_INTEGER value;

	do {
		value.HighPart = bias->High1Time;
		value.LowPart = bias->LowPart;
	} while (value.HighPart != bias->High2Time);
	return value.QuadPart;
}

VOID ExSystemTimeToLocalTime(PLARGE_INTEGER SystemTime, PLARGE_INTEGER LocalTime)
{
	LocalTime->QuadPart = SystemTime->QuadPart - ExpTimeZoneBias();
}

VOID ExLocalTimeToSystemTime(PLARGE_INTEGER LocalTime, PLARGE_INTEGER SystemTime)
{
	SystemTime->QuadPart = LocalTime->QuadPart + ExpTimeZoneBias();
}
