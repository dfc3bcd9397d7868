/* Bitmaps in ULONGs, bit 0 lowest. Searches go from the hint to the end, then from the beginning to where the hint was. */
#include "rtl.h"

#define RTL_NOT_FOUND 0xffffffffU

VOID RtlInitializeBitMap(PRTL_BITMAP BitMapHeader, PULONG BitMapBuffer, ULONG SizeOfBitMap)
{
	BitMapHeader->SizeOfBitMap = SizeOfBitMap;
	BitMapHeader->Buffer = BitMapBuffer;
}

static ULONG RtlpBitmapBytes(const RTL_BITMAP *bitmap)
{
	return (bitmap->SizeOfBitMap / 32 + (bitmap->SizeOfBitMap % 32 != 0)) * (ULONG)sizeof(ULONG);
}

VOID RtlClearAllBits(PRTL_BITMAP BitMapHeader)
{
	memset(BitMapHeader->Buffer, 0, RtlpBitmapBytes(BitMapHeader));
}

VOID RtlSetAllBits(PRTL_BITMAP BitMapHeader)
{
	memset(BitMapHeader->Buffer, 0xff, RtlpBitmapBytes(BitMapHeader));
}

VOID RtlClearBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber)
{
	BitMapHeader->Buffer[BitNumber / 32] &= ~(1U << (BitNumber % 32));
}

VOID RtlSetBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber)
{
	BitMapHeader->Buffer[BitNumber / 32] |= 1U << (BitNumber % 32);
}

BOOLEAN RtlTestBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber)
{
	return (BitMapHeader->Buffer[BitNumber / 32] >> (BitNumber % 32)) & 1;
}

VOID RtlClearBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToClear)
{
	for (ULONG i = 0; i < NumberToClear; i++)
		RtlClearBit(BitMapHeader, StartingIndex + i);
}

VOID RtlSetBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToSet)
{
	for (ULONG i = 0; i < NumberToSet; i++)
		RtlSetBit(BitMapHeader, StartingIndex + i);
}

/* How many bits from start on have the value, at most limit; whole words at a time where they are uniform. */
static ULONG RtlpRun(const RTL_BITMAP *bitmap, ULONG start, ULONG limit, BOOLEAN set)
{
	ULONG flip = set ? 0 : 0xffffffffU;
	ULONG run = 0;

	while (run < limit) {
		ULONG at = start + run;
		ULONG word = bitmap->Buffer[at / 32] ^ flip;

		if (at % 32 == 0 && word == 0xffffffffU)
			run += 32;
		else if ((word >> (at % 32)) & 1)
			run++;
		else
			break;
	}
	return run < limit ? run : limit;
}

static BOOLEAN RtlpAreBits(const RTL_BITMAP *bitmap, ULONG start, ULONG length, BOOLEAN set)
{
	if (length == 0 || start >= bitmap->SizeOfBitMap || length > bitmap->SizeOfBitMap - start)
		return FALSE;
	return RtlpRun(bitmap, start, length, set) == length;
}

BOOLEAN RtlAreBitsClear(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length)
{
	return RtlpAreBits(BitMapHeader, StartingIndex, Length, FALSE);
}

BOOLEAN RtlAreBitsSet(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length)
{
	return RtlpAreBits(BitMapHeader, StartingIndex, Length, TRUE);
}

/* First run of `count` bits of the value that begins in from..to-1 (it may reach beyond to). */
static ULONG RtlpFindIn(const RTL_BITMAP *bitmap, ULONG from, ULONG to, ULONG count, BOOLEAN set)
{
	while (from < to && count <= bitmap->SizeOfBitMap - from) {
		ULONG run = RtlpRun(bitmap, from, count, set);

		if (run == count)
			return from;
		from += run + 1;
	}
	return RTL_NOT_FOUND;
}

static ULONG RtlpFind(const RTL_BITMAP *bitmap, ULONG count, ULONG hint, BOOLEAN set)
{
	ULONG found;

	if (hint >= bitmap->SizeOfBitMap)
		hint = 0;
	if (count == 0)
		return hint & ~7U;
	found = RtlpFindIn(bitmap, hint, bitmap->SizeOfBitMap, count, set);
	return found != RTL_NOT_FOUND ? found : RtlpFindIn(bitmap, 0, hint, count, set);
}

ULONG RtlFindClearBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
	return RtlpFind(BitMapHeader, NumberToFind, HintIndex, FALSE);
}

ULONG RtlFindSetBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
	return RtlpFind(BitMapHeader, NumberToFind, HintIndex, TRUE);
}

ULONG RtlFindClearBitsAndSet(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
	ULONG found = RtlpFind(BitMapHeader, NumberToFind, HintIndex, FALSE);

	if (found != RTL_NOT_FOUND)
		RtlSetBits(BitMapHeader, found, NumberToFind);
	return found;
}

ULONG RtlFindSetBitsAndClear(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
	ULONG found = RtlpFind(BitMapHeader, NumberToFind, HintIndex, TRUE);

	if (found != RTL_NOT_FOUND)
		RtlClearBits(BitMapHeader, found, NumberToFind);
	return found;
}

ULONG RtlNumberOfSetBits(PRTL_BITMAP BitMapHeader)
{
	ULONG count = 0;

	for (ULONG i = 0; i < BitMapHeader->SizeOfBitMap; i++)
		count += RtlTestBit(BitMapHeader, i);
	return count;
}

ULONG RtlNumberOfClearBits(PRTL_BITMAP BitMapHeader)
{
	return BitMapHeader->SizeOfBitMap - RtlNumberOfSetBits(BitMapHeader);
}

/* The position of the bit, -1 when there is none. */
CCHAR RtlFindMostSignificantBit(ULONGLONG Set)
{
	return Set != 0 ? (CCHAR)(63 - __builtin_clzll(Set)) : -1;
}

CCHAR RtlFindLeastSignificantBit(ULONGLONG Set)
{
	return Set != 0 ? (CCHAR)__builtin_ctzll(Set) : -1;
}

ULONG RtlNumberOfSetBitsUlongPtr(ULONG_PTR Target)
{
	ULONG count = 0;

	for (; Target != 0; Target &= Target - 1)
		count++;
	return count;
}
