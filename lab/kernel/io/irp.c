/*
 * I/O request packets: allocation, initialisation, the list of a thread's packets. How a packet travels is complete.c's question
 * and call.c's.
 */
#include "iop.h"

/* Two lookaside lists as in NT: packets for one driver, and for stacks of up to IopLargeIrpStackLocations. */
static NPAGED_LOOKASIDE_LIST IopSmallIrpLookasideList;
static NPAGED_LOOKASIDE_LIST IopLargeIrpLookasideList;
static const CCHAR IopLargeIrpStackLocations = 8;

/* IRP.AllocationFlags (ntosp.h's names): from which list the packet came. */
#define IRP_ALLOCATED_FIXED_SIZE 0x04
#define IRP_ALLOCATED_LARGE      0x08

VOID IopInitializeIrps(VOID)
{
	ExInitializeNPagedLookasideList(&IopSmallIrpLookasideList, NULL, NULL, 0, IoSizeofIrp(1), IOP_TAG_IRP, 0);
	ExInitializeNPagedLookasideList(&IopLargeIrpLookasideList, NULL, NULL, 0, IoSizeofIrp(IopLargeIrpStackLocations), IOP_TAG_IRP, 0);
}

/* Bytes of a packet with StackSize locations. */
NTKERNELAPI USHORT IoSizeofIrp(CCHAR StackSize)
{
	return (USHORT)(sizeof(IRP) + (USHORT)(UCHAR)StackSize * sizeof(IO_STACK_LOCATION));
}

/* Makes PacketSize bytes at Irp a packet that nobody has been sent yet. */
NTKERNELAPI VOID IoInitializeIrp(PIRP Irp, USHORT PacketSize, CCHAR StackSize)
{
	RtlZeroMemory(Irp, PacketSize);
	Irp->Type = IO_TYPE_IRP;
	Irp->Size = PacketSize;
	Irp->StackCount = StackSize;
	Irp->CurrentLocation = (CHAR)(StackSize + 1);
	Irp->ApcEnvironment = 0;
	InitializeListHead(&Irp->ThreadListEntry);
	Irp->Tail.Overlay.CurrentStackLocation = (PIO_STACK_LOCATION)(Irp + 1) + StackSize;
}

/* Any IRQL <= DISPATCH_LEVEL. NULL: no memory, or a StackSize that no packet can have. ChargeQuota has no meaning without quotas. */
NTKERNELAPI PIRP IoAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota)
{
	UCHAR allocation = 0;
	PIRP irp;

	UNREFERENCED_PARAMETER(ChargeQuota);
	if (StackSize < 0 || StackSize > 126)
		return NULL;
	if (StackSize <= 1) {
		irp = ExAllocateFromNPagedLookasideList(&IopSmallIrpLookasideList);
		allocation = IRP_ALLOCATED_FIXED_SIZE;
	} else if (StackSize <= IopLargeIrpStackLocations) {
		irp = ExAllocateFromNPagedLookasideList(&IopLargeIrpLookasideList);
		allocation = IRP_ALLOCATED_FIXED_SIZE | IRP_ALLOCATED_LARGE;
	} else {
		irp = ExAllocatePoolWithTag(NonPagedPoolNx, IoSizeofIrp(StackSize), IOP_TAG_IRP);
	}
	if (!irp)
		return NULL;
	IoInitializeIrp(irp, IoSizeofIrp(StackSize), StackSize);
	irp->AllocationFlags = allocation;
	return irp;
}

NTKERNELAPI VOID IoFreeIrp(PIRP Irp)
{
	Irp->Type = 0;
	if (!(Irp->AllocationFlags & IRP_ALLOCATED_FIXED_SIZE))
		ExFreePoolWithTag(Irp, IOP_TAG_IRP);
	else if (Irp->AllocationFlags & IRP_ALLOCATED_LARGE)
		ExFreeToNPagedLookasideList(&IopLargeIrpLookasideList, Irp);
	else
		ExFreeToNPagedLookasideList(&IopSmallIrpLookasideList, Irp);
}

/* For the owner of a packet made by IoAllocateIrp: as new, with Status in it. */
NTKERNELAPI VOID IoReuseIrp(PIRP Irp, NTSTATUS Status)
{
	UCHAR allocation = Irp->AllocationFlags;

	IoInitializeIrp(Irp, Irp->Size, Irp->StackCount);
	Irp->AllocationFlags = allocation;
	Irp->IoStatus.Status = Status;
}

/* Enters a packet in the list of the thread that it was made for, so that debuggers find it there. */
VOID IopQueueThreadIrp(PIRP Irp)
{
	PETHREAD thread = PsGetCurrentThread();
	BOOLEAN enabled;

	Irp->Tail.Overlay.Thread = thread;
	enabled = KiLockBriefly(&thread->IrpListLock);
	InsertHeadList(&thread->IrpList, &Irp->ThreadListEntry);
	KiUnlockBriefly(&thread->IrpListLock, enabled);
}

VOID IopDequeueThreadIrp(PIRP Irp)
{
	PETHREAD thread = Irp->Tail.Overlay.Thread;
	BOOLEAN enabled;

	if (!thread)
		return;
	enabled = KiLockBriefly(&thread->IrpListLock);
	RemoveEntryList(&Irp->ThreadListEntry);
	InitializeListHead(&Irp->ThreadListEntry);
	KiUnlockBriefly(&thread->IrpListLock, enabled);
}
