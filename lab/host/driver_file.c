/* Telling what a file that is no driver of ours is; see driver_file.h. Offsets are those of Microsoft's "PE Format". */

#include "driver_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"

#define PE_OFFSET_AT      0x3c
/* From the PE signature on. */
#define MACHINE_AT        4
#define OPTIONAL_MAGIC_AT 24
#define SUBSYSTEM_AT      92
#define PE_SEEN           94
#define MACHINE_AMD64     0x8664
#define MAGIC_PE32_PLUS   0x20b
#define SUBSYSTEM_NATIVE  1

static const struct {
	uint16_t machine;
	const char *name;
} machines[] = {
	{ 0x014c, "i386" },  { 0x0200, "Itanium" }, { 0x01c0, "ARM" },    { 0x01c4, "ARM Thumb-2" },
	{ 0xaa64, "ARM64" }, { 0xa641, "ARM64EC" }, { 0x5064, "RISC-V" }, { MACHINE_AMD64, "AMD64" },
};

static const char *machine_name(uint16_t machine)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		if (machines[i].machine == machine)
			return machines[i].name;
	}
	return "unknown";
}

void imp_driver_file_explain(int fd, char *text, size_t size)
{
	uint8_t head[4096];
	ssize_t got = pread(fd, head, sizeof(head), 0);
	struct imp_span file = { .data = head, .size = got < 0 ? 0 : (size_t)got };
	struct imp_span pe;
	uint32_t offset;
	uint16_t machine, magic, subsystem;

	text[0] = '\0';
	if (file.size < 4 || memcmp(head, "MZ", 2) != 0) {
		snprintf(text, size, "the file is no PE image: it starts with %s, MZ was expected",
			 file.size >= 4 && memcmp(head, "\177ELF", 4) == 0 ? "an ELF header"
			 : file.size                                       ? "other bytes"
									   : "nothing (it is empty)");
		return;
	}
	if (!imp_span_u32(file, PE_OFFSET_AT, &offset) || !imp_span_slice(file, offset, PE_SEEN, &pe) || memcmp(pe.data, "PE\0\0", 4) != 0 ||
	    !imp_span_u16(pe, MACHINE_AT, &machine) || !imp_span_u16(pe, OPTIONAL_MAGIC_AT, &magic) || !imp_span_u16(pe, SUBSYSTEM_AT, &subsystem)) {
		snprintf(text, size, "the file has an MZ header but no PE header: it is truncated or a DOS program");
		return;
	}
	if (machine != MACHINE_AMD64)
		snprintf(text, size, "the file is for machine type 0x%04x (%s), the lab's kernel needs 0x%04x (AMD64)", machine,
			 machine_name(machine), MACHINE_AMD64);
	else if (magic != MAGIC_PE32_PLUS)
		snprintf(text, size, "the file's optional header has magic 0x%x, 0x%x (PE32+) was expected", magic, MAGIC_PE32_PLUS);
	else if (subsystem != SUBSYSTEM_NATIVE)
		snprintf(text, size, "the file is for subsystem %u (a program?), a driver has %u (native)", subsystem, SUBSYSTEM_NATIVE);
}
