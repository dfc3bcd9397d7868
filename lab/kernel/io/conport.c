/*
 * The console port of a virtio-serial device without the multiport feature: queue 0 brings bytes, queue 1 takes them (virtio 1.2, 5.3).
 */
#include "control.h"
#include "virtio.h"

#define PORT_RECEIVE_BUFFERS 4u

static struct {
	VIRTIO_DEVICE Device;
	KEVENT Received;
	KEVENT Sent;
	PUCHAR Receive[PORT_RECEIVE_BUFFERS];
	PUCHAR Send;
	PUCHAR Current; /* received, and not read to its end */
	ULONG CurrentLength;
	ULONG CurrentOffset;
} Port;

#define PORT_RECEIVE_QUEUE (&Port.Device.Queues[0])
#define PORT_SEND_QUEUE    (&Port.Device.Queues[1])

static VOID PortDeferredRoutine(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(DeferredContext);
	UNREFERENCED_PARAMETER(SystemArgument1);
	UNREFERENCED_PARAMETER(SystemArgument2);
	if (VirtqHasUsed(PORT_RECEIVE_QUEUE))
		KeSetEvent(&Port.Received, IO_NO_INCREMENT, FALSE);
	if (VirtqHasUsed(PORT_SEND_QUEUE))
		KeSetEvent(&Port.Sent, IO_NO_INCREMENT, FALSE);
}

static VOID PortAddBuffer(PUCHAR Buffer)
{
	VIRTIO_BUFFER buffer = { (ULONG64)MmGetPhysicalAddress(Buffer).QuadPart, (ULONG)PAGE_SIZE, TRUE };

	VirtqAdd(PORT_RECEIVE_QUEUE, &buffer, 1, Buffer);
	VirtqNotify(PORT_RECEIVE_QUEUE);
}

BOOLEAN ConsolePortOpen(VOID)
{
	PHYSICAL_ADDRESS highest = { .QuadPart = -1 };
	NTSTATUS status = STATUS_NO_SUCH_DEVICE;
	VIRTIO_WINDOW window;

	KeInitializeEvent(&Port.Received, SynchronizationEvent, FALSE);
	KeInitializeEvent(&Port.Sent, SynchronizationEvent, FALSE);
	for (ULONG i = 0; status == STATUS_NO_SUCH_DEVICE && VirtioWindow(i, &window); i++)
		status = VirtioOpen(&window, VIRTIO_ID_CONSOLE, 2, PortDeferredRoutine, NULL, &Port.Device);
	if (!NT_SUCCESS(status))
		return FALSE;
	for (ULONG i = 0; i < PORT_RECEIVE_BUFFERS; i++)
		if (!(Port.Receive[i] = MmAllocateContiguousMemory(PAGE_SIZE, highest)))
			return FALSE;
	Port.Send = MmAllocateContiguousMemory(PAGE_SIZE, highest);
	if (!Port.Send)
		return FALSE;
	VirtioStart(&Port.Device);
	for (ULONG i = 0; i < PORT_RECEIVE_BUFFERS; i++)
		PortAddBuffer(Port.Receive[i]);
	return TRUE;
}

/* The next buffer that the host filled; waits for it. */
static VOID PortTakeBuffer(VOID)
{
	for (;;) {
		ULONG written;

		Port.Current = VirtqTake(PORT_RECEIVE_QUEUE, &written);
		if (Port.Current) {
			/* A length beyond the buffer is a lie. */
			Port.CurrentLength = written < PAGE_SIZE ? written : (ULONG)PAGE_SIZE;
			Port.CurrentOffset = 0;
			return;
		}
		if (VirtqEnableInterrupt(PORT_RECEIVE_QUEUE, 1))
			KeWaitForSingleObject(&Port.Received, Executive, KernelMode, FALSE, NULL);
	}
}

ULONG ConsolePortRead(PCHAR Buffer, ULONG Length)
{
	ULONG count;

	while (!Port.Current || Port.CurrentOffset == Port.CurrentLength) {
		if (Port.Current)
			PortAddBuffer(Port.Current);
		PortTakeBuffer();
	}
	count = Port.CurrentLength - Port.CurrentOffset;
	if (count > Length)
		count = Length;
	RtlCopyMemory(Buffer, Port.Current + Port.CurrentOffset, count);
	Port.CurrentOffset += count;
	return count;
}

VOID ConsolePortWrite(const CHAR *Data, ULONG Length)
{
	while (Length) {
		ULONG part = Length < PAGE_SIZE ? Length : (ULONG)PAGE_SIZE, written;
		VIRTIO_BUFFER buffer = { (ULONG64)MmGetPhysicalAddress(Port.Send).QuadPart, part, FALSE };

		RtlCopyMemory(Port.Send, Data, part);
		VirtqAdd(PORT_SEND_QUEUE, &buffer, 1, Port.Send);
		VirtqNotify(PORT_SEND_QUEUE);
		while (!VirtqTake(PORT_SEND_QUEUE, &written))
			if (VirtqEnableInterrupt(PORT_SEND_QUEUE, 1))
				KeWaitForSingleObject(&Port.Sent, Executive, KernelMode, FALSE, NULL);
		Data += part;
		Length -= part;
	}
}
