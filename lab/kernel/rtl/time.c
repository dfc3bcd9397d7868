/* NT's time, 100-ns steps since 1601-01-01, to calendar fields and back. 1601 begins a 400-year cycle of the Gregorian calendar. */
#include "rtl.h"

#define RTL_TICKS_PER_MILLISECOND 10000LL
#define RTL_MILLISECONDS_PER_DAY  86400000LL
#define RTL_DAYS_PER_400_YEARS    146097
#define RTL_DAYS_PER_100_YEARS    36524
#define RTL_DAYS_PER_4_YEARS      1461

static const USHORT RtlpDaysBefore[2][13] = {
	{ 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 },
	{ 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366 },
};

static BOOLEAN RtlpIsLeap(LONG year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

VOID RtlTimeToTimeFields(PLARGE_INTEGER Time, PTIME_FIELDS TimeFields)
{
	LONGLONG milliseconds = Time->QuadPart / RTL_TICKS_PER_MILLISECOND;
	LONG day = (LONG)(milliseconds / RTL_MILLISECONDS_PER_DAY);
	LONG rest = (LONG)(milliseconds % RTL_MILLISECONDS_PER_DAY);
	LONG year, centuries, years;
	USHORT month = 1;

	TimeFields->Weekday = (CSHORT)((day + 1) % 7); /* 1601-01-01 was a Monday */
	year = 1601 + day / RTL_DAYS_PER_400_YEARS * 400;
	day %= RTL_DAYS_PER_400_YEARS;
	centuries = day / RTL_DAYS_PER_100_YEARS;
	if (centuries == 4)
		centuries = 3; /* the last day of the 400 years belongs to the fourth century */
	day -= centuries * RTL_DAYS_PER_100_YEARS;
	year += centuries * 100 + day / RTL_DAYS_PER_4_YEARS * 4;
	day %= RTL_DAYS_PER_4_YEARS;
	years = day / 365;
	if (years == 4)
		years = 3; /* 31 December of a leap year */
	day -= years * 365;
	year += years;
	while (day >= RtlpDaysBefore[RtlpIsLeap(year)][month])
		month++;
	TimeFields->Year = (CSHORT)year;
	TimeFields->Month = (CSHORT)month;
	TimeFields->Day = (CSHORT)(day - RtlpDaysBefore[RtlpIsLeap(year)][month - 1] + 1);
	TimeFields->Hour = (CSHORT)(rest / 3600000);
	TimeFields->Minute = (CSHORT)(rest / 60000 % 60);
	TimeFields->Second = (CSHORT)(rest / 1000 % 60);
	TimeFields->Milliseconds = (CSHORT)(rest % 1000);
}

/* The weekday is not looked at. FALSE: a field is out of range. */
BOOLEAN RtlTimeFieldsToTime(PTIME_FIELDS TimeFields, PLARGE_INTEGER Time)
{
	const TIME_FIELDS *fields = TimeFields;
	const USHORT *before = RtlpDaysBefore[RtlpIsLeap(fields->Year)];
	LONG years = fields->Year - 1601;
	LONGLONG days;

	if (fields->Year < 1601 || fields->Year > 30827 || fields->Month < 1 || fields->Month > 12 || fields->Day < 1 ||
	    fields->Day > before[fields->Month] - before[fields->Month - 1] || fields->Hour < 0 || fields->Hour > 23 || fields->Minute < 0 ||
	    fields->Minute > 59 || fields->Second < 0 || fields->Second > 59 || fields->Milliseconds < 0 || fields->Milliseconds > 999)
		return FALSE;
	days = (LONGLONG)years * 365 + years / 4 - years / 100 + years / 400 + before[fields->Month - 1] + fields->Day - 1;
	Time->QuadPart = (((days * 24 + fields->Hour) * 60 + fields->Minute) * 60 + fields->Second) * 10000000LL +
			 fields->Milliseconds * RTL_TICKS_PER_MILLISECOND;
	return TRUE;
}

/* 1 January 1970 and 1980, in seconds since 1601. */
#define RTL_SECONDS_TO_1970 11644473600LL
#define RTL_SECONDS_TO_1980 11960006400LL

static BOOLEAN RtlpToSeconds(PLARGE_INTEGER time, LONGLONG from, PULONG elapsed)
{
	LONGLONG seconds = time->QuadPart / 10000000 - from;

	if (seconds < 0 || seconds > 0xffffffffLL)
		return FALSE;
	*elapsed = (ULONG)seconds;
	return TRUE;
}

/* FALSE: before that year, or beyond what a ULONG counts. */
BOOLEAN RtlTimeToSecondsSince1970(PLARGE_INTEGER Time, PULONG ElapsedSeconds)
{
	return RtlpToSeconds(Time, RTL_SECONDS_TO_1970, ElapsedSeconds);
}

BOOLEAN RtlTimeToSecondsSince1980(PLARGE_INTEGER Time, PULONG ElapsedSeconds)
{
	return RtlpToSeconds(Time, RTL_SECONDS_TO_1980, ElapsedSeconds);
}

VOID RtlSecondsSince1970ToTime(ULONG ElapsedSeconds, PLARGE_INTEGER Time)
{
	Time->QuadPart = (ElapsedSeconds + RTL_SECONDS_TO_1970) * 10000000;
}

VOID RtlSecondsSince1980ToTime(ULONG ElapsedSeconds, PLARGE_INTEGER Time)
{
	Time->QuadPart = (ElapsedSeconds + RTL_SECONDS_TO_1980) * 10000000;
}
