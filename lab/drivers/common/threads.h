/* The threads that a sample driver starts, and waits for before it goes. */
#pragma once

#include <ntifs.h>

#define THREADS_MAX 8

typedef struct _THREADS {
	ULONG Count;
	PVOID Thread[THREADS_MAX]; /* referenced thread objects */
} THREADS, *PTHREADS;

/* Starts a system thread for each of the `Count` routines, all with the same Context. When one cannot be started, those before it are waited for. */
NTSTATUS StartThreads(PTHREADS Threads, PKSTART_ROUTINE const *Routines, ULONG Count, PVOID Context);
/* Waits until every started thread has ended. */
VOID JoinThreads(PTHREADS Threads);
