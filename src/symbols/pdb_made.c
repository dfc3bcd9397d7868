/* The type stream of a PDB made in memory: see pdb_made.h. Its public symbols are publics_made.c's question. */
#include "symbols/key_tree.h"
#include "symbols/made.h"

#include <stdlib.h>

enum { TYPES_LIMIT = 64 << 20, RECORDS_LIMIT = 1 << 18 };
enum { RECORD_LENGTH_LIMIT = UINT16_MAX, FIELDS_LIMIT = UINT16_MAX };
/* How full a field list gets before it goes on in another record: a list entry (a name of 8 KiB) more still fits. */
enum { LIST_PART = RECORD_LENGTH_LIMIT - 0x4000 };
/* LF_MEMBER's and LF_ENUMERATE's attributes: public. */
enum { ACCESS_PUBLIC = 3 };
/* How many hash values a type stream has (the linkers' number), and one that no name has. */
enum { HASH_BUCKETS = 0x3ffff, NO_HASH = HASH_BUCKETS };

/* A record that was made to be used more than once. */
struct shared {
	struct imp_key key; /* its content */
	uint32_t index;
	uint8_t content[];
};

struct imp_pdb_made *imp_pdb_made_new(void)
{
	struct imp_pdb_made *made = calloc(1, sizeof(*made));

	if (made && !imp_buffer_room(made, &made->types, IMP_TPI_HEADER_SIZE, TYPES_LIMIT)) {
		imp_pdb_made_free(made);
		return NULL;
	}
	if (made)
		made->types.size = IMP_TPI_HEADER_SIZE;
	return made;
}

void imp_pdb_made_free(struct imp_pdb_made *made)
{
	if (!made)
		return;
	imp_key_tree_free(made->shared);
	free(made->types.data);
	free(made->hashes.data);
	free(made->places.data);
	free(made->fields.data);
	free(made->symbols.data);
	free(made->entries);
	free(made->publics);
	free(made);
}

void imp_made_fail(struct imp_pdb_made *made, enum imp_error_code code, const char *problem)
{
	if (made->problem)
		return;
	made->problem_code = code;
	made->problem = problem;
}

bool imp_buffer_room(struct imp_pdb_made *made, struct imp_buffer *buffer, size_t more, size_t limit)
{
	if (made->problem)
		return false;
	if (more > limit - buffer->size) {
		imp_made_fail(made, IMP_ERROR_FORMAT, "it has more types and symbols than Impasse reads from such a file");
		return false;
	}
	if (more <= buffer->capacity - buffer->size)
		return true;
	size_t capacity = buffer->capacity ? buffer->capacity : 4096;
	while (capacity < buffer->size + more)
		capacity *= 2;
	uint8_t *data = realloc(buffer->data, capacity);
	if (!data) {
		imp_made_fail(made, IMP_ERROR_NO_MEMORY, "out of memory for its types and symbols");
		return false;
	}
	buffer->data = data;
	buffer->capacity = capacity;
	return true;
}

void imp_buffer_add(struct imp_pdb_made *made, struct imp_buffer *buffer, const void *bytes, size_t size, size_t limit)
{
	if (!size || !imp_buffer_room(made, buffer, size, limit))
		return;
	memcpy(buffer->data + buffer->size, bytes, size);
	buffer->size += size;
}

uint32_t imp_made_begin(struct imp_pdb_made *made, uint16_t kind)
{
	uint32_t place = (uint32_t)made->types.size;

	if (made->records == RECORDS_LIMIT)
		imp_made_fail(made, IMP_ERROR_FORMAT, "it has more than 262,144 type records");
	imp_buffer_add(made, &made->places, &place, sizeof(place), TYPES_LIMIT);
	made->hash = NO_HASH;
	imp_made_u16(made, 0);
	imp_made_u16(made, kind);
	return IMP_TPI_FIRST_RECORD + made->records++;
}

void imp_made_u16(struct imp_pdb_made *made, uint16_t value)
{
	imp_made_bytes(made, &value, sizeof(value));
}

void imp_made_u32(struct imp_pdb_made *made, uint32_t value)
{
	imp_made_bytes(made, &value, sizeof(value));
}

void imp_made_bytes(struct imp_pdb_made *made, const void *bytes, size_t size)
{
	imp_buffer_add(made, &made->types, bytes, size, TYPES_LIMIT);
}

/* A CodeView numeric leaf, as small as the value allows. */
static void add_number(struct imp_pdb_made *made, struct imp_buffer *buffer, uint64_t value)
{
	uint16_t leaf = value < LF_NUMERIC ? (uint16_t)value : value <= UINT32_MAX ? LF_ULONG : LF_UQUADWORD;

	imp_buffer_add(made, buffer, &leaf, sizeof(leaf), TYPES_LIMIT);
	if (leaf >= LF_NUMERIC)
		imp_buffer_add(made, buffer, &value, leaf == LF_ULONG ? 4 : 8, TYPES_LIMIT);
}

void imp_made_number(struct imp_pdb_made *made, uint64_t value)
{
	add_number(made, &made->types, value);
}

/* Entries and records begin at multiples of 4; the bytes between count down to the next one. */
static void pad(struct imp_pdb_made *made, struct imp_buffer *buffer, size_t start)
{
	for (size_t missing = -(buffer->size - start) % 4; missing && !made->problem; missing--) {
		uint8_t filler = (uint8_t)(LF_PAD0 + missing);

		imp_buffer_add(made, buffer, &filler, 1, TYPES_LIMIT);
	}
}

static uint32_t record_place(const struct imp_pdb_made *made, uint32_t index)
{
	uint32_t place = 0;

	memcpy(&place, made->places.data + (size_t)(index - IMP_TPI_FIRST_RECORD) * sizeof(place), sizeof(place));
	return place;
}

void imp_made_end(struct imp_pdb_made *made)
{
	if (made->problem)
		return;
	uint32_t place = record_place(made, IMP_TPI_FIRST_RECORD + made->records - 1);
	pad(made, &made->types, place);
	size_t length = made->types.size - place - sizeof(uint16_t);
	if (length > RECORD_LENGTH_LIMIT)
		imp_made_fail(made, IMP_ERROR_FORMAT, "one of its types has a name that is too long");
	if (made->problem)
		return;
	memcpy(made->types.data + place, &(uint16_t){ (uint16_t)length }, sizeof(uint16_t));
	imp_buffer_add(made, &made->hashes, &made->hash, sizeof(made->hash), TYPES_LIMIT);
}

uint32_t imp_made_end_shared(struct imp_pdb_made *made)
{
	uint32_t index = IMP_TPI_FIRST_RECORD + made->records - 1;
	struct shared *shared;

	imp_made_end(made);
	if (made->problem)
		return 0;
	uint32_t place = record_place(made, index);
	size_t size = made->types.size - place;
	shared = imp_key_tree_find(made->shared, made->types.data + place, size);
	if (shared) {
		made->types.size = place;
		made->places.size -= sizeof(place);
		made->hashes.size -= sizeof(made->hash);
		made->records--;
		return shared->index;
	}
	shared = malloc(sizeof(*shared) + size);
	if (shared) {
		shared->key = (struct imp_key){ shared->content, size };
		shared->index = index;
		memcpy(shared->content, made->types.data + place, size);
		if (imp_key_tree_add(&made->shared, &shared->key))
			return index;
	}
	free(shared);
	imp_made_fail(made, IMP_ERROR_NO_MEMORY, "out of memory for its types");
	return 0;
}

/* LF_POINTER's attributes: a 64-bit pointer of 8 bytes. */
enum { POINTER_64 = 0x0c | IMP_MADE_POINTER_SIZE << 13 };

uint32_t imp_made_pointer(struct imp_pdb_made *made, uint32_t target)
{
	imp_made_begin(made, LF_POINTER);
	imp_made_u32(made, target);
	imp_made_u32(made, POINTER_64);
	return imp_made_end_shared(made);
}

uint32_t imp_made_array(struct imp_pdb_made *made, uint32_t element, uint64_t size)
{
	imp_made_begin(made, LF_ARRAY);
	imp_made_u32(made, element);
	imp_made_u32(made, T_UINT8); /* the index's type */
	imp_made_number(made, size);
	imp_made_bytes(made, "", 1);
	return imp_made_end_shared(made);
}

uint32_t imp_made_function(struct imp_pdb_made *made, uint32_t returned)
{
	imp_made_begin(made, LF_PROCEDURE);
	imp_made_u32(made, returned);
	imp_made_u32(made, 0); /* calling convention, attributes, no parameters */
	imp_made_u32(made, 0);
	return imp_made_end_shared(made);
}

uint32_t imp_made_bits(struct imp_pdb_made *made, uint32_t underlying, uint8_t position, uint8_t length)
{
	imp_made_begin(made, LF_BITFIELD);
	imp_made_u32(made, underlying);
	imp_made_bytes(made, (const uint8_t[]){ length, position }, 2);
	return imp_made_end_shared(made);
}

const char *imp_made_problem(const struct imp_pdb_made *made)
{
	return made->problem;
}

/* Where a tag record has the number of its fields and the index of their list, counted from the record's length. */
enum { TAG_COUNT = 4, TAG_FIELDS = 8, ENUM_FIELDS = 12 };

uint32_t imp_made_tag(struct imp_pdb_made *made, uint16_t kind, const char *name, size_t length, uint64_t size, uint32_t underlying, bool forward)
{
	uint32_t index = imp_made_begin(made, kind);

	imp_made_u16(made, 0);
	imp_made_u16(made, forward ? PROPERTY_FORWARD : 0);
	if (kind == LF_ENUM)
		imp_made_u32(made, underlying);
	imp_made_u32(made, 0); /* the field list */
	if (kind == LF_STRUCTURE) {
		imp_made_u32(made, 0); /* no base class, */
		imp_made_u32(made, 0); /* no virtual functions */
	}
	if (kind != LF_ENUM)
		imp_made_number(made, size);
	imp_made_bytes(made, name, length);
	imp_made_bytes(made, "", 1);
	if (!forward)
		made->hash = imp_pdb_hash(name, length) % HASH_BUCKETS;
	if (forward)
		return imp_made_end_shared(made);
	imp_made_end(made);
	return index;
}

static void add_entry(struct imp_pdb_made *made, uint64_t order, uint16_t kind, uint32_t type, uint64_t number, const char *name, size_t length)
{
	uint16_t access = ACCESS_PUBLIC;
	size_t at = made->fields.size;
	void *entries = made->entries;

	if (made->entry_count == FIELDS_LIMIT)
		imp_made_fail(made, IMP_ERROR_FORMAT, "one of its types has more than 65,535 fields");
	imp_buffer_add(made, &made->fields, &kind, sizeof(kind), TYPES_LIMIT);
	imp_buffer_add(made, &made->fields, &access, sizeof(access), TYPES_LIMIT);
	if (kind == LF_MEMBER)
		imp_buffer_add(made, &made->fields, &type, sizeof(type), TYPES_LIMIT);
	add_number(made, &made->fields, number);
	imp_buffer_add(made, &made->fields, name, length, TYPES_LIMIT);
	imp_buffer_add(made, &made->fields, "", 1, TYPES_LIMIT);
	pad(made, &made->fields, at);
	if (made->problem)
		return;
	if (!imp_grow(&entries, made->entry_count, &made->entry_capacity, sizeof(*made->entries))) {
		imp_made_fail(made, IMP_ERROR_NO_MEMORY, "out of memory for the fields of a type");
		return;
	}
	made->entries = entries;
	made->entries[made->entry_count++] = (struct imp_made_entry){ order, (uint32_t)at, (uint32_t)(made->fields.size - at) };
}

void imp_made_member(struct imp_pdb_made *made, uint64_t order, const char *name, size_t length, uint32_t type, uint64_t offset)
{
	add_entry(made, order, LF_MEMBER, type, offset, name, length);
}

void imp_made_enumerator(struct imp_pdb_made *made, uint64_t order, const char *name, size_t length, uint64_t value)
{
	add_entry(made, order, LF_ENUMERATE, 0, value, name, length);
}

static int compare_entries(const void *left, const void *right)
{
	const struct imp_made_entry *a = left, *b = right;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return a->at < b->at ? -1 : 1;
}

void imp_made_fields(struct imp_pdb_made *made, uint32_t index)
{
	uint32_t list = 0;
	uint16_t kind;

	if (made->entry_count) {
		qsort(made->entries, made->entry_count, sizeof(*made->entries), compare_entries);
		list = imp_made_begin(made, LF_FIELDLIST);
		size_t start = made->types.size;
		for (size_t i = 0; i < made->entry_count; i++) {
			if (made->types.size - start > LIST_PART) {
				imp_made_u16(made, LF_INDEX);
				imp_made_u16(made, 0);
				imp_made_u32(made, IMP_TPI_FIRST_RECORD + made->records); /* the next one */
				imp_made_end(made);
				imp_made_begin(made, LF_FIELDLIST);
				start = made->types.size;
			}
			imp_made_bytes(made, made->fields.data + made->entries[i].at, made->entries[i].size);
		}
		imp_made_end(made);
	}
	if (!made->problem) {
		uint8_t *record = made->types.data + record_place(made, index);

		memcpy(&kind, record + sizeof(uint16_t), sizeof(kind));
		memcpy(record + TAG_COUNT, &(uint16_t){ (uint16_t)made->entry_count }, sizeof(uint16_t));
		memcpy(record + (kind == LF_ENUM ? ENUM_FIELDS : TAG_FIELDS), &list, sizeof(list));
	}
	made->entry_count = 0;
	made->fields.size = 0;
}

static struct imp_span give(struct imp_buffer *buffer)
{
	struct imp_span span = { buffer->data, buffer->size };

	*buffer = (struct imp_buffer){ 0 };
	if (span.size)
		return span;
	free((void *)(uintptr_t)span.data);
	return (struct imp_span){ 0 };
}

static void write_header(struct imp_pdb_made *made)
{
	uint8_t *header = made->types.data;
	uint16_t hash_stream = IMP_MADE_HASHES;
	const struct {
		unsigned at;
		uint32_t value;
	} numbers[] = {
		{ IMP_TPI_VERSION, IMP_TPI_VERSION_V80 },
		{ IMP_TPI_HEADER_BYTES, IMP_TPI_HEADER_SIZE },
		{ IMP_TPI_BEGIN, IMP_TPI_FIRST_RECORD },
		{ IMP_TPI_END, IMP_TPI_FIRST_RECORD + made->records },
		{ IMP_TPI_RECORD_BYTES, (uint32_t)made->types.size - IMP_TPI_HEADER_SIZE },
		{ IMP_TPI_HASH_KEY_BYTES, sizeof(uint32_t) },
		{ IMP_TPI_BUCKETS, HASH_BUCKETS },
		{ IMP_TPI_HASHES_BYTES, (uint32_t)made->hashes.size },
	};

	memset(header, 0, IMP_TPI_HEADER_SIZE);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		memcpy(header + numbers[i].at, &numbers[i].value, sizeof(numbers[i].value));
	memcpy(header + IMP_TPI_HASH_STREAM, &hash_stream, sizeof(hash_stream));
}

struct imp_error *imp_pdb_made_streams(struct imp_pdb_made *made, const char *path, struct imp_span streams[IMP_MADE_STREAMS])
{
	struct imp_error *err = NULL;
	struct imp_buffer publics = { 0 };

	memset(streams, 0, IMP_MADE_STREAMS * sizeof(*streams));
	imp_made_publics(made, &publics);
	if (made->problem) {
		free(publics.data);
		err = imp_error_new(made->problem_code, "%s: %s", path, made->problem);
	} else {
		write_header(made);
		streams[IMP_STREAM_TPI] = give(&made->types);
		streams[IMP_MADE_HASHES] = give(&made->hashes);
		streams[IMP_MADE_PUBLICS] = give(&publics);
		streams[IMP_MADE_SYMBOLS] = give(&made->symbols);
	}
	imp_pdb_made_free(made);
	return err;
}

struct imp_error *imp_pdb_of_streams(const struct imp_span streams[IMP_MADE_STREAMS], const char *path, const char *kind, const struct imp_guid *guid,
				     uint32_t age, struct imp_pdb **result)
{
	struct imp_pdb *pdb = calloc(1, sizeof(*pdb));
	struct imp_msf *msf;
	struct imp_error *err = imp_msf_of_streams(streams, IMP_MADE_STREAMS, &msf);

	*result = NULL;
	if (pdb) {
		pdb->path = strdup(path);
		pdb->kind = kind;
		pdb->guid = *guid;
		pdb->age = age;
		pdb->msf = msf;
		/* Public symbols are written by section and offset. Their source knows no sections: one from 0 on gives RVAs. */
		pdb->sections = calloc(1, sizeof(*pdb->sections));
	} else {
		imp_msf_close(msf);
	}
	if (!err && (!pdb || !pdb->path || !pdb->sections))
		err = imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for %s", path);
	if (!err) {
		pdb->sections[0] = (struct imp_section){ .size = UINT32_MAX };
		pdb->section_count = 1;
		pdb->records = imp_msf_stream(msf, IMP_MADE_SYMBOLS);
		err = imp_publics_open(pdb, imp_msf_stream(msf, IMP_MADE_PUBLICS));
	}
	if (!err)
		err = imp_tpi_open(pdb);
	if (err)
		imp_pdb_close(pdb);
	else
		*result = pdb;
	return err;
}
