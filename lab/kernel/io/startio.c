/* StartIo: a device that handles one packet at a time, and the queue of those that wait for it. */
#include "iop.h"

/* At DISPATCH_LEVEL. A packet with a cancel routine changes hands under the cancel lock. */
static VOID IopStartDevice(PDEVICE_OBJECT device, PKDEVICE_QUEUE_ENTRY entry, BOOLEAN cancelable, KIRQL cancel_irql)
{
	PIRP irp = entry != NULL ? CONTAINING_RECORD(entry, IRP, Tail.Overlay.DeviceQueueEntry) : NULL;

	device->CurrentIrp = irp;
	if (cancelable)
		IoReleaseCancelSpinLock(cancel_irql);
	if (irp != NULL)
		device->DriverObject->DriverStartIo(device, irp);
}

/* Key: NULL puts it at the end. The routine is called at once when the device is idle, else by IoStartNextPacket. Any IRQL <= DISPATCH_LEVEL. */
NTKERNELAPI VOID IoStartPacket(PDEVICE_OBJECT DeviceObject, PIRP Irp, PULONG Key, PDRIVER_CANCEL CancelFunction)
{
	PKDEVICE_QUEUE_ENTRY entry = (PKDEVICE_QUEUE_ENTRY)&Irp->Tail.Overlay.DeviceQueueEntry;
	KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL), cancel_irql = DISPATCH_LEVEL;
	BOOLEAN queued;

	if (CancelFunction != NULL) {
		IoAcquireCancelSpinLock(&cancel_irql);
		Irp->CancelRoutine = CancelFunction;
	}
	queued = Key != NULL ? KeInsertByKeyDeviceQueue(&DeviceObject->DeviceQueue, entry, *Key)
			     : KeInsertDeviceQueue(&DeviceObject->DeviceQueue, entry);
	if (!queued) {
		IopStartDevice(DeviceObject, entry, CancelFunction != NULL, cancel_irql);
	} else if (CancelFunction != NULL) {
		PDRIVER_CANCEL routine = Irp->Cancel ? __atomic_exchange_n(&Irp->CancelRoutine, NULL, __ATOMIC_SEQ_CST) : NULL;

		/* Cancelled before it had its routine. */
		if (routine != NULL) {
			Irp->CancelIrql = cancel_irql;
			routine(DeviceObject, Irp);
		} else {
			IoReleaseCancelSpinLock(cancel_irql);
		}
	}
	KfLowerIrql(irql);
}

/* At DISPATCH_LEVEL, when the current packet is done. */
static VOID IopStartNextPacket(PDEVICE_OBJECT device, BOOLEAN cancelable, const ULONG *key)
{
	KIRQL cancel_irql = DISPATCH_LEVEL;
	PKDEVICE_QUEUE_ENTRY entry;

	if (cancelable)
		IoAcquireCancelSpinLock(&cancel_irql);
	device->CurrentIrp = NULL;
	entry = key != NULL ? KeRemoveByKeyDeviceQueue(&device->DeviceQueue, *key) : KeRemoveDeviceQueue(&device->DeviceQueue);
	IopStartDevice(device, entry, cancelable, cancel_irql);
}

NTKERNELAPI VOID IoStartNextPacket(PDEVICE_OBJECT DeviceObject, BOOLEAN Cancelable)
{
	IopStartNextPacket(DeviceObject, Cancelable, NULL);
}

NTKERNELAPI VOID IoStartNextPacketByKey(PDEVICE_OBJECT DeviceObject, BOOLEAN Cancelable, ULONG Key)
{
	IopStartNextPacket(DeviceObject, Cancelable, &Key);
}
