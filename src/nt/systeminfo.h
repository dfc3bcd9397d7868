/* The machine and the system that a dump came from: what `di` shows. */
#ifndef IMP_NT_SYSTEMINFO_H
#define IMP_NT_SYSTEMINFO_H

#include "nt/kernel.h"

struct imp_system_info {
	uint32_t major, minor, build; /* NtMajorVersion...; major 0: not known */
	bool is_checked_build;
	uint32_t processor_count;
	uint32_t product_type, suite_mask; /* NT_PRODUCT_TYPE; VER_SUITE_* */
	char build_lab[160];               /* "" when not known */
	uint64_t kernel_base, loaded_module_list;
	uint64_t system_time, up_time;      /* FILETIME; 100 ns; 0 when not known */
	char manufacturer[96], product[96]; /* SMBIOS; "" when not known */
	char processor[96];                 /* SMBIOS, else the registry */
	char computer_name[96];             /* the registry; "" when not known */
	uint32_t bugcheck_code;
	uint64_t bugcheck_parameters[4];
};

/* Never fails: what the dump does not hold is 0 or "", with a note where something was expected. */
void imp_system_info_read(struct imp_kernel *kernel, struct imp_system_info *info);
/* "WinNt", "LanManNt", "Server"; "Unknown". */
const char *imp_product_name(uint32_t product_type);
/* "TerminalServer SingleUserTS". Returns `text`. */
const char *imp_suite_text(uint32_t suite_mask, char *text, size_t size);

/* The strings of the machine in the SMBIOS tables that the kernel keeps: types 1 and 4. Errors: NOT_FOUND, FAULT, FORMAT. */
struct imp_error *imp_smbios_read(struct imp_kernel *kernel, struct imp_system_info *info);
/* The same from the tables' bytes. */
void imp_smbios_parse(struct imp_span tables, struct imp_system_info *info);

#endif
