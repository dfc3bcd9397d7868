/* What the documentation says of ZwCreateFile and its family, asserted inside the guest on C:\FilesTest (made by the test beforehand,
 * with a file Existing.txt of 5 bytes, and a symbolic link Outside that leads out of C:).
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;

#define FOLDER L"\\DosDevices\\C:\\FilesTest\\"

static NTSTATUS Open(HANDLE *File, PCWSTR Path, ACCESS_MASK Access, ULONG Share, ULONG Disposition, ULONG Options, ULONG_PTR *Information)
{
	UNICODE_STRING Name;
	OBJECT_ATTRIBUTES Attributes;
	IO_STATUS_BLOCK IoStatus = { 0 };
	NTSTATUS Status;

	RtlInitUnicodeString(&Name, Path);
	InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
	Status = ZwCreateFile(File, Access | SYNCHRONIZE, &Attributes, &IoStatus, NULL, FILE_ATTRIBUTE_NORMAL, Share, Disposition,
			      Options | FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
	if (Information)
		*Information = IoStatus.Information;
	return Status;
}

static NTSTATUS TryOpen(PCWSTR Path, ULONG Disposition)
{
	HANDLE File;
	NTSTATUS Status = Open(&File, Path, GENERIC_READ | GENERIC_WRITE, 0, Disposition, FILE_NON_DIRECTORY_FILE, NULL);

	if (NT_SUCCESS(Status))
		ZwClose(File);
	return Status;
}

static LONGLONG Size(HANDLE File)
{
	FILE_STANDARD_INFORMATION Standard;
	IO_STATUS_BLOCK IoStatus;

	CHECK_STATUS(ZwQueryInformationFile(File, &IoStatus, &Standard, sizeof(Standard), FileStandardInformation), STATUS_SUCCESS);
	return Standard.EndOfFile.QuadPart;
}

static VOID Dispositions(VOID)
{
	HANDLE File;
	ULONG_PTR Information;

	CHECK_STATUS(TryOpen(FOLDER L"missing.txt", FILE_OPEN), STATUS_OBJECT_NAME_NOT_FOUND);
	CHECK_STATUS(TryOpen(L"\\DosDevices\\C:\\NoFolder\\x.txt", FILE_OPEN), STATUS_OBJECT_PATH_NOT_FOUND);
	CHECK_STATUS(TryOpen(FOLDER L"existing.TXT", FILE_CREATE), STATUS_OBJECT_NAME_COLLISION);
	CHECK_STATUS(TryOpen(FOLDER L"missing.txt", FILE_OVERWRITE), STATUS_OBJECT_NAME_NOT_FOUND);

	CHECK_STATUS(Open(&File, FOLDER L"New.txt", GENERIC_WRITE, 0, FILE_OVERWRITE_IF, 0, &Information), STATUS_SUCCESS);
	CHECK(Information == FILE_CREATED);
	ZwClose(File);
	CHECK_STATUS(Open(&File, FOLDER L"NEW.txt", GENERIC_WRITE, 0, FILE_OVERWRITE_IF, 0, &Information), STATUS_SUCCESS);
	CHECK(Information == FILE_OVERWRITTEN);
	ZwClose(File);
	CHECK_STATUS(Open(&File, FOLDER L"new.txt", GENERIC_READ, 0, FILE_OPEN_IF, 0, &Information), STATUS_SUCCESS);
	CHECK(Information == FILE_OPENED);
	ZwClose(File);
	CHECK_STATUS(Open(&File, FOLDER L"existing.txt", GENERIC_READ, 0, FILE_OPEN, FILE_DIRECTORY_FILE, NULL), STATUS_NOT_A_DIRECTORY);
	CHECK_STATUS(Open(&File, L"\\DosDevices\\C:\\FilesTest", GENERIC_READ, 0, FILE_OPEN, FILE_NON_DIRECTORY_FILE, NULL),
		     STATUS_FILE_IS_A_DIRECTORY);
}

static VOID Sharing(VOID)
{
	HANDLE File, Second;

	CHECK_STATUS(Open(&File, FOLDER L"Existing.txt", GENERIC_READ, FILE_SHARE_READ, FILE_OPEN, 0, NULL), STATUS_SUCCESS);
	CHECK_STATUS(Open(&Second, FOLDER L"EXISTING.TXT", GENERIC_WRITE, FILE_SHARE_READ, FILE_OPEN, 0, NULL), STATUS_SHARING_VIOLATION);
	CHECK_STATUS(Open(&Second, FOLDER L"EXISTING.TXT", GENERIC_READ, FILE_SHARE_READ, FILE_OPEN, 0, NULL), STATUS_SUCCESS);
	ZwClose(Second);
	ZwClose(File);
}

static VOID ReadAndWrite(VOID)
{
	static CHAR Text[] = "0123456789";
	CHAR Back[16] = { 0 };
	HANDLE File;
	IO_STATUS_BLOCK IoStatus;
	LARGE_INTEGER Offset;
	FILE_END_OF_FILE_INFORMATION End;

	CHECK_STATUS(Open(&File, FOLDER L"Data.bin", GENERIC_READ | GENERIC_WRITE, 0, FILE_OVERWRITE_IF, 0, NULL), STATUS_SUCCESS);
	for (ULONG i = 0; i < 3; i++) {
		CHECK_STATUS(ZwWriteFile(File, NULL, NULL, NULL, &IoStatus, Text, 10, NULL, NULL), STATUS_SUCCESS);
		CHECK(IoStatus.Information == 10);
	}
	CHECK(Size(File) == 30);
	Offset.QuadPart = 5;
	CHECK_STATUS(ZwReadFile(File, NULL, NULL, NULL, &IoStatus, Back, 10, &Offset, NULL), STATUS_SUCCESS);
	CHECK(IoStatus.Information == 10 && RtlCompareMemory(Back, "5678901234", 10) == 10);
	Offset.QuadPart = 25;
	CHECK_STATUS(ZwReadFile(File, NULL, NULL, NULL, &IoStatus, Back, 10, &Offset, NULL), STATUS_SUCCESS);
	CHECK(IoStatus.Information == 5);
	Offset.QuadPart = 30;
	CHECK_STATUS(ZwReadFile(File, NULL, NULL, NULL, &IoStatus, Back, 10, &Offset, NULL), STATUS_END_OF_FILE);
	Offset.QuadPart = 100;
	CHECK_STATUS(ZwWriteFile(File, NULL, NULL, NULL, &IoStatus, Text, 1, &Offset, NULL), STATUS_SUCCESS);
	CHECK(Size(File) == 101);
	End.EndOfFile.QuadPart = 7;
	CHECK_STATUS(ZwSetInformationFile(File, &IoStatus, &End, sizeof(End), FileEndOfFileInformation), STATUS_SUCCESS);
	CHECK(Size(File) == 7);
	ZwClose(File);
	CHECK_STATUS(Open(&File, FOLDER L"Data.bin", GENERIC_READ, 0, FILE_OPEN, 0, NULL), STATUS_SUCCESS);
	CHECK(Size(File) == 7);
	ZwClose(File);
}

static NTSTATUS Rename(PCWSTR From, PCWSTR To, BOOLEAN Replace)
{
	union {
		FILE_RENAME_INFORMATION Information;
		UCHAR Room[512];
	} Buffer;
	UNICODE_STRING Name;
	IO_STATUS_BLOCK IoStatus;
	HANDLE File;
	NTSTATUS Status = Open(&File, From, DELETE, FILE_SHARE_READ, FILE_OPEN, 0, NULL);

	if (!NT_SUCCESS(Status))
		return Status;
	RtlInitUnicodeString(&Name, To);
	RtlZeroMemory(&Buffer, sizeof(Buffer));
	Buffer.Information.ReplaceIfExists = Replace;
	Buffer.Information.FileNameLength = Name.Length;
	RtlCopyMemory(Buffer.Information.FileName, Name.Buffer, Name.Length);
	Status = ZwSetInformationFile(File, &IoStatus, &Buffer, sizeof(Buffer), FileRenameInformation);
	ZwClose(File);
	return Status;
}

static VOID RenameAndDelete(VOID)
{
	FILE_DISPOSITION_INFORMATION Disposition = { TRUE };
	IO_STATUS_BLOCK IoStatus;
	HANDLE File;

	CHECK_STATUS(Rename(FOLDER L"New.txt", FOLDER L"Existing.txt", FALSE), STATUS_OBJECT_NAME_COLLISION);
	CHECK_STATUS(Rename(FOLDER L"New.txt", FOLDER L"Renamed.txt", FALSE), STATUS_SUCCESS);
	CHECK_STATUS(TryOpen(FOLDER L"New.txt", FILE_OPEN), STATUS_OBJECT_NAME_NOT_FOUND);
	CHECK_STATUS(TryOpen(FOLDER L"Renamed.txt", FILE_OPEN), STATUS_SUCCESS);
	CHECK_STATUS(Rename(FOLDER L"Data.bin", FOLDER L"Renamed.txt", TRUE), STATUS_SUCCESS);

	CHECK_STATUS(Open(&File, FOLDER L"Renamed.txt", DELETE, 0, FILE_OPEN, 0, NULL), STATUS_SUCCESS);
	CHECK_STATUS(ZwSetInformationFile(File, &IoStatus, &Disposition, sizeof(Disposition), FileDispositionInformation), STATUS_SUCCESS);
	ZwClose(File);
	CHECK_STATUS(TryOpen(FOLDER L"Renamed.txt", FILE_OPEN), STATUS_OBJECT_NAME_NOT_FOUND);
}

/* C: must be a prison: none of these names may reach what lies beside its folder. */
static VOID NoWayOut(VOID)
{
	CHECK(!NT_SUCCESS(TryOpen(L"\\DosDevices\\C:\\..\\secret.txt", FILE_OPEN)));
	CHECK(!NT_SUCCESS(TryOpen(FOLDER L"..\\..\\secret.txt", FILE_OPEN)));
	CHECK(!NT_SUCCESS(TryOpen(FOLDER L"Outside\\secret.txt", FILE_OPEN)));
	CHECK(!NT_SUCCESS(TryOpen(FOLDER L"Outside\\made.txt", FILE_CREATE)));
	CHECK(!NT_SUCCESS(TryOpen(FOLDER L"..", FILE_OPEN)));
	CHECK(!NT_SUCCESS(TryOpen(FOLDER L"a/../../secret.txt", FILE_OPEN)));
	CHECK_STATUS(TryOpen(FOLDER L"what?.txt", FILE_CREATE), STATUS_OBJECT_NAME_INVALID);
	CHECK_STATUS(TryOpen(FOLDER L"a*b", FILE_CREATE), STATUS_OBJECT_NAME_INVALID);
	CHECK_STATUS(TryOpen(FOLDER L"a\tb", FILE_CREATE), STATUS_OBJECT_NAME_INVALID);
	CHECK(!NT_SUCCESS(Rename(FOLDER L"Existing.txt", FOLDER L"..\\..\\escaped.txt", TRUE)));
	CHECK(!NT_SUCCESS(Rename(FOLDER L"Existing.txt", FOLDER L"Outside\\escaped.txt", TRUE)));
}

static VOID Directory(VOID)
{
	static UCHAR Buffer[4096] __attribute__((aligned(8)));
	UNICODE_STRING Pattern;
	IO_STATUS_BLOCK IoStatus;
	HANDLE Folder;
	ULONG Found = 0;

	CHECK_STATUS(Open(&Folder, L"\\DosDevices\\C:\\FilesTest", FILE_LIST_DIRECTORY, FILE_SHARE_READ, FILE_OPEN, FILE_DIRECTORY_FILE, NULL),
		     STATUS_SUCCESS);
	RtlInitUnicodeString(&Pattern, L"EXIST*.txt");
	CHECK_STATUS(ZwQueryDirectoryFile(Folder, NULL, NULL, NULL, &IoStatus, Buffer, sizeof(Buffer), FileBothDirectoryInformation, FALSE, &Pattern,
					  TRUE),
		     STATUS_SUCCESS);
	for (PFILE_BOTH_DIR_INFORMATION Entry = (PVOID)Buffer;; Entry = (PVOID)((PUCHAR)Entry + Entry->NextEntryOffset)) {
		Found++;
		CHECK(Entry->FileNameLength == sizeof(L"Existing.txt") - sizeof(WCHAR));
		CHECK(Entry->EndOfFile.QuadPart == 5);
		if (!Entry->NextEntryOffset)
			break;
	}
	CHECK(Found == 1);
	CHECK_STATUS(ZwQueryDirectoryFile(Folder, NULL, NULL, NULL, &IoStatus, Buffer, sizeof(Buffer), FileBothDirectoryInformation, FALSE, &Pattern,
					  FALSE),
		     STATUS_NO_MORE_FILES);
	ZwClose(Folder);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = CheckUnload;
	Dispositions();
	Sharing();
	ReadAndWrite();
	RenameAndDelete();
	NoWayOut();
	Directory();
	return CheckResult("files");
}
