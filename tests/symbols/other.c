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
