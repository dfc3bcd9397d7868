/*
 * Virtio devices over MMIO: found on the kernel command line, negotiated, interrupts routed. Every register access leaves the
 * guest, so that there are none but one per batch (QueueNotify) and one per interrupt (InterruptACK).
 */
#include "virtio.h"

/* Registers (virtio 1.2, 4.2.2), as indexes of 32-bit words. Those marked legacy: version 1 only. */
#define VIRTIO_MMIO_MAGIC               (0x000 / 4)
#define VIRTIO_MMIO_VERSION             (0x004 / 4)
#define VIRTIO_MMIO_DEVICE_ID           (0x008 / 4)
#define VIRTIO_MMIO_DEVICE_FEATURES     (0x010 / 4)
#define VIRTIO_MMIO_DEVICE_FEATURES_SEL (0x014 / 4)
#define VIRTIO_MMIO_DRIVER_FEATURES     (0x020 / 4)
#define VIRTIO_MMIO_DRIVER_FEATURES_SEL (0x024 / 4)
#define VIRTIO_MMIO_GUEST_PAGE_SIZE     (0x028 / 4) /* legacy */
#define VIRTIO_MMIO_INTERRUPT_ACK       (0x064 / 4)
#define VIRTIO_MMIO_STATUS              (0x070 / 4)
#define VIRTIO_MMIO_CONFIG              0x100

#define VIRTIO_MAGIC              0x74726976u
#define VIRTIO_STATUS_ACKNOWLEDGE 1u
#define VIRTIO_STATUS_DRIVER      2u
#define VIRTIO_STATUS_DRIVER_OK   4u
#define VIRTIO_STATUS_FEATURES_OK 8u
#define VIRTIO_F_EVENT_IDX        29u
#define VIRTIO_F_VERSION_1        32u

/* Device interrupts of the lab; above DISPATCH_LEVEL, below the clock. */
#define VIRTIO_IRQL          6
/* Both causes of an interrupt: used buffers and a changed configuration. */
#define VIRTIO_INTERRUPT_ALL 3u

/* "512@0xfeb00e00:12": size, base and line. FALSE: not that. */
static BOOLEAN VirtioParseWindow(const CHAR *Text, VIRTIO_WINDOW *Window)
{
	char *end;

	Window->Size = strtoul(Text, &end, 0);
	if (*end == 'K' || *end == 'k') {
		Window->Size <<= 10;
		end++;
	}
	if (*end++ != '@')
		return FALSE;
	Window->Base = strtoul(end, &end, 0);
	if (*end++ != ':')
		return FALSE;
	Window->Gsi = strtoul(end, &end, 0);
	return Window->Size >= 0x200 && Window->Base && (*end == ' ' || *end == ':' || !*end);
}

BOOLEAN VirtioWindow(ULONG Number, VIRTIO_WINDOW *Window)
{
	static const CHAR key[] = "virtio_mmio.device=";
	const CHAR *text = KeLoaderBlock->LoadOptions;

	for (; (text = strstr(text, key)); text += sizeof(key) - 1)
		if (VirtioParseWindow(text + sizeof(key) - 1, Window) && !Number--)
			return TRUE;
	return FALSE;
}

UCHAR VirtioReadConfig(PVIRTIO_DEVICE Device, ULONG Offset)
{
	return ((volatile UCHAR *)Device->Window)[VIRTIO_MMIO_CONFIG + Offset];
}

static VOID VirtioInterrupt(PVOID Context)
{
	PVIRTIO_DEVICE device = Context;

	device->Window[VIRTIO_MMIO_INTERRUPT_ACK] = VIRTIO_INTERRUPT_ALL;
	KeInsertQueueDpc(&device->Dpc, NULL, NULL);
}

static ULONG64 VirtioReadFeatures(PVIRTIO_DEVICE Device)
{
	ULONG64 features;

	Device->Window[VIRTIO_MMIO_DEVICE_FEATURES_SEL] = 1;
	features = (ULONG64)Device->Window[VIRTIO_MMIO_DEVICE_FEATURES] << 32;
	Device->Window[VIRTIO_MMIO_DEVICE_FEATURES_SEL] = 0;
	return features | Device->Window[VIRTIO_MMIO_DEVICE_FEATURES];
}

/* Asks for the event index and nothing else. FALSE: a modern device that is not content with that. */
static BOOLEAN VirtioNegotiate(PVIRTIO_DEVICE Device)
{
	volatile ULONG *window = Device->Window;
	ULONG64 wanted = VirtioReadFeatures(Device) & (1ULL << VIRTIO_F_EVENT_IDX);

	Device->EventIndex = wanted != 0;
	if (Device->Version > 1)
		wanted |= 1ULL << VIRTIO_F_VERSION_1;
	window[VIRTIO_MMIO_DRIVER_FEATURES_SEL] = 0;
	window[VIRTIO_MMIO_DRIVER_FEATURES] = (ULONG)wanted;
	window[VIRTIO_MMIO_DRIVER_FEATURES_SEL] = 1;
	window[VIRTIO_MMIO_DRIVER_FEATURES] = (ULONG)(wanted >> 32);
	if (Device->Version == 1) {
		window[VIRTIO_MMIO_GUEST_PAGE_SIZE] = PAGE_SIZE;
		return TRUE;
	}
	window[VIRTIO_MMIO_STATUS] = VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER | VIRTIO_STATUS_FEATURES_OK;
	return (window[VIRTIO_MMIO_STATUS] & VIRTIO_STATUS_FEATURES_OK) != 0;
}

NTSTATUS VirtioOpen(const VIRTIO_WINDOW *Window, ULONG DeviceId, ULONG QueueCount, PKDEFERRED_ROUTINE DpcRoutine, PVOID Context,
		    PVIRTIO_DEVICE Device)
{
	PHYSICAL_ADDRESS base = { .QuadPart = (LONGLONG)Window->Base };
	volatile ULONG *window;

	RtlZeroMemory(Device, sizeof(*Device));
	window = MmMapIoSpace(base, Window->Size, MmNonCached);
	if (!window)
		return STATUS_INSUFFICIENT_RESOURCES;
	Device->Window = window;
	Device->Gsi = Window->Gsi;
	Device->Context = Context;
	if (window[VIRTIO_MMIO_MAGIC] != VIRTIO_MAGIC || window[VIRTIO_MMIO_DEVICE_ID] != DeviceId) {
		MmUnmapIoSpace((PVOID)window, Window->Size);
		return STATUS_NO_SUCH_DEVICE;
	}
	Device->DeviceId = DeviceId;
	Device->Version = window[VIRTIO_MMIO_VERSION];
	window[VIRTIO_MMIO_STATUS] = 0;
	window[VIRTIO_MMIO_STATUS] = VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER;
	if (Device->Version > 2 || !VirtioNegotiate(Device))
		return STATUS_NOT_SUPPORTED;
	KeInitializeDpc(&Device->Dpc, DpcRoutine, Context);
	for (ULONG i = 0; i < QueueCount; i++)
		if (!VirtqInitialize(Device, i))
			return STATUS_INSUFFICIENT_RESOURCES;
	return HalpConnectInterrupt(Device->Gsi, VIRTIO_IRQL, VirtioInterrupt, Device);
}

VOID VirtioStart(PVIRTIO_DEVICE Device)
{
	ULONG status = VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER | VIRTIO_STATUS_DRIVER_OK;

	if (Device->Version > 1)
		status |= VIRTIO_STATUS_FEATURES_OK;
	Device->Window[VIRTIO_MMIO_STATUS] = status;
}
