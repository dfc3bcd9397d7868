/* Hives as files: see hive_file.h. Format: M. Suhanov's "Windows registry file format specification". */
#include "hive_file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void put(uint8_t *at, uint64_t value, size_t size)
{
	memcpy(at, &value, size);
}

void hive_file_empty(uint8_t hive[HIVE_FILE_EMPTY])
{
	uint8_t *cell = hive + 0x1020, *security;
	uint32_t sum = 0, word;

	memcpy(hive, "regf", 4);
	put(hive + 4, 1, 4);
	put(hive + 8, 1, 4);
	put(hive + 0x14, 1, 4);
	put(hive + 0x18, 3, 4);
	put(hive + 0x20, 1, 4);
	put(hive + 0x24, 0x20, 4);
	put(hive + 0x28, 0x1000, 4);
	put(hive + 0x2c, 1, 4);
	for (size_t i = 0; i < 0x1fc; i += 4) {
		memcpy(&word, hive + i, 4);
		sum ^= word;
	}
	put(hive + 0x1fc, sum, 4);
	memcpy(hive + 0x1000, "hbin", 4);
	put(hive + 0x1008, 0x1000, 4);
	put(cell, (uint32_t)-0x58, 4);
	memcpy(cell + 4, "nk", 2);
	put(cell + 6, 0x2c, 2);
	for (size_t at = 0x1c; at <= 0x2c; at += 4)
		put(cell + 4 + at, UINT32_MAX, 4);
	put(cell + 4 + 0x24, 0, 4);
	put(cell + 4 + 0x18, 0, 4);
	put(cell + 4 + 0x14, 0, 4);
	put(cell + 4 + 0x2c, 0x78, 4);       /* security */
	put(cell + 4 + 0x30, UINT32_MAX, 4); /* no class */
	put(cell + 4 + 0x48, 4, 2);
	memcpy(cell + 4 + 0x4c, "ROOT", 4);
	security = cell + 0x58;
	put(security, (uint32_t)-0x30, 4);
	memcpy(security + 4, "sk", 2);
	put(security + 8, 0x78, 4);
	put(security + 12, 0x78, 4);
	put(security + 16, 1, 4);
	put(security + 20, 0x14, 4);
	put(security + 0x30, 0x1000 - 0x20 - 0x58 - 0x30, 4); /* the rest is free */
}

/* Hands the keys and values to hivexsh. */
static bool fill_hive(const char *path)
{
	static const char target[] = "\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001";
	char command[512];
	FILE *shell;

	snprintf(command, sizeof(command), "hivexsh -w '%s' >/dev/null", path);
	if (system("command -v hivexsh >/dev/null"))
		return false;
	shell = popen(command, "w");
	if (!shell)
		return false;
	fprintf(shell, "add ControlSet001\nadd Link\nadd Many\ncd \\ControlSet001\nadd Control\ncd Control\nadd ComputerName\ncd ComputerName\nadd "
		       "ComputerName\ncd ComputerName\nsetval 1\nComputerName\nstring:LABMACHINE\n");
	fprintf(shell, "cd \\ControlSet001\nsetval 7\n@\nstring:the "
		       "default\nNumber\ndword:0x1234abcd\nWide\nhex:11:88,77,66,55,44,33,22,11\nExpand\nexpandstring:%%X%%\\y\n"
		       "Several\nhex:7:61,00,00,00,62,00,63,00,00,00,00,00\nBytes\nhex:3:01,02,ff\nLong\nhex:3:00");
	for (int i = 1; i < HIVE_FILE_BYTES; i++)
		fprintf(shell, ",%02x", i & 0xff);
	fprintf(shell, "\ncd \\Link\nsetval 1\nSymbolicLinkValue\nhex:6:%02x,00", target[0]);
	for (const char *at = target + 1; *at; at++)
		fprintf(shell, ",%02x,00", *at);
	fprintf(shell, "\ncd \\Many\n");
	for (int i = 0; i < HIVE_FILE_SUBKEYS; i++)
		fprintf(shell, "add Key%03d\n", i);
	fprintf(shell, "commit\n");
	return pclose(shell) == 0;
}

static uint8_t *read_file(const char *path, size_t *size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;
	uint8_t *bytes = NULL;

	if (file >= 0 && !fstat(file, &info)) {
		*size = (size_t)info.st_size;
		bytes = malloc(*size);
	}
	if (bytes && read(file, bytes, *size) != (ssize_t)*size) {
		free(bytes);
		bytes = NULL;
	}
	if (file >= 0)
		close(file);
	return bytes;
}

uint8_t *hive_file_filled(size_t *size)
{
	char path[] = "/tmp/impasse-hive-XXXXXX";
	int file = mkstemp(path);
	uint8_t empty[HIVE_FILE_EMPTY] = { 0 }, *bytes = NULL;

	if (file < 0)
		return NULL;
	hive_file_empty(empty);
	if (write(file, empty, sizeof(empty)) == sizeof(empty) && fill_hive(path))
		bytes = read_file(path, size);
	close(file);
	unlink(path);
	return bytes;
}
