/* The image whose DWARF, made by MinGW's GCC in several versions, the tests read: plain, static, inlined, split and empty functions, and one that is
 * only assembly.
 */
#include "dwarf_sample.h"

int DwarfGlobal = 7;
DWARF_NODE DwarfNode;
DWARF_PAIR DwarfPair;
union dwarf_number DwarfNumber;
static volatile int counter;

static __attribute__((noinline)) int helper(int value)
{
	counter += value;
	return counter;
}

static inline __attribute__((always_inline)) int inlined(int value)
{
	int twice = value * 2;

	return helper(twice) + 1;
}

static __attribute__((cold, noinline)) void complain(int value)
{
	counter = -value;
}

/* GCC puts the unlikely part into a section of its own, which makes this a function with two address ranges. */
__attribute__((noinline)) int DwarfSplit(int value)
{
	if (__builtin_expect(value > 1000, 0)) {
		complain(value);
		complain(value + 1);
		value = helper(value);
	}
	return inlined(value) + DwarfGlobal;
}

__attribute__((noinline)) void DwarfEmpty(void)
{
}

__attribute__((noinline)) int DwarfLoop(const int *values, unsigned count)
{
	int sum = 0;

	for (unsigned i = 0; i < count; i++) {
		if (values[i] > 3)
			sum += inlined(values[i]);
		else
			sum -= DwarfOther(values[i]);
	}
	return sum;
}

int DwarfAssembly(int value);
__asm__(".text\n.globl DwarfAssembly\n.p2align 4\nDwarfAssembly:\n\tmovl %ecx, %eax\n\tret\n");

int DwarfEntry(void)
{
	static const int values[] = { 1, 2, 3, 4, 5 };

	DwarfEmpty();
	return DwarfLoop(values, 5) + DwarfSplit(counter) + DwarfAssembly(2);
}
