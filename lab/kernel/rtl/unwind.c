/*
 * One step up a stack: the caller's registers from .pdata and UNWIND_INFO (Microsoft's "x64 exception handling"), from any instruction of
 * a function, and the handler that the function names. Who steps, and why, is stktrace.c's and except.c's.
 */
#include "unwindp.h"
#include "ke.h"

_Static_assert(offsetof(CONTEXT, ContextFlags) == 0x30 && offsetof(CONTEXT, MxCsr) == 0x34 && offsetof(CONTEXT, SegCs) == 0x38 &&
		       offsetof(CONTEXT, EFlags) == 0x44 && offsetof(CONTEXT, Rax) == 0x78 && offsetof(CONTEXT, Rsp) == 0x98 &&
		       offsetof(CONTEXT, Rip) == 0xf8 && offsetof(CONTEXT, FltSave) == 0x100 && offsetof(CONTEXT, Xmm0) == 0x1a0,
	       "context.S knows these offsets");

enum rtl_unwind_code {
	UWOP_PUSH_NONVOL,
	UWOP_ALLOC_LARGE,
	UWOP_ALLOC_SMALL,
	UWOP_SET_FPREG,
	UWOP_SAVE_NONVOL,
	UWOP_SAVE_NONVOL_FAR,
	UWOP_EPILOG, /* version 2: where epilogues are; here they are known by their instructions */
	UWOP_SPARE,
	UWOP_SAVE_XMM128,
	UWOP_SAVE_XMM128_FAR,
	UWOP_PUSH_MACHFRAME,
};

#define RTL_MAX_CHAIN 32
#define RTL_RSP       4

struct rtl_unwind_info {
	UCHAR version_flags; /* 3 bits version, 5 bits flags */
	UCHAR prologue_size;
	UCHAR code_count;
	UCHAR frame_register; /* 4 bits register, 4 bits offset / 16 */
	USHORT codes[];       /* low byte offset in the prologue; then 4 bits operation, 4 bits its info */
};

/* What one step works on. */
struct rtl_step {
	PCONTEXT context;
	ULONG64 *registers; /* of context, by number */
	const RTL_STACK_LIMITS *limits;
	PKNONVOLATILE_CONTEXT_POINTERS pointers;
	BOOLEAN machine_frame; /* the frame was made by the processor: the caller's address and stack came from it */
};

VOID RtlpGetStackLimits(PRTL_STACK_LIMITS Limits)
{
	PKTHREAD thread = KeGetCurrentThread();

	Limits->Low = (ULONG64)thread->StackLimit;
	Limits->High = (ULONG64)thread->StackBase;
}

BOOLEAN RtlpIsFrameInLimits(const RTL_STACK_LIMITS *Limits, ULONG64 EstablisherFrame)
{
	return EstablisherFrame % 8 == 0 && EstablisherFrame >= Limits->Low && EstablisherFrame < Limits->High;
}

static BOOLEAN RtlpReadStack(const struct rtl_step *step, ULONG64 address, ULONG64 *value)
{
	if (!RtlpIsFrameInLimits(step->limits, address))
		return FALSE;
	*value = *(const ULONG64 *)address;
	return TRUE;
}

static BOOLEAN RtlpRestoreInteger(const struct rtl_step *step, ULONG number, ULONG64 address)
{
	if (step->pointers != NULL)
		step->pointers->IntegerContext[number] = (ULONG64 *)address;
	return RtlpReadStack(step, address, &step->registers[number]);
}

static BOOLEAN RtlpRestoreXmm(const struct rtl_step *step, ULONG number, ULONG64 address)
{
	if (!RtlpIsFrameInLimits(step->limits, address) || !RtlpIsFrameInLimits(step->limits, address + 8))
		return FALSE;
	if (step->pointers != NULL)
		step->pointers->FloatingContext[number] = (M128A *)address;
	memcpy(&step->context->FltSave.XmmRegisters[number], (const VOID *)address, sizeof(M128A));
	return TRUE;
}

/* How many 16-bit slots a code occupies. */
static ULONG RtlpCodeSlots(USHORT code)
{
	static const UCHAR slots[] = { 1, 2, 1, 1, 2, 3, 1, 3, 2, 3, 1 };
	ULONG operation = code >> 8 & 15;

	if (operation == UWOP_ALLOC_LARGE && code >> 12 != 0)
		return 3;
	return operation < RTL_NUMBER_OF(slots) ? slots[operation] : 1;
}

/* Undoes one code. */
static BOOLEAN RtlpUndo(struct rtl_step *step, const USHORT *code, ULONG64 frame_base)
{
	ULONG info = code[0] >> 12;
	ULONG64 *rsp = &step->registers[RTL_RSP];

	switch (code[0] >> 8 & 15) {
	case UWOP_PUSH_NONVOL:
		*rsp += 8;
		return RtlpRestoreInteger(step, info, *rsp - 8);
	case UWOP_ALLOC_LARGE:
		*rsp += info == 0 ? code[1] * 8ULL : code[1] | (ULONG64)code[2] << 16;
		return TRUE;
	case UWOP_ALLOC_SMALL:
		*rsp += info * 8ULL + 8;
		return TRUE;
	case UWOP_SET_FPREG:
		*rsp = frame_base;
		return TRUE;
	case UWOP_SAVE_NONVOL:
		return RtlpRestoreInteger(step, info, frame_base + code[1] * 8ULL);
	case UWOP_SAVE_NONVOL_FAR:
		return RtlpRestoreInteger(step, info, frame_base + (code[1] | (ULONG64)code[2] << 16));
	case UWOP_EPILOG:
	case UWOP_SPARE:
		return TRUE;
	case UWOP_SAVE_XMM128:
		return RtlpRestoreXmm(step, info, frame_base + code[1] * 16ULL);
	case UWOP_SAVE_XMM128_FAR:
		return RtlpRestoreXmm(step, info, frame_base + (code[1] | (ULONG64)code[2] << 16));
	case UWOP_PUSH_MACHFRAME:
		step->machine_frame = TRUE;
		*rsp += info * 8ULL; /* an error code lies below the frame */
		return RtlpReadStack(step, *rsp, &step->context->Rip) && RtlpReadStack(step, *rsp + 24, rsp);
	default:
		return FALSE;
	}
}

/* The register that a push or pop of one byte (with or without REX.B) names; *length is that of the instruction, 0: it is none. */
static ULONG RtlpDecodePop(const UCHAR *code, ULONG left, ULONG *length)
{
	*length = 0;
	if (left >= 1 && (code[0] & 0xf8) == 0x58)
		*length = 1;
	else if (left >= 2 && code[0] == 0x41 && (code[1] & 0xf8) == 0x58)
		*length = 2;
	return *length == 0 ? 0 : (code[*length - 1] & 7) + (*length == 2 ? 8 : 0);
}

/* A signed displacement or immediate of an instruction: one byte, or four. */
static ULONG64 RtlpDisplacement(const UCHAR *code, BOOLEAN wide)
{
	LONG value = (CHAR)code[0];

	if (wide)
		memcpy(&value, code, sizeof(value));
	return (ULONG64)(LONG64)value;
}

/* add rsp, imm or lea rsp, [frame register + disp], with which an epilogue may begin; 0: neither. *rsp is what it makes of it. */
static ULONG RtlpDecodeRelease(const UCHAR *code, ULONG left, const ULONG64 *registers, ULONG frame_register, ULONG64 *rsp)
{
	BOOLEAN wide;

	if (left >= 4 && code[0] == 0x48 && (code[1] == 0x83 || code[1] == 0x81) && code[2] == 0xc4) {
		wide = code[1] == 0x81;
	} else if (frame_register != 0 && left >= 4 && code[0] == (frame_register & 8 ? 0x49 : 0x48) && code[1] == 0x8d &&
		   (code[2] & 0x3f) == (0x20 | (frame_register & 7)) && (code[2] >> 6 == 1 || code[2] >> 6 == 2)) {
		wide = code[2] >> 6 == 2;
		*rsp = registers[frame_register];
	} else {
		return 0;
	}
	if (wide && left < 7)
		return 0;
	*rsp += RtlpDisplacement(code + 3, wide);
	return wide ? 7 : 4;
}

/* A return, or a jump out of the function (a tail call). */
static BOOLEAN RtlpEndsEpilogue(const UCHAR *code, ULONG left, ULONG64 begin, ULONG64 end)
{
	ULONG64 target;

	if (left >= 1 && (code[0] == 0xc3 || code[0] == 0xc2))
		return TRUE;
	if (left >= 2 && code[0] == 0xf3 && code[1] == 0xc3)
		return TRUE;
	if (left >= 2 && code[0] == 0xff && code[1] == 0x25)
		return TRUE;
	if (left >= 3 && code[0] == 0x48 && code[1] == 0xff && (code[2] & 0x38) == 0x20)
		return TRUE;
	if (left >= 2 && code[0] == 0xeb)
		target = (ULONG64)code + 2 + RtlpDisplacement(code + 1, FALSE);
	else if (left >= 5 && code[0] == 0xe9)
		target = (ULONG64)code + 5 + RtlpDisplacement(code + 1, TRUE);
	else
		return FALSE;
	return target == begin || target < begin || target >= end;
}

/*
 * If what runs from pc on is the rest of an epilogue (its form is prescribed), does it to the context, up to the return. *done: it was.
 * FALSE: it was, and led out of the stack.
 */
static BOOLEAN RtlpUnwindEpilogue(struct rtl_step *step, ULONG64 pc, ULONG64 begin, ULONG64 end, ULONG frame_register, BOOLEAN *done)
{
	const UCHAR *code = (const UCHAR *)pc;
	ULONG left = (ULONG)(end - pc), length, number, pops = 0;
	ULONG64 rsp = step->registers[RTL_RSP];
	UCHAR popped[16];

	*done = FALSE;
	length = RtlpDecodeRelease(code, left, step->registers, frame_register, &rsp);
	code += length;
	left -= length;
	while (number = RtlpDecodePop(code, left, &length), length != 0) {
		if (pops == sizeof(popped))
			return TRUE;
		popped[pops++] = (UCHAR)number;
		code += length;
		left -= length;
	}
	if (!RtlpEndsEpilogue(code, left, begin, end))
		return TRUE;
	*done = TRUE;
	for (ULONG i = 0; i < pops; i++, rsp += 8) {
		if (!RtlpRestoreInteger(step, popped[i], rsp))
			return FALSE;
	}
	step->registers[RTL_RSP] = rsp;
	return TRUE;
}

/* Has the prologue, of which offset bytes have run, set the frame register? */
static BOOLEAN RtlpIsFrameSet(const struct rtl_unwind_info *info, ULONG64 offset)
{
	if ((info->frame_register & 15) == 0)
		return FALSE;
	if (offset >= info->prologue_size || (info->version_flags >> 3 & UNW_FLAG_CHAININFO))
		return TRUE;
	for (ULONG i = 0; i < info->code_count; i += RtlpCodeSlots(info->codes[i])) {
		if ((info->codes[i] >> 8 & 15) == UWOP_SET_FPREG)
			return offset >= (info->codes[i] & 0xff);
	}
	return FALSE;
}

static ULONG64 RtlpFrameBase(const struct rtl_step *step, const struct rtl_unwind_info *info, ULONG64 offset)
{
	if (!RtlpIsFrameSet(info, offset))
		return step->registers[RTL_RSP];
	return step->registers[info->frame_register & 15] - (info->frame_register >> 4) * 16ULL;
}

/* Undoes what has run of the prologue, and of the whole prologues of the functions that this one is chained to; gives the last one's data. */
static const struct rtl_unwind_info *RtlpUnwindPrologue(struct rtl_step *step, ULONG64 base, const struct rtl_unwind_info *info, ULONG64 offset)
{
	for (ULONG depth = 0; depth < RTL_MAX_CHAIN; depth++, offset = ~0ULL) {
		ULONG64 frame_base = RtlpFrameBase(step, info, offset);

		for (ULONG i = 0; i < info->code_count; i += RtlpCodeSlots(info->codes[i])) {
			if (i + RtlpCodeSlots(info->codes[i]) > info->code_count)
				return NULL;
			if ((info->codes[i] & 0xff) <= offset && !RtlpUndo(step, &info->codes[i], frame_base))
				return NULL;
		}
		if (!(info->version_flags >> 3 & UNW_FLAG_CHAININFO))
			return info;
		info = (const VOID *)(base + ((PRUNTIME_FUNCTION)&info->codes[(info->code_count + 1) & ~1])->UnwindData);
	}
	return NULL;
}

BOOLEAN RtlpVirtualUnwind(ULONG HandlerType, ULONG64 ImageBase, ULONG64 ControlPc, PRUNTIME_FUNCTION FunctionEntry, PCONTEXT Context,
			  const RTL_STACK_LIMITS *Limits, PRTL_FRAME Frame, PKNONVOLATILE_CONTEXT_POINTERS Pointers)
{
	struct rtl_step step = { .context = Context, .registers = &Context->Rax, .limits = Limits, .pointers = Pointers };

	*Frame = (RTL_FRAME){ .EstablisherFrame = Context->Rsp };
	if (FunctionEntry != NULL) {
		const struct rtl_unwind_info *info = (const VOID *)(ImageBase + FunctionEntry->UnwindData);
		ULONG64 begin = ImageBase + FunctionEntry->BeginAddress, offset = ControlPc - begin;
		BOOLEAN done = FALSE;

		Frame->EstablisherFrame = RtlpFrameBase(&step, info, offset);
		if (offset >= info->prologue_size &&
		    !RtlpUnwindEpilogue(&step, ControlPc, begin, ImageBase + FunctionEntry->EndAddress, info->frame_register & 15, &done))
			return FALSE;
		if (!done) {
			BOOLEAN in_body = offset >= info->prologue_size;
			const ULONG *handler;

			info = RtlpUnwindPrologue(&step, ImageBase, info, offset);
			if (info == NULL)
				return FALSE;
			handler = (const ULONG *)&info->codes[(info->code_count + 1) & ~1];
			if (in_body && (info->version_flags >> 3 & HandlerType)) {
				Frame->Handler = (PEXCEPTION_ROUTINE)(ImageBase + handler[0]);
				Frame->HandlerData = (PVOID)&handler[1];
			}
		}
	}
	Frame->MachineFrame = step.machine_frame;
	if (step.machine_frame)
		return TRUE;
	Context->Rsp += 8;
	return RtlpReadStack(&step, Context->Rsp - 8, &Context->Rip);
}

/* As documented; the caller vouches for the stack, which need not be its own. */
PEXCEPTION_ROUTINE RtlVirtualUnwind(ULONG HandlerType, ULONG64 ImageBase, ULONG64 ControlPc, PRUNTIME_FUNCTION FunctionEntry, PCONTEXT ContextRecord,
				    PVOID *HandlerData, PULONG64 EstablisherFrame, PKNONVOLATILE_CONTEXT_POINTERS ContextPointers)
{
	static const RTL_STACK_LIMITS anywhere = { .Low = 0, .High = ~0ULL };
	RTL_FRAME frame;

	if (!RtlpVirtualUnwind(HandlerType, ImageBase, ControlPc, FunctionEntry, ContextRecord, &anywhere, &frame, ContextPointers))
		ContextRecord->Rip = 0; /* where every walk ends */
	*HandlerData = frame.HandlerData;
	*EstablisherFrame = frame.EstablisherFrame;
	return frame.Handler;
}
