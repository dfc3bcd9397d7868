/* A second module of the sample, with a static function of the same name as one of the first. */
#include "sample.h"

static __attribute__((noinline)) int helper(int value)
{
	return value * 3;
}

int SampleOther(int value)
{
	return helper(value) + 1;
}

/* A name of 8 characters that is not at the start of its section. */
__asm__(".globl EightLen\n.p2align 4\n.skip 16\nEightLen:\n\tret\n");
