/*
 * Cancel-safe queues of packets: the driver keeps the list and its lock, these routines see to it that a packet which is cancelled meanwhile is
 * completed once. Structures and types are wdm.h's. Tail.Overlay.DriverContext[3] leads from a packet to its queue or its context.
 */
#include "iop.h"

#define IO_TYPE_CSQ_IRP_CONTEXT 1
#define IO_TYPE_CSQ             2
#define IO_TYPE_CSQ_EX          3

typedef struct _IO_CSQ {
	ULONG Type;
	union {
		VOID (*CsqInsertIrp)(struct _IO_CSQ *Csq, PIRP Irp);
		NTSTATUS (*CsqInsertIrpEx)(struct _IO_CSQ *Csq, PIRP Irp, PVOID InsertContext);
	};
	VOID (*CsqRemoveIrp)(struct _IO_CSQ *Csq, PIRP Irp);
	PIRP (*CsqPeekNextIrp)(struct _IO_CSQ *Csq, PIRP Irp, PVOID PeekContext);
	VOID (*CsqAcquireLock)(struct _IO_CSQ *Csq, PKIRQL Irql);
	VOID (*CsqReleaseLock)(struct _IO_CSQ *Csq, KIRQL Irql);
	VOID (*CsqCompleteCanceledIrp)(struct _IO_CSQ *Csq, PIRP Irp);
	PVOID ReservePointer;
} IO_CSQ, *PIO_CSQ;

typedef struct _IO_CSQ_IRP_CONTEXT {
	ULONG Type;
	PIRP Irp;
	PIO_CSQ Csq;
} IO_CSQ_IRP_CONTEXT, *PIO_CSQ_IRP_CONTEXT;

#define IOP_CSQ_LINK(irp) ((irp)->Tail.Overlay.DriverContext[3])

NTKERNELAPI NTSTATUS IoCsqInitialize(PIO_CSQ Csq, PVOID CsqInsertIrp, PVOID CsqRemoveIrp, PVOID CsqPeekNextIrp, PVOID CsqAcquireLock,
				     PVOID CsqReleaseLock, PVOID CsqCompleteCanceledIrp)
{
	Csq->Type = IO_TYPE_CSQ;
	Csq->CsqInsertIrp = CsqInsertIrp;
	Csq->CsqRemoveIrp = CsqRemoveIrp;
	Csq->CsqPeekNextIrp = CsqPeekNextIrp;
	Csq->CsqAcquireLock = CsqAcquireLock;
	Csq->CsqReleaseLock = CsqReleaseLock;
	Csq->CsqCompleteCanceledIrp = CsqCompleteCanceledIrp;
	Csq->ReservePointer = NULL;
	return STATUS_SUCCESS;
}

NTKERNELAPI NTSTATUS IoCsqInitializeEx(PIO_CSQ Csq, PVOID CsqInsertIrpEx, PVOID CsqRemoveIrp, PVOID CsqPeekNextIrp, PVOID CsqAcquireLock,
				       PVOID CsqReleaseLock, PVOID CsqCompleteCanceledIrp)
{
	IoCsqInitialize(Csq, CsqInsertIrpEx, CsqRemoveIrp, CsqPeekNextIrp, CsqAcquireLock, CsqReleaseLock, CsqCompleteCanceledIrp);
	Csq->Type = IO_TYPE_CSQ_EX;
	return STATUS_SUCCESS;
}

/* The packet's queue, its context cut off from it. */
static PIO_CSQ IopLeaveCsq(PIRP irp)
{
	PIO_CSQ csq = IOP_CSQ_LINK(irp);
	PIO_CSQ_IRP_CONTEXT context = IOP_CSQ_LINK(irp);

	IOP_CSQ_LINK(irp) = NULL;
	if (csq->Type != IO_TYPE_CSQ_IRP_CONTEXT)
		return csq;
	csq = context->Csq;
	context->Irp = NULL;
	return csq;
}

static VOID IopCsqCancelRoutine(PDEVICE_OBJECT device, PIRP irp)
{
	PIO_CSQ_IRP_CONTEXT link = IOP_CSQ_LINK(irp);
	PIO_CSQ csq = link->Type == IO_TYPE_CSQ_IRP_CONTEXT ? link->Csq : (PIO_CSQ)link;
	KIRQL irql;

	UNREFERENCED_PARAMETER(device);
	IoReleaseCancelSpinLock(irp->CancelIrql);
	csq->CsqAcquireLock(csq, &irql);
	csq->CsqRemoveIrp(csq, irp);
	IopLeaveCsq(irp);
	csq->CsqReleaseLock(csq, irql);
	csq->CsqCompleteCanceledIrp(csq, irp);
}

/* What CsqInsertIrpEx returned, where there is one; a packet that was cancelled before it came is completed here. */
NTKERNELAPI NTSTATUS IoCsqInsertIrpEx(PIO_CSQ Csq, PIRP Irp, PIO_CSQ_IRP_CONTEXT Context, PVOID InsertContext)
{
	NTSTATUS status = STATUS_SUCCESS;
	BOOLEAN cancelled;
	KIRQL irql;

	if (Context != NULL)
		*Context = (IO_CSQ_IRP_CONTEXT){ .Type = IO_TYPE_CSQ_IRP_CONTEXT, .Irp = Irp, .Csq = Csq };
	IOP_CSQ_LINK(Irp) = Context != NULL ? (PVOID)Context : (PVOID)Csq;
	Csq->CsqAcquireLock(Csq, &irql);
	if (Csq->Type == IO_TYPE_CSQ_EX)
		status = Csq->CsqInsertIrpEx(Csq, Irp, InsertContext);
	else
		Csq->CsqInsertIrp(Csq, Irp);
	if (!NT_SUCCESS(status)) {
		IopLeaveCsq(Irp);
		Csq->CsqReleaseLock(Csq, irql);
		return status;
	}
	IoMarkIrpPending(Irp);
	__atomic_store_n(&Irp->CancelRoutine, IopCsqCancelRoutine, __ATOMIC_SEQ_CST);
	/* Cancelled already, and nobody has called the routine: then nobody will. */
	cancelled = Irp->Cancel && __atomic_exchange_n(&Irp->CancelRoutine, NULL, __ATOMIC_SEQ_CST) != NULL;
	if (cancelled) {
		Csq->CsqRemoveIrp(Csq, Irp);
		IopLeaveCsq(Irp);
	}
	Csq->CsqReleaseLock(Csq, irql);
	if (cancelled)
		Csq->CsqCompleteCanceledIrp(Csq, Irp);
	return status;
}

NTKERNELAPI VOID IoCsqInsertIrp(PIO_CSQ Csq, PIRP Irp, PIO_CSQ_IRP_CONTEXT Context)
{
	IoCsqInsertIrpEx(Csq, Irp, Context, NULL);
}

/* A packet that is being cancelled belongs to its cancel routine. */
static BOOLEAN IopTakeFromCsq(PIO_CSQ csq, PIRP irp)
{
	if (__atomic_exchange_n(&irp->CancelRoutine, NULL, __ATOMIC_SEQ_CST) == NULL)
		return FALSE;
	csq->CsqRemoveIrp(csq, irp);
	IopLeaveCsq(irp);
	return TRUE;
}

/* The context's packet; NULL: it is in the queue no more. */
NTKERNELAPI PIRP IoCsqRemoveIrp(PIO_CSQ Csq, PIO_CSQ_IRP_CONTEXT Context)
{
	PIRP irp;
	KIRQL irql;

	Csq->CsqAcquireLock(Csq, &irql);
	irp = Context->Irp;
	if (irp != NULL && !IopTakeFromCsq(Csq, irp))
		irp = NULL;
	Csq->CsqReleaseLock(Csq, irql);
	return irp;
}

/* The first packet that the driver finds by PeekContext and that nobody is cancelling. NULL: none. */
NTKERNELAPI PIRP IoCsqRemoveNextIrp(PIO_CSQ Csq, PVOID PeekContext)
{
	PIRP irp = NULL;
	KIRQL irql;

	Csq->CsqAcquireLock(Csq, &irql);
	do
		irp = Csq->CsqPeekNextIrp(Csq, irp, PeekContext);
	while (irp != NULL && !IopTakeFromCsq(Csq, irp));
	Csq->CsqReleaseLock(Csq, irql);
	return irp;
}
