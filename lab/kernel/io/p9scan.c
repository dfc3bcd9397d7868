/*
 * IRP_MJ_DIRECTORY_CONTROL on C:: the names are taken once, when a scan starts, and handed out in NTFS's order (by name, without
 * regard to case). Sizes and times are asked of the host entry by entry, several at a time.
 */
#include "p9fs.h"

#define P9_SCAN_FIRST   64u
#define P9_SCAN_MAXIMUM 1000000u
#define P9_NO_STAR      0xffffffffu

typedef struct _P9_SCAN_ENTRY {
	UNICODE_STRING Name;
	UCHAR QidType;
	ULONG64 QidPath;
	BOOLEAN Described;
	P9_ATTRIBUTES Attributes;
} P9_SCAN_ENTRY, *PP9_SCAN_ENTRY;

typedef struct _P9_SCAN {
	UNICODE_STRING Pattern; /* empty: everything */
	ULONG Count;
	ULONG Capacity;
	ULONG Next;
	PP9_SCAN_ENTRY *Entries;
} P9_SCAN, *PP9_SCAN;

/* Where each class has its name, the part that all but FileNamesInformation share, and what it holds besides. */
typedef struct _P9_SCAN_CLASS {
	ULONG Class;
	ULONG NameOffset;
	ULONG LengthOffset;
	BOOLEAN Describes;
	ULONG IdOffset;
} P9_SCAN_CLASS;

static const P9_SCAN_CLASS P9ScanClasses[] = {
	{ FileDirectoryInformation, FIELD_OFFSET(FILE_DIRECTORY_INFORMATION, FileName), FIELD_OFFSET(FILE_DIRECTORY_INFORMATION, FileNameLength),
	  TRUE, 0 },
	{ FileFullDirectoryInformation, FIELD_OFFSET(FILE_FULL_DIR_INFORMATION, FileName), FIELD_OFFSET(FILE_FULL_DIR_INFORMATION, FileNameLength),
	  TRUE, 0 },
	{ FileBothDirectoryInformation, FIELD_OFFSET(FILE_BOTH_DIR_INFORMATION, FileName), FIELD_OFFSET(FILE_BOTH_DIR_INFORMATION, FileNameLength),
	  TRUE, 0 },
	{ FileIdBothDirectoryInformation, FIELD_OFFSET(FILE_ID_BOTH_DIR_INFORMATION, FileName),
	  FIELD_OFFSET(FILE_ID_BOTH_DIR_INFORMATION, FileNameLength), TRUE, FIELD_OFFSET(FILE_ID_BOTH_DIR_INFORMATION, FileId) },
	{ FileNamesInformation, FIELD_OFFSET(FILE_NAMES_INFORMATION, FileName), FIELD_OFFSET(FILE_NAMES_INFORMATION, FileNameLength), FALSE, 0 },
};

VOID P9FreeScan(PP9_SCAN Scan)
{
	for (ULONG i = 0; i < Scan->Count; i++)
		ExFreePoolWithTag(Scan->Entries[i], P9_TAG_LISTING);
	if (Scan->Entries)
		ExFreePoolWithTag(Scan->Entries, P9_TAG_LISTING);
	if (Scan->Pattern.Buffer)
		ExFreePoolWithTag(Scan->Pattern.Buffer, P9_TAG_NAME);
	ExFreePoolWithTag(Scan, P9_TAG_LISTING);
}

/*
 * * matches any run of characters, ? one. DOS's three relatives (<, >, ") that Win32 turns them into for old programs match as * ?
 * and a dot. Iterative, with one point to fall back to: no pattern takes more than length times length steps.
 */
static BOOLEAN P9Matches(PCUNICODE_STRING Pattern, PCUNICODE_STRING Name)
{
	ULONG p = 0, n = 0, patternLength = Pattern->Length / sizeof(WCHAR), nameLength = Name->Length / sizeof(WCHAR);
	ULONG star = P9_NO_STAR, resume = 0;

	if (!patternLength)
		return TRUE;
	while (n < nameLength) {
		WCHAR c = p < patternLength ? Pattern->Buffer[p] : 0;

		if (c == L'*' || c == L'<') {
			star = p++;
			resume = n;
		} else if (c && (c == L'?' || c == L'>' || (c == L'"' && Name->Buffer[n] == L'.') ||
				 RtlUpcaseUnicodeChar(c) == RtlUpcaseUnicodeChar(Name->Buffer[n]))) {
			p++;
			n++;
		} else if (star != P9_NO_STAR) {
			p = star + 1;
			n = ++resume;
		} else {
			return FALSE;
		}
	}
	while (p < patternLength && (Pattern->Buffer[p] == L'*' || Pattern->Buffer[p] == L'<'))
		p++;
	return p == patternLength;
}

static BOOLEAN P9GrowScan(PP9_SCAN Scan)
{
	ULONG capacity = Scan->Capacity ? Scan->Capacity * 2 : P9_SCAN_FIRST;
	PP9_SCAN_ENTRY *entries;

	if (Scan->Count < Scan->Capacity)
		return TRUE;
	entries = capacity > P9_SCAN_MAXIMUM ? NULL : ExAllocatePoolWithTag(NonPagedPoolNx, capacity * sizeof(*entries), P9_TAG_LISTING);
	if (!entries)
		return FALSE;
	RtlCopyMemory(entries, Scan->Entries, Scan->Count * sizeof(*entries));
	if (Scan->Entries)
		ExFreePoolWithTag(Scan->Entries, P9_TAG_LISTING);
	Scan->Entries = entries;
	Scan->Capacity = capacity;
	return TRUE;
}

static BOOLEAN P9AddToScan(PVOID Context, PCUNICODE_STRING Name, const P9_QID *Qid)
{
	PP9_SCAN scan = Context;
	PP9_SCAN_ENTRY entry;

	if (!P9Matches(&scan->Pattern, Name))
		return TRUE;
	if (!P9GrowScan(scan))
		return FALSE;
	entry = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*entry) + Name->Length, P9_TAG_LISTING);
	if (!entry)
		return FALSE;
	RtlZeroMemory(entry, sizeof(*entry));
	entry->Name.Buffer = (PWSTR)(entry + 1);
	entry->Name.Length = Name->Length;
	entry->Name.MaximumLength = Name->Length;
	RtlCopyMemory(entry->Name.Buffer, Name->Buffer, Name->Length);
	entry->QidType = Qid->Type;
	entry->QidPath = Qid->Path;
	scan->Entries[scan->Count++] = entry;
	return TRUE;
}

static int P9CompareEntries(const void *Left, const void *Right)
{
	const P9_SCAN_ENTRY *left = *(const PP9_SCAN_ENTRY *)Left, *right = *(const PP9_SCAN_ENTRY *)Right;
	LONG order = RtlCompareUnicodeString(&left->Name, &right->Name, TRUE);

	return order ? order : RtlCompareUnicodeString(&left->Name, &right->Name, FALSE);
}

/* . and .., which every folder but the root has. */
static NTSTATUS P9AddDots(PP9_FCB Fcb, PP9_SCAN Scan)
{
	static const UNICODE_STRING dot = RTL_CONSTANT_STRING(L"."), dots = RTL_CONSTANT_STRING(L"..");
	const P9_DIRECTORY *folders[] = { Fcb->Directory, Fcb->Parent };

	if (!Fcb->Parent)
		return STATUS_SUCCESS;
	for (ULONG i = 0; i < RTL_NUMBER_OF(folders); i++) {
		ULONG before = Scan->Count;

		if (!P9AddToScan(Scan, i ? &dots : &dot, &folders[i]->Qid))
			return STATUS_INSUFFICIENT_RESOURCES;
		if (Scan->Count == before)
			continue;
		Scan->Entries[before]->Described = NT_SUCCESS(P9GetAttributes(folders[i]->Fid, &Scan->Entries[before]->Attributes));
	}
	return STATUS_SUCCESS;
}

/* Reads the folder for a scan with Pattern (NULL: everything). */
static NTSTATUS P9StartScan(PP9_FCB Fcb, PCUNICODE_STRING Pattern, PP9_SCAN *Scan)
{
	PP9_SCAN scan = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*scan), P9_TAG_LISTING);
	NTSTATUS status = STATUS_SUCCESS;
	ULONG dots;

	if (!scan)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlZeroMemory(scan, sizeof(*scan));
	if (Pattern && Pattern->Length)
		status = P9CopyName(&scan->Pattern, Pattern);
	if (NT_SUCCESS(status))
		status = P9AddDots(Fcb, scan);
	dots = scan->Count;
	if (NT_SUCCESS(status))
		status = P9ReadNames(Fcb->Directory, P9AddToScan, scan);
	if (!NT_SUCCESS(status)) {
		P9FreeScan(scan);
		return status;
	}
	if (scan->Count > dots)
		qsort(scan->Entries + dots, scan->Count - dots, sizeof(*scan->Entries), P9CompareEntries);
	*Scan = scan;
	return STATUS_SUCCESS;
}

/* Asks the host for the attributes of up to a batch of entries from Scan->Next on: walks, then questions. */
static VOID P9DescribeEntries(PP9_DIRECTORY Directory, PP9_SCAN Scan)
{
	PP9_SCAN_ENTRY entries[P9_BATCH_MAXIMUM];
	ULONG fids[P9_BATCH_MAXIMUM], count = 0;
	P9_NAME utf8;
	P9_BATCH batch;
	P9_QID qid;

	P9Begin(&batch, P9_BATCH_MAXIMUM);
	for (ULONG i = Scan->Next; i < Scan->Count && count < P9_BATCH_MAXIMUM; i++) {
		if (Scan->Entries[i]->Described || !NT_SUCCESS(P9ToUtf8(&Scan->Entries[i]->Name, &utf8)))
			continue;
		Scan->Entries[i]->Described = TRUE;
		Scan->Entries[i]->Attributes.Mode = P9_S_IWRITE;
		entries[count] = Scan->Entries[i];
		fids[count] = P9NewFid();
		P9AddWalk(&batch, Directory->Fid, fids[count++], &utf8);
	}
	P9Submit(&batch);
	for (ULONG i = 0; i < count; i++)
		if (!NT_SUCCESS(P9WalkResult(batch.Requests[i], &qid)))
			fids[i] = P9_NO_FID;
	P9End(&batch);

	P9Begin(&batch, P9_BATCH_MAXIMUM);
	for (ULONG i = 0; i < count; i++)
		P9AddGetAttributes(&batch, fids[i]);
	P9Submit(&batch);
	for (ULONG i = 0; i < count; i++) {
		P9_ATTRIBUTES attributes;

		if (fids[i] != P9_NO_FID && NT_SUCCESS(P9AttributesResult(batch.Requests[i], &attributes)))
			entries[i]->Attributes = attributes;
	}
	P9End(&batch);

	for (ULONG i = 0; i < count; i++)
		if (fids[i] != P9_NO_FID)
			P9Clunk(fids[i]);
}

/* Everything but the name; the first fields are the same in all classes that describe. */
static VOID P9FillEntry(PUCHAR Place, const P9_SCAN_CLASS *Class, const P9_SCAN_ENTRY *Entry)
{
	const P9_ATTRIBUTES *attributes = &Entry->Attributes;
	PFILE_DIRECTORY_INFORMATION information = (PFILE_DIRECTORY_INFORMATION)Place;
	LONGLONG size = (Entry->QidType & P9_QID_DIRECTORY) ? 0 : (LONGLONG)attributes->Size;

	RtlZeroMemory(Place, Class->NameOffset);
	*(PULONG)(Place + Class->LengthOffset) = Entry->Name.Length;
	if (!Class->Describes)
		return;
	information->LastAccessTime.QuadPart = attributes->AccessTime;
	information->LastWriteTime.QuadPart = attributes->WriteTime;
	information->ChangeTime.QuadPart = attributes->ChangeTime;
	information->CreationTime.QuadPart = attributes->WriteTime < attributes->ChangeTime ? attributes->WriteTime : attributes->ChangeTime;
	information->EndOfFile.QuadPart = size;
	information->AllocationSize.QuadPart = (size + 4095) & ~4095LL;
	information->FileAttributes = P9FileAttributes(attributes->Mode, Entry->QidType);
	if (Class->IdOffset)
		*(PULONG64)(Place + Class->IdOffset) = Entry->QidPath;
}

/* STATUS_BUFFER_OVERFLOW: not even one whole entry fits; its name is cut off and it stays the next one. */
static NTSTATUS P9HandOut(PP9_FCB Fcb, PP9_SCAN Scan, const P9_SCAN_CLASS *Class, PUCHAR Buffer, ULONG Length, BOOLEAN Single, PULONG_PTR Used)
{
	ULONG offset = 0, last = 0, count = 0;

	if (Length < Class->NameOffset + sizeof(WCHAR))
		return STATUS_BUFFER_TOO_SMALL;
	for (; Scan->Next < Scan->Count && !(Single && count); Scan->Next++, count++) {
		PP9_SCAN_ENTRY entry = Scan->Entries[Scan->Next];
		ULONG size = Class->NameOffset + entry->Name.Length;

		if (count && (offset > Length || size > Length - offset))
			break;
		if (Class->Describes && !entry->Described)
			P9DescribeEntries(Fcb->Directory, Scan);
		P9FillEntry(Buffer + offset, Class, entry);
		if (size > Length - offset) {
			RtlCopyMemory(Buffer + Class->NameOffset, entry->Name.Buffer, (Length - Class->NameOffset) & ~1u);
			*Used = Length;
			return STATUS_BUFFER_OVERFLOW;
		}
		RtlCopyMemory(Buffer + offset + Class->NameOffset, entry->Name.Buffer, entry->Name.Length);
		if (count)
			*(PULONG)(Buffer + last) = offset - last;
		last = offset;
		*Used = offset + size;
		offset = (offset + size + 7) & ~7u;
	}
	return count ? STATUS_SUCCESS : STATUS_NO_MORE_FILES;
}

static const P9_SCAN_CLASS *P9FindScanClass(ULONG Class)
{
	for (ULONG i = 0; i < RTL_NUMBER_OF(P9ScanClasses); i++)
		if (P9ScanClasses[i].Class == Class)
			return &P9ScanClasses[i];
	return NULL;
}

/* A restart takes a new pattern when one is given; a scan that goes on keeps its own. */
static NTSTATUS P9PrepareScan(PP9_FCB Fcb, PP9_CCB Ccb, PIO_STACK_LOCATION Stack, BOOLEAN *First)
{
	PUNICODE_STRING pattern = Stack->Parameters.QueryDirectory.FileName;
	PP9_SCAN scan;
	NTSTATUS status;

	*First = !Ccb->Scan;
	if (Ccb->Scan && !(Stack->Flags & SL_RESTART_SCAN))
		return STATUS_SUCCESS;
	if (!pattern && Ccb->Scan)
		pattern = &Ccb->Scan->Pattern;
	status = P9StartScan(Fcb, pattern, &scan);
	if (!NT_SUCCESS(status))
		return status;
	if (Ccb->Scan)
		P9FreeScan(Ccb->Scan);
	Ccb->Scan = scan;
	return STATUS_SUCCESS;
}

NTSTATUS P9FsdDirectoryControl(PIRP Irp, PIO_STACK_LOCATION Stack)
{
	const P9_SCAN_CLASS *class = P9FindScanClass((ULONG)Stack->Parameters.QueryDirectory.FileInformationClass);
	PP9_FCB fcb = Stack->FileObject->FsContext;
	PP9_CCB ccb = Stack->FileObject->FsContext2;
	NTSTATUS status;
	BOOLEAN first;

	if (Stack->MinorFunction != IRP_MN_QUERY_DIRECTORY)
		return STATUS_INVALID_DEVICE_REQUEST;
	if (!fcb->Directory)
		return STATUS_INVALID_PARAMETER;
	if (!class)
		return STATUS_INVALID_INFO_CLASS;
	P9Lock(&P9Volume.Lock);
	status = P9PrepareScan(fcb, ccb, Stack, &first);
	if (NT_SUCCESS(status))
		status = P9HandOut(fcb, ccb->Scan, class, Irp->UserBuffer, Stack->Parameters.QueryDirectory.Length,
				   (Stack->Flags & SL_RETURN_SINGLE_ENTRY) != 0, (PULONG_PTR)&Irp->IoStatus.Information);
	P9Unlock(&P9Volume.Lock);
	/* NT tells "nothing matches" from "nothing more" by whether this is the first call on the handle. */
	return status == STATUS_NO_MORE_FILES && first ? STATUS_NO_SUCH_FILE : status;
}
