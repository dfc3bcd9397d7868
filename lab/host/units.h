/* Sizes and durations as people read them. */
#ifndef IMP_HOST_UNITS_H
#define IMP_HOST_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* Room for any text that these functions make. */
#define IMP_UNITS_SIZE 32

/* Binary units: `512 bytes`, `1.5 MiB`, `256 MiB`. Returns `text`, which has room for IMP_UNITS_SIZE bytes. */
const char *imp_units_bytes(uint64_t bytes, char *text);

/* Microseconds: `0.213 s`, `12.1 s`, `5 min 02 s`, `3 h 05 min`, `2 d 04 h`. */
const char *imp_units_duration(uint64_t us, char *text);

#endif
