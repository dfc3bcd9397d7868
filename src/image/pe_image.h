/* What the files of src/image share about an open image. Not for other folders. */
#ifndef IMP_IMAGE_PE_IMAGE_H
#define IMP_IMAGE_PE_IMAGE_H

#include "base/file.h"
#include "image/pe.h"

enum { PE_DIRECTORY_EXPORT = 0, PE_DIRECTORY_IMPORT = 1, PE_DIRECTORY_EXCEPTION = 3, PE_DIRECTORY_DEBUG = 6, PE_DIRECTORY_COUNT = 16 };

struct pe_directory {
	uint32_t rva, size;
};

/* The file behind a loaded image. */
struct pe_backing {
	struct imp_pe *(*open)(void *context, void *image); /* NULL once it has been asked */
	void *context;
	void *image;
	struct imp_pe *file;
};

struct imp_pe {
	char *name; /* for error messages: path, or address */
	struct imp_file file;
	struct imp_span bytes;      /* of an image file */
	struct imp_memory *memory;  /* of a loaded image; NULL for a file */
	struct pe_backing *backing; /* of a loaded image; may be NULL */
	uint64_t base;
	struct imp_pe_info info;
	char *pdb_path;
	uint32_t size_of_headers, section_alignment;
	uint32_t symbol_table, symbol_count; /* COFF symbols: offset in the file (0: none) and number of entries */
	struct pe_directory directories[PE_DIRECTORY_COUNT];
	struct imp_pe_section *sections;
};

/* Reads a NUL-terminated string at `rva`, cut at size - 1 characters; false when it cannot be read whole. */
bool imp_pe_string(const struct imp_pe *pe, uint32_t rva, char *buffer, size_t size);
/* Looks for an RSDS record in the debug directory and fills in info's PDB fields. A damaged directory counts as none. */
struct imp_error *imp_pe_find_rsds(struct imp_pe *pe);

#endif
