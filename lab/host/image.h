/* Where the lab's image (impasse-lab.elf) is found. Not responsible for its contents.
 */
#ifndef IMP_HOST_IMAGE_H
#define IMP_HOST_IMAGE_H

#include "base/error.h"

/* The path of the image, allocated: $IMPASSE_LAB_IMAGE, else lab/impasse-lab.elf beside the program (a build folder), else
 * ../share/impasse/lab/ seen from the program, else the installed data folder. Errors: IMP_ERROR_NOT_FOUND, which names all of them.
 */
struct imp_error *imp_lab_image_find(char **path);

#endif
