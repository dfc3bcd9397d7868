/* Values of fields in memory: integers, pointers, enumerations and bit fields, extended as their types say. */
#include "types/members.h"

bool imp_type_is_signed(const struct imp_type *type)
{
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;
	struct imp_type underlying = *type;

	if (type->kind == IMP_TYPE_BITFIELD || type->kind == IMP_TYPE_ENUM)
		err = imp_type_at(type->pdb, type->element, &underlying);
	if (err)
		return false;
	if (underlying.kind == IMP_TYPE_ENUM)
		return imp_type_is_signed(&underlying);
	return underlying.kind == IMP_TYPE_BASE &&
	       (underlying.base == IMP_BASE_SIGNED || underlying.base == IMP_BASE_CHAR || underlying.base == IMP_BASE_HRESULT);
}

struct imp_error *imp_field_read(struct imp_memory *memory, const struct imp_field *field, uint64_t base, uint64_t *value)
{
	const struct imp_type *type = &field->type;
	unsigned shift = 0, bits = (unsigned)type->size * 8;
	struct imp_error *err;

	*value = 0;
	bool scalar = type->kind == IMP_TYPE_BASE || type->kind == IMP_TYPE_POINTER || type->kind == IMP_TYPE_ENUM || type->kind == IMP_TYPE_BITFIELD;
	if (!scalar || type->size == 0 || type->size > sizeof(*value))
		return imp_error_new(IMP_ERROR_USAGE, "field %s is not a number of at most 8 bytes", field->name);
	if (type->kind == IMP_TYPE_BITFIELD) {
		shift = type->bit_position;
		if (type->bit_length == 0 || shift + type->bit_length > bits)
			return imp_error_new(IMP_ERROR_FORMAT, "bit field %s: %u bits at %u do not fit its %u bits", field->name, type->bit_length,
					     shift, bits);
		bits = type->bit_length;
	}
	err = imp_memory_read(memory, base + field->offset, value, (size_t)type->size);
	if (err)
		return err;
	*value >>= shift;
	if (bits < 64) {
		*value &= ((uint64_t)1 << bits) - 1;
		if (imp_type_is_signed(type) && *value >> (bits - 1))
			*value |= ~(uint64_t)0 << bits;
	}
	return NULL;
}
