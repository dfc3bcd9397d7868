/* Bounded views of untrusted bytes: a pointer, a length, and getters that fail (and give 0) instead of reading past the end.
 * Little-endian, any alignment. Owns nothing.
 */
#ifndef IMP_BASE_SPAN_H
#define IMP_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct imp_span {
	const uint8_t *data;
	size_t size;
};

/* Whether [offset, offset + size) lies inside `span`. */
static inline bool imp_span_has(struct imp_span span, uint64_t offset, uint64_t size)
{
	return offset <= span.size && size <= span.size - offset;
}

/* The part of `span` at `offset`, `size` bytes; false (and an empty part) when it does not lie inside. */
static inline bool imp_span_slice(struct imp_span span, uint64_t offset, uint64_t size, struct imp_span *part)
{
	bool inside = imp_span_has(span, offset, size);

	*part = inside ? (struct imp_span){ span.data + offset, (size_t)size } : (struct imp_span){ 0 };
	return inside;
}

/* Copies `size` bytes at `offset`; false and nothing copied when they do not lie inside. */
static inline bool imp_span_copy(struct imp_span span, uint64_t offset, void *to, size_t size)
{
	if (!imp_span_has(span, offset, size))
		return false;
	memcpy(to, span.data + offset, size);
	return true;
}

#define IMP_SPAN_GETTER(name, type)                                                            \
	static inline bool imp_span_##name(struct imp_span span, uint64_t offset, type *value) \
	{                                                                                      \
		*value = 0;                                                                    \
		return imp_span_copy(span, offset, value, sizeof(*value));                     \
	}
IMP_SPAN_GETTER(u8, uint8_t)
IMP_SPAN_GETTER(u16, uint16_t)
IMP_SPAN_GETTER(u32, uint32_t)
IMP_SPAN_GETTER(u64, uint64_t)
#undef IMP_SPAN_GETTER

/* The NUL-terminated string at `offset`, in place; NULL when its terminator does not lie inside. */
static inline const char *imp_span_string(struct imp_span span, uint64_t offset)
{
	if (offset >= span.size || !memchr(span.data + offset, 0, span.size - offset))
		return NULL;
	return (const char *)(span.data + offset);
}

#endif
