/* SMBIOS: manufacturer, product and processor of the machine, from the firmware's tables that the kernel remembers. Format: DMTF DSP0134. */
#include "nt/systeminfo.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	MAX_TABLE_SIZE = 1 << 20,
	STRUCTURE_HEADER_SIZE = 4, /* type, length, handle */
	TYPE_SYSTEM = 1,
	TYPE_PROCESSOR = 4,
	TYPE_END = 127,
	SYSTEM_MANUFACTURER = 4,
	SYSTEM_PRODUCT = 5,
	PROCESSOR_VERSION = 0x10, /* string numbers at these offsets of the formatted area */
};

/* Copies string number `number` (from 1) of the string set at `offset`. */
static void copy_string(struct imp_span tables, size_t offset, uint8_t number, char *text, size_t size)
{
	const char *string;

	text[0] = '\0';
	while (number && (string = imp_span_string(tables, offset)) && *string) {
		if (--number == 0) {
			size_t length = 0;

			while (*string == ' ')
				string++;
			for (; string[length] && length + 1 < size; length++)
				text[length] = (unsigned char)string[length] < 0x20 || (unsigned char)string[length] >= 0x7f ? '?' : string[length];
			while (length && text[length - 1] == ' ')
				length--;
			text[length] = '\0';
			return;
		}
		offset += strlen(string) + 1;
	}
}

void imp_smbios_parse(struct imp_span tables, struct imp_system_info *info)
{
	size_t offset = 0;
	uint8_t type, length;

	while (imp_span_u8(tables, offset, &type) && imp_span_u8(tables, offset + 1, &length) && length >= STRUCTURE_HEADER_SIZE &&
	       type != TYPE_END) {
		size_t strings = offset + length;
		const struct {
			uint8_t type, field;
			char *text;
			size_t size;
		} wanted[] = {
			{ TYPE_SYSTEM, SYSTEM_MANUFACTURER, info->manufacturer, sizeof(info->manufacturer) },
			{ TYPE_SYSTEM, SYSTEM_PRODUCT, info->product, sizeof(info->product) },
			{ TYPE_PROCESSOR, PROCESSOR_VERSION, info->processor, sizeof(info->processor) },
		};

		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
			uint8_t number;

			if (type == wanted[i].type && wanted[i].field < length && !wanted[i].text[0] &&
			    imp_span_u8(tables, offset + wanted[i].field, &number))
				copy_string(tables, strings, number, wanted[i].text, wanted[i].size);
		}
		/* The strings end with an empty one; a structure without any has two zeros. */
		for (offset = strings; imp_span_has(tables, offset, 2) && (tables.data[offset] || tables.data[offset + 1]); offset++)
			;
		offset += 2;
	}
}

struct imp_error *imp_smbios_read(struct imp_kernel *kernel, struct imp_system_info *info)
{
	uint64_t physical, length;
	uint8_t *bytes;
	struct imp_error *err = imp_kernel_variable(kernel, "WmipSMBiosTablePhysicalAddress", 8, &physical);

	if (!err)
		err = imp_kernel_variable(kernel, "WmipSMBiosTableLength", 4, &length);
	if (err)
		return err;
	if (!physical || !length || length > MAX_TABLE_SIZE)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "the kernel has found no SMBIOS tables (address %llx, %llu bytes)",
				     (unsigned long long)physical, (unsigned long long)length);
	bytes = malloc(length);
	if (!bytes)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for %llu bytes of SMBIOS tables", (unsigned long long)length);
	err = imp_memory_read_physical(kernel->memory, physical, bytes, length);
	if (!err)
		imp_smbios_parse((struct imp_span){ bytes, length }, info);
	free(bytes);
	return imp_error_context(err, "cannot read the SMBIOS tables");
}
