/* The end of the machine's work: telling QEMU of a bugcheck (pvpanic, docs/specs/pvpanic), and HalReturnToFirmware. */
#include "hal.h"
#include "x64.h"

#define PVPANIC_PORT           0x505
#define PVPANIC_PANICKED       1
#define MICROVM_RESET_PORT     0x64
#define KEYBOARD_RESET_COMMAND 0xFE

VOID HalpNotifyPanic(VOID)
{
	HalpWritePort8(PVPANIC_PORT, PVPANIC_PANICKED);
}

/* Every routine of FIRMWARE_REENTRY ends the same way here: with -no-reboot a reset makes QEMU exit. */
NTKERNELAPI VOID HalReturnToFirmware(ULONG Routine)
{
	struct {
		USHORT Limit;
		ULONG64 Base;
	} __attribute__((packed)) NoIdt = { 0, 0 };

	HalpDisableInterrupts();
	HalpWritePort8(MICROVM_RESET_PORT, KEYBOARD_RESET_COMMAND);
	__asm__ volatile("lidt %0; int3" : : "m"(NoIdt)); /* no keyboard controller: a triple fault resets as well */
	for (;;)
		__asm__ volatile("hlt");
}
