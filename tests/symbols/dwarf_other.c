/* A second unit of the DWARF sample, with a static function of the same name as one of the first. */
#include "dwarf_sample.h"

static __attribute__((noinline)) int helper(int value)
{
	return value * 3;
}

int DwarfOther(int value)
{
	return helper(value) + in_header(value);
}
