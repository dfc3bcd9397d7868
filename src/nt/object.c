/* Objects: headers, types, names, directories. Facts of the layout: symbols of the kernel; the coding of TypeIndex: "Windows Internals", 7th edition. */
#include "nt/object.h"

#include <stdio.h>
#include <string.h>

enum {
	NAME_INFO_BIT = 2, /* of InfoMask: an OBJECT_HEADER_NAME_INFO stands before the header */
	MAX_CHAIN = 10000, /* entries of one hash bucket */
	MAX_PATH_DEPTH = 32,
};

/* Far more than memory has room for, far less than a random quadword. */
static const int64_t MAX_REFERENCES = INT64_C(1) << 40;

/* TypeIndex is combined with a byte of the header's address and, since Windows 10, with a random byte of the boot. */
static struct imp_error *type_of(struct imp_kernel *kernel, uint64_t header, uint64_t *type)
{
	uint64_t index, cookie, table;
	struct imp_error *err = imp_nt_read(kernel, IMP_OBJECT_TYPE_INDEX, header, &index);
	IMP_CLEANUP_ERROR struct imp_error *no_cookie = NULL;

	if (err)
		return err;
	no_cookie = imp_kernel_variable(kernel, "ObHeaderCookie", 1, &cookie);
	if (!no_cookie)
		index = (index ^ cookie ^ header >> 8) & 0xff;
	err = imp_kernel_symbol(kernel, "ObTypeIndexTable", &table);
	if (!err)
		err = imp_memory_u64(kernel->memory, table + 8 * index, type);
	return err;
}

/* Where the name is, 0 for an object without: the kernel's own table tells how far before the header, for each set of optional headers. */
static uint64_t name_info(struct imp_kernel *kernel, uint64_t header)
{
	uint64_t mask = imp_nt_value(kernel, IMP_OBJECT_INFO_MASK, header, 0), table;
	uint8_t distance;
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;

	if (!(mask & NAME_INFO_BIT))
		return 0;
	err = imp_kernel_symbol(kernel, "ObpInfoMaskToOffset", &table);
	if (!err)
		err = imp_memory_u8(kernel->memory, table + (mask & (2 * NAME_INFO_BIT - 1)), &distance);
	return err ? 0 : header - distance;
}

struct imp_error *imp_object_read(struct imp_kernel *kernel, uint64_t address, struct imp_object *object)
{
	const struct imp_field *body;
	uint64_t value, offset, info;
	struct imp_error *err = imp_nt_field(kernel, IMP_OBJECT_BODY, &body);

	memset(object, 0, sizeof(*object));
	object->address = address;
	if (err)
		return err;
	object->header = address - body->offset;
	err = imp_nt_read(kernel, IMP_OBJECT_POINTERS, object->header, &value);
	object->pointer_count = err ? 0 : (int64_t)value;
	if (!err)
		err = imp_nt_read(kernel, IMP_OBJECT_HANDLES, object->header, &value);
	object->handle_count = err ? 0 : (int64_t)value;
	if (!err)
		err = type_of(kernel, object->header, &object->type);
	if (!err && imp_nt_offset(kernel, IMP_OBJECT_TYPE_NAME, &offset))
		err = object->type ? imp_nt_string(kernel, object->type + offset, object->type_name, sizeof(object->type_name)) : NULL;
	if (!err && !*object->type_name)
		err = imp_error_new(IMP_ERROR_FORMAT, "no type is registered for it");
	/* The type index alone proves little: the header's cookie differs from boot to boot, and any byte is some index. */
	if (!err && (object->pointer_count < 0 || object->pointer_count > MAX_REFERENCES))
		err = imp_error_new(IMP_ERROR_FORMAT, "its count of references would be %lld", (long long)object->pointer_count);
	if (err)
		return imp_error_context(err, "no object at %016llx", (unsigned long long)address);
	info = name_info(kernel, object->header);
	if (!info || !imp_nt_offset(kernel, IMP_OBJECT_NAME, &offset))
		return NULL;
	object->directory = imp_nt_value(kernel, IMP_OBJECT_NAME_DIRECTORY, info, 0);
	err = imp_nt_string(kernel, info + offset, object->name, sizeof(object->name));
	object->has_name = !err;
	imp_kernel_note_error(kernel, imp_error_context(err, "the name of object %016llx", (unsigned long long)address));
	return NULL;
}

struct imp_error *imp_object_expect(struct imp_kernel *kernel, uint64_t address, const char *type, struct imp_object *object)
{
	struct imp_error *err = imp_object_read(kernel, address, object);

	if (!err && strcmp(object->type_name, type))
		err = imp_error_new(IMP_ERROR_FORMAT, "the object at %016llx is a %s, not a %s", (unsigned long long)address, object->type_name,
				    type);
	return err;
}

struct imp_error *imp_object_directory_each(struct imp_kernel *kernel, uint64_t directory,
					    bool (*visit)(void *context, unsigned bucket, uint64_t object), void *context)
{
	const struct imp_field *buckets;
	struct imp_error *err = imp_nt_field(kernel, IMP_DIRECTORY_BUCKETS, &buckets);

	for (uint64_t i = 0; !err && i < buckets->type.count; i++) {
		uint64_t entry, object;

		err = imp_memory_u64(kernel->memory, directory + buckets->offset + 8 * i, &entry);
		for (size_t length = 0; !err && entry; length++) {
			if (length == MAX_CHAIN)
				return imp_error_new(IMP_ERROR_FORMAT,
						     "a hash bucket of directory %016llx has more than %d entries; the rest is not shown",
						     (unsigned long long)directory, MAX_CHAIN);
			err = imp_nt_read(kernel, IMP_DIRECTORY_OBJECT, entry, &object);
			if (!err && !visit(context, (unsigned)i, object))
				return NULL;
			if (!err)
				err = imp_nt_read(kernel, IMP_DIRECTORY_CHAIN, entry, &entry);
		}
	}
	return err;
}

struct search {
	struct imp_kernel *kernel;
	const char *name;
	size_t length;
	uint64_t found;
};

static bool compare(void *context, unsigned bucket, uint64_t address)
{
	struct search *search = context;
	struct imp_object object;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_object_read(search->kernel, address, &object);

	(void)bucket;
	if (!err && strlen(object.name) == search->length && !strncasecmp(object.name, search->name, search->length))
		search->found = address;
	return !search->found;
}

struct imp_error *imp_object_find(struct imp_kernel *kernel, const char *path, uint64_t *address)
{
	const char *at = path + strspn(path, "\\");
	uint64_t object;
	struct imp_error *err = imp_kernel_variable(kernel, "ObpRootDirectoryObject", 8, &object);

	for (unsigned depth = 0; !err && *at; depth++) {
		struct search search = { .kernel = kernel, .name = at, .length = strcspn(at, "\\") };
		struct imp_object directory;

		err = depth < MAX_PATH_DEPTH ? imp_object_expect(kernel, object, "Directory", &directory)
					     : imp_error_new(IMP_ERROR_USAGE, "the path has more than %d parts", MAX_PATH_DEPTH);
		if (!err)
			err = imp_object_directory_each(kernel, object, compare, &search);
		if (!err && !search.found)
			err = imp_error_new(IMP_ERROR_NOT_FOUND, "no object is named '%.*s' there", (int)search.length, at);
		object = search.found;
		at += search.length;
		at += strspn(at, "\\");
	}
	*address = err ? 0 : object;
	return imp_error_context(err, "%s", path);
}
