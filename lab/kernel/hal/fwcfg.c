/*
 * QEMU's fw_cfg device (docs/specs/fw_cfg): reading an item, finding a file in its directory and writing it, all by DMA, because every
 * byte by port would be an exit. Fields that the device reads are big-endian.
 */
#include "hal.h"
#include "mm.h"
#include "rtl.h"
#include "x64.h"

#define FW_CFG_DMA_PORT_HIGH   0x514
#define FW_CFG_DMA_PORT_LOW    0x518
#define FW_CFG_FILE_DIR        0x19
#define FW_CFG_DMA_ERROR       0x01
#define FW_CFG_DMA_READ        0x02
#define FW_CFG_DMA_SELECT      0x08
#define FW_CFG_DMA_WRITE       0x10
#define FW_CFG_DIRECTORY_LIMIT 32 /* entries read; microvm has about fifteen */

typedef struct _FW_CFG_DMA_ACCESS {
	ULONG Control;
	ULONG Length;
	ULONG64 Address;
} FW_CFG_DMA_ACCESS;

typedef struct _FW_CFG_FILE {
	ULONG Size;
	USHORT Select;
	USHORT Reserved;
	CHAR Name[56];
} FW_CFG_FILE;

typedef struct _FW_CFG_DIRECTORY {
	ULONG Count;
	FW_CFG_FILE Files[FW_CFG_DIRECTORY_LIMIT];
} FW_CFG_DIRECTORY;

/* What DMA reaches; within one page each, so that virtual contiguity is physical contiguity. */
typedef struct _FW_CFG_BUFFER {
	volatile FW_CFG_DMA_ACCESS Access;
	FW_CFG_DIRECTORY Directory;
	UCHAR Data[256];
} FW_CFG_BUFFER;

static FW_CFG_BUFFER HalpFwCfgBuffer __attribute__((aligned(4096)));
_Static_assert(sizeof(FW_CFG_BUFFER) <= PAGE_SIZE, "fw_cfg's DMA buffer spans pages");

static BOOLEAN HalpFwCfgTransfer(ULONG Control, const VOID *Buffer, ULONG Length)
{
	volatile FW_CFG_DMA_ACCESS *Access = &HalpFwCfgBuffer.Access;
	ULONG64 Physical = (ULONG64)MmGetPhysicalAddress((PVOID)Access).QuadPart;

	Access->Length = __builtin_bswap32(Length);
	Access->Address = __builtin_bswap64((ULONG64)MmGetPhysicalAddress((PVOID)Buffer).QuadPart);
	Access->Control = __builtin_bswap32(Control);
	HalpWritePort32(FW_CFG_DMA_PORT_HIGH, __builtin_bswap32((ULONG)(Physical >> 32)));
	HalpWritePort32(FW_CFG_DMA_PORT_LOW, __builtin_bswap32((ULONG)Physical));
	/* QEMU is done before the port write ends; anything else is an error, or no device. */
	return Access->Control == 0;
}

BOOLEAN HalpReadFwCfgItem(USHORT Selector, PVOID Data, ULONG Length)
{
	if (Length > sizeof(HalpFwCfgBuffer.Data) ||
	    !HalpFwCfgTransfer((ULONG)Selector << 16 | FW_CFG_DMA_SELECT | FW_CFG_DMA_READ, HalpFwCfgBuffer.Data, Length))
		return FALSE;
	memcpy(Data, HalpFwCfgBuffer.Data, Length);
	return TRUE;
}

BOOLEAN HalpWriteFwCfgFile(const CHAR *Name, const VOID *Data, ULONG Length)
{
	FW_CFG_BUFFER *Buffer = &HalpFwCfgBuffer;
	ULONG Count;

	if (Length > sizeof(Buffer->Data) ||
	    !HalpFwCfgTransfer(FW_CFG_FILE_DIR << 16 | FW_CFG_DMA_SELECT | FW_CFG_DMA_READ, &Buffer->Directory, sizeof(Buffer->Directory)))
		return FALSE;
	Count = __builtin_bswap32(Buffer->Directory.Count);
	for (ULONG i = 0; i < Count && i < FW_CFG_DIRECTORY_LIMIT; i++) {
		FW_CFG_FILE *File = &Buffer->Directory.Files[i];

		if (strncmp(File->Name, Name, sizeof(File->Name)))
			continue;
		memcpy(Buffer->Data, Data, Length);
		return HalpFwCfgTransfer((ULONG)__builtin_bswap16(File->Select) << 16 | FW_CFG_DMA_SELECT | FW_CFG_DMA_WRITE, Buffer->Data, Length);
	}
	return FALSE;
}
