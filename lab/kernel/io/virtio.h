/*
 * Virtio over MMIO windows (virtio 1.2, chapters 2 and 4.2; "legacy" is 4.2.4): devices, and split virtqueues.
 */
#ifndef VIRTIO_H
#define VIRTIO_H

#include "iop.h"

#define VIRTIO_ID_CONSOLE 3u
#define VIRTIO_ID_9P 9u

#define VIRTIO_QUEUE_MAXIMUM 256u
#define VIRTIO_DEVICE_QUEUES 2u

/* A piece of a request: physically contiguous memory. */
typedef struct _VIRTIO_BUFFER {
	ULONG64 Address;
	ULONG Length;
	BOOLEAN DeviceWrites;
} VIRTIO_BUFFER;

typedef struct _VIRTIO_QUEUE {
	struct _VIRTIO_DEVICE *Device;
	ULONG Index;
	USHORT Size;
	USHORT FreeHead;
	USHORT FreeCount;
	USHORT LastUsed;
	USHORT Outstanding;            /* requests the device has */
	volatile struct _VIRTQ_DESC *Descriptors;
	volatile struct _VIRTQ_AVAIL *Available;
	volatile struct _VIRTQ_USED *Used;
	volatile USHORT *UsedEvent;    /* at the end of the available ring: interrupt when the used index passes it */
	volatile USHORT *AvailableEvent; /* at the end of the used ring: notify when the available index passes it */
	USHORT Notified;               /* available index at the last notification */
	PVOID Cookies[VIRTIO_QUEUE_MAXIMUM]; /* by head descriptor: whose request it is */
} VIRTIO_QUEUE, *PVIRTIO_QUEUE;

typedef struct _VIRTIO_DEVICE {
	volatile ULONG *Window;
	ULONG Version;
	ULONG DeviceId;
	ULONG Gsi;
	BOOLEAN EventIndex;
	KDPC Dpc;
	PVOID Context;                 /* the driver's, for its DPC */
	VIRTIO_QUEUE Queues[VIRTIO_DEVICE_QUEUES];
} VIRTIO_DEVICE, *PVIRTIO_DEVICE;

/* virtio.c: the window numbered Number on the kernel command line, if it holds a device DeviceId. FALSE: no such window. */
typedef struct _VIRTIO_WINDOW {
	ULONG64 Base;
	ULONG64 Size;
	ULONG Gsi;
} VIRTIO_WINDOW;
BOOLEAN VirtioWindow(ULONG Number, VIRTIO_WINDOW *Window);

/*
 * Takes the device in Window if its id is DeviceId: reset, feature negotiation (only EVENT_IDX and, for modern devices,
 * VERSION_1), QueueCount queues, interrupt. DpcRoutine runs after each interrupt with Context. STATUS_NO_SUCH_DEVICE: another kind of device, or none.
 */
NTSTATUS VirtioOpen(const VIRTIO_WINDOW *Window, ULONG DeviceId, ULONG QueueCount, PKDEFERRED_ROUTINE DpcRoutine, PVOID Context,
		    PVIRTIO_DEVICE Device);
/* Tells the device that its driver is ready; queues may be used from here on. */
VOID VirtioStart(PVIRTIO_DEVICE Device);
UCHAR VirtioReadConfig(PVIRTIO_DEVICE Device, ULONG Offset);

/*
 * virtq.c. The caller serialises all calls for one queue. VirtqAdd puts a request of Count buffers (those the device writes
 * last) on the ring without telling the device; FALSE: not enough descriptors. VirtqNotify tells it once about all that were
 * added. VirtqTake gives the cookie of a finished request, and the bytes that the device wrote; NULL: none.
 */
BOOLEAN VirtqInitialize(PVIRTIO_DEVICE Device, ULONG Index);
BOOLEAN VirtqAdd(PVIRTIO_QUEUE Queue, const VIRTIO_BUFFER *Buffers, ULONG Count, PVOID Cookie);
VOID VirtqNotify(PVIRTIO_QUEUE Queue);
PVOID VirtqTake(PVIRTIO_QUEUE Queue, PULONG Written);
BOOLEAN VirtqHasUsed(PVIRTIO_QUEUE Queue);
/* Interrupt once After more requests are used (1: the next); FALSE: something was used meanwhile, look again. */
BOOLEAN VirtqEnableInterrupt(PVIRTIO_QUEUE Queue, USHORT After);
VOID VirtqDisableInterrupt(PVIRTIO_QUEUE Queue);

#endif
