/* What the files of the process manager share. */
#ifndef PSP_H
#define PSP_H

#include "ps.h"
#include "ex.h"
#include "ke.h"
#include "mm.h"
#include "ob.h"
#include "rtl.h"

/* ETHREAD.CrossThreadFlags and EPROCESS.Flags, Flags3: masks of the bit fields that are set while others may look. */
#define PS_CROSS_THREAD_FLAGS_TERMINATED  0x1u
#define PS_CROSS_THREAD_FLAGS_INSERTED    0x2u
#define PS_PROCESS_FLAGS_PROCESS_EXITING  0x4u
#define PS_PROCESS_FLAGS_PROCESS_DELETE   0x8u
#define PS_PROCESS_FLAGS_PROCESS_INSERTED 0x4000000u

/* process.c: PsActiveProcessHead. */
VOID PspLockProcessList(VOID);
VOID PspUnlockProcessList(VOID);

/* cid.c: client IDs, multiples of 4 that name processes and threads alike. NULL: none left. */
BOOLEAN PspInitializeCidTable(VOID);
HANDLE PspAllocateCid(PVOID object);
VOID PspFreeCid(HANDLE id);

/* process.c */
VOID PspProcessDelete(PVOID object);
/* The System process: table is the kernel's own. */
NTSTATUS PspCreateSystemProcess(PHANDLE_TABLE table);

/* thread.c: *thread is referenced for the caller, and runs. handle may be NULL. */
NTSTATUS PspCreateThread(PEPROCESS process, POBJECT_ATTRIBUTES attributes, ACCESS_MASK access, PKSTART_ROUTINE start, PVOID context, PHANDLE handle,
			 PETHREAD *thread);
VOID PspThreadDelete(PVOID object);

/* exit.c */
DECLSPEC_NORETURN VOID PspExitThread(NTSTATUS status);

/* psldr.c */
BOOLEAN PspInitializeModuleList(PLOADER_PARAMETER_BLOCK loader_block);

#endif
