/* Starting a further processor: INIT, start-up IPI, and the page below 1 MiB in which it begins (hal/startap.S). */
#include "hal.h"
#include "ke.h"
#include "mm.h"
#include "rtl.h"
#include "x64.h"

#define FW_CFG_NB_CPUS          0x05
#define START_BLOCK_OFFSET      0xF00
#define HIGHEST_START_PAGE      0x9F
#define INIT_MICROSECONDS       200
#define FIRST_TRY_MICROSECONDS  10000
#define SECOND_TRY_MICROSECONDS 5000000

/* Offsets are startap.S's. */
typedef struct _HALP_START_BLOCK {
	USHORT GdtLimit;
	USHORT GdtBase[2];
	USHORT Padding;
	ULONG LongMode;
	USHORT LongModeSelector;
	USHORT Padding2;
	ULONG64 Cr3;
	ULONG64 Stack;
	VOID (*Entry)(PVOID Context);
	PVOID Context;
	ULONG64 Gdt[4];
} HALP_START_BLOCK, *PHALP_START_BLOCK;
_Static_assert(FIELD_OFFSET(HALP_START_BLOCK, LongMode) == 8 && FIELD_OFFSET(HALP_START_BLOCK, Context) == 0x28, "startap.S");

extern const UCHAR HalpStartCode[], HalpStartCodeLongMode[], HalpStartCodeEnd[];

ULONG HalQueryProcessorCount(VOID)
{
	USHORT Count;

	if (!HalpReadFwCfgItem(FW_CFG_NB_CPUS, &Count, sizeof(Count)) || !Count)
		return 1;
	return Count < KI_MAXIMUM_PROCESSORS ? Count : KI_MAXIMUM_PROCESSORS;
}

/* The page is mapped at its physical address, because the processor runs on in it after paging is on. */
static VOID HalpPrepareStartPage(PUCHAR Page, PVOID Stack, VOID (*Entry)(PVOID Context), PVOID Context)
{
	PHALP_START_BLOCK Block = (PHALP_START_BLOCK)(Page + START_BLOCK_OFFSET);
	ULONG Gdt = (ULONG)(ULONG_PTR)Block->Gdt;

	memcpy(Page, HalpStartCode, (SIZE_T)(HalpStartCodeEnd - HalpStartCode));
	memset(Block, 0, sizeof(*Block));
	Block->GdtLimit = sizeof(Block->Gdt) - 1;
	Block->GdtBase[0] = (USHORT)Gdt;
	Block->GdtBase[1] = (USHORT)(Gdt >> 16);
	Block->LongMode = (ULONG)(ULONG_PTR)Page + (ULONG)(HalpStartCodeLongMode - HalpStartCode);
	Block->LongModeSelector = KGDT64_R0_CODE;
	Block->Cr3 = HalpReadCr3();
	Block->Stack = (ULONG64)Stack;
	Block->Entry = Entry;
	Block->Context = Context;
	Block->Gdt[KGDT64_R0_CODE / 8] = 0x00209B0000000000;
	Block->Gdt[KGDT64_R0_DATA / 8] = 0x00CF93000000FFFF;
}

static BOOLEAN HalpAwait(volatile BOOLEAN *Started, ULONG MicroSeconds)
{
	ULONG64 Start = HalpReadTsc();
	ULONG64 Ticks = MicroSeconds * (HalpTscFrequency / 1000000);

	while (!*Started && HalpReadTsc() - Start < Ticks)
		HalpPause();
	return *Started;
}

/* The order and the second start-up IPI are those of Intel's MultiProcessor Specification 1.4, B.4. */
static BOOLEAN HalpWakeProcessor(ULONG ApicId, ULONG64 StartPage, volatile BOOLEAN *Started)
{
	HalpSendInit(ApicId);
	KeStallExecutionProcessor(INIT_MICROSECONDS);
	HalpSendStartup(ApicId, StartPage);
	if (HalpAwait(Started, FIRST_TRY_MICROSECONDS))
		return TRUE;
	HalpSendStartup(ApicId, StartPage);
	return HalpAwait(Started, SECOND_TRY_MICROSECONDS);
}

BOOLEAN HalStartNextProcessor(ULONG ApicId, PVOID Stack, VOID (*Entry)(PVOID Context), PVOID Context, volatile BOOLEAN *Started)
{
	PFN_NUMBER Page = MiAllocateContiguousPages(1, 1, HIGHEST_START_PAGE, 0);
	PUCHAR Address = (PUCHAR)(Page << PAGE_SHIFT);
	BOOLEAN Success = FALSE;

	if (!Page)
		return FALSE;
	if (MiMakePageTables(Address, 1)) {
		MiMapPage(Address, Page, PAGE_EXECUTE_READWRITE);
		HalpPrepareStartPage(Address, Stack, Entry, Context);
		Success = HalpWakeProcessor(ApicId, (ULONG64)Address, Started);
		MiUnmapPage(Address);
	}
	/* A processor that comes too late must not find the page in other hands. */
	if (Success)
		MiFreePage(Page);
	return Success;
}
