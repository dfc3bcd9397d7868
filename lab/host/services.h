/* The service database (services.json in the lab's folder): what `sc create` has recorded, by name. On Windows the registry holds it;
 * the lab's kernel only knows drivers. Not responsible for starting anything.
 */
#ifndef IMP_HOST_SERVICES_H
#define IMP_HOST_SERVICES_H

#include "folder.h"

struct imp_service {
	char *name;         /* as created; compared without case */
	char *display;      /* display name */
	char *image;        /* \??\C:\... */
	char *start;        /* boot, system, auto, demand, disabled */
	char *error;        /* normal, severe, critical, ignore */
	uint32_t exit_code; /* last Windows error code, 1077 before the first start */
	bool stoppable;     /* false once the driver has shown that it has no unload routine */
	bool deleted;       /* marked for deletion, goes when it stops */
};

struct imp_services {
	int lock;
	json_t *document;
};

/* Opens the database for one change after another; nobody else gets in until it is closed. A missing file is an empty database. */
struct imp_error *imp_services_open(const struct imp_folder *folder, struct imp_services *services);
void imp_services_close(struct imp_services *services);

/* Reads the service `name` (without case); false when there is none. The strings belong to the database, until it changes. */
bool imp_services_find(const struct imp_services *services, const char *name, struct imp_service *service);
/* Reads the service at `index`, in the order of creation; false behind the last. */
bool imp_services_at(const struct imp_services *services, size_t index, struct imp_service *service);

/* Adds or replaces the record of that name, or removes it, and writes the file. */
struct imp_error *imp_services_put(struct imp_services *services, const struct imp_folder *folder, const struct imp_service *service);
struct imp_error *imp_services_remove(struct imp_services *services, const struct imp_folder *folder, const char *name);

#define IMP_CLEANUP_SERVICES __attribute__((cleanup(imp_services_close)))

#endif
