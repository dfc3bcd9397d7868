/* Registry hives as files: an empty one by the specification, and one that hivex (not ours) has filled with keys and values of every kind. */
#ifndef TESTS_NT_HIVE_FILE_H
#define TESTS_NT_HIVE_FILE_H

#include <stddef.h>
#include <stdint.h>

enum {
	HIVE_FILE_EMPTY = 2 * 4096,
	HIVE_FILE_SUBKEYS = 150, /* of the key Many: Key000 and so on */
	HIVE_FILE_BYTES = 600,   /* of the value Long: 00, 01, 02, ... */
};

/* Writes a hive with a root key and nothing else into `hive`, which is zeroed. */
void hive_file_empty(uint8_t hive[HIVE_FILE_EMPTY]);
/* The filled one, freed by the caller; NULL without the program hivexsh. */
uint8_t *hive_file_filled(size_t *size);

#endif
