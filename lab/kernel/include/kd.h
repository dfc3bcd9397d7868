/*
 * What debuggers look for in a dump: KdDebuggerDataBlock, the dump header that QEMU copies, build numbers. And the bugcheck path.
 */
#ifndef KD_H
#define KD_H

#include "nt.h"
#include "arc.h"

/* kd/kddata.c: fills KdDebuggerDataBlock and publishes the dump header. After MmInitSystem and KiInitSystem. */
VOID KdInitSystem(PLOADER_PARAMETER_BLOCK LoaderBlock);

/* kd/dumphdr.c: the clock interrupt keeps the header's times true, because QEMU copies it whenever a dump is taken. */
VOID KdpUpdateDumpHeaderTime(VOID);
/* A processor has been added. */
VOID KdpUpdateDumpHeaderProcessors(VOID);
/* Enters a bugcheck, with the exception that led to it where there was one (else NULL). */
VOID KdpRecordBugCheck(const ULONG64 Data[5], PEXCEPTION_RECORD Exception, PCONTEXT Context);
VOID KdpInitializeDumpHeader(PLOADER_PARAMETER_BLOCK LoaderBlock);

/* kd/version.c */
VOID KdpSetBuildLab(ULONG TimeDateStamp);
extern NTKERNELAPI CHAR NtBuildLab[64];
extern CHAR NtBuildLabEx[64];
extern NTKERNELAPI ULONG NtBuildNumber;
extern ULONG NtMajorVersion, NtMinorVersion;
extern ULONG64 KiBugCheckData[5];
extern KDDEBUGGER_DATA64 KdDebuggerDataBlock;

/* ke/bugcheck.c. The exception record and context, when given, are those of the fault. */
extern BOOLEAN KeBugCheckActive; /* set for good once a bugcheck has begun */
NTKERNELAPI DECLSPEC_NORETURN VOID KeBugCheck(ULONG BugCheckCode);
NTKERNELAPI DECLSPEC_NORETURN VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1, ULONG_PTR BugCheckParameter2,
						ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4);
PUNLOADED_DRIVERS KiFindUnloadedDriver(ULONG64 Address);
DECLSPEC_NORETURN VOID KiBugCheckTrap(const ULONG64 Data[5], PEXCEPTION_RECORD Exception, PCONTEXT Context);

#endif
