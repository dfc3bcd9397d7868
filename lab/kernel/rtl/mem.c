/*
 * Memory blocks: the mem* routines of the C library and RtlCompareMemory. The string instructions do the work: the kernel keeps its
 * hands off the vector registers, and processors (and QEMU) run them in large steps.
 */
#include "rtl.h"

/* The loops below must not be recognised as the routine that they implement. */
#if defined(__has_attribute) && __has_attribute(no_builtin)
#define RTL_NO_IDIOM __attribute__((no_builtin))
#else
#define RTL_NO_IDIOM
#endif

static void RtlpCopyForward(unsigned char *destination, const unsigned char *source, size_t count)
{
	size_t quads = count / 8;
	size_t bytes = count % 8;

	__asm__ volatile("rep movsq" : "+D"(destination), "+S"(source), "+c"(quads) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(destination), "+S"(source), "+c"(bytes) : : "memory");
}

void *memcpy(void *destination, const void *source, size_t count)
{
	RtlpCopyForward(destination, source, count);
	return destination;
}

/*
 * Overlap with the destination above the source is copied from the end, by plain loads: the direction flag would have to be
 * restored before every interrupt handler, which the ABI promises is clear.
 */
RTL_NO_IDIOM void *memmove(void *destination, const void *source, size_t count)
{
	unsigned char *to = destination;
	const unsigned char *from = source;

	if ((ULONG_PTR)to - (ULONG_PTR)from >= count) {
		RtlpCopyForward(to, from, count);
		return destination;
	}
	while (count >= 8) {
		ULONG64 quad;

		count -= 8;
		__asm__ volatile("movq %1, %0" : "=r"(quad) : "m"(*(const ULONG64 *)(from + count)) : "memory");
		__asm__ volatile("movq %1, %0" : "=m"(*(ULONG64 *)(to + count)) : "r"(quad) : "memory");
	}
	while (count > 0) {
		count--;
		to[count] = from[count];
		__asm__ volatile("" : : : "memory");
	}
	return destination;
}

void *memset(void *destination, int value, size_t count)
{
	unsigned char *to = destination;
	ULONG64 pattern = (unsigned char)value * 0x0101010101010101ULL;
	size_t quads = count / 8;
	size_t bytes = count % 8;

	__asm__ volatile("rep stosq" : "+D"(to), "+c"(quads) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(pattern) : "memory");
	return destination;
}

RTL_NO_IDIOM int memcmp(const void *left, const void *right, size_t count)
{
	const unsigned char *a = left;
	const unsigned char *b = right;

	for (size_t i = 0; i < count; i++) {
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}

void *memchr(const void *buffer, int value, size_t count)
{
	const unsigned char *bytes = buffer;

	for (size_t i = 0; i < count; i++) {
		if (bytes[i] == (unsigned char)value)
			return (void *)(bytes + i);
	}
	return NULL;
}

/* How many leading bytes of both blocks are the same: Length when they are equal. */
SIZE_T RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length)
{
	const unsigned char *a = Source1;
	const unsigned char *b = Source2;
	SIZE_T same = 0;

	while (same < Length && a[same] == b[same])
		same++;
	return same;
}

/* How many bytes, in whole ULONGs, repeat the pattern. */
SIZE_T RtlCompareMemoryUlong(PVOID Source, SIZE_T Length, ULONG Pattern)
{
	const ULONG *values = Source;
	SIZE_T count = Length / sizeof(ULONG);
	SIZE_T same = 0;

	while (same < count && values[same] == Pattern)
		same++;
	return same * sizeof(ULONG);
}

/* The DDK's headers make these the mem* routines; whoever takes their address imports them. */
#undef RtlCopyMemory
#undef RtlMoveMemory
#undef RtlFillMemory
#undef RtlZeroMemory

NTKERNELAPI VOID RtlCopyMemory(PVOID Destination, const VOID *Source, SIZE_T Length)
{
	memmove(Destination, Source, Length);
}

NTKERNELAPI VOID RtlMoveMemory(PVOID Destination, const VOID *Source, SIZE_T Length)
{
	memmove(Destination, Source, Length);
}

NTKERNELAPI VOID RtlFillMemory(PVOID Destination, SIZE_T Length, UCHAR Fill)
{
	memset(Destination, Fill, Length);
}

NTKERNELAPI VOID RtlZeroMemory(PVOID Destination, SIZE_T Length)
{
	memset(Destination, 0, Length);
}
