/* Mistakes with pool, of which special pool stops each (MISTAKE names it), and what it must not stop (MISTAKE 0). */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;

#define NOINLINE __attribute__((noinline))
#define TAG      0x63657053 /* "Spec" */
#define SIZE     40

static NOINLINE VOID Culprit(volatile UCHAR *Block)
{
	switch (MISTAKE) {
	case 1: /* the first byte behind what the size was rounded up to */
		Block[48] = 1;
		break;
	case 2: /* inside of the rounding: found by the free */
		Block[SIZE] = 1;
		ExFreePoolWithTag((PVOID)Block, TAG);
		break;
	case 3: /* before the block */
		Block[-1]++;
		ExFreePoolWithTag((PVOID)Block, TAG);
		break;
	case 4:
		ExFreePoolWithTag((PVOID)Block, TAG);
		ExFreePoolWithTag((PVOID)Block, TAG);
		break;
	case 5:
		ExFreePoolWithTag((PVOID)Block, TAG);
		(VOID) Block[0];
		break;
	case 6: { /* the same, where a page fault has another code otherwise */
		KIRQL OldIrql;

		ExFreePoolWithTag((PVOID)Block, TAG);
		KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
		Block[0] = 1;
		KeLowerIrql(OldIrql);
		break;
	}
	default:
		break;
	}
}

/* An entry of a lookaside list is a block like others. */
static NOINLINE VOID LookasideCulprit(VOID)
{
	static NPAGED_LOOKASIDE_LIST List;
	volatile UCHAR *Block;

	ExInitializeNPagedLookasideList(&List, NULL, NULL, 0, SIZE, TAG, 0);
	Block = ExAllocateFromNPagedLookasideList(&List);
	ExFreeToNPagedLookasideList(&List, (PVOID)Block);
	Block[0] = 1;
}

static VOID RightUse(VOID)
{
	static const SIZE_T Sizes[] = { 1, 8, 15, 16, 17, SIZE, 100, 1000, 4080, 4095, 4096, 4097, 5000, 8192, 70000 };

	for (ULONG Round = 0; Round < 20; Round++) {
		for (ULONG i = 0; i < RTL_NUMBER_OF(Sizes); i++) {
			PUCHAR Block = ExAllocatePoolWithTag(Round & 1 ? PagedPool : NonPagedPoolNx, Sizes[i], TAG);

			CHECK(Block != NULL);
			CHECK((ULONG_PTR)Block % 16 == 0);
			CHECK(Sizes[i] < PAGE_SIZE || (ULONG_PTR)Block % PAGE_SIZE == 0);
			for (SIZE_T Byte = 0; Byte < Sizes[i]; Byte++)
				Block[Byte] = (UCHAR)Round;
			ExFreePoolWithTag(Block, TAG);
		}
	}
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = CheckUnload;
	if (MISTAKE == 7)
		LookasideCulprit();
	else if (MISTAKE)
		Culprit(ExAllocatePoolWithTag(NonPagedPoolNx, SIZE, TAG));
	RightUse();
	return CheckResult("specpool");
}
