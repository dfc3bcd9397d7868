/*
 * Split virtqueues (virtio 1.2, 2.7): descriptors, the available and the used ring, and when either side has to be woken. The device
 * is QEMU, but what it writes is checked all the same: an index out of range is dropped, never followed.
 */
#include "virtio.h"

typedef struct _VIRTQ_DESC {
	ULONG64 Address;
	ULONG Length;
	USHORT Flags;
	USHORT Next;
} VIRTQ_DESC;

typedef struct _VIRTQ_AVAIL {
	USHORT Flags;
	USHORT Index;
	USHORT Ring[];
} VIRTQ_AVAIL;

typedef struct _VIRTQ_USED_ELEMENT {
	ULONG Id;
	ULONG Length;
} VIRTQ_USED_ELEMENT;

typedef struct _VIRTQ_USED {
	USHORT Flags;
	USHORT Index;
	VIRTQ_USED_ELEMENT Ring[];
} VIRTQ_USED;

#define VIRTQ_DESC_F_NEXT          1
#define VIRTQ_DESC_F_WRITE         2
#define VIRTQ_AVAIL_F_NO_INTERRUPT 1
#define VIRTQ_USED_F_NO_NOTIFY     1

#define VIRTIO_MMIO_QUEUE_SEL     (0x030 / 4)
#define VIRTIO_MMIO_QUEUE_NUM_MAX (0x034 / 4)
#define VIRTIO_MMIO_QUEUE_NUM     (0x038 / 4)
#define VIRTIO_MMIO_QUEUE_ALIGN   (0x03c / 4) /* legacy */
#define VIRTIO_MMIO_QUEUE_PFN     (0x040 / 4) /* legacy */
#define VIRTIO_MMIO_QUEUE_READY   (0x044 / 4)
#define VIRTIO_MMIO_QUEUE_NOTIFY  (0x050 / 4)
#define VIRTIO_MMIO_QUEUE_DESC    (0x080 / 4) /* three addresses, low and high words */
#define VIRTIO_MMIO_QUEUE_DRIVER  (0x090 / 4)
#define VIRTIO_MMIO_QUEUE_DEVICE  (0x0a0 / 4)

/* Processor and device both order their stores; between a store and a load of ours only this does. */
static inline VOID VirtqBarrier(VOID)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static VOID VirtqSetAddress(volatile ULONG *Window, ULONG Register, ULONG64 Address)
{
	Window[Register] = (ULONG)Address;
	Window[Register + 1] = (ULONG)(Address >> 32);
}

/* Both generations of devices get the legacy layout: descriptors, available ring, and the used ring on the next page. */
BOOLEAN VirtqInitialize(PVIRTIO_DEVICE Device, ULONG Index)
{
	PHYSICAL_ADDRESS highest = { .QuadPart = 0xffffffff };
	PVIRTIO_QUEUE queue = &Device->Queues[Index];
	volatile ULONG *window = Device->Window;
	SIZE_T usedOffset, size;
	ULONG64 physical;
	ULONG count;
	PUCHAR ring;

	window[VIRTIO_MMIO_QUEUE_SEL] = Index;
	count = window[VIRTIO_MMIO_QUEUE_NUM_MAX];
	if (!count)
		return FALSE;
	if (count > VIRTIO_QUEUE_MAXIMUM)
		count = VIRTIO_QUEUE_MAXIMUM;
	usedOffset = ROUND_TO_PAGES(count * sizeof(VIRTQ_DESC) + sizeof(VIRTQ_AVAIL) + (count + 1) * sizeof(USHORT));
	size = ROUND_TO_PAGES(usedOffset + sizeof(VIRTQ_USED) + count * sizeof(VIRTQ_USED_ELEMENT) + sizeof(USHORT));
	ring = MmAllocateContiguousMemory(size, highest);
	if (!ring)
		return FALSE;
	RtlZeroMemory(ring, size);
	physical = (ULONG64)MmGetPhysicalAddress(ring).QuadPart;

	queue->Device = Device;
	queue->Index = Index;
	queue->Size = (USHORT)count;
	queue->FreeCount = (USHORT)count;
	queue->Descriptors = (VIRTQ_DESC *)ring;
	queue->Available = (VIRTQ_AVAIL *)(ring + count * sizeof(VIRTQ_DESC));
	queue->Used = (VIRTQ_USED *)(ring + usedOffset);
	queue->UsedEvent = &queue->Available->Ring[count];
	queue->AvailableEvent = (volatile USHORT *)&queue->Used->Ring[count];
	for (USHORT i = 0; i < count; i++)
		queue->Descriptors[i].Next = (USHORT)(i + 1);
	VirtqDisableInterrupt(queue);

	window[VIRTIO_MMIO_QUEUE_NUM] = count;
	if (Device->Version == 1) {
		window[VIRTIO_MMIO_QUEUE_ALIGN] = PAGE_SIZE;
		window[VIRTIO_MMIO_QUEUE_PFN] = (ULONG)(physical >> PAGE_SHIFT);
		return TRUE;
	}
	VirtqSetAddress(window, VIRTIO_MMIO_QUEUE_DESC, physical);
	VirtqSetAddress(window, VIRTIO_MMIO_QUEUE_DRIVER, physical + count * sizeof(VIRTQ_DESC));
	VirtqSetAddress(window, VIRTIO_MMIO_QUEUE_DEVICE, physical + usedOffset);
	window[VIRTIO_MMIO_QUEUE_READY] = 1;
	return TRUE;
}

BOOLEAN VirtqAdd(PVIRTIO_QUEUE Queue, const VIRTIO_BUFFER *Buffers, ULONG Count, PVOID Cookie)
{
	USHORT head = Queue->FreeHead, current = head;

	if (Count > Queue->FreeCount)
		return FALSE;
	for (ULONG i = 0; i < Count; i++) {
		volatile VIRTQ_DESC *descriptor = &Queue->Descriptors[current];

		descriptor->Address = Buffers[i].Address;
		descriptor->Length = Buffers[i].Length;
		descriptor->Flags = (USHORT)((Buffers[i].DeviceWrites ? VIRTQ_DESC_F_WRITE : 0) | (i + 1 < Count ? VIRTQ_DESC_F_NEXT : 0));
		current = descriptor->Next;
	}
	Queue->FreeHead = current;
	Queue->FreeCount = (USHORT)(Queue->FreeCount - Count);
	Queue->Outstanding++;
	Queue->Cookies[head] = Cookie;
	Queue->Available->Ring[Queue->Available->Index % Queue->Size] = head;
	VirtqBarrier();
	Queue->Available->Index++;
	return TRUE;
}

VOID VirtqNotify(PVIRTIO_QUEUE Queue)
{
	USHORT now = Queue->Available->Index, before = Queue->Notified;
	BOOLEAN needed;

	VirtqBarrier();
	/* The device says at which index it wants to be woken (vring_need_event of the specification). */
	if (Queue->Device->EventIndex)
		needed = (USHORT)(now - *Queue->AvailableEvent - 1) < (USHORT)(now - before);
	else
		needed = !(Queue->Used->Flags & VIRTQ_USED_F_NO_NOTIFY);
	Queue->Notified = now;
	if (needed)
		Queue->Device->Window[VIRTIO_MMIO_QUEUE_NOTIFY] = Queue->Index;
}

BOOLEAN VirtqHasUsed(PVIRTIO_QUEUE Queue)
{
	return Queue->Used->Index != Queue->LastUsed;
}

static VOID VirtqFreeChain(PVIRTIO_QUEUE Queue, USHORT Head)
{
	USHORT last = Head, count = 1;

	while ((Queue->Descriptors[last].Flags & VIRTQ_DESC_F_NEXT) && count < Queue->Size) {
		last = Queue->Descriptors[last].Next;
		count++;
	}
	Queue->Descriptors[last].Next = Queue->FreeHead;
	Queue->FreeHead = Head;
	Queue->FreeCount = (USHORT)(Queue->FreeCount + count);
}

PVOID VirtqTake(PVIRTIO_QUEUE Queue, PULONG Written)
{
	while (VirtqHasUsed(Queue)) {
		volatile VIRTQ_USED_ELEMENT *element;
		PVOID cookie;
		ULONG id;

		VirtqBarrier();
		element = &Queue->Used->Ring[Queue->LastUsed % Queue->Size];
		id = element->Id;
		*Written = element->Length;
		Queue->LastUsed++;
		if (id >= Queue->Size || !Queue->Cookies[id])
			continue;
		cookie = Queue->Cookies[id];
		Queue->Cookies[id] = NULL;
		Queue->Outstanding--;
		VirtqFreeChain(Queue, (USHORT)id);
		return cookie;
	}
	return NULL;
}

BOOLEAN VirtqEnableInterrupt(PVIRTIO_QUEUE Queue, USHORT After)
{
	if (Queue->Device->EventIndex)
		*Queue->UsedEvent = (USHORT)(Queue->LastUsed + After - 1);
	else
		Queue->Available->Flags = 0;
	VirtqBarrier();
	/* What was used between the last look and the store above brings no interrupt any more. */
	return (USHORT)(Queue->Used->Index - Queue->LastUsed) < After;
}

VOID VirtqDisableInterrupt(PVIRTIO_QUEUE Queue)
{
	/* An event index just behind the ring is passed again only after 65536 requests. */
	if (Queue->Device->EventIndex)
		*Queue->UsedEvent = (USHORT)(Queue->LastUsed - 1);
	else
		Queue->Available->Flags = VIRTQ_AVAIL_F_NO_INTERRUPT;
}
