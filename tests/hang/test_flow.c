/* Values through machine code: what the verdict takes an instruction and a call of the x64 calling convention to leave known. */
#include "hang/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static struct imp_values *values;

static int setup(void **state)
{
	(void)state;
	return imp_values_new(&values) ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	imp_values_free(values);
	return 0;
}

static struct imp_place in_register(unsigned number, unsigned size)
{
	return (struct imp_place){ .kind = IMP_PLACE_REGISTER, .base = (uint8_t)number, .index = IMP_NO_REGISTER, .size = (uint8_t)size };
}

static struct imp_place in_memory(unsigned base, int64_t displacement)
{
	return (struct imp_place){
		.kind = IMP_PLACE_MEMORY, .base = (uint8_t)base, .index = IMP_NO_REGISTER, .size = 8, .number = (uint64_t)displacement
	};
}

static void step(struct imp_flow_state *state, enum imp_operation operation, struct imp_place to, struct imp_place from)
{
	struct imp_step made = { .operation = operation, .to = to, .from = from };

	imp_flow_state_step(values, state, &made);
}

/* push rbx; lea rbx,[rcx+20h]; call; mov rcx,rbx: the argument is the first one of the function, plus 20h. */
static void argument_outlives_a_call_in_a_nonvolatile_register(void **unused)
{
	struct imp_flow_state state;
	uint64_t entry[16] = { [IMP_RCX] = 0x1000 }, number;

	(void)unused;
	imp_values_reset(values);
	imp_flow_state_entry(values, &state);
	step(&state, IMP_DO_PUSH, (struct imp_place){ 0 }, in_register(IMP_RBX, 8));
	step(&state, IMP_DO_ADDRESS, in_register(IMP_RBX, 8), in_memory(IMP_RCX, 0x20));
	imp_flow_state_call(values, &state, 0x5000);
	step(&state, IMP_DO_MOVE, in_register(IMP_RCX, 8), in_register(IMP_RBX, 8));
	assert_true(imp_flow_value_number(NULL, values, imp_flow_state_argument(values, &state, 0), entry, &number));
	assert_int_equal(number, 0x1020);
	assert_false(imp_flow_value_number(NULL, values, imp_flow_state_argument(values, &state, 1), entry, &number)); /* rdx is volatile */
}

/* A fifth argument is the word behind the space for four; it is one only when it was written since the call before. */
static void stack_arguments_are_fresh_until_a_call(void **unused)
{
	struct imp_flow_state state;
	uint64_t number;

	(void)unused;
	imp_values_reset(values);
	imp_flow_state_entry(values, &state);
	step(&state, IMP_DO_MOVE, in_memory(IMP_RSP, 0x20), (struct imp_place){ .kind = IMP_PLACE_NUMBER, .size = 8, .number = 7 });
	assert_true(imp_flow_state_passes(&state, 4));
	assert_true(imp_flow_value_number(NULL, values, imp_flow_state_argument(values, &state, 4), NULL, &number));
	assert_int_equal(number, 7);
	imp_flow_state_call(values, &state, 0x5000);
	assert_false(imp_flow_state_passes(&state, 4));
	assert_false(imp_flow_state_passes(&state, 5));
}

/* Where two ways meet, only what both say is known; a lock is held only when both took it. */
static void joining_keeps_what_both_ways_say(void **unused)
{
	struct imp_flow_state one, other;
	struct imp_flow_done lock = { .object = imp_flow_number(0x3000), .site = 0x10 };
	uint64_t number;

	(void)unused;
	imp_values_reset(values);
	imp_flow_state_entry(values, &one);
	other = one;
	step(&one, IMP_DO_MOVE, in_register(IMP_RCX, 8), (struct imp_place){ .kind = IMP_PLACE_NUMBER, .size = 8, .number = 1 });
	step(&other, IMP_DO_MOVE, in_register(IMP_RCX, 8), (struct imp_place){ .kind = IMP_PLACE_NUMBER, .size = 8, .number = 2 });
	imp_flow_state_done(&one, &lock, false);
	assert_true(imp_flow_state_join(&one, &other));
	assert_false(imp_flow_value_number(NULL, values, one.registers[IMP_RCX], NULL, &number));
	assert_int_equal(one.done_count, 0);
	assert_false(imp_flow_state_join(&one, &other)); /* it ends */
}

/* More is written than is remembered: the stack is not known any more, globals are. */
static void forgetting_the_stack_leaves_globals(void **unused)
{
	struct imp_flow_state state;
	struct imp_place global = { .kind = IMP_PLACE_MEMORY, .base = IMP_NO_REGISTER, .index = IMP_NO_REGISTER, .size = 8, .number = 0x140002000 };
	struct imp_place local = in_memory(IMP_RSP, -0x2000);

	(void)unused;
	imp_values_reset(values);
	imp_flow_state_entry(values, &state);
	for (unsigned i = 0; i < 3 * IMP_STATE_SLOTS; i++)
		step(&state, IMP_DO_PUSH, (struct imp_place){ 0 }, in_register(IMP_RBX, 8));
	assert_true(imp_flow_state_value(values, &state, &global).base >= IMP_VALUE_FIRST_BASE);
	assert_int_equal(imp_flow_state_value(values, &state, &local).base, IMP_VALUE_UNKNOWN_BASE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(argument_outlives_a_call_in_a_nonvolatile_register),
		cmocka_unit_test(stack_arguments_are_fresh_until_a_call),
		cmocka_unit_test(joining_keeps_what_both_ways_say),
		cmocka_unit_test(forgetting_the_stack_leaves_globals),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
