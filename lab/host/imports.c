/* `impasse lab imports`: what a driver needs of the kernel and its modules, and what of it the lab lacks, before anything is loaded. Directories and
 * their entries are those of Microsoft's "PE Format".
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "image.h"
#include "image/pe.h"

enum {
	DIRECTORY_EXPORT = 0,
	DIRECTORY_IMPORT = 1,
	PE_OFFSET_AT = 0x3c,
	DIRECTORIES_AT = 24 + 112, /* from the PE signature on, in a PE32+ */
	NAME_SIZE = 256,
	MAX_MODULES = 64,
	MAX_IMPORTS = 8192,
	MAX_EXPORTS = 65536,
};

struct import_descriptor {
	uint32_t lookup_table, time_date_stamp, forwarder_chain, name, address_table;
};

struct export_directory {
	uint32_t characteristics, time_date_stamp, version, name, base, functions, names, function_table, name_table, ordinal_table;
};

/* What the lab has under a module's name. */
struct exporter {
	struct imp_pe *pe; /* NULL: no such module */
	struct export_directory directory;
};

static bool directory_at(const struct imp_pe *pe, unsigned number, uint32_t *rva)
{
	struct imp_span file = imp_pe_bytes(pe);
	uint32_t header;

	return imp_span_u32(file, PE_OFFSET_AT, &header) && imp_span_u32(file, (uint64_t)header + DIRECTORIES_AT + (uint64_t)8 * number, rva) &&
	       *rva != 0;
}

/* The string at `rva`, cut to NAME_SIZE - 1 characters; what a terminal would obey becomes '?'. False: it cannot be read. */
static bool read_name(const struct imp_pe *pe, uint32_t rva, char name[NAME_SIZE])
{
	for (size_t i = 0; i < NAME_SIZE - 1; i++) {
		struct imp_error *err = imp_pe_read(pe, rva + (uint32_t)i, &name[i], 1);

		if (err) {
			imp_error_free(err);
			return false;
		}
		if (!name[i])
			return true;
		if (name[i] < 0x20 || name[i] > 0x7e)
			name[i] = '?';
	}
	name[NAME_SIZE - 1] = '\0';
	return true;
}

/* The lab's modules lie beside its image, in lower case. */
static void open_exporter(const char *image, const char *module, struct exporter *exporter)
{
	static const char *const modules[] = { "ntoskrnl.exe", "hal.dll", "fltmgr.sys" };
	const char *slash = strrchr(image, '/');
	uint32_t rva;

	*exporter = (struct exporter){ 0 };
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		char path[4096];
		struct imp_error *err;

		if (strcasecmp(module, modules[i]) != 0)
			continue;
		snprintf(path, sizeof(path), "%.*s/%s", slash ? (int)(slash - image) : 1, slash ? image : ".", modules[i]);
		err = imp_pe_open_file(path, &exporter->pe);
		if (!err && directory_at(exporter->pe, DIRECTORY_EXPORT, &rva))
			err = imp_pe_read(exporter->pe, rva, &exporter->directory, sizeof(exporter->directory));
		imp_error_free(err);
	}
}

/* Forwarded names count: they lead to the kernel's own. */
static bool exports(const struct exporter *exporter, const char *wanted)
{
	for (uint32_t i = 0; exporter->pe && i < exporter->directory.names && i < MAX_EXPORTS; i++) {
		char name[NAME_SIZE];
		uint32_t rva;
		struct imp_error *err = imp_pe_read(exporter->pe, exporter->directory.name_table + i * 4, &rva, sizeof(rva));

		if (err) {
			imp_error_free(err);
			return false;
		}
		if (read_name(exporter->pe, rva, name) && strcmp(name, wanted) == 0)
			return true;
	}
	return false;
}

/* Prints what the lab lacks of one module; adds to both counts. */
static struct imp_error *list_module(const struct imp_pe *driver, const struct import_descriptor *descriptor, const char *module,
				     const struct exporter *exporter, unsigned *total, unsigned *lacking)
{
	uint32_t table = descriptor->lookup_table ? descriptor->lookup_table : descriptor->address_table;

	for (uint32_t i = 0; i < MAX_IMPORTS; i++) {
		char name[NAME_SIZE];
		bool present;
		uint64_t entry;
		struct imp_error *err = imp_pe_read(driver, table + i * 8, &entry, sizeof(entry));

		if (err)
			return imp_error_context(err, "the imports of %s cannot be read", module);
		if (!entry)
			return NULL;
		++*total;
		if (entry >> 63) {
			uint32_t ordinal = (uint16_t)entry;

			snprintf(name, sizeof(name), "#%u", ordinal);
			present = exporter->pe && ordinal - exporter->directory.base < exporter->directory.functions;
		} else {
			if (!read_name(driver, (uint32_t)entry + 2, name))
				return imp_error_new(IMP_ERROR_FORMAT, "the name of import %u of %s does not lie in the file", i, module);
			present = exports(exporter, name);
		}
		if (!present) {
			++*lacking;
			printf("%s of %s: the lab has %s\n", name, module, exporter->pe ? "no such export" : "no such module");
		}
	}
	return imp_error_new(IMP_ERROR_FORMAT, "%s has more than %u imports of %s", imp_pe_name(driver), MAX_IMPORTS, module);
}

static struct imp_error *list_imports(const struct imp_pe *driver, const char *image, unsigned *total, unsigned *lacking)
{
	uint32_t rva;

	if (!directory_at(driver, DIRECTORY_IMPORT, &rva))
		return NULL;
	for (uint32_t i = 0; i < MAX_MODULES; i++) {
		struct import_descriptor descriptor;
		char module[NAME_SIZE];
		struct exporter exporter;
		struct imp_error *err = imp_pe_read(driver, rva + i * (uint32_t)sizeof(descriptor), &descriptor, sizeof(descriptor));

		if (err)
			return imp_error_context(err, "the import directory cannot be read");
		if (!descriptor.name)
			return NULL;
		if (!read_name(driver, descriptor.name, module))
			return imp_error_new(IMP_ERROR_FORMAT, "the name of module %u that it imports from does not lie in the file", i);
		open_exporter(image, module, &exporter);
		err = list_module(driver, &descriptor, module, &exporter, total, lacking);
		imp_pe_close(exporter.pe);
		if (err)
			return err;
	}
	return imp_error_new(IMP_ERROR_FORMAT, "%s imports from more than %u modules", imp_pe_name(driver), MAX_MODULES);
}

/* Exit code 2: the lab lacks something. */
struct imp_error *imp_lab_imports(int argc, char **argv, int *exit_code)
{
	unsigned total = 0, lacking = 0;
	struct imp_pe *driver = NULL;
	char *image = NULL;
	struct imp_error *err;

	if (getopt_long(argc, argv, "", (struct option[]){ { 0 } }, NULL) != -1)
		return imp_lab_bad_option(argv);
	if (optind + 1 != argc)
		return imp_error_new(IMP_ERROR_USAGE, "which driver? One file is needed: impasse lab imports DRIVER.sys");
	err = imp_lab_image_find(&image);
	if (!err)
		err = imp_pe_open_file(argv[optind], &driver);
	if (!err)
		err = list_imports(driver, image, &total, &lacking);
	if (!err && lacking) {
		printf("%s: the lab lacks %u of %u imports, and would not load it\n", argv[optind], lacking, total);
		*exit_code = 2;
	} else if (!err) {
		printf("%s: the lab has all %u imports\n", argv[optind], total);
	}
	imp_pe_close(driver);
	free(image);
	return err;
}
