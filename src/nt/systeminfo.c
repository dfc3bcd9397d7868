/* The system that a dump came from: versions, product, times, bugcheck. */
#include "nt/systeminfo.h"
#include "nt/registry.h"
#include "nt/time.h"

#include <stdio.h>
#include <string.h>

enum { CHECKED_BUILD = 0xc }; /* MajorVersion of a dump header; 0xf is a free build */

const char *imp_product_name(uint32_t product_type)
{
	static const char *const names[] = { "Unknown", "WinNt", "LanManNt", "Server" };

	return product_type < sizeof(names) / sizeof(names[0]) ? names[product_type] : names[0];
}

const char *imp_suite_text(uint32_t mask, char *text, size_t size)
{
	/* VER_SUITE_* of winnt.h, in WinDbg's words */
	static const char *const names[] = {
		"SmallBusiness",
		"Enterprise",
		"BackOffice",
		"CommunicationServer",
		"TerminalServer",
		"SmallBusinessRestricted",
		"EmbeddedNT",
		"DataCenter",
		"SingleUserTS",
		"Personal",
		"Blade",
		"EmbeddedRestricted",
		"SecurityAppliance",
		"StorageServer",
		"ComputeServer",
		"WHServer",
	};
	size_t length = 0;

	text[0] = '\0';
	for (size_t bit = 0; bit < sizeof(names) / sizeof(names[0]); bit++) {
		if ((mask >> bit & 1) && length < size)
			length += (size_t)snprintf(text + length, size - length, "%s%s", length ? " " : "", names[bit]);
	}
	return text;
}

static bool shared(struct imp_kernel *kernel, enum imp_nt_field id, uint64_t *value)
{
	IMP_CLEANUP_ERROR struct imp_error *err = imp_nt_read(kernel, id, IMP_USER_SHARED_DATA, value);

	return !err;
}

static void read_build_lab(struct imp_kernel *kernel, struct imp_system_info *info)
{
	static const char *const symbols[] = { "NtBuildLabEx", "NtBuildLab" };
	uint64_t address;

	for (size_t i = 0; i < 2 && !info->build_lab[0]; i++) {
		IMP_CLEANUP_ERROR struct imp_error *err = imp_kernel_symbol(kernel, symbols[i], &address);
		size_t length = err ? 0 : imp_memory_read_some(kernel->memory, address, info->build_lab, sizeof(info->build_lab) - 1);

		info->build_lab[length] = '\0';
		for (char *at = info->build_lab; *at; at++) {
			if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
				*at = '\0';
		}
	}
}

/* Of a kernel dump the hives' pages are mostly missing; a complete dump has them. */
static void read_registry(struct imp_kernel *kernel, struct imp_system_info *info)
{
	static const char *const names[] = {
		"HKLM\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ActiveComputerName",
		"HKLM\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName",
		"HKLM\\SYSTEM\\ControlSet001\\Control\\ComputerName\\ComputerName",
	};
	uint64_t before = imp_registry_enter(kernel);
	bool found = false;

	for (size_t i = 0; !found && i < sizeof(names) / sizeof(names[0]); i++)
		found = imp_registry_text(kernel, names[i], "ComputerName", info->computer_name, sizeof(info->computer_name));
	if (!*info->processor)
		imp_registry_text(kernel, "HKLM\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0", "ProcessorNameString", info->processor,
				  sizeof(info->processor));
	imp_registry_leave(kernel, before);
}

void imp_system_info_read(struct imp_kernel *kernel, struct imp_system_info *info)
{
	const struct imp_dump_info *dump = &kernel->info;
	uint64_t value;

	memset(info, 0, sizeof(*info));
	info->build = dump->minor_version;
	info->is_checked_build = dump->major_version == CHECKED_BUILD;
	info->processor_count = dump->processor_count;
	info->loaded_module_list = dump->loaded_module_list;
	info->kernel_base = kernel->nt.base;
	info->bugcheck_code = dump->bugcheck_code;
	memcpy(info->bugcheck_parameters, dump->bugcheck_parameters, sizeof(info->bugcheck_parameters));
	info->product_type = dump->product_type;
	info->suite_mask = dump->suite_mask;
	info->system_time = dump->system_time;
	info->up_time = dump->up_time;
	if (shared(kernel, IMP_SHARED_MAJOR_VERSION, &value))
		info->major = (uint32_t)value;
	if (shared(kernel, IMP_SHARED_MINOR_VERSION, &value))
		info->minor = (uint32_t)value;
	if (!info->product_type && shared(kernel, IMP_SHARED_PRODUCT_TYPE, &value))
		info->product_type = (uint32_t)value;
	if (!info->suite_mask && shared(kernel, IMP_SHARED_SUITE_MASK, &value))
		info->suite_mask = (uint32_t)value;
	if (!info->system_time && shared(kernel, IMP_SHARED_SYSTEM_TIME, &value))
		info->system_time = value;
	if (!info->up_time && shared(kernel, IMP_SHARED_INTERRUPT_TIME, &value))
		info->up_time = value;
	read_build_lab(kernel, info);
	imp_kernel_note_error(kernel, imp_error_context(imp_smbios_read(kernel, info), "the machine's make is not known"));
	read_registry(kernel, info);
}
