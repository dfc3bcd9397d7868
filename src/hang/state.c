/* Values through code: see state.h. The calling convention is "x64 calling convention" of Microsoft's C++ documentation. */
#include "hang/state.h"

#include <stdlib.h>
#include <string.h>
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

enum {
	MAX_BASES = 1 << 14,
	LOST_AROUND = 0x10000,   /* bytes: a stack is not larger, and nothing else lies so near to it */
	MAX_DEPTH = 8,           /* pointers that are followed to know a value */
	FIRST_STACK_WORD = 0x20, /* of arguments, behind the space for those in registers */
};

static const uint8_t volatile_registers[] = { IMP_RAX, IMP_RCX, IMP_RDX, IMP_R8, IMP_R8 + 1, IMP_R8 + 2, IMP_R8 + 3 };
static const uint8_t argument_registers[] = { IMP_RCX, IMP_RDX, IMP_R8, IMP_R8 + 1 };

struct numbered {
	struct base_key {
		uint64_t kind, number, base, offset;
	} key;
	uint32_t index;
	UT_hash_handle hh;
};

struct imp_values {
	struct numbered *by_key;
	struct numbered keys[MAX_BASES];
	struct imp_flow_base bases[MAX_BASES];
	uint32_t count;
};

struct imp_error *imp_values_new(struct imp_values **values)
{
	*values = calloc(1, sizeof(**values));
	return *values ? NULL : imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for following code");
}

void imp_values_reset(struct imp_values *values)
{
	HASH_CLEAR(hh, values->by_key);
	values->count = 0;
}

void imp_values_free(struct imp_values *values)
{
	if (values)
		imp_values_reset(values);
	free(values);
}

const struct imp_flow_base *imp_values_base(const struct imp_values *values, uint32_t base)
{
	return &values->bases[base - IMP_VALUE_FIRST_BASE];
}

static struct imp_flow_value base_value(struct imp_values *values, enum imp_origin kind, uint64_t number, struct imp_flow_value address)
{
	struct base_key key = { kind, number, address.base, address.offset };
	struct numbered *known;

	HASH_FIND(hh, values->by_key, &key, sizeof(key), known); /* NOLINT(clang-analyzer-core.*): the analyzer loses sight of the key's bytes */
	if (!known) {
		if (values->count == MAX_BASES)
			return imp_flow_unknown();
		known = &values->keys[values->count];
		*known = (struct numbered){ .key = key, .index = values->count };
		HASH_ADD(hh, values->by_key, key, sizeof(key), known);
		if (!known->hh.tbl)
			return imp_flow_unknown();
		values->bases[values->count++] = (struct imp_flow_base){ kind, number, address };
	}
	return (struct imp_flow_value){ known->index + IMP_VALUE_FIRST_BASE, 0 };
}

void imp_flow_state_entry(struct imp_values *values, struct imp_flow_state *state)
{
	memset(state, 0, sizeof(*state));
	for (unsigned i = 0; i < 16; i++)
		state->registers[i] = base_value(values, IMP_ORIGIN_ENTRY, i, imp_flow_number(0));
}

void imp_flow_state_frame(const struct imp_registers *registers, struct imp_flow_state *state)
{
	memset(state, 0, sizeof(*state));
	for (unsigned i = 0; i < 16; i++)
		state->registers[i] = imp_flow_number(registers->gpr[i]);
	for (size_t i = 0; i < sizeof(volatile_registers); i++)
		state->registers[volatile_registers[i]] = imp_flow_unknown();
}

static bool same(struct imp_flow_value a, struct imp_flow_value b)
{
	return a.base == b.base && (a.offset == b.offset || a.base == IMP_VALUE_UNKNOWN_BASE);
}

struct imp_flow_value imp_flow_state_address(const struct imp_flow_state *state, const struct imp_place *place)
{
	struct imp_flow_value value = imp_flow_number(place->number);

	if (place->segment)
		return imp_flow_unknown();
	if (place->base != IMP_NO_REGISTER) {
		value = state->registers[place->base];
		value.offset += place->number;
	}
	if (place->index != IMP_NO_REGISTER) {
		struct imp_flow_value index = state->registers[place->index];

		if (index.base != IMP_VALUE_NUMBER_BASE)
			return imp_flow_unknown();
		value.offset += index.offset * place->scale;
	}
	return value;
}

/* Whether something may have been written there that was forgotten. */
static bool is_lost(const struct imp_flow_state *state, struct imp_flow_value address)
{
	if (!state->slots_lost)
		return false;
	if (state->lost_base == IMP_VALUE_UNKNOWN_BASE)
		return true;
	return state->lost_base == address.base &&
	       address.offset - (state->lost_low - LOST_AROUND) <= state->lost_high - state->lost_low + (uint64_t)2 * LOST_AROUND;
}

static void lose(struct imp_flow_state *state, uint32_t base, uint64_t low, uint64_t high)
{
	if (!state->slots_lost) {
		state->slots_lost = true;
		state->lost_base = base;
		state->lost_low = low;
		state->lost_high = high;
		return;
	}
	if (state->lost_base != base)
		state->lost_base = IMP_VALUE_UNKNOWN_BASE;
	if (low < state->lost_low)
		state->lost_low = low;
	if (high > state->lost_high)
		state->lost_high = high;
}

static struct imp_flow_value load(struct imp_values *values, const struct imp_flow_state *state, struct imp_flow_value address)
{
	if (address.base == IMP_VALUE_UNKNOWN_BASE)
		return imp_flow_unknown();
	for (unsigned i = 0; i < state->slot_count; i++) {
		if (same(state->slots[i].address, address))
			return state->slots[i].value;
	}
	return is_lost(state, address) ? imp_flow_unknown() : base_value(values, IMP_ORIGIN_MEMORY, 0, address);
}

static void store(struct imp_flow_state *state, struct imp_flow_value address, struct imp_flow_value value, unsigned size)
{
	if (address.base == IMP_VALUE_UNKNOWN_BASE)
		return; /* taken not to be the stack, nor a pointer that matters */
	if (size != 8)
		value = imp_flow_unknown();
	for (unsigned i = 0; i < state->slot_count; i++) {
		uint64_t distance = state->slots[i].address.offset - address.offset;

		if (state->slots[i].address.base != address.base)
			continue;
		if (!distance) {
			state->slots[i].value = value;
			state->slots[i].fresh = true;
			return;
		}
		if (distance + 7 < 7 + (size ? size : 8))
			state->slots[i].value = imp_flow_unknown();
	}
	if (state->slot_count == IMP_STATE_SLOTS) {
		lose(state, state->slots[0].address.base, state->slots[0].address.offset, state->slots[0].address.offset);
		memmove(&state->slots[0], &state->slots[1], sizeof(state->slots[0]) * (IMP_STATE_SLOTS - 1));
		state->slot_count--;
	}
	state->slots[state->slot_count++] = (struct imp_flow_slot){ address, value, true };
}

struct imp_flow_value imp_flow_state_value(struct imp_values *values, const struct imp_flow_state *state, const struct imp_place *place)
{
	struct imp_flow_value value;

	switch (place->kind) {
	case IMP_PLACE_NUMBER:
		return imp_flow_number(place->number);
	case IMP_PLACE_REGISTER:
		value = state->registers[place->base];
		break;
	case IMP_PLACE_MEMORY:
		value = load(values, state, imp_flow_state_address(state, place));
		break;
	default:
		return imp_flow_unknown();
	}
	if (place->size == 8)
		return value;
	if (place->size == 4 && value.base == IMP_VALUE_NUMBER_BASE)
		return imp_flow_number((uint32_t)value.offset);
	return imp_flow_unknown();
}

static void set(struct imp_flow_state *state, const struct imp_place *place, struct imp_flow_value value)
{
	if (place->kind == IMP_PLACE_MEMORY)
		store(state, imp_flow_state_address(state, place), value, place->size);
	else if (place->kind == IMP_PLACE_REGISTER && place->size == 8)
		state->registers[place->base] = value;
	else if (place->kind == IMP_PLACE_REGISTER) /* writing 32 bits clears the others */
		state->registers[place->base] =
			place->size == 4 && value.base == IMP_VALUE_NUMBER_BASE ? imp_flow_number((uint32_t)value.offset) : imp_flow_unknown();
}

void imp_flow_state_step(struct imp_values *values, struct imp_flow_state *state, const struct imp_step *step)
{
	struct imp_flow_value value;

	switch (step->operation) {
	case IMP_DO_MOVE:
		set(state, &step->to, imp_flow_state_value(values, state, &step->from));
		break;
	case IMP_DO_ADDRESS:
		set(state, &step->to, imp_flow_state_address(state, &step->from));
		break;
	case IMP_DO_ADD:
		if (state->registers[step->to.base].base != IMP_VALUE_UNKNOWN_BASE)
			state->registers[step->to.base].offset += step->from.number;
		break;
	case IMP_DO_PUSH:
		value = imp_flow_state_value(values, state, &step->from);
		state->registers[IMP_RSP].offset -= 8;
		store(state, state->registers[IMP_RSP], value, 8);
		break;
	case IMP_DO_POP:
		value = load(values, state, state->registers[IMP_RSP]);
		state->registers[IMP_RSP].offset += 8;
		set(state, &step->to, value);
		break;
	default:
		for (unsigned i = 0; i < 16; i++) {
			if (step->clobbered >> i & 1)
				state->registers[i] = imp_flow_unknown();
		}
		if (step->to.kind == IMP_PLACE_MEMORY)
			set(state, &step->to, imp_flow_unknown());
	}
}

void imp_flow_state_call(struct imp_values *values, struct imp_flow_state *state, uint64_t site)
{
	for (size_t i = 0; i < sizeof(volatile_registers); i++)
		state->registers[volatile_registers[i]] = imp_flow_unknown();
	for (unsigned i = 0; i < state->slot_count; i++)
		state->slots[i].fresh = false;
	state->registers[IMP_RAX] = base_value(values, IMP_ORIGIN_RETURNED, site, imp_flow_number(0));
}

void imp_flow_state_done(struct imp_flow_state *state, const struct imp_flow_done *done, bool gives_back)
{
	if (!gives_back) {
		if (state->done_count < IMP_STATE_DONE)
			state->done[state->done_count++] = *done;
		return;
	}
	for (unsigned i = state->done_count; i-- > 0;) {
		if (!same(state->done[i].object, done->object))
			continue;
		memmove(&state->done[i], &state->done[i + 1], sizeof(state->done[0]) * (state->done_count - i - 1));
		state->done_count--;
		return;
	}
}

/* Only what was done on both ways was done. */
static bool join_done(struct imp_flow_state *into, const struct imp_flow_state *other)
{
	unsigned kept = 0, count = into->done_count;

	for (unsigned i = 0; i < count; i++) {
		bool agrees = false;

		for (unsigned j = 0; j < other->done_count && !agrees; j++)
			agrees = into->done[i].site == other->done[j].site && same(into->done[i].object, other->done[j].object);
		if (agrees)
			into->done[kept++] = into->done[i];
	}
	into->done_count = kept;
	return kept != count;
}

/* Of an argument on the stack. */
static struct imp_flow_value argument_address(const struct imp_flow_state *state, unsigned number)
{
	struct imp_flow_value address = state->registers[IMP_RSP];

	address.offset += FIRST_STACK_WORD + 8 * (uint64_t)(number - sizeof(argument_registers));
	return address;
}

struct imp_flow_value imp_flow_state_argument(struct imp_values *values, const struct imp_flow_state *state, unsigned number)
{
	if (number < sizeof(argument_registers))
		return state->registers[argument_registers[number]];
	return load(values, state, argument_address(state, number));
}

bool imp_flow_state_passes(const struct imp_flow_state *state, unsigned number)
{
	struct imp_flow_value address = argument_address(state, number);

	for (unsigned i = 0; i < state->slot_count && number >= sizeof(argument_registers); i++) {
		if (same(state->slots[i].address, address))
			return state->slots[i].fresh;
	}
	return number < sizeof(argument_registers);
}

bool imp_flow_state_join(struct imp_flow_state *into, const struct imp_flow_state *other)
{
	bool changed = join_done(into, other);

	for (unsigned i = 0; i < 16; i++) {
		if (into->registers[i].base == IMP_VALUE_UNKNOWN_BASE || same(into->registers[i], other->registers[i]))
			continue;
		into->registers[i] = imp_flow_unknown();
		changed = true;
	}
	for (unsigned i = 0; i < into->slot_count; i++) {
		struct imp_flow_slot *slot = &into->slots[i];
		bool agrees = false;

		for (unsigned j = 0; j < other->slot_count && !agrees; j++)
			agrees = same(slot->address, other->slots[j].address) && same(slot->value, other->slots[j].value);
		if (agrees || slot->value.base == IMP_VALUE_UNKNOWN_BASE)
			continue;
		slot->value = imp_flow_unknown();
		changed = true;
	}
	/* What only the other path has written is no longer what memory held before. */
	for (unsigned j = 0; j < other->slot_count; j++) {
		bool known = false;

		for (unsigned i = 0; i < into->slot_count && !known; i++)
			known = same(into->slots[i].address, other->slots[j].address);
		if (known || (into->slots_lost && into->slot_count == IMP_STATE_SLOTS))
			continue;
		store(into, other->slots[j].address, imp_flow_unknown(), 8);
		changed = true;
	}
	if (other->slots_lost) {
		bool lost = into->slots_lost;
		uint32_t base = into->lost_base;
		uint64_t low = into->lost_low, high = into->lost_high;

		lose(into, other->lost_base, other->lost_low, other->lost_high);
		changed |= !lost || base != into->lost_base || low != into->lost_low || high != into->lost_high;
	}
	return changed;
}

static bool number_of(struct imp_kernel *kernel, const struct imp_values *values, struct imp_flow_value value, const uint64_t *entry, unsigned depth,
		      uint64_t *number)
{
	const struct imp_flow_base *base;

	*number = value.offset;
	if (value.base == IMP_VALUE_NUMBER_BASE)
		return true;
	if (value.base == IMP_VALUE_UNKNOWN_BASE || depth == MAX_DEPTH)
		return false;
	base = imp_values_base(values, value.base);
	if (base->kind == IMP_ORIGIN_ENTRY && entry && entry[base->number]) {
		*number = entry[base->number] + value.offset;
		return true;
	}
	if (base->kind == IMP_ORIGIN_MEMORY && number_of(kernel, values, base->address, entry, depth + 1, number)) {
		IMP_CLEANUP_ERROR struct imp_error *err = imp_memory_u64(kernel->memory, *number, number);

		*number += value.offset;
		return !err;
	}
	return false;
}

bool imp_flow_value_number(struct imp_kernel *kernel, const struct imp_values *values, struct imp_flow_value value, const uint64_t *entry,
			   uint64_t *number)
{
	return number_of(kernel, values, value, entry, 0, number);
}
