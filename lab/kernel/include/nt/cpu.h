/* Processor state of x64: contexts, trap and exception frames, descriptors, as build 22621 lays them out. */

#pragma once

typedef struct DECLSPEC_ALIGN(16) _M128A {
	ULONGLONG Low;
	LONGLONG High;
} M128A, *PM128A;

typedef struct DECLSPEC_ALIGN(16) _XSAVE_FORMAT {
	USHORT ControlWord;
	USHORT StatusWord;
	UCHAR TagWord;
	UCHAR Reserved1;
	USHORT ErrorOpcode;
	ULONG ErrorOffset;
	USHORT ErrorSelector;
	USHORT Reserved2;
	ULONG DataOffset;
	USHORT DataSelector;
	USHORT Reserved3;
	ULONG MxCsr;
	ULONG MxCsr_Mask;
	M128A FloatRegisters[8];
	M128A XmmRegisters[16];
	UCHAR Reserved4[96];
} XSAVE_FORMAT, *PXSAVE_FORMAT;

typedef struct _XSAVE_AREA_HEADER {
	ULONGLONG Mask;
	ULONGLONG CompactionMask;
	ULONGLONG Reserved2[6];
} XSAVE_AREA_HEADER, *PXSAVE_AREA_HEADER;

typedef struct DECLSPEC_ALIGN(16) _CONTEXT {
	ULONGLONG P1Home;
	ULONGLONG P2Home;
	ULONGLONG P3Home;
	ULONGLONG P4Home;
	ULONGLONG P5Home;
	ULONGLONG P6Home;
	ULONG ContextFlags;
	ULONG MxCsr;
	USHORT SegCs;
	USHORT SegDs;
	USHORT SegEs;
	USHORT SegFs;
	USHORT SegGs;
	USHORT SegSs;
	ULONG EFlags;
	ULONGLONG Dr0;
	ULONGLONG Dr1;
	ULONGLONG Dr2;
	ULONGLONG Dr3;
	ULONGLONG Dr6;
	ULONGLONG Dr7;
	ULONGLONG Rax;
	ULONGLONG Rcx;
	ULONGLONG Rdx;
	ULONGLONG Rbx;
	ULONGLONG Rsp;
	ULONGLONG Rbp;
	ULONGLONG Rsi;
	ULONGLONG Rdi;
	ULONGLONG R8;
	ULONGLONG R9;
	ULONGLONG R10;
	ULONGLONG R11;
	ULONGLONG R12;
	ULONGLONG R13;
	ULONGLONG R14;
	ULONGLONG R15;
	ULONGLONG Rip;
	union {
		XSAVE_FORMAT FltSave;
		struct {
			M128A Header[2];
			M128A Legacy[8];
			M128A Xmm0;
			M128A Xmm1;
			M128A Xmm2;
			M128A Xmm3;
			M128A Xmm4;
			M128A Xmm5;
			M128A Xmm6;
			M128A Xmm7;
			M128A Xmm8;
			M128A Xmm9;
			M128A Xmm10;
			M128A Xmm11;
			M128A Xmm12;
			M128A Xmm13;
			M128A Xmm14;
			M128A Xmm15;
		};
	};
	M128A VectorRegister[26];
	ULONGLONG VectorControl;
	ULONGLONG DebugControl;
	ULONGLONG LastBranchToRip;
	ULONGLONG LastBranchFromRip;
	ULONGLONG LastExceptionToRip;
	ULONGLONG LastExceptionFromRip;
} CONTEXT, *PCONTEXT;

typedef struct _KDESCRIPTOR {
	USHORT Pad[3];
	USHORT Limit;
	PVOID Base;
} KDESCRIPTOR, *PKDESCRIPTOR;

typedef struct _KSPECIAL_REGISTERS {
	ULONGLONG Cr0;
	ULONGLONG Cr2;
	ULONGLONG Cr3;
	ULONGLONG Cr4;
	ULONGLONG KernelDr0;
	ULONGLONG KernelDr1;
	ULONGLONG KernelDr2;
	ULONGLONG KernelDr3;
	ULONGLONG KernelDr6;
	ULONGLONG KernelDr7;
	KDESCRIPTOR Gdtr;
	KDESCRIPTOR Idtr;
	USHORT Tr;
	USHORT Ldtr;
	ULONG MxCsr;
	ULONGLONG DebugControl;
	ULONGLONG LastBranchToRip;
	ULONGLONG LastBranchFromRip;
	ULONGLONG LastExceptionToRip;
	ULONGLONG LastExceptionFromRip;
	ULONGLONG Cr8;
	ULONGLONG MsrGsBase;
	ULONGLONG MsrGsSwap;
	ULONGLONG MsrStar;
	ULONGLONG MsrLStar;
	ULONGLONG MsrCStar;
	ULONGLONG MsrSyscallMask;
	ULONGLONG Xcr0;
	ULONGLONG MsrFsBase;
	ULONGLONG SpecialPadding0;
} KSPECIAL_REGISTERS, *PKSPECIAL_REGISTERS;

typedef struct _KPROCESSOR_STATE {
	KSPECIAL_REGISTERS SpecialRegisters;
	CONTEXT ContextFrame;
} KPROCESSOR_STATE, *PKPROCESSOR_STATE;

typedef struct _EXCEPTION_RECORD {
	LONG ExceptionCode;
	ULONG ExceptionFlags;
	struct _EXCEPTION_RECORD *ExceptionRecord;
	PVOID ExceptionAddress;
	ULONG NumberParameters;
	ULONGLONG ExceptionInformation[15];
} EXCEPTION_RECORD, *PEXCEPTION_RECORD;

typedef struct _MACHINE_FRAME {
	ULONGLONG Rip;
	USHORT SegCs;
	USHORT Fill1[3];
	ULONG EFlags;
	ULONG Fill2;
	ULONGLONG Rsp;
	USHORT SegSs;
	USHORT Fill3[3];
} MACHINE_FRAME, *PMACHINE_FRAME;

typedef struct _KTRAP_FRAME {
	ULONGLONG P1Home;
	ULONGLONG P2Home;
	ULONGLONG P3Home;
	ULONGLONG P4Home;
	ULONGLONG P5;
	union {
		CHAR PreviousMode;
		UCHAR InterruptRetpolineState;
	};
	UCHAR PreviousIrql;
	union {
		UCHAR FaultIndicator;
		UCHAR NmiMsrIbrs;
	};
	UCHAR ExceptionActive;
	ULONG MxCsr;
	ULONGLONG Rax;
	ULONGLONG Rcx;
	ULONGLONG Rdx;
	ULONGLONG R8;
	ULONGLONG R9;
	ULONGLONG R10;
	ULONGLONG R11;
	union {
		ULONGLONG GsBase;
		ULONGLONG GsSwap;
	};
	M128A Xmm0;
	M128A Xmm1;
	M128A Xmm2;
	M128A Xmm3;
	M128A Xmm4;
	M128A Xmm5;
	union {
		ULONGLONG FaultAddress;
		ULONGLONG ContextRecord;
	};
	union {
		ULONGLONG Dr0;
		ULONGLONG ShadowStackFrame;
	};
	union {
		ULONGLONG Spare[5];
		struct {
			ULONGLONG Dr1;
			ULONGLONG Dr2;
			ULONGLONG Dr3;
			ULONGLONG Dr6;
			ULONGLONG Dr7;
		};
	};
	ULONGLONG DebugControl;
	ULONGLONG LastBranchToRip;
	ULONGLONG LastBranchFromRip;
	ULONGLONG LastExceptionToRip;
	ULONGLONG LastExceptionFromRip;
	USHORT SegDs;
	USHORT SegEs;
	USHORT SegFs;
	USHORT SegGs;
	ULONGLONG TrapFrame;
	ULONGLONG Rbx;
	ULONGLONG Rdi;
	ULONGLONG Rsi;
	ULONGLONG Rbp;
	union {
		ULONGLONG ErrorCode;
		ULONGLONG ExceptionFrame;
	};
	ULONGLONG Rip;
	USHORT SegCs;
	UCHAR Fill0;
	UCHAR Logging;
	USHORT Fill1[2];
	ULONG EFlags;
	ULONG Fill2;
	ULONGLONG Rsp;
	USHORT SegSs;
	USHORT Fill3;
	ULONG Fill4;
} KTRAP_FRAME, *PKTRAP_FRAME;

typedef struct _KEXCEPTION_FRAME {
	ULONGLONG P1Home;
	ULONGLONG P2Home;
	ULONGLONG P3Home;
	ULONGLONG P4Home;
	ULONGLONG P5;
	ULONGLONG Spare1;
	M128A Xmm6;
	M128A Xmm7;
	M128A Xmm8;
	M128A Xmm9;
	M128A Xmm10;
	M128A Xmm11;
	M128A Xmm12;
	M128A Xmm13;
	M128A Xmm14;
	M128A Xmm15;
	ULONGLONG TrapFrame;
	ULONGLONG OutputBuffer;
	ULONGLONG OutputLength;
	ULONGLONG Spare2;
	ULONGLONG MxCsr;
	ULONGLONG Rbp;
	ULONGLONG Rbx;
	ULONGLONG Rdi;
	ULONGLONG Rsi;
	ULONGLONG R12;
	ULONGLONG R13;
	ULONGLONG R14;
	ULONGLONG R15;
	ULONGLONG Return;
} KEXCEPTION_FRAME, *PKEXCEPTION_FRAME;

typedef struct {
	UCHAR BaseMiddle;
	UCHAR Flags1;
	UCHAR Flags2;
	UCHAR BaseHigh;
} KGDTENTRY64_BYTES;

typedef struct {
	ULONG BaseMiddle : 8;
	ULONG Type : 5;
	ULONG Dpl : 2;
	ULONG Present : 1;
	ULONG LimitHigh : 4;
	ULONG System : 1;
	ULONG LongMode : 1;
	ULONG DefaultBig : 1;
	ULONG Granularity : 1;
	ULONG BaseHigh : 8;
} KGDTENTRY64_BITS;

typedef union _KGDTENTRY64 {
	struct {
		USHORT LimitLow;
		USHORT BaseLow;
		union {
			KGDTENTRY64_BYTES Bytes;
			KGDTENTRY64_BITS Bits;
		};
	};
	struct {
		LONGLONG DataLow;
		union {
			struct {
				ULONG BaseUpper;
				ULONG MustBeZero;
			};
			LONGLONG DataHigh;
		};
	};
} KGDTENTRY64, *PKGDTENTRY64;

typedef union _KIDTENTRY64 {
	struct {
		USHORT OffsetLow;
		USHORT Selector;
		USHORT IstIndex : 3;
		USHORT Reserved0 : 5;
		USHORT Type : 5;
		USHORT Dpl : 2;
		USHORT Present : 1;
		USHORT OffsetMiddle;
	};
	struct {
		ULONGLONG Alignment;
		ULONG OffsetHigh;
		ULONG Reserved1;
	};
} KIDTENTRY64, *PKIDTENTRY64;

#pragma pack(push, 4)
typedef struct _KTSS64 {
	ULONG Reserved0;
	ULONGLONG Rsp0;
	ULONGLONG Rsp1;
	ULONGLONG Rsp2;
	ULONGLONG Ist[8];
	ULONGLONG Reserved1;
	USHORT Reserved2;
	USHORT IoMapBase;
} KTSS64, *PKTSS64;
#pragma pack(pop)

typedef struct _NT_TIB {
	struct _EXCEPTION_REGISTRATION_RECORD *ExceptionList;
	PVOID StackBase;
	PVOID StackLimit;
	PVOID SubSystemTib;
	union {
		PVOID FiberData;
		ULONG Version;
	};
	PVOID ArbitraryUserPointer;
	struct _NT_TIB *Self;
} NT_TIB, *PNT_TIB;

typedef struct _IMAGE_RUNTIME_FUNCTION_ENTRY {
	ULONG BeginAddress;
	ULONG EndAddress;
	union {
		ULONG UnwindInfoAddress;
		ULONG UnwindData;
	};
} IMAGE_RUNTIME_FUNCTION_ENTRY, *PIMAGE_RUNTIME_FUNCTION_ENTRY;
