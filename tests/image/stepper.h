/* Runs a Windows image's function in a child process, one instruction at a time, on a stack that is at the same time memory of a dump.
 * It knows the true callers because it watches every call and return; it knows nothing of unwind data.
 */
#ifndef TESTS_IMAGE_STEPPER_H
#define TESTS_IMAGE_STEPPER_H

#include "image/unwind.h"
#include "synthetic.h"

struct stepped_image {
	struct synthetic made;
	struct imp_dump *dump;
	struct imp_memory *memory;
	struct imp_pe *file; /* the image file */
	uint64_t base, size, image_page, stack_page;
	struct {
		char name[32];
		uint64_t address;
	} exports[16];
	size_t export_count;
};

/* A frame that will be returned to, and the registers that it will then find. */
struct caller {
	struct imp_registers registers;
	bool machine_frame; /* entered again by iretq */
};

/* Called after each instruction while the image runs. `callers[count - 1]` is the nearest one, `callers[0]` the host. False ends it. */
typedef bool (*step_visitor)(void *context, const struct imp_registers *now, const struct caller *callers, size_t count);

/* Loads the image file at its preferred base into a dump. Fails the test when it cannot. */
void stepped_image_load(struct stepped_image *image, const char *path);
void stepped_image_free(struct stepped_image *image);
/* The address of an export; 0 when there is none. */
uint64_t stepped_image_export(const struct stepped_image *image, const char *name);
/* Steps through `function` from its first instruction to its return; the number of instructions. */
size_t step_through(struct stepped_image *image, const char *function, step_visitor visit, void *context);

#endif
