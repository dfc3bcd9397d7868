/*
 * IRP_MJ_QUERY_VOLUME_INFORMATION on C:.
 */
#include "p9fs.h"

#define P9_SECTOR                 512u
#define FILE_CASE_PRESERVED_NAMES 0x2u
#define FILE_UNICODE_ON_DISK      0x4u

static const UNICODE_STRING P9FileSystemName = RTL_CONSTANT_STRING(L"9P");

static NTSTATUS P9QuerySize(PVOID Buffer, ULONG Length, BOOLEAN Full, PULONG Used)
{
	PFILE_FS_FULL_SIZE_INFORMATION full = Buffer;
	PFILE_FS_SIZE_INFORMATION size = Buffer;
	P9_STATFS statfs;
	NTSTATUS status;
	ULONG sectors;

	*Used = Full ? sizeof(*full) : sizeof(*size);
	if (Length < *Used)
		return STATUS_INFO_LENGTH_MISMATCH;
	status = P9StatFs(P9Volume.Root->Fid, &statfs);
	if (!NT_SUCCESS(status))
		return status;
	sectors = statfs.BlockSize >= P9_SECTOR ? statfs.BlockSize / P9_SECTOR : 1;
	if (Full) {
		full->TotalAllocationUnits.QuadPart = (LONGLONG)statfs.Blocks;
		full->CallerAvailableAllocationUnits.QuadPart = (LONGLONG)statfs.Available;
		full->ActualAvailableAllocationUnits.QuadPart = (LONGLONG)statfs.Available;
		full->SectorsPerAllocationUnit = sectors;
		full->BytesPerSector = P9_SECTOR;
		return STATUS_SUCCESS;
	}
	size->TotalAllocationUnits.QuadPart = (LONGLONG)statfs.Blocks;
	size->AvailableAllocationUnits.QuadPart = (LONGLONG)statfs.Available;
	size->SectorsPerAllocationUnit = sectors;
	size->BytesPerSector = P9_SECTOR;
	return STATUS_SUCCESS;
}

static NTSTATUS P9QueryVolume(PFILE_FS_VOLUME_INFORMATION Volume, ULONG Length, PULONG Used)
{
	P9_STATFS statfs;
	NTSTATUS status;

	/* Without a label the name's field has no characters. */
	*Used = FIELD_OFFSET(FILE_FS_VOLUME_INFORMATION, VolumeLabel);
	if (Length < *Used)
		return STATUS_INFO_LENGTH_MISMATCH;
	status = P9StatFs(P9Volume.Root->Fid, &statfs);
	if (NT_SUCCESS(status))
		Volume->VolumeSerialNumber = (ULONG)statfs.Id ^ (ULONG)(statfs.Id >> 32);
	return status;
}

static NTSTATUS P9QueryAttribute(PFILE_FS_ATTRIBUTE_INFORMATION Attribute, ULONG Length, PULONG Used)
{
	ULONG head = FIELD_OFFSET(FILE_FS_ATTRIBUTE_INFORMATION, FileSystemName);

	*Used = head + P9FileSystemName.Length;
	if (Length < *Used)
		return STATUS_INFO_LENGTH_MISMATCH;
	Attribute->FileSystemAttributes = FILE_CASE_PRESERVED_NAMES | FILE_UNICODE_ON_DISK;
	Attribute->MaximumComponentNameLength = P9_NAME_MAXIMUM;
	Attribute->FileSystemNameLength = P9FileSystemName.Length;
	RtlCopyMemory(Attribute->FileSystemName, P9FileSystemName.Buffer, P9FileSystemName.Length);
	return STATUS_SUCCESS;
}

static NTSTATUS P9QueryDevice(PFILE_FS_DEVICE_INFORMATION Device, ULONG Length, PULONG Used)
{
	*Used = sizeof(*Device);
	if (Length < *Used)
		return STATUS_INFO_LENGTH_MISMATCH;
	Device->DeviceType = FILE_DEVICE_DISK;
	Device->Characteristics = P9Volume.DeviceObject->Characteristics;
	return STATUS_SUCCESS;
}

NTSTATUS P9FsdQueryVolume(PIRP Irp, PIO_STACK_LOCATION Stack)
{
	PVOID buffer = Irp->AssociatedIrp.SystemBuffer;
	ULONG length = Stack->Parameters.QueryVolume.Length, used = 0;
	NTSTATUS status;

	switch ((ULONG)Stack->Parameters.QueryVolume.FsInformationClass) {
	case FileFsVolumeInformation:
		status = P9QueryVolume(buffer, length, &used);
		break;
	case FileFsSizeInformation:
		status = P9QuerySize(buffer, length, FALSE, &used);
		break;
	case FileFsFullSizeInformation:
		status = P9QuerySize(buffer, length, TRUE, &used);
		break;
	case FileFsDeviceInformation:
		status = P9QueryDevice(buffer, length, &used);
		break;
	case FileFsAttributeInformation:
		status = P9QueryAttribute(buffer, length, &used);
		break;
	default:
		return STATUS_INVALID_INFO_CLASS;
	}
	Irp->IoStatus.Information = NT_SUCCESS(status) ? used : 0;
	return status;
}
