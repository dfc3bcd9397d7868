/* The threads of a sample driver: see threads.h. */
#include "threads.h"

static NTSTATUS StartThread(PTHREADS Threads, PKSTART_ROUTINE Routine, PVOID Context)
{
	HANDLE Handle;
	NTSTATUS Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Routine, Context);

	if (!NT_SUCCESS(Status))
		return Status;
	Status = ObReferenceObjectByHandle(Handle, SYNCHRONIZE, *PsThreadType, KernelMode, &Threads->Thread[Threads->Count], NULL);
	if (NT_SUCCESS(Status))
		Threads->Count++;
	ZwClose(Handle);
	return Status;
}

NTSTATUS StartThreads(PTHREADS Threads, PKSTART_ROUTINE const *Routines, ULONG Count, PVOID Context)
{
	for (ULONG i = 0; i < Count; i++) {
		NTSTATUS Status = StartThread(Threads, Routines[i], Context);

		if (!NT_SUCCESS(Status)) {
			JoinThreads(Threads);
			return Status;
		}
	}
	return STATUS_SUCCESS;
}

VOID JoinThreads(PTHREADS Threads)
{
	while (Threads->Count) {
		PVOID Thread = Threads->Thread[--Threads->Count];

		KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL);
		ObDereferenceObject(Thread);
	}
}
