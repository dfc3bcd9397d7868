/*
 * The 9P session over virtio: slots for messages, batches, and the wait for answers. A batch costs one notification, and its thread
 * sleeps at once: polling took the processor from the host that was to answer, and measured no faster with any length. The lock is
 * taken with interrupts off where nobody can be signalled under it, at DISPATCH_LEVEL elsewhere.
 */
#include "p9.h"

/* Fids that wait for company on their way out: so many go together with the next batch, and so many may wait at most. */
#define P9_LATER_TOGETHER 16u
#define P9_LATER          32u

/* A request's pieces: message, payload page by page, reply. */
#define P9_BUFFERS (P9_PAYLOAD / PAGE_SIZE + 4)

static struct {
	VIRTIO_DEVICE Device;
	KSPIN_LOCK Lock; /* the queue, free slots, Sleepers */
	KEVENT Progress; /* something finished: slots or descriptors may be free */
	PP9_REQUEST FreeSlots;
	ULONG FreeCount;
	ULONG Sleepers; /* threads that need an interrupt */
	ULONG NextFid;
	ULONG Detached;   /* requests that nobody waits for */
	ULONG LaterCount; /* fids to be clunked */
	ULONG Later[P9_LATER];
	P9_REQUEST Slots[P9_SLOTS];
} P9;

#define P9_QUEUE (&P9.Device.Queues[0])

/* Takes all finished requests off the queue. The lock is held. */
static VOID P9Reap(VOID)
{
	PP9_REQUEST request;
	ULONG written;

	while ((request = VirtqTake(P9_QUEUE, &written))) {
		P9CheckReply(request, written);
		if (!request->Batch) {
			request->NextFree = P9.FreeSlots;
			P9.FreeSlots = request;
			P9.FreeCount++;
			P9.Detached--;
		} else if (--request->Batch->Pending == 0) {
			KeSetEvent(&request->Batch->Done, IO_DISK_INCREMENT, FALSE);
		}
		if (P9.Sleepers)
			KeSetEvent(&P9.Progress, IO_NO_INCREMENT, FALSE);
	}
}

static VOID P9DeferredRoutine(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(DeferredContext);
	UNREFERENCED_PARAMETER(SystemArgument1);
	UNREFERENCED_PARAMETER(SystemArgument2);
	KeAcquireSpinLockAtDpcLevel(&P9.Lock);
	do {
		P9Reap();
	} while (P9.Sleepers && P9_QUEUE->Outstanding && !VirtqEnableInterrupt(P9_QUEUE, 1));
	KeReleaseSpinLockFromDpcLevel(&P9.Lock);
}

/* Sleeps until Event is set; After is how many answers are worth an interrupt. Lock held on entry at Irql, free on return. */
static VOID P9Sleep(PKEVENT Event, USHORT After, KIRQL Irql)
{
	BOOLEAN enabled;

	P9.Sleepers++;
	if (P9.Sleepers > 1)
		After = 1;
	while (!VirtqEnableInterrupt(P9_QUEUE, After))
		P9Reap();
	KeReleaseSpinLock(&P9.Lock, Irql);
	/* Only an answer comes by itself; slots come free when other threads go on. */
	if (Event != &P9.Progress)
		KeHoldSchedule();
	KeWaitForSingleObject(Event, Executive, KernelMode, FALSE, NULL);
	if (Event != &P9.Progress)
		KeReleaseSchedule();
	enabled = KiLockBriefly(&P9.Lock);
	P9.Sleepers--;
	KiUnlockBriefly(&P9.Lock, enabled);
}

/* FALSE: not so many slots are free. */
static BOOLEAN P9TakeSlots(PP9_BATCH Batch, ULONG Count)
{
	BOOLEAN enabled = KiLockBriefly(&P9.Lock);
	BOOLEAN enough = P9.FreeCount >= Count;

	for (Batch->Reserved = 0; enough && Batch->Reserved < Count; Batch->Reserved++) {
		Batch->Requests[Batch->Reserved] = P9.FreeSlots;
		P9.FreeSlots = P9.FreeSlots->NextFree;
	}
	P9.FreeCount -= Batch->Reserved;
	KiUnlockBriefly(&P9.Lock, enabled);
	return enough;
}

VOID P9Begin(PP9_BATCH Batch, ULONG Maximum)
{
	KIRQL irql;

	Batch->Count = 0;
	Batch->Pending = 0;
	KeInitializeEvent(&Batch->Done, NotificationEvent, FALSE);
	while (!P9TakeSlots(Batch, Maximum)) {
		KeAcquireSpinLock(&P9.Lock, &irql);
		if (P9.FreeCount >= Maximum) {
			KeReleaseSpinLock(&P9.Lock, irql);
			continue;
		}
		KeClearEvent(&P9.Progress);
		P9Sleep(&P9.Progress, 1, irql);
	}
}

VOID P9End(PP9_BATCH Batch)
{
	BOOLEAN enabled = KiLockBriefly(&P9.Lock);
	BOOLEAN awaited = P9.Sleepers != 0;

	for (ULONG i = 0; i < Batch->Reserved; i++) {
		Batch->Requests[i]->NextFree = P9.FreeSlots;
		P9.FreeSlots = Batch->Requests[i];
	}
	P9.FreeCount += Batch->Reserved;
	KiUnlockBriefly(&P9.Lock, enabled);
	if (awaited)
		KeSetEvent(&P9.Progress, IO_NO_INCREMENT, FALSE);
}

/* The header's size field is filled when the message is sent. */
static VOID P9Start(PP9_REQUEST Request, PP9_BATCH Batch, UCHAR Type)
{
	Request->Batch = Batch;
	Request->SendLength = 0;
	Request->Payload = NULL;
	Request->PayloadLength = 0;
	Request->PayloadIn = FALSE;
	Request->Bad = FALSE;
	Request->Type = Type;
	Request->Tag = Type == P9_TVERSION ? P9_NO_TAG : (USHORT)(Request - P9.Slots);
	Request->Status = STATUS_PENDING;
	P9Put32(Request, 0);
	P9Put8(Request, Type);
	P9Put16(Request, Request->Tag);
}

PP9_REQUEST P9Add(PP9_BATCH Batch, UCHAR Type)
{
	PP9_REQUEST request = Batch->Requests[Batch->Count++];

	P9Start(request, Batch, Type);
	return request;
}

/* Appends the physical pieces of Length bytes at Data; neighbouring pages become one piece. */
static ULONG P9DescribePayload(VIRTIO_BUFFER *Buffers, ULONG Count, PP9_REQUEST Request)
{
	PUCHAR data = Request->Payload;
	ULONG left = Request->PayloadLength, first = Count;

	while (left) {
		ULONG length = (ULONG)PAGE_SIZE - BYTE_OFFSET(data);
		ULONG64 address = (ULONG64)MmGetPhysicalAddress(data).QuadPart;

		if (length > left)
			length = left;
		if (Count > first && Buffers[Count - 1].Address + Buffers[Count - 1].Length == address) {
			Buffers[Count - 1].Length += length;
		} else {
			Buffers[Count].Address = address;
			Buffers[Count].Length = length;
			Buffers[Count].DeviceWrites = Request->PayloadIn;
			Count++;
		}
		data += length;
		left -= length;
	}
	return Count;
}

static ULONG P9Describe(VIRTIO_BUFFER *Buffers, PP9_REQUEST Request)
{
	/* The reply to a Tread or Treaddir: size, type, tag, count. An Rlerror has the same 11 bytes. */
	ULONG count = 0, reply = Request->PayloadIn ? 11 : P9_SMALL;
	ULONG size = Request->SendLength + (Request->PayloadIn ? 0 : Request->PayloadLength);

	RtlCopyMemory(Request->Send, &size, sizeof(size));
	Buffers[count++] = (VIRTIO_BUFFER){ Request->SendPhysical, Request->SendLength, FALSE };
	if (!Request->PayloadIn)
		count = P9DescribePayload(Buffers, count, Request);
	Buffers[count++] = (VIRTIO_BUFFER){ Request->ReceivePhysical, reply, TRUE };
	if (Request->PayloadIn)
		count = P9DescribePayload(Buffers, count, Request);
	return count;
}

/* The request counts as pending before the device can see it. The lock is held. FALSE: not enough descriptors. */
static BOOLEAN P9TryQueue(PP9_REQUEST Request, const VIRTIO_BUFFER *Buffers, ULONG Count)
{
	if (!VirtqAdd(P9_QUEUE, Buffers, Count, Request))
		return FALSE;
	Request->Batch->Pending++;
	return TRUE;
}

/* Puts one request on the queue, waiting for descriptors when those before it hold them all. */
static VOID P9Queue(PP9_REQUEST Request)
{
	VIRTIO_BUFFER buffers[P9_BUFFERS];
	ULONG count = P9Describe(buffers, Request);
	BOOLEAN enabled = KiLockBriefly(&P9.Lock);
	BOOLEAN queued = P9TryQueue(Request, buffers, count);
	KIRQL irql;

	KiUnlockBriefly(&P9.Lock, enabled);
	while (!queued) {
		KeAcquireSpinLock(&P9.Lock, &irql);
		queued = P9TryQueue(Request, buffers, count);
		if (queued) {
			KeReleaseSpinLock(&P9.Lock, irql);
			return;
		}
		VirtqNotify(P9_QUEUE);
		KeClearEvent(&P9.Progress);
		P9Sleep(&P9.Progress, 1, irql);
	}
}

/* Puts the fids that were given up on the queue, as far as there is room; nobody waits for the answers. The lock is held. */
static VOID P9QueueLater(VOID)
{
	while (P9.LaterCount && P9.FreeCount) {
		PP9_REQUEST request = P9.FreeSlots;
		VIRTIO_BUFFER buffers[2];

		P9Start(request, NULL, P9_TCLUNK);
		P9Put32(request, P9.Later[P9.LaterCount - 1]);
		if (!VirtqAdd(P9_QUEUE, buffers, P9Describe(buffers, request), request))
			return;
		P9.LaterCount--;
		P9.Detached++;
		P9.FreeSlots = request->NextFree;
		P9.FreeCount--;
	}
}

static BOOLEAN P9TryLater(ULONG Fid)
{
	BOOLEAN enabled = KiLockBriefly(&P9.Lock);
	BOOLEAN room = P9.LaterCount < P9_LATER;

	if (room)
		P9.Later[P9.LaterCount++] = Fid;
	KiUnlockBriefly(&P9.Lock, enabled);
	return room;
}

/*
 * Gives a fid up without waiting for the host to agree. It goes with a later batch, in company that the host's threads are roused for
 * once, or with P9SendLater, which somebody has to call within reasonable time.
 */
VOID P9ClunkLater(ULONG Fid)
{
	KIRQL irql;

	while (!P9TryLater(Fid)) {
		KeAcquireSpinLock(&P9.Lock, &irql);
		P9QueueLater();
		VirtqNotify(P9_QUEUE);
		if (P9.LaterCount < P9_LATER) {
			KeReleaseSpinLock(&P9.Lock, irql);
			continue;
		}
		KeClearEvent(&P9.Progress);
		P9Sleep(&P9.Progress, 1, irql);
	}
}

VOID P9SendLater(VOID)
{
	KIRQL irql;

	KeAcquireSpinLock(&P9.Lock, &irql);
	P9Reap();
	P9QueueLater();
	VirtqNotify(P9_QUEUE);
	KeReleaseSpinLock(&P9.Lock, irql);
}

VOID P9Submit(PP9_BATCH Batch)
{
	USHORT outstanding;
	KIRQL irql;

	for (ULONG i = 0; i < Batch->Count; i++) {
		/* What could not be built is not sent. */
		if (Batch->Requests[i]->Bad)
			Batch->Requests[i]->Status = STATUS_NAME_TOO_LONG;
		else
			P9Queue(Batch->Requests[i]);
	}
	KeAcquireSpinLock(&P9.Lock, &irql);
	if (P9.LaterCount >= P9_LATER_TOGETHER)
		P9QueueLater();
	VirtqNotify(P9_QUEUE);
	if (!P9.Sleepers)
		VirtqDisableInterrupt(P9_QUEUE);
	P9Reap();
	outstanding = P9_QUEUE->Outstanding;
	/* Alone on the queue: one interrupt, for the last answer. */
	if (Batch->Pending)
		P9Sleep(&Batch->Done, outstanding == Batch->Pending + P9.Detached ? outstanding : 1, irql);
	else
		KeReleaseSpinLock(&P9.Lock, irql);
}

/* Numbers are not used again: 2^32 of them last longer than any lab. */
ULONG P9NewFid(VOID)
{
	return __atomic_add_fetch(&P9.NextFid, 1, __ATOMIC_RELAXED);
}

static BOOLEAN P9AllocateSlots(VOID)
{
	PHYSICAL_ADDRESS highest = { .QuadPart = -1 };

	for (ULONG i = 0; i < P9_SLOTS; i++) {
		PP9_REQUEST slot = &P9.Slots[i];
		ULONG64 physical;

		if (!slot->Send)
			slot->Send = MmAllocateContiguousMemory(PAGE_SIZE, highest);
		if (!slot->Send)
			return FALSE;
		physical = (ULONG64)MmGetPhysicalAddress(slot->Send).QuadPart;
		slot->Receive = slot->Send + P9_SMALL;
		slot->SendPhysical = physical;
		slot->ReceivePhysical = physical + P9_SMALL;
		slot->NextFree = P9.FreeSlots;
		P9.FreeSlots = slot;
		P9.FreeCount++;
	}
	return TRUE;
}

/* The device's configuration: a 16-bit length and the mount tag. */
static BOOLEAN P9HasTag(const CHAR *Tag)
{
	ULONG length = VirtioReadConfig(&P9.Device, 0) | (ULONG)VirtioReadConfig(&P9.Device, 1) << 8;

	if (length != strlen(Tag))
		return FALSE;
	for (ULONG i = 0; i < length; i++)
		if (VirtioReadConfig(&P9.Device, 2 + i) != (UCHAR)Tag[i])
			return FALSE;
	return TRUE;
}

static NTSTATUS P9Negotiate(VOID)
{
	static const CHAR version[] = "9P2000.L";
	P9_BATCH batch;
	PP9_REQUEST request;
	NTSTATUS status;

	P9Begin(&batch, 1);
	request = P9Add(&batch, P9_TVERSION);
	P9Put32(request, P9_MESSAGE_SIZE);
	P9PutString(request, version, sizeof(version) - 1);
	P9Submit(&batch);
	status = request->Status;
	/* A smaller message size than ours, or another dialect, is of no use. */
	if (NT_SUCCESS(status) && (P9Get32(request) < P9_MESSAGE_SIZE || P9Get16(request) != sizeof(version) - 1 || request->Bad))
		status = STATUS_NOT_SUPPORTED;
	P9End(&batch);
	return status;
}

static NTSTATUS P9Attach(ULONG Fid, PP9_QID Qid)
{
	P9_BATCH batch;
	PP9_REQUEST request;
	NTSTATUS status;

	P9Begin(&batch, 1);
	request = P9Add(&batch, P9_TATTACH);
	P9Put32(request, Fid);
	P9Put32(request, P9_NO_FID);
	P9PutString(request, "lab", 3);
	P9PutString(request, "", 0);
	P9Put32(request, 0);
	P9Submit(&batch);
	status = request->Status;
	if (NT_SUCCESS(status)) {
		*Qid = P9GetQid(request);
		if (request->Bad)
			status = STATUS_IO_DEVICE_ERROR;
	}
	P9End(&batch);
	return status;
}

/* Finds the share with mount tag Tag and attaches to its root. STATUS_NO_SUCH_DEVICE: there is none. */
NTSTATUS P9Connect(const CHAR *Tag, PULONG RootFid, PP9_QID RootQid)
{
	VIRTIO_WINDOW window;
	NTSTATUS status = STATUS_NO_SUCH_DEVICE;

	KeInitializeSpinLock(&P9.Lock);
	KeInitializeEvent(&P9.Progress, NotificationEvent, FALSE);
	for (ULONG i = 0; !NT_SUCCESS(status) && VirtioWindow(i, &window); i++) {
		status = VirtioOpen(&window, VIRTIO_ID_9P, 1, P9DeferredRoutine, NULL, &P9.Device);
		if (NT_SUCCESS(status) && !P9HasTag(Tag))
			status = STATUS_NO_SUCH_DEVICE;
	}
	if (!NT_SUCCESS(status))
		return status;
	if (!P9AllocateSlots())
		return STATUS_INSUFFICIENT_RESOURCES;
	VirtioStart(&P9.Device);
	status = P9Negotiate();
	if (!NT_SUCCESS(status))
		return status;
	*RootFid = P9NewFid();
	return P9Attach(*RootFid, RootQid);
}
