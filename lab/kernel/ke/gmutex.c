/* Guarded mutexes: since Windows 8 fast mutexes whose owner runs in a guarded region in place of at APC_LEVEL. */

#include "ex.h"
#include "ki.h"

NTKERNELAPI VOID KeInitializeGuardedMutex(PKGUARDED_MUTEX Mutex)
{
	ExpInitializeFastMutex(Mutex);
}

NTKERNELAPI VOID KeAcquireGuardedMutexUnsafe(PKGUARDED_MUTEX Mutex)
{
	ExAcquireFastMutexUnsafe(Mutex);
}

NTKERNELAPI VOID KeReleaseGuardedMutexUnsafe(PKGUARDED_MUTEX Mutex)
{
	ExReleaseFastMutexUnsafe(Mutex);
}

NTKERNELAPI VOID KeAcquireGuardedMutex(PKGUARDED_MUTEX Mutex)
{
	KeEnterGuardedRegion();
	ExAcquireFastMutexUnsafe(Mutex);
}

NTKERNELAPI VOID KeReleaseGuardedMutex(PKGUARDED_MUTEX Mutex)
{
	ExReleaseFastMutexUnsafe(Mutex);
	KeLeaveGuardedRegion();
}

NTKERNELAPI BOOLEAN KeTryToAcquireGuardedMutex(PKGUARDED_MUTEX Mutex)
{
	KeEnterGuardedRegion();
	if (ExpTryToAcquireFastMutexUnsafe(Mutex))
		return TRUE;
	KeLeaveGuardedRegion();
	return FALSE;
}
