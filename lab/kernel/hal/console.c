/* The debug console: QEMU's isa-debugcon. One string instruction sends a whole text, because under KVM every port access is an exit. */
#include "hal.h"
#include "kd.h"
#include "ke.h"
#include "x64.h"

#define HALP_CONSOLE_PORT 0x402

static KSPIN_LOCK HalpConsoleLock;

/* One text at a time, or the processors' would be mixed byte by byte. At a bugcheck the one that holds the lock may be stopped. */
VOID HalpConsoleWrite(const CHAR *Text, SIZE_T Length)
{
	BOOLEAN Locked = KeNumberProcessors > 1 && !KeBugCheckActive;
	BOOLEAN Enabled = Locked && KiLockBriefly(&HalpConsoleLock);

	__asm__ volatile("rep outsb" : "+S"(Text), "+c"(Length) : "d"(HALP_CONSOLE_PORT) : "memory");
	if (Locked)
		KiUnlockBriefly(&HalpConsoleLock, Enabled);
}
