/* Nothing but nt.h: this file is compiled so that every type in it reaches ntkrnlmp.pdb, used by code or not. */

#include "nt.h"
