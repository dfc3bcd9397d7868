/* Which build of a file is wanted: a PDB by GUID and age, an image by time stamp and SizeOfImage; the name of its folder in a symbol store; and
 * whether a file is it. Source: "Symbol Storage Format" and "SymSrv" in Microsoft's debugger documentation.
 */
#ifndef IMP_SYMBOLS_IDENTITY_H
#define IMP_SYMBOLS_IDENTITY_H

#include "symbols/pdb.h"

enum imp_file_kind { IMP_FILE_PDB, IMP_FILE_IMAGE };

enum { IMP_FILE_NAME_SIZE = 256, IMP_FILE_KEY_SIZE = 48 };

struct imp_file_identity {
	enum imp_file_kind kind;
	char name[IMP_FILE_NAME_SIZE]; /* a file name without folders */
	struct imp_guid guid;          /* of a PDB */
	uint32_t age;
	uint32_t time_date_stamp, size_of_image; /* of an image; time stamp 0: any */
};

enum { IMP_GUID_SIZE = 40 };
/* Writes the GUID with `dash` (at most one character) between its groups, in capital hexadecimal digits. */
void imp_guid_text(const struct imp_guid *guid, const char *dash, char text[IMP_GUID_SIZE]);

/* The part after the last `/` or `\`. */
const char *imp_base_name(const char *path);
/* Whether `name` can be a file's name in a store: names come from dumps, so there must be no folder, control character or wildcard in it. */
bool imp_is_file_name(const char *name);

/* These fill in `identity` with the base name of `name`. Errors: FORMAT when that cannot be a file's name. */
struct imp_error *imp_identity_pdb(const char *name, const struct imp_guid *guid, uint32_t age, struct imp_file_identity *identity);
struct imp_error *imp_identity_image(const char *name, uint32_t time_date_stamp, uint32_t size_of_image, struct imp_file_identity *identity);
/* The name of the file's folder in a store: GUID and age in capital hexadecimal digits, or the time stamp in 8 of them and the size in small ones. */
void imp_identity_key(const struct imp_file_identity *identity, char key[IMP_FILE_KEY_SIZE]);

/* These open the file `path` if it is the one that is wanted. Errors: as imp_pdb_open and imp_pe_open_file; MISMATCH says which build the file is of
 * and which is wanted; FORMAT also for an image file that is shorter than its headers say.
 */
struct imp_error *imp_identity_open_pdb(const struct imp_file_identity *identity, const char *path, struct imp_pdb **pdb);
struct imp_error *imp_identity_open_image(const struct imp_file_identity *identity, const char *path, struct imp_pe **pe);
/* Whether the file `path` is the one that is wanted (NULL), or why not. */
struct imp_error *imp_identity_check(const struct imp_file_identity *identity, const char *path);

#endif
