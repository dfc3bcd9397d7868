/* di: which machine and system a dump comes from. */
#include "command/commands.h"
#include "command/system.h"
#include "nt/systeminfo.h"
#include "nt/time.h"

#include <stdio.h>
#include <string.h>

static const char *or_not_found(const char *text)
{
	return *text ? text : "Not Found";
}

static struct imp_value known(const char *text)
{
	return *text ? imp_string(text) : imp_null();
}

/* 0xfffff803`27a00000 */
static const char *split_address(uint64_t address, char *text, size_t size)
{
	snprintf(text, size, "0x%08x`%08x", (unsigned)(address >> 32), (unsigned)address);
	return text;
}

static void report_version(struct imp_report *report, const struct imp_system_info *info)
{
	char name[32] = "Windows", processors[32];

	if (info->major)
		snprintf(name, sizeof(name), info->major >= 10 ? "Windows %u" : "Windows %u.%u", info->major, info->minor);
	if (info->processor_count > 1)
		snprintf(processors, sizeof(processors), "MP (%u procs)", info->processor_count);
	else
		snprintf(processors, sizeof(processors), "UP");
	imp_report_line(report, "%s Kernel Version %u %s %s x64", name, info->build, processors, info->is_checked_build ? "Checked" : "Free");
	imp_report_value(report, "major_version", info->major ? imp_number(info->major) : imp_null());
	imp_report_value(report, "minor_version", info->major ? imp_number(info->minor) : imp_null());
	imp_report_value(report, "build", imp_number(info->build));
	imp_report_value(report, "processors", imp_number(info->processor_count));
	imp_report_value(report, "checked_build", imp_bool(info->is_checked_build));
}

void imp_report_times(struct imp_report *report, const struct imp_system_info *info)
{
	char text[96], iso[48];

	imp_report_pair(report, "session_time", imp_string(imp_format_iso_time(info->system_time, iso, sizeof(iso))), "Debug session time: %s",
			imp_format_session_time(info->system_time, text, sizeof(text)));
	imp_report_pair(report, "uptime_ms", info->up_time ? imp_number(info->up_time / 10000) : imp_null(), "System Uptime: %s",
			info->up_time ? imp_format_uptime(info->up_time, text, sizeof(text)) : "Not Found");
}

void imp_report_system(struct imp_report *report, const struct imp_system_info *info)
{
	char text[256], base[32], list[32];

	report_version(report, info);
	imp_suite_text(info->suite_mask, text, sizeof(text));
	imp_report_line(report, "Product: %s, suite: %s", imp_product_name(info->product_type), or_not_found(text));
	imp_report_value(report, "product", imp_string(imp_product_name(info->product_type)));
	imp_report_value(report, "suite", known(text));
	imp_report_pair(report, "build_lab", known(info->build_lab), "Edition build lab: %s", or_not_found(info->build_lab));
	imp_report_line(report, "Kernel base = %s PsLoadedModuleList = %s", split_address(info->kernel_base, base, sizeof(base)),
			split_address(info->loaded_module_list, list, sizeof(list)));
	imp_report_value(report, "kernel_base", imp_address(info->kernel_base));
	imp_report_value(report, "loaded_module_list", imp_address(info->loaded_module_list));
}

static void report_bugcheck(struct imp_report *report, const struct imp_system_info *info)
{
	imp_report_line(report, "Bugcheck: %X (%llX, %llX, %llX, %llX)", info->bugcheck_code, (unsigned long long)info->bugcheck_parameters[0],
			(unsigned long long)info->bugcheck_parameters[1], (unsigned long long)info->bugcheck_parameters[2],
			(unsigned long long)info->bugcheck_parameters[3]);
	imp_report_open_object(report, "bugcheck");
	imp_report_value(report, "code", imp_address(info->bugcheck_code));
	imp_report_open_list(report, "parameters");
	for (size_t i = 0; i < 4; i++)
		imp_report_value(report, NULL, imp_address(info->bugcheck_parameters[i]));
	imp_report_close(report);
	imp_report_close(report);
}

IMP_COMMAND(di)
{
	struct imp_system_info info;
	const struct imp_dump_info *dump = imp_dump_info(session->kernel->dump);
	struct imp_error *surplus = imp_arguments_end(arguments);
	IMP_CLEANUP_ERROR struct imp_error *no_symbols = imp_kernel_need_symbols(session->kernel);

	if (surplus)
		return surplus;
	if (no_symbols)
		imp_kernel_note(session->kernel, "%s", imp_error_message(no_symbols));
	imp_system_info_read(session->kernel, &info);
	imp_report_pair(report, "computer_name", known(info.computer_name), "Computer Name:  %s", or_not_found(info.computer_name));
	imp_report_system(report, &info);
	imp_report_times(report, &info);
	imp_report_pair(report, "manufacturer", known(info.manufacturer), "SystemManufacturer = %s", or_not_found(info.manufacturer));
	imp_report_pair(report, "product_name", known(info.product), "SystemProductName = %s", or_not_found(info.product));
	imp_report_pair(report, "processor", known(info.processor), "Processor: %s", or_not_found(info.processor));
	report_bugcheck(report, &info);
	imp_report_value(report, "format", imp_string(dump->format));
	imp_report_value(report, "file", imp_string(imp_dump_path(session->kernel->dump)));
	imp_report_value(report, "pages", imp_number(dump->page_count));
	imp_report_value(report, "missing_pages", imp_number(dump->missing_pages));
	if (dump->attributes & IMP_DUMP_INSUFFICIENT)
		imp_report_note(report, "the dump's file was too small when it was written: memory had to be left out");
	if (dump->missing_pages)
		imp_report_note(report, "the file is truncated: %llu of its %llu pages are missing", (unsigned long long)dump->missing_pages,
				(unsigned long long)dump->page_count);
	return NULL;
}
