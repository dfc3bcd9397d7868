/*
 * Which function a code address belongs to, and the return addresses above the caller's frame, by .pdata and UNWIND_INFO (Microsoft's
 * "x64 exception handling"). Walks begin at call sites only, so prologues and epilogues need no reading of instructions.
 */
#include "rtl.h"
#include "kd.h"
#include "ke.h"
#include "ps.h"

_Static_assert(offsetof(CONTEXT, ContextFlags) == 0x30 && offsetof(CONTEXT, SegCs) == 0x38 && offsetof(CONTEXT, Rax) == 0x78 &&
		       offsetof(CONTEXT, Rsp) == 0x98 && offsetof(CONTEXT, Rip) == 0xf8 && offsetof(CONTEXT, FltSave) == 0x100,
	       "context.S knows these offsets");

enum rtl_unwind_code {
	UWOP_PUSH_NONVOL,
	UWOP_ALLOC_LARGE,
	UWOP_ALLOC_SMALL,
	UWOP_SET_FPREG,
	UWOP_SAVE_NONVOL,
	UWOP_SAVE_NONVOL_FAR,
	UWOP_SAVE_XMM128 = 8,
	UWOP_SAVE_XMM128_FAR,
	UWOP_PUSH_MACHFRAME,
};

#define UNW_FLAG_CHAININFO 4
#define RTL_MAX_CHAIN      32
#define RTL_MAX_FRAMES     63 /* FramesToSkip + FramesToCapture, as documented for RtlCaptureStackBackTrace */

struct rtl_unwind_info {
	UCHAR version_flags; /* 3 bits version, 5 bits flags */
	UCHAR prologue_size;
	UCHAR code_count;
	UCHAR frame_register; /* 4 bits register, 4 bits offset / 16 */
	USHORT codes[];       /* low byte offset in the prologue; then 4 bits operation, 4 bits its info */
};

struct rtl_frame {
	ULONG64 pc;
	ULONG64 registers[16]; /* rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8..r15: the order of register numbers */
	ULONG64 low, high;     /* the stack's bounds: nothing outside is read */
};

#define RTL_RSP 4

/* The loaded image that holds the address; gives its base and size, FALSE when there is none. Any IRQL up to DISPATCH_LEVEL. */
static BOOLEAN RtlpFindImage(ULONG64 pc, ULONG64 *base, ULONG *size)
{
	/* In a bugcheck nothing else runs any more, and what it interrupted may hold the lock. */
	BOOLEAN alone = KeBugCheckActive;
	BOOLEAN found = FALSE;
	KIRQL irql;

	if (!alone)
		KeAcquireSpinLock(&PsLoadedModuleSpinLock, &irql);
	for (PLIST_ENTRY link = PsLoadedModuleList.Flink; link != NULL && link != &PsLoadedModuleList; link = link->Flink) {
		PKLDR_DATA_TABLE_ENTRY entry = CONTAINING_RECORD(link, KLDR_DATA_TABLE_ENTRY, InLoadOrderLinks);

		if (pc - (ULONG64)entry->DllBase < entry->SizeOfImage) {
			*base = (ULONG64)entry->DllBase;
			*size = entry->SizeOfImage;
			found = TRUE;
			break;
		}
	}
	if (!alone)
		KeReleaseSpinLock(&PsLoadedModuleSpinLock, irql);
	return found;
}

PVOID RtlPcToFileHeader(PVOID PcValue, PVOID *BaseOfImage)
{
	ULONG64 base = 0;
	ULONG size;

	RtlpFindImage((ULONG64)PcValue, &base, &size);
	*BaseOfImage = (PVOID)base;
	return *BaseOfImage;
}

/* HistoryTable is a cache on Windows and not used. NULL: a leaf function, or no image has that address (then *ImageBase is 0). */
PRUNTIME_FUNCTION RtlLookupFunctionEntry(ULONG64 ControlPc, PULONG64 ImageBase, PVOID HistoryTable)
{
	PRUNTIME_FUNCTION table;
	ULONG size, rva, low = 0, high;

	UNREFERENCED_PARAMETER(HistoryTable);
	*ImageBase = 0;
	if (!RtlpFindImage(ControlPc, ImageBase, &size))
		return NULL;
	table = RtlImageDirectoryEntryToData((PVOID)*ImageBase, TRUE, IMAGE_DIRECTORY_ENTRY_EXCEPTION, &size);
	if (table == NULL)
		return NULL;
	rva = (ULONG)(ControlPc - *ImageBase);
	high = size / (ULONG)sizeof(*table);
	while (low < high) {
		ULONG middle = low + (high - low) / 2;

		if (rva < table[middle].BeginAddress)
			high = middle;
		else if (rva >= table[middle].EndAddress)
			low = middle + 1;
		else
			return &table[middle];
	}
	return NULL;
}

static BOOLEAN RtlpReadStack(const struct rtl_frame *frame, ULONG64 address, ULONG64 *value)
{
	if (address % 8 != 0 || address < frame->low || address >= frame->high)
		return FALSE;
	*value = *(const ULONG64 *)address;
	return TRUE;
}

/* Undoes one code; *slots is how many codes it occupies. *machine_frame is set when the frame below was made by the processor. */
static BOOLEAN RtlpUndo(struct rtl_frame *frame, const USHORT *code, ULONG64 frame_base, ULONG *slots, BOOLEAN *machine_frame)
{
	ULONG operation = code[0] >> 8 & 15;
	ULONG info = code[0] >> 12;
	ULONG64 *rsp = &frame->registers[RTL_RSP];

	*slots = 1;
	switch (operation) {
	case UWOP_PUSH_NONVOL:
		if (!RtlpReadStack(frame, *rsp, &frame->registers[info]))
			return FALSE;
		*rsp += 8;
		return TRUE;
	case UWOP_ALLOC_LARGE:
		*slots = info == 0 ? 2 : 3;
		*rsp += info == 0 ? code[1] * 8ULL : code[1] | (ULONG64)code[2] << 16;
		return TRUE;
	case UWOP_ALLOC_SMALL:
		*rsp += info * 8ULL + 8;
		return TRUE;
	case UWOP_SET_FPREG:
		*rsp = frame_base;
		return TRUE;
	case UWOP_SAVE_NONVOL:
		*slots = 2;
		return RtlpReadStack(frame, frame_base + code[1] * 8ULL, &frame->registers[info]);
	case UWOP_SAVE_NONVOL_FAR:
		*slots = 3;
		return RtlpReadStack(frame, frame_base + (code[1] | (ULONG64)code[2] << 16), &frame->registers[info]);
	case UWOP_SAVE_XMM128:
	case UWOP_SAVE_XMM128_FAR:
		*slots = operation == UWOP_SAVE_XMM128 ? 2 : 3;
		return TRUE;
	case UWOP_PUSH_MACHFRAME:
		*rsp += info * 8ULL; /* an error code lies below the frame */
		*machine_frame = TRUE;
		return RtlpReadStack(frame, *rsp, &frame->pc) && RtlpReadStack(frame, *rsp + 24, rsp);
	default:
		return FALSE;
	}
}

/* Moves frame to its caller. FALSE: the stack ends, or cannot be read further. */
static BOOLEAN RtlpUnwindFrame(struct rtl_frame *frame)
{
	BOOLEAN machine_frame = FALSE;
	ULONG64 before = frame->registers[RTL_RSP];
	ULONG64 base;
	PRUNTIME_FUNCTION function = RtlLookupFunctionEntry(frame->pc - 1, &base, NULL);

	if (base == 0)
		return FALSE;
	for (ULONG depth = 0; function != NULL && depth < RTL_MAX_CHAIN; depth++) {
		const struct rtl_unwind_info *info = (const void *)(base + function->UnwindData);
		ULONG64 frame_base = frame->registers[RTL_RSP];
		ULONG slots;

		if ((info->frame_register & 15) != 0)
			frame_base = frame->registers[info->frame_register & 15] - (info->frame_register >> 4) * 16ULL;
		for (ULONG i = 0; i < info->code_count; i += slots) {
			if (!RtlpUndo(frame, &info->codes[i], frame_base, &slots, &machine_frame))
				return FALSE;
		}
		if (!(info->version_flags >> 3 & UNW_FLAG_CHAININFO))
			break;
		function = (PRUNTIME_FUNCTION)&info->codes[(info->code_count + 1) & ~1];
	}
	if (!machine_frame) {
		if (!RtlpReadStack(frame, frame->registers[RTL_RSP], &frame->pc))
			return FALSE;
		frame->registers[RTL_RSP] += 8;
	}
	return frame->pc != 0 && frame->registers[RTL_RSP] > before;
}

/*
 * The return addresses above the caller, nearest first. Stacks other than the current thread's (interrupt stacks) are not walked.
 * Gives the number captured; *BackTraceHash is their sum.
 */
USHORT RtlCaptureStackBackTrace(ULONG FramesToSkip, ULONG FramesToCapture, PVOID *BackTrace, PULONG BackTraceHash)
{
	PKTHREAD thread = KeGetCurrentThread();
	struct rtl_frame frame = { .low = (ULONG64)thread->StackLimit, .high = (ULONG64)thread->StackBase };
	CONTEXT context;
	ULONG captured = 0;
	ULONG64 hash = 0;

	if (FramesToSkip + FramesToCapture > RTL_MAX_FRAMES)
		return 0;
	RtlCaptureContext(&context);
	frame.pc = context.Rip;
	memcpy(frame.registers, &context.Rax, sizeof(frame.registers));
	/* The first step leaves this routine: its caller is frame 0. */
	for (ULONG i = 0; i < FramesToSkip + FramesToCapture && RtlpUnwindFrame(&frame); i++) {
		if (i < FramesToSkip)
			continue;
		BackTrace[captured++] = (PVOID)frame.pc;
		hash += frame.pc;
	}
	if (BackTraceHash != NULL)
		*BackTraceHash = (ULONG)hash;
	return (USHORT)captured;
}
