/* The battery clock (MC146818): the time of boot, to the second, in UTC as QEMU sets it. */
#include "hal.h"
#include "rtl.h"
#include "x64.h"

#define CMOS_INDEX_PORT         0x70
#define CMOS_DATA_PORT          0x71
#define CMOS_STATUS_A           0x0A
#define CMOS_STATUS_B           0x0B
#define CMOS_CENTURY            0x32
#define CMOS_UPDATE_IN_PROGRESS 0x80
#define CMOS_24_HOURS           0x02
#define CMOS_BINARY             0x04
#define CMOS_PM                 0x80

typedef struct _HALP_CMOS_TIME {
	UCHAR Second, Minute, Hour, Day, Month, Year, Century;
} HALP_CMOS_TIME;

static UCHAR HalpReadCmos(UCHAR Register)
{
	HalpWritePort8(CMOS_INDEX_PORT, Register);
	return HalpReadPort8(CMOS_DATA_PORT);
}

static VOID HalpReadCmosTime(HALP_CMOS_TIME *Time)
{
	static const UCHAR Registers[] = { 0x00, 0x02, 0x04, 0x07, 0x08, 0x09, CMOS_CENTURY };
	UCHAR *Field = &Time->Second;

	for (ULONG i = 0; i < RTL_NUMBER_OF(Registers); i++)
		Field[i] = HalpReadCmos(Registers[i]);
}

static USHORT HalpFromCmos(UCHAR Value, UCHAR StatusB)
{
	return StatusB & CMOS_BINARY ? Value : (USHORT)((Value >> 4) * 10 + (Value & 15));
}

ULONG64 HalpQueryCmosTime(VOID)
{
	HALP_CMOS_TIME Time;
	TIME_FIELDS Fields = { 0 };
	LARGE_INTEGER SystemTime;
	UCHAR StatusB = HalpReadCmos(CMOS_STATUS_B);
	USHORT Hour;

	/* An update takes 2 ms at most and is announced 244 microseconds ahead; the second read proves that none came between. */
	do {
		while (HalpReadCmos(CMOS_STATUS_A) & CMOS_UPDATE_IN_PROGRESS)
			HalpPause();
		HalpReadCmosTime(&Time);
	} while (HalpReadCmos(0x00) != Time.Second);

	Hour = HalpFromCmos(Time.Hour & ~CMOS_PM, StatusB);
	if (!(StatusB & CMOS_24_HOURS))
		Hour = (USHORT)(Hour % 12 + (Time.Hour & CMOS_PM ? 12 : 0));
	Fields.Year = (SHORT)(HalpFromCmos(Time.Century, StatusB) * 100 + HalpFromCmos(Time.Year, StatusB));
	Fields.Month = (SHORT)HalpFromCmos(Time.Month, StatusB);
	Fields.Day = (SHORT)HalpFromCmos(Time.Day, StatusB);
	Fields.Hour = (SHORT)Hour;
	Fields.Minute = (SHORT)HalpFromCmos(Time.Minute, StatusB);
	Fields.Second = (SHORT)HalpFromCmos(Time.Second, StatusB);
	return RtlTimeFieldsToTime(&Fields, &SystemTime) ? (ULONG64)SystemTime.QuadPart : 0;
}
