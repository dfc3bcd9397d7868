/* An ISF table as a whole: which sections it has, its metadata, its symbols. Its types are isf_types.c's question.
 * Format: the JSON schemas 4 to 6 of Volatility 3 (volatility3/schemas).
 */
#include "symbols/isf.h"

#include "symbols/isf_file.h"
#include "symbols/unpack.h"

#include <stdlib.h>
#include <strings.h>

/* Ten times the largest table that is known. */
enum { TEXT_LIMIT = 64 << 20 };
/* Major versions whose sections are those of today. */
enum { FORMAT_FIRST = 4, FORMAT_LAST = 6 };
enum { MACHINE_AMD64 = 0x8664 };

static const char *const section_names[IMP_ISF_SECTIONS] = {
	[IMP_ISF_METADATA] = "metadata", [IMP_ISF_BASE_TYPES] = "base_types", [IMP_ISF_USER_TYPES] = "user_types",
	[IMP_ISF_ENUMS] = "enums",       [IMP_ISF_SYMBOLS] = "symbols",
};

static struct imp_error *damaged(const struct imp_isf *isf)
{
	return imp_error_new(IMP_ERROR_FORMAT, "%s is no ISF table that can be read: %s, at byte %zu of its text", isf->path, isf->json.problem,
			     isf->json.at);
}

bool imp_isf_section(struct imp_isf *isf, enum imp_isf_section section)
{
	isf->json.at = isf->sections[section];
	return imp_json_object(&isf->json);
}

static struct imp_error *find_sections(struct imp_isf *isf)
{
	struct imp_json_string name;

	imp_json_object(&isf->json);
	while (imp_json_member(&isf->json, &name)) {
		for (unsigned i = 0; i < IMP_ISF_SECTIONS; i++)
			if (imp_json_is(&name, section_names[i]))
				isf->sections[i] = isf->json.at;
		imp_json_skip(&isf->json);
	}
	if (isf->json.problem)
		return damaged(isf);
	for (unsigned i = 0; i < IMP_ISF_SECTIONS; i++)
		if (!isf->sections[i])
			return imp_error_new(IMP_ERROR_FORMAT, "%s is no ISF table: it has no section \"%s\"", isf->path, section_names[i]);
	return NULL;
}

struct metadata {
	unsigned long format; /* the major version */
	bool has_guid, has_age;
	struct imp_guid guid;
	uint64_t age, machine;
	char database[128];
};

/* 32 digits in the order of the text form, of which the first three groups are little-endian numbers in memory. */
static bool read_guid(const struct imp_json_string *text, struct imp_guid *guid)
{
	static const uint8_t place[] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	char digits[3] = "", *end;

	if (text->length != 2 * sizeof(place))
		return false;
	for (size_t i = 0; i < sizeof(place); i++) {
		memcpy(digits, text->text + i * 2, 2);
		guid->bytes[place[i]] = (uint8_t)strtoul(digits, &end, 16);
		if (*end || digits[0] == '-' || digits[0] == '+' || digits[0] == ' ')
			return false;
	}
	return true;
}

static void read_pdb(struct imp_json *json, struct metadata *metadata)
{
	struct imp_json_string name, text;

	imp_json_object(json);
	while (imp_json_member(json, &name)) {
		if (imp_json_is(&name, "GUID")) {
			metadata->has_guid = imp_json_string(json, &text) && read_guid(&text, &metadata->guid);
		} else if (imp_json_is(&name, "age")) {
			metadata->has_age = imp_json_integer(json, &metadata->age) && metadata->age <= UINT32_MAX;
		} else if (imp_json_is(&name, "machine_type")) {
			imp_json_integer(json, &metadata->machine);
		} else if (imp_json_is(&name, "database")) {
			imp_json_string(json, &text);
			if (text.length < sizeof(metadata->database))
				memcpy(metadata->database, text.text, text.length);
		} else {
			imp_json_skip(json);
		}
	}
}

static void read_windows(struct imp_json *json, struct metadata *metadata)
{
	struct imp_json_string name;

	imp_json_object(json);
	while (imp_json_member(json, &name)) {
		if (imp_json_is(&name, "pdb"))
			read_pdb(json, metadata);
		else
			imp_json_skip(json);
	}
}

static struct imp_error *read_metadata(struct imp_isf *isf, struct metadata *metadata)
{
	struct imp_json_string name, text;

	*metadata = (struct metadata){ .machine = MACHINE_AMD64 };
	imp_isf_section(isf, IMP_ISF_METADATA);
	while (imp_json_member(&isf->json, &name)) {
		if (imp_json_is(&name, "format")) {
			if (imp_json_string(&isf->json, &text) && text.length && text.text[0] >= '0' && text.text[0] <= '9')
				metadata->format = strtoul(text.text, NULL, 10); /* the text goes on with a quote at least */
		} else if (imp_json_is(&name, "windows")) {
			read_windows(&isf->json, metadata);
		} else {
			imp_json_skip(&isf->json);
		}
	}
	return isf->json.problem ? damaged(isf) : NULL;
}

static struct imp_error *check_metadata(const struct imp_isf *isf, const struct metadata *metadata, const struct imp_isf_wanted *wanted)
{
	if (metadata->format < FORMAT_FIRST || metadata->format > FORMAT_LAST)
		return imp_error_new(IMP_ERROR_FORMAT, "%s has version %lu of the ISF format; versions %d to %d are read", isf->path,
				     metadata->format, FORMAT_FIRST, FORMAT_LAST);
	if (!metadata->has_guid || !metadata->has_age || !*metadata->database)
		return imp_error_new(IMP_ERROR_MISMATCH, "%s is not a table of a Windows PDB: its metadata has no name, GUID and age of one",
				     isf->path);
	if (metadata->machine != MACHINE_AMD64)
		return imp_error_new(IMP_ERROR_MISMATCH, "%s is a table for machine type 0x%llx; x64 (0x%x) is read", isf->path,
				     (unsigned long long)metadata->machine, MACHINE_AMD64);
	if (wanted && wanted->database && strcasecmp(wanted->database, metadata->database) != 0)
		return imp_error_new(IMP_ERROR_MISMATCH, "%s is a table of %s, not of %s", isf->path, metadata->database, wanted->database);
	if (wanted && wanted->guid && (memcmp(wanted->guid, &metadata->guid, sizeof(metadata->guid)) != 0 || wanted->age != metadata->age))
		return imp_error_new(IMP_ERROR_MISMATCH, "%s is a table of another build of %s", isf->path, metadata->database);
	return NULL;
}

static void read_symbols(struct imp_isf *isf)
{
	struct imp_json_string name, key;

	imp_isf_section(isf, IMP_ISF_SYMBOLS);
	while (imp_json_member(&isf->json, &name)) {
		char copy[IMP_JSON_STRING_LIMIT];
		uint64_t address = UINT64_MAX;

		imp_json_keep(&isf->json, &name, copy);
		imp_json_object(&isf->json);
		while (imp_json_member(&isf->json, &key)) {
			if (imp_json_is(&key, "address"))
				imp_json_integer(&isf->json, &address);
			else
				imp_json_skip(&isf->json);
		}
		/* Constants of other systems' tables lie where no image reaches. */
		if (address <= UINT32_MAX)
			imp_made_public(isf->made, name.text, name.length, (uint32_t)address);
	}
}

static struct imp_error *read_table(struct imp_isf *isf, const struct imp_isf_wanted *wanted, struct metadata *metadata)
{
	struct imp_error *err = find_sections(isf);

	if (!err)
		err = read_metadata(isf, metadata);
	if (!err)
		err = check_metadata(isf, metadata, wanted);
	if (err)
		return err;
	isf->made = imp_pdb_made_new();
	if (!isf->made)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for %s", isf->path);
	imp_isf_types(isf);
	if (!isf->json.problem)
		read_symbols(isf);
	return isf->json.problem ? damaged(isf) : NULL;
}

struct imp_error *imp_isf_open(const char *path, const struct imp_isf_wanted *wanted, struct imp_pdb **pdb)
{
	struct imp_span streams[IMP_MADE_STREAMS];
	struct imp_unpacked unpacked;
	struct metadata metadata;
	struct imp_isf *isf = calloc(1, sizeof(*isf));
	struct imp_error *err;

	*pdb = NULL;
	if (!isf)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "out of memory for %s", path);
	err = imp_unpack(path, TEXT_LIMIT, &unpacked);
	if (!err) {
		isf->path = path;
		imp_json_begin(&isf->json, unpacked.text, 0);
		err = read_table(isf, wanted, &metadata);
		imp_unpacked_close(&unpacked);
	}
	if (err)
		imp_pdb_made_free(isf->made);
	else
		err = imp_pdb_made_streams(isf->made, path, streams);
	if (!err)
		err = imp_pdb_of_streams(streams, path, "isf", &metadata.guid, (uint32_t)metadata.age, pdb);
	free(isf);
	return err;
}
