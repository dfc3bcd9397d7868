/* What the files about executive resources share. */
#ifndef RESOURCE_H
#define RESOURCE_H

#include "ex.h"
#include "kd.h"
#include "ke.h"

#define EXP_RESOURCE_TAG 'aTeR' /* "ReTa", NT's tag for owner tables */

/* ERESOURCE.Flag (wdm.h; the lowest is WRK's). */
#define ResourceDisableBoost   0x08
#define ResourceOwnedExclusive 0x80

typedef enum _EX_SHARED_ACCESS {
	ExpShared,           /* behind writers who wait, unless the thread shares it already */
	ExpStarveExclusive,  /* before all writers who wait */
	ExpWaitForExclusive, /* behind writers who wait, even if the thread shares it already */
} EX_SHARED_ACCESS;

/* Under the lock: the entry of an owner, of 0 a free one. NULL: there is none. */
POWNER_ENTRY ExpFindOwner(PERESOURCE resource, ERESOURCE_THREAD thread);

#endif
