/* What the files of the executive share. */
#ifndef EXP_H
#define EXP_H

#include "nt.h"

VOID ExpInitializeWorkQueue(VOID); /* worker.c */
BOOLEAN ExpCreateTypes(VOID);      /* event.c */

#endif
