/* Identities of files: see identity.h. */
#include "symbols/identity.h"

#include <stdio.h>
#include <string.h>

const char *imp_base_name(const char *path)
{
	const char *base = path;

	for (; *path; path++)
		if (*path == '/' || *path == '\\')
			base = path + 1;
	return base;
}

bool imp_is_file_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= IMP_FILE_NAME_SIZE - 16 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f || strchr("/\\:*?\"<>|", *name))
			return false;
	return true;
}

void imp_guid_text(const struct imp_guid *guid, const char *dash, char text[IMP_GUID_SIZE])
{
	const uint8_t *b = guid->bytes; /* Data1, Data2 and Data3 are little-endian numbers, the rest single bytes */

	snprintf(text, IMP_GUID_SIZE, "%02X%02X%02X%02X%.1s%02X%02X%.1s%02X%02X%.1s%02X%02X%.1s%02X%02X%02X%02X%02X%02X", b[3], b[2], b[1], b[0],
		 dash, b[5], b[4], dash, b[7], b[6], dash, b[8], b[9], dash, b[10], b[11], b[12], b[13], b[14], b[15]);
}

static struct imp_error *set_name(struct imp_file_identity *identity, const char *name)
{
	name = imp_base_name(name);
	if (!imp_is_file_name(name))
		return imp_error_new(IMP_ERROR_FORMAT, "'%s' cannot be the name of a file", name);
	snprintf(identity->name, sizeof(identity->name), "%s", name);
	return NULL;
}

struct imp_error *imp_identity_pdb(const char *name, const struct imp_guid *guid, uint32_t age, struct imp_file_identity *identity)
{
	*identity = (struct imp_file_identity){ .kind = IMP_FILE_PDB, .guid = *guid, .age = age };
	return set_name(identity, name);
}

struct imp_error *imp_identity_image(const char *name, uint32_t time_date_stamp, uint32_t size_of_image, struct imp_file_identity *identity)
{
	*identity = (struct imp_file_identity){ .kind = IMP_FILE_IMAGE, .time_date_stamp = time_date_stamp, .size_of_image = size_of_image };
	return set_name(identity, name);
}

void imp_identity_key(const struct imp_file_identity *identity, char key[IMP_FILE_KEY_SIZE])
{
	char guid[IMP_GUID_SIZE];

	if (identity->kind == IMP_FILE_IMAGE) {
		snprintf(key, IMP_FILE_KEY_SIZE, "%08X%x", identity->time_date_stamp, identity->size_of_image);
		return;
	}
	imp_guid_text(&identity->guid, "", guid);
	snprintf(key, IMP_FILE_KEY_SIZE, "%s%X", guid, identity->age);
}

struct imp_error *imp_identity_open_pdb(const struct imp_file_identity *identity, const char *path, struct imp_pdb **pdb)
{
	struct imp_error *err = imp_pdb_open(path, pdb);
	struct imp_guid guid;
	char wanted[IMP_GUID_SIZE], found[IMP_GUID_SIZE];
	uint32_t age;

	if (err) {
		*pdb = NULL;
		return err;
	}
	imp_pdb_identity(*pdb, &guid, &age);
	if (memcmp(guid.bytes, identity->guid.bytes, sizeof(guid.bytes)) == 0 && age == identity->age)
		return NULL;
	imp_pdb_close(*pdb);
	*pdb = NULL;
	imp_guid_text(&identity->guid, "-", wanted);
	imp_guid_text(&guid, "-", found);
	return imp_error_new(IMP_ERROR_MISMATCH, "%s is of another build: the image asks for {%s} age %u, the file is {%s} age %u", path, wanted,
			     identity->age, found, age);
}

/* The identity stands in the headers: a file that was cut off behind them has it, too. */
static struct imp_error *check_whole(const struct imp_pe *pe, const char *path)
{
	struct imp_pe_section section;
	size_t size = imp_pe_bytes(pe).size;

	for (uint32_t i = 0; imp_pe_section(pe, i, &section); i++) {
		uint64_t end = (uint64_t)section.raw_offset + section.raw_size;

		if (section.raw_size && end > size)
			return imp_error_new(IMP_ERROR_FORMAT, "%s is cut off: its section %s ends at byte %llu, the file has %zu", path,
					     section.name, (unsigned long long)end, size);
	}
	return NULL;
}

struct imp_error *imp_identity_open_image(const struct imp_file_identity *identity, const char *path, struct imp_pe **pe)
{
	const struct imp_pe_info *info;
	struct imp_error *err = imp_pe_open_file(path, pe);

	if (err) {
		*pe = NULL;
		return err;
	}
	info = imp_pe_info(*pe);
	if ((!identity->time_date_stamp || info->time_date_stamp == identity->time_date_stamp) && info->size_of_image == identity->size_of_image)
		err = check_whole(*pe, path);
	else
		err = imp_error_new(IMP_ERROR_MISMATCH, "%s is of another build: expected time stamp %08X and size 0x%x, the file has %08X and 0x%x",
				    path, identity->time_date_stamp, identity->size_of_image, info->time_date_stamp, info->size_of_image);
	if (!err)
		return NULL;
	imp_pe_close(*pe);
	*pe = NULL;
	return err;
}

struct imp_error *imp_identity_check(const struct imp_file_identity *identity, const char *path)
{
	struct imp_error *err;

	if (identity->kind == IMP_FILE_IMAGE) {
		struct imp_pe *pe;

		err = imp_identity_open_image(identity, path, &pe);
		imp_pe_close(pe);
	} else {
		struct imp_pdb *pdb;

		err = imp_identity_open_pdb(identity, path, &pdb);
		imp_pdb_close(pdb);
	}
	return err;
}
