/*
 * What is in a folder: reading its names from the host, and keeping them for a second, because the host's names differ by case and
 * NT's do not.
 */
#include "p9fs.h"

/* An entry of Rreaddir: qid, offset of the next, type, name. */
#define P9_DIRENT_HEADER   (13u + 8u + 1u + 2u)
#define P9_LISTING_MAXIMUM 1000000u

/* Takes one entry off Data; 0: what is left is not a whole entry. */
static ULONG P9ParseEntry(const UCHAR *Data, ULONG Length, PP9_QID Qid, ULONG64 *Next, const CHAR **Name, USHORT *NameLength)
{
	if (Length < P9_DIRENT_HEADER)
		return 0;
	Qid->Type = Data[0];
	RtlCopyMemory(&Qid->Version, Data + 1, sizeof(Qid->Version));
	RtlCopyMemory(&Qid->Path, Data + 5, sizeof(Qid->Path));
	RtlCopyMemory(Next, Data + 13, sizeof(*Next));
	RtlCopyMemory(NameLength, Data + 22, sizeof(*NameLength));
	if (*NameLength > Length - P9_DIRENT_HEADER)
		return 0;
	*Name = (const CHAR *)Data + P9_DIRENT_HEADER;
	return P9_DIRENT_HEADER + *NameLength;
}

/* Hands the entries in Data to Routine; *Offset becomes where to go on. FALSE: stop. */
static BOOLEAN P9HandEntries(const UCHAR *Data, ULONG Length, ULONG64 *Offset, P9_ENTRY_ROUTINE *Routine, PVOID Context)
{
	WCHAR buffer[P9_NAME_MAXIMUM];
	ULONG64 before = *Offset;
	UNICODE_STRING name;
	const CHAR *text;
	USHORT textLength;
	P9_QID qid;
	ULONG used;

	while ((used = P9ParseEntry(Data, Length, &qid, Offset, &text, &textLength))) {
		Data += used;
		Length -= used;
		if (P9FromUtf8(text, textLength, buffer, &name) && !Routine(Context, &name, &qid))
			return FALSE;
	}
	return *Offset != before;
}

NTSTATUS P9ReadNames(PP9_DIRECTORY Directory, P9_ENTRY_ROUTINE *Routine, PVOID Context)
{
	PVOID data = ExAllocatePoolWithTag(NonPagedPoolNx, P9_PAYLOAD, P9_TAG_LISTING);
	ULONG64 offset = 0;
	NTSTATUS status;
	ULONG fid, count;

	if (!data)
		return STATUS_INSUFFICIENT_RESOURCES;
	fid = P9TakeClone(Directory);
	status = fid == P9_NO_FID ? STATUS_OBJECT_PATH_NOT_FOUND : P9Open(fid, P9_O_RDONLY | P9_O_DIRECTORY);
	while (NT_SUCCESS(status)) {
		status = P9ReadDirectory(fid, offset, data, P9_PAYLOAD, &count);
		if (!NT_SUCCESS(status) || !count || !P9HandEntries(data, count, &offset, Routine, Context))
			break;
	}
	if (fid != P9_NO_FID)
		P9Clunk(fid);
	ExFreePoolWithTag(data, P9_TAG_LISTING);
	return status;
}

static ULONG P9HashName(PCUNICODE_STRING Name)
{
	ULONG hash = 0x811c9dc5;

	for (ULONG i = 0; i < Name->Length / sizeof(WCHAR); i++)
		hash = (hash ^ RtlUpcaseUnicodeChar(Name->Buffer[i])) * 0x01000193;
	return hash;
}

VOID P9DropListing(PP9_DIRECTORY Directory)
{
	PP9_LISTING listing = Directory->Listing;

	if (!listing)
		return;
	Directory->Listing = NULL;
	for (ULONG i = 0; i <= listing->BucketMask; i++) {
		PP9_ENTRY entry, next;

		for (entry = listing->Buckets[i]; entry; entry = next) {
			next = entry->Next;
			ExFreePoolWithTag(entry, P9_TAG_LISTING);
		}
	}
	ExFreePoolWithTag(listing, P9_TAG_LISTING);
}

static PP9_LISTING P9NewListing(ULONG Buckets)
{
	SIZE_T size = sizeof(P9_LISTING) + Buckets * sizeof(PP9_ENTRY);
	PP9_LISTING listing = ExAllocatePoolWithTag(NonPagedPoolNx, size, P9_TAG_LISTING);

	if (!listing)
		return NULL;
	RtlZeroMemory(listing, size);
	listing->BucketMask = Buckets - 1;
	listing->ReadAt = KeQueryInterruptTime();
	return listing;
}

/* Four times the buckets; with no memory for them the old ones stay. */
static VOID P9GrowListing(PP9_DIRECTORY Directory)
{
	PP9_LISTING old = Directory->Listing, listing = P9NewListing((old->BucketMask + 1) * 4);

	if (!listing)
		return;
	listing->ReadAt = old->ReadAt;
	listing->Count = old->Count;
	for (ULONG i = 0; i <= old->BucketMask; i++) {
		PP9_ENTRY entry, next;

		for (entry = old->Buckets[i]; entry; entry = next) {
			PP9_ENTRY *bucket = &listing->Buckets[entry->Hash & listing->BucketMask];

			next = entry->Next;
			entry->Next = *bucket;
			*bucket = entry;
		}
	}
	ExFreePoolWithTag(old, P9_TAG_LISTING);
	Directory->Listing = listing;
}

/* No memory for an entry: then the listing is worth nothing and goes. */
VOID P9AddEntry(PP9_DIRECTORY Directory, PCUNICODE_STRING Name, UCHAR QidType)
{
	PP9_ENTRY entry, *bucket;

	if (!Directory->Listing)
		return;
	entry = P9FindEntry(Directory, Name);
	if (entry && RtlEqualUnicodeString(&entry->Name, Name, FALSE))
		return;
	entry = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*entry) + Name->Length, P9_TAG_LISTING);
	if (!entry || Directory->Listing->Count >= P9_LISTING_MAXIMUM) {
		if (entry)
			ExFreePoolWithTag(entry, P9_TAG_LISTING);
		P9DropListing(Directory);
		return;
	}
	entry->Hash = P9HashName(Name);
	entry->QidType = QidType;
	entry->Name.Buffer = (PWSTR)(entry + 1);
	entry->Name.Length = Name->Length;
	entry->Name.MaximumLength = Name->Length;
	RtlCopyMemory(entry->Name.Buffer, Name->Buffer, Name->Length);
	bucket = &Directory->Listing->Buckets[entry->Hash & Directory->Listing->BucketMask];
	entry->Next = *bucket;
	*bucket = entry;
	if (++Directory->Listing->Count > 2 * Directory->Listing->BucketMask)
		P9GrowListing(Directory);
}

PP9_ENTRY P9FindEntry(PP9_DIRECTORY Directory, PCUNICODE_STRING Name)
{
	PP9_ENTRY entry, other = NULL;
	ULONG hash;

	if (!Directory->Listing)
		return NULL;
	hash = P9HashName(Name);
	for (entry = Directory->Listing->Buckets[hash & Directory->Listing->BucketMask]; entry; entry = entry->Next) {
		if (entry->Hash != hash || !RtlEqualUnicodeString(&entry->Name, Name, TRUE))
			continue;
		if (RtlEqualUnicodeString(&entry->Name, Name, FALSE))
			return entry;
		other = entry;
	}
	return other;
}

VOID P9RemoveEntry(PP9_DIRECTORY Directory, PCUNICODE_STRING Name)
{
	PP9_ENTRY entry = P9FindEntry(Directory, Name), *link;

	if (!entry || !RtlEqualUnicodeString(&entry->Name, Name, FALSE))
		return;
	link = &Directory->Listing->Buckets[entry->Hash & Directory->Listing->BucketMask];
	while (*link != entry)
		link = &(*link)->Next;
	*link = entry->Next;
	Directory->Listing->Count--;
	ExFreePoolWithTag(entry, P9_TAG_LISTING);
}

BOOLEAN P9ListingIsFresh(PP9_DIRECTORY Directory)
{
	return Directory->Listing && KeQueryInterruptTime() - Directory->Listing->ReadAt < P9_FRESH;
}

static BOOLEAN P9ListEntry(PVOID Context, PCUNICODE_STRING Name, const P9_QID *Qid)
{
	PP9_DIRECTORY directory = Context;

	P9AddEntry(directory, Name, Qid->Type);
	return directory->Listing != NULL;
}

/* Reads the names anew. Without success there is no listing afterwards. */
NTSTATUS P9RefreshListing(PP9_DIRECTORY Directory)
{
	NTSTATUS status;

	P9DropListing(Directory);
	Directory->Listing = P9NewListing(64);
	if (!Directory->Listing)
		return STATUS_INSUFFICIENT_RESOURCES;
	status = P9ReadNames(Directory, P9ListEntry, Directory);
	if (!NT_SUCCESS(status))
		P9DropListing(Directory);
	return status;
}
