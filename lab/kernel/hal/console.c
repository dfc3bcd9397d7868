/* The debug console: QEMU's isa-debugcon. One string instruction sends a whole text, because under KVM every port access is an exit. */
#include "hal.h"
#include "x64.h"

#define HALP_CONSOLE_PORT 0x402

VOID HalpConsoleWrite(const CHAR *Text, SIZE_T Length)
{
	__asm__ volatile("rep outsb" : "+S"(Text), "+c"(Length) : "d"(HALP_CONSOLE_PORT) : "memory");
}
