/* The files of the event drivers: see files.h. */
#include "files.h"

#include <ntstrsafe.h>

static const CHAR Line[] = "Hello, World!\r\n";

typedef struct _PATH {
	UNICODE_STRING Name;
	WCHAR Buffer[64];
} PATH;

static VOID MakePath(PATH *Path, PCWSTR Format, LONG Number)
{
	RtlStringCchPrintfW(Path->Buffer, RTL_NUMBER_OF(Path->Buffer), Format, Number);
	RtlInitUnicodeString(&Path->Name, Path->Buffer);
}

static NTSTATUS CreateOne(LONG Number)
{
	PATH Path;
	OBJECT_ATTRIBUTES Attributes;
	IO_STATUS_BLOCK IoStatus;
	HANDLE File;
	NTSTATUS Status;

	MakePath(&Path, L"\\DosDevices\\C:\\Temp\\file_%d.txt", Number);
	InitializeObjectAttributes(&Attributes, &Path.Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
	Status = ZwCreateFile(&File, GENERIC_WRITE | SYNCHRONIZE, &Attributes, &IoStatus, NULL, FILE_ATTRIBUTE_NORMAL, 0, FILE_OVERWRITE_IF,
			      FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
	if (!NT_SUCCESS(Status))
		return Status;
	for (LONG i = 0; i < WRITES_PER_FILE && NT_SUCCESS(Status); i++)
		Status = ZwWriteFile(File, NULL, NULL, NULL, &IoStatus, (PVOID)Line, sizeof(Line) - 1, NULL, NULL);
	ZwClose(File);
	return Status;
}

static NTSTATUS MoveOne(LONG Number)
{
	PATH From, To;
	OBJECT_ATTRIBUTES Attributes;
	IO_STATUS_BLOCK IoStatus;
	HANDLE File;
	NTSTATUS Status;
	/* FileName is the structure's last member, declared with one character: the name needs room of its own behind it. */
	union {
		FILE_RENAME_INFORMATION Information;
		UCHAR Room[FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName) + sizeof(To.Buffer)];
	} Rename;

	MakePath(&From, L"\\DosDevices\\C:\\Temp\\file_%d.txt", Number);
	MakePath(&To, L"\\DosDevices\\C:\\Temp2\\NewFile_%d.txt", Number);
	InitializeObjectAttributes(&Attributes, &From.Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
	Status = ZwOpenFile(&File, DELETE | SYNCHRONIZE, &Attributes, &IoStatus, FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_SYNCHRONOUS_IO_NONALERT);
	if (!NT_SUCCESS(Status))
		return Status;
	RtlZeroMemory(&Rename, sizeof(Rename));
	Rename.Information.ReplaceIfExists = TRUE;
	Rename.Information.FileNameLength = To.Name.Length;
	RtlCopyMemory(Rename.Information.FileName, To.Name.Buffer, To.Name.Length);
	Status = ZwSetInformationFile(File, &IoStatus, &Rename, FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName) + To.Name.Length,
				      FileRenameInformation);
	ZwClose(File);
	return Status;
}

static NTSTATUS ForEachFile(NTSTATUS (*Do)(LONG Number))
{
	NTSTATUS First = STATUS_SUCCESS;

	for (LONG i = 0; i < FILE_COUNT; i++) {
		NTSTATUS Status = Do(i);

		if (NT_SUCCESS(First))
			First = Status;
	}
	return First;
}

NTSTATUS CreateFiles(VOID)
{
	return ForEachFile(CreateOne);
}

NTSTATUS MoveFiles(VOID)
{
	return ForEachFile(MoveOne);
}
