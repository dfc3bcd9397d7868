/*
 * Sequenced singly linked lists: lock-free stacks. Depth, a sequence number and the first entry change in one 16-byte compare-exchange;
 * the sequence grows with every push, so that an entry that went and came back is noticed. Popping one entry is slist.S's.
 */
#include "ex.h"

_Static_assert(sizeof(SLIST_HEADER) == 16, "the header is what cmpxchg16b changes");

static BOOLEAN ExpExchangeHeader(PSLIST_HEADER header, SLIST_HEADER *old, const SLIST_HEADER *value)
{
	BOOLEAN done;

	__asm__ volatile("lock cmpxchg16b %1"
			 : "=@ccz"(done), "+m"(*header), "+a"(old->Alignment), "+d"(old->Region)
			 : "b"(value->Alignment), "c"(value->Region)
			 : "memory");
	return done;
}

static PSLIST_ENTRY ExpFirst(const SLIST_HEADER *header)
{
	return (PSLIST_ENTRY)(ULONG_PTR)(header->Region & ~0xfULL);
}

static SLIST_HEADER ExpReadHeader(PSLIST_HEADER header)
{
	SLIST_HEADER value;

	value.Alignment = __atomic_load_n(&header->Alignment, __ATOMIC_ACQUIRE);
	value.Region = __atomic_load_n(&header->Region, __ATOMIC_ACQUIRE);
	return value;
}

VOID InitializeSListHead(PSLIST_HEADER SListHead)
{
	SListHead->Alignment = 0;
	SListHead->Region = 0;
}

/* The former first entry. ListEntry is 16-byte aligned. */
PSLIST_ENTRY ExpInterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry)
{
	SLIST_HEADER old = ExpReadHeader(ListHead);
	SLIST_HEADER value;

	do {
		ListEntry->Next = ExpFirst(&old);
		value = old;
		value.HeaderX64.Depth++;
		value.HeaderX64.Sequence++;
		value.HeaderX64.NextEntry = (ULONG64)ListEntry >> 4;
	} while (!ExpExchangeHeader(ListHead, &old, &value));
	return ExpFirst(&old);
}

/* Takes the whole list; the entries stay linked. */
PSLIST_ENTRY ExpInterlockedFlushSList(PSLIST_HEADER ListHead)
{
	SLIST_HEADER old = ExpReadHeader(ListHead);
	SLIST_HEADER value;

	do {
		if (ExpFirst(&old) == NULL)
			return NULL;
		value = old;
		value.HeaderX64.Depth = 0;
		value.HeaderX64.NextEntry = 0;
	} while (!ExpExchangeHeader(ListHead, &old, &value));
	return ExpFirst(&old);
}

USHORT ExQueryDepthSList(PSLIST_HEADER ListHead)
{
	return (USHORT)ListHead->HeaderX64.Depth;
}
