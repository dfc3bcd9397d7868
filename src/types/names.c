/* Types as text, the way `dt` writes them, and types by a pattern of their name. */
#include "types/members.h"

#include "symbols/wildcard.h"

#include <stdarg.h>
#include <stdio.h>

struct text {
	char *buffer;
	size_t size, length; /* length stays below size */
	bool verbose;
};

static void __attribute__((format(printf, 2, 3))) add(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int written = vsnprintf(text->buffer + text->length, text->size - text->length, format, arguments);
	va_end(arguments);
	if (written > 0)
		text->length += (size_t)written < text->size - text->length ? (size_t)written : text->size - text->length - 1;
}

/* A function's return type, the one place where `dt` writes C: "long", "void*". */
static void add_c_name(struct text *text, struct imp_pdb *pdb, uint32_t index, unsigned nesting)
{
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;
	struct imp_type type;

	err = imp_type_at(pdb, index, &type);
	if (err || nesting > IMP_NESTING_LIMIT) {
		add(text, "<no type>");
	} else if (type.kind == IMP_TYPE_BASE) {
		const struct imp_simple_type *simple = type.index < IMP_TPI_FIRST_RECORD ? imp_simple_type(type.index) : NULL;

		add(text, "%s", simple ? simple->c_name : "void");
	} else if (type.kind == IMP_TYPE_POINTER) {
		add_c_name(text, pdb, type.element, nesting + 1);
		add(text, "*");
	} else {
		add(text, "%s", type.name ? type.name : "<function>");
	}
}

/* "struct _KEVENT, 1 elements, 0x18 bytes". */
static void add_details(struct text *text, const struct imp_type *type)
{
	const char *name = type->name ? type->name : "<unnamed-tag>";

	if (type->kind == IMP_TYPE_ENUM)
		add(text, "Enum %s,  %llu total enums", name, (unsigned long long)type->count);
	else
		add(text, "%s %s, %llu elements, 0x%llx bytes", type->kind == IMP_TYPE_UNION ? "union" : "struct", name,
		    (unsigned long long)type->count, (unsigned long long)type->size);
}

static void add_type(struct text *text, const struct imp_type *type, unsigned nesting)
{
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;
	struct imp_type element;

	if (nesting > IMP_NESTING_LIMIT)
		return;
	switch (type->kind) {
	case IMP_TYPE_POINTER:
	case IMP_TYPE_ARRAY:
		if (type->kind == IMP_TYPE_POINTER)
			add(text, text->verbose ? "Ptr%u to " : "Ptr%u ", (unsigned)type->size * 8);
		else
			add(text, "[%llu] ", (unsigned long long)type->count);
		err = imp_type_at(type->pdb, type->element, &element);
		if (err)
			add(text, "<no type>");
		else
			add_type(text, &element, nesting + 1);
		break;
	case IMP_TYPE_FUNCTION:
		add(text, "    ");
		add_c_name(text, type->pdb, type->element, 0);
		add(text, " ");
		break;
	case IMP_TYPE_BITFIELD:
		add(text, "Pos %u, %u Bit%s", type->bit_position, type->bit_length, type->bit_length == 1 ? "" : "s");
		break;
	case IMP_TYPE_STRUCT:
	case IMP_TYPE_UNION:
	case IMP_TYPE_ENUM:
		if (text->verbose) {
			add_details(text, type);
			break;
		}
		/* fallthrough */
	default:
		add(text, "%s", type->name ? type->name : "<unnamed-tag>");
		break;
	}
}

static const char *type_text(const struct imp_type *type, char *buffer, size_t size, bool verbose)
{
	struct text text = { buffer, size, 0, verbose };

	if (size) {
		buffer[0] = 0;
		add_type(&text, type, 0);
	}
	return buffer;
}

const char *imp_type_text(const struct imp_type *type, char *buffer, size_t size)
{
	return type_text(type, buffer, size, false);
}

const char *imp_type_verbose_text(const struct imp_type *type, char *buffer, size_t size)
{
	return type_text(type, buffer, size, true);
}

struct imp_error *imp_type_names(struct imp_pdb *pdb, const char *pattern, bool (*visit)(void *context, const struct imp_type *type), void *context)
{
	uint32_t begin, end;

	imp_tpi_range(pdb, &begin, &end);
	for (uint32_t index = begin; index < end; index++) {
		struct imp_error *err;
		struct imp_span data;
		struct imp_type type;
		struct imp_tag tag;
		uint16_t kind;

		if (!imp_tpi_record(pdb, index, &kind, &data) || !imp_tpi_tag(data, kind, &tag) || tag.forward ||
		    !imp_wildcard_match(pattern, tag.name))
			continue;
		err = imp_type_at(pdb, index, &type);
		if (err)
			return err;
		if (!visit(context, &type))
			break;
	}
	return NULL;
}
