/* What kind of file stands where a driver should be: for the sentence that explains error 193. The kernel decides; this only looks.
 */
#ifndef IMP_HOST_DRIVER_FILE_H
#define IMP_HOST_DRIVER_FILE_H

#include <stddef.h>

/* Writes what the file behind `fd` is and what was expected, NUL-terminated and cut to `size`; "" when nothing is wrong with the
 * parts looked at (MZ and PE signatures, machine, PE32+ magic, native subsystem).
 */
void imp_driver_file_explain(int fd, char *text, size_t size);

#endif
