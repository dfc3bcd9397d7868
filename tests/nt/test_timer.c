/* How Windows encodes the DPC of a timer: pairs of a real dump (Windows 10 19041, shared/data/windows/triage_x64.dmp). Each processor's PRCB has the timer
 * DpcWatchdogTimer 0x40 bytes above its DPC, DpcWatchdogDpc (offsets 8298 and 8258 in the ISF table of that kernel), so what the timers' Dpc fields
 * decode to is known. The dump does not hold KiWaitNever and KiWaitAlways; the first pair gives the only constant that they leave open.
 */
#include "nt/timer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ROTATION = 33, DPC_BELOW_TIMER = 0x40 };

static const struct {
	uint64_t timer, encoded;
} pairs[] = {
	{ 0xffff9b00030c8418, 0x118b11a5fb3f5695 }, { 0xffff9b0002f89418, 0x917119a5fb372c95 }, { 0xffff9b0002ec8418, 0x917b11a5fb3f2695 },
	{ 0xffff9b0002dc8418, 0x916311a5fb3f3e95 }, { 0xffff9b0002cc8418, 0x916b11a5fb3f3695 }, { 0xffff9b0002bc8418, 0x915311a5fb3f0e95 },
	{ 0xffff9b0002ac8418, 0x915b11a5fb3f0695 }, { 0xffff9b00029c8418, 0x914311a5fb3f1e95 }, { 0xffff9b00028c8418, 0x914b11a5fb3f1695 },
	{ 0xffff9b00027c8418, 0x913311a5fb3f6e95 }, { 0xffff9b00026c8418, 0x913b11a5fb3f6695 }, { 0xffff9b0002589418, 0x912119a5fb377c95 },
	{ 0xffff9b00024c8418, 0x912b11a5fb3f7695 }, { 0xffff9b00023c8418, 0x911311a5fb3f4e95 }, { 0xffff9b0002308418, 0x911511a5fb3f4895 },
	{ 0xfffff804782dc418, 0xae2a31a5fb1f77aa },
};

static void real_pairs(void **state)
{
	uint64_t always = imp_timer_decode_dpc(pairs[0].encoded, pairs[0].timer, ROTATION, 0) ^ (pairs[0].timer - DPC_BELOW_TIMER);
	(void)state;

	for (size_t i = 1; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_int_equal(imp_timer_decode_dpc(pairs[i].encoded, pairs[i].timer, ROTATION, always), pairs[i].timer - DPC_BELOW_TIMER);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(real_pairs) };

	return cmocka_run_group_tests_name("nt_timer", tests, NULL, NULL);
}
