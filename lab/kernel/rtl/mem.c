/*
 * Memory blocks: the mem* routines of the C library and RtlCompareMemory. The kernel keeps its hands off the vector registers. Large
 * blocks are the string instructions' work; small ones, which are most, are moved by plain loads and stores, the last of which overlap:
 * a string instruction takes a while to start on a processor, and QEMU's emulation takes a turn of translated code for every step of it.
 */
#include "rtl.h"

/* The loops below must not be recognised as the routine that they implement. */
#if defined(__has_attribute) && __has_attribute(no_builtin)
#define RTL_NO_IDIOM __attribute__((no_builtin))
#else
#define RTL_NO_IDIOM
#endif

/* Up to this many bytes without string instructions. */
#define RTL_SMALL_BLOCK 256

/* What memory holds at any alignment. */
typedef ULONG64 __attribute__((aligned(1), may_alias)) RTL_QUAD;
typedef ULONG __attribute__((aligned(1), may_alias)) RTL_LONG;

/* Fewer than 8 bytes; both ends are read before either is written. */
static inline void RtlpCopyFew(unsigned char *to, const unsigned char *from, size_t count)
{
	if (count >= 4) {
		ULONG first = *(const RTL_LONG *)from, last = *(const RTL_LONG *)(from + count - 4);

		*(RTL_LONG *)to = first;
		*(RTL_LONG *)(to + count - 4) = last;
	} else if (count) {
		unsigned char first = from[0], middle = from[count / 2], last = from[count - 1];

		to[0] = first;
		to[count / 2] = middle;
		to[count - 1] = last;
	}
}

/* Upwards; the blocks may overlap with the destination below the source. */
static RTL_NO_IDIOM void RtlpCopyForward(unsigned char *to, const unsigned char *from, size_t count)
{
	ULONG64 last;

	if (count < 8) {
		RtlpCopyFew(to, from, count);
		return;
	}
	/* The tail goes last but is read first: the copy may have written over it by then. */
	last = *(const RTL_QUAD *)(from + count - 8);
	if (count > RTL_SMALL_BLOCK) {
		size_t quads = count / 8;
		unsigned char *end = to + count;

		__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(quads) : : "memory");
		*(RTL_QUAD *)(end - 8) = last;
		return;
	}
	for (; count > 8; count -= 8, to += 8, from += 8)
		*(RTL_QUAD *)to = *(const RTL_QUAD *)from;
	*(RTL_QUAD *)(to + count - 8) = last;
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

RTL_NO_IDIOM void *memset(void *destination, int value, size_t count)
{
	unsigned char *to = destination, *end = to + count;
	ULONG64 pattern = (unsigned char)value * 0x0101010101010101ULL;

	if (count < 8) {
		while (to < end)
			*to++ = (unsigned char)value;
		return destination;
	}
	if (count > RTL_SMALL_BLOCK) {
		size_t quads = count / 8;

		__asm__ volatile("rep stosq" : "+D"(to), "+c"(quads) : "a"(pattern) : "memory");
	} else {
		for (; end - to > 8; to += 8)
			*(RTL_QUAD *)to = pattern;
	}
	*(RTL_QUAD *)(end - 8) = pattern;
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
