/*
 * The data of a file: one buffer per file that holds either bytes not yet written (contiguous, at most P9_CACHE_MAXIMUM) or bytes
 * read ahead. Small writes are collected in it and go to the host in one message. The file's lock is held throughout.
 */
#include "p9fs.h"

/* Parts of one large transfer that travel together. */
#define P9_PIPELINE 4u

VOID P9DropCache(PP9_FCB Fcb)
{
	if (Fcb->Cache)
		ExFreePoolWithTag(Fcb->Cache, P9_TAG_CACHE);
	Fcb->Cache = NULL;
	Fcb->CacheCapacity = 0;
	Fcb->CacheLength = 0;
	Fcb->CacheDirty = FALSE;
}

/* Room for Length bytes, keeping what is there. FALSE: no memory. */
static BOOLEAN P9GrowCache(PP9_FCB Fcb, ULONG Length)
{
	ULONG capacity = Fcb->CacheCapacity ? Fcb->CacheCapacity : P9_CACHE_FIRST;
	PUCHAR cache;

	while (capacity < Length)
		capacity *= 4;
	if (capacity > P9_CACHE_MAXIMUM)
		capacity = P9_CACHE_MAXIMUM;
	if (capacity == Fcb->CacheCapacity)
		return TRUE;
	cache = ExAllocatePoolWithTag(NonPagedPoolNx, capacity, P9_TAG_CACHE);
	if (!cache)
		return FALSE;
	RtlCopyMemory(cache, Fcb->Cache, Fcb->CacheLength);
	if (Fcb->Cache)
		ExFreePoolWithTag(Fcb->Cache, P9_TAG_CACHE);
	Fcb->Cache = cache;
	Fcb->CacheCapacity = capacity;
	return TRUE;
}

/* Sums up what the writes of a batch achieved, in order; *Written stops at the first short one. */
static NTSTATUS P9SumWrites(PP9_BATCH Batch, PULONG Written)
{
	*Written = 0;
	for (ULONG i = 0; i < Batch->Count; i++) {
		ULONG count;
		NTSTATUS status = P9CountResult(Batch->Requests[i], &count);

		*Written += count;
		if (!NT_SUCCESS(status))
			return status;
		if (count < Batch->Requests[i]->PayloadLength)
			return STATUS_SUCCESS;
	}
	return STATUS_SUCCESS;
}

/* Straight to the host, P9_PIPELINE messages at a time. */
static NTSTATUS P9WriteThrough(PP9_FCB Fcb, ULONG64 Offset, PUCHAR Data, ULONG Length)
{
	Fcb->AttributesKnown = FALSE;
	while (Length) {
		ULONG messages = (Length + P9_PAYLOAD - 1) / P9_PAYLOAD, written, queued = 0;
		P9_BATCH batch;
		NTSTATUS status;

		P9Begin(&batch, messages < P9_PIPELINE ? messages : P9_PIPELINE);
		for (ULONG i = 0; i < batch.Reserved; i++) {
			ULONG part = Length - queued < P9_PAYLOAD ? Length - queued : P9_PAYLOAD;

			P9AddWrite(&batch, Fcb->Fid, Offset + queued, Data + queued, part);
			queued += part;
		}
		P9Submit(&batch);
		status = P9SumWrites(&batch, &written);
		P9End(&batch);
		if (!NT_SUCCESS(status))
			return status;
		/* The host took nothing and did not say why. */
		if (!written)
			return STATUS_DISK_FULL;
		Offset += written;
		Data += written;
		Length -= written;
	}
	return STATUS_SUCCESS;
}

NTSTATUS P9FlushFile(PP9_FCB Fcb)
{
	NTSTATUS status = Fcb->WriteError;

	Fcb->WriteError = STATUS_SUCCESS;
	if (!Fcb->CacheDirty)
		return status;
	status = P9WriteThrough(Fcb, Fcb->CacheOffset, Fcb->Cache, Fcb->CacheLength);
	/* Written or lost: what failed once would fail for ever. */
	Fcb->CacheDirty = FALSE;
	Fcb->CacheLength = 0;
	P9MarkClean(Fcb);
	return status;
}

NTSTATUS P9FlushAndClunk(PP9_FCB Fcb)
{
	NTSTATUS status = P9FlushFile(Fcb);

	P9DropCache(Fcb);
	if (Fcb->Fid != P9_NO_FID)
		P9Clunk(Fcb->Fid);
	Fcb->Fid = P9_NO_FID;
	Fcb->FidReads = FALSE;
	Fcb->FidWrites = FALSE;
	return status;
}

/* TRUE: the write was put into the buffer. */
static BOOLEAN P9CollectWrite(PP9_FCB Fcb, ULONG64 Offset, PVOID Buffer, ULONG Length)
{
	ULONG64 end;

	if (!Fcb->CacheDirty) {
		Fcb->CacheLength = 0;
		Fcb->CacheOffset = Offset;
	}
	if (Offset < Fcb->CacheOffset || Offset > Fcb->CacheOffset + Fcb->CacheLength)
		return FALSE;
	end = Offset - Fcb->CacheOffset + Length;
	if (end > P9_CACHE_MAXIMUM || !P9GrowCache(Fcb, (ULONG)end))
		return FALSE;
	RtlCopyMemory(Fcb->Cache + (Offset - Fcb->CacheOffset), Buffer, Length);
	if (end > Fcb->CacheLength)
		Fcb->CacheLength = (ULONG)end;
	if (!Fcb->CacheDirty) {
		Fcb->CacheDirty = TRUE;
		Fcb->CacheTime = KeQueryInterruptTime();
		P9MarkDirty(Fcb);
	}
	return TRUE;
}

NTSTATUS P9WriteFile(PP9_FCB Fcb, ULONG64 Offset, PVOID Buffer, ULONG Length, BOOLEAN Through)
{
	NTSTATUS status = STATUS_SUCCESS;

	if (!Fcb->FidWrites)
		return Fcb->Fid == P9_NO_FID ? STATUS_FILE_CLOSED : STATUS_ACCESS_DENIED;
	if (Offset + Length < Offset || (LONGLONG)(Offset + Length) < 0)
		return STATUS_INVALID_PARAMETER;
	if (!Length)
		return STATUS_SUCCESS;
	if (Through || Length >= P9_CACHE_MAXIMUM || !P9CollectWrite(Fcb, Offset, Buffer, Length)) {
		status = P9FlushFile(Fcb);
		if (!NT_SUCCESS(status))
			return status;
		if (Through || Length >= P9_CACHE_MAXIMUM || !P9CollectWrite(Fcb, Offset, Buffer, Length))
			status = P9WriteThrough(Fcb, Offset, Buffer, Length);
	}
	if (NT_SUCCESS(status) && Offset + Length > Fcb->Size)
		Fcb->Size = Offset + Length;
	return status;
}

/* Straight from the host; *Read is short at the end of the file. */
static NTSTATUS P9ReadThrough(PP9_FCB Fcb, ULONG64 Offset, PUCHAR Data, ULONG Length, PULONG Read)
{
	*Read = 0;
	while (Length) {
		ULONG messages = (Length + P9_PAYLOAD - 1) / P9_PAYLOAD, queued = 0;
		NTSTATUS status = STATUS_SUCCESS;
		BOOLEAN end = FALSE;
		P9_BATCH batch;

		P9Begin(&batch, messages < P9_PIPELINE ? messages : P9_PIPELINE);
		for (ULONG i = 0; i < batch.Reserved; i++) {
			ULONG part = Length - queued < P9_PAYLOAD ? Length - queued : P9_PAYLOAD;

			P9AddRead(&batch, Fcb->Fid, Offset + queued, Data + queued, part);
			queued += part;
		}
		P9Submit(&batch);
		for (ULONG i = 0; i < batch.Count && NT_SUCCESS(status) && !end; i++) {
			ULONG count;

			status = P9CountResult(batch.Requests[i], &count);
			*Read += count;
			end = count < batch.Requests[i]->PayloadLength;
		}
		P9End(&batch);
		if (!NT_SUCCESS(status) || end)
			return status;
		Offset += queued;
		Data += queued;
		Length -= queued;
	}
	return STATUS_SUCCESS;
}

/* Fills the buffer from Offset on, for readers who take little at a time. */
static NTSTATUS P9ReadAhead(PP9_FCB Fcb, ULONG64 Offset)
{
	ULONG64 left = Fcb->Size - Offset;
	ULONG length = left < P9_CACHE_MAXIMUM ? (ULONG)left : P9_CACHE_MAXIMUM;

	Fcb->CacheLength = 0;
	if (!P9GrowCache(Fcb, length))
		return STATUS_INSUFFICIENT_RESOURCES;
	Fcb->CacheOffset = Offset;
	Fcb->CacheTime = KeQueryInterruptTime();
	return P9ReadThrough(Fcb, Offset, Fcb->Cache, length, &Fcb->CacheLength);
}

static BOOLEAN P9CacheHolds(PP9_FCB Fcb, ULONG64 Offset, ULONG Length)
{
	if (!Fcb->CacheLength || Offset < Fcb->CacheOffset || Offset + Length > Fcb->CacheOffset + Fcb->CacheLength)
		return FALSE;
	return Fcb->CacheDirty || KeQueryInterruptTime() - Fcb->CacheTime < P9_FRESH;
}

/* STATUS_END_OF_FILE: Offset is at or behind the end. */
NTSTATUS P9ReadFile(PP9_FCB Fcb, ULONG64 Offset, PVOID Buffer, ULONG Length, BOOLEAN Through, PULONG Read)
{
	P9_ATTRIBUTES attributes;
	NTSTATUS status;

	*Read = 0;
	if (!Fcb->FidReads)
		return Fcb->Fid == P9_NO_FID ? STATUS_FILE_CLOSED : STATUS_ACCESS_DENIED;
	if (!Length)
		return STATUS_SUCCESS;
	/* The host may have made the file longer; with writes of our own pending, our size is the newer one. */
	if (Offset + Length > Fcb->Size && !Fcb->CacheDirty && NT_SUCCESS(P9GetAttributes(Fcb->Fid, &attributes)))
		Fcb->Size = attributes.Size;
	if (Offset >= Fcb->Size)
		return STATUS_END_OF_FILE;
	if (Length > Fcb->Size - Offset)
		Length = (ULONG)(Fcb->Size - Offset);
	if (!P9CacheHolds(Fcb, Offset, Length)) {
		status = P9FlushFile(Fcb);
		if (!NT_SUCCESS(status))
			return status;
		if (Through || Length >= P9_CACHE_MAXIMUM || !NT_SUCCESS(P9ReadAhead(Fcb, Offset)) || !P9CacheHolds(Fcb, Offset, Length)) {
			status = P9ReadThrough(Fcb, Offset, Buffer, Length, Read);
			return NT_SUCCESS(status) && !*Read ? STATUS_END_OF_FILE : status;
		}
	}
	RtlCopyMemory(Buffer, Fcb->Cache + (Offset - Fcb->CacheOffset), Length);
	*Read = Length;
	return STATUS_SUCCESS;
}
