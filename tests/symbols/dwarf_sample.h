/* Shared by the units of the DWARF sample. */
#ifndef DWARF_SAMPLE_H
#define DWARF_SAMPLE_H

int DwarfOther(int value);

static __attribute__((noinline, unused)) int in_header(int value)
{
	return value ? value - 1 : 9;
}

#endif
