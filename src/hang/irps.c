/* Objects that the completion of an IRP signals: a waiting thread's own IRPs name the event. Who has such an IRP is the driver of the device that it was sent
 * to; only of a driver whose code is looked at can it be told that nobody is left to complete it.
 */
#include "hang/parts.h"

#include "nt/driver.h"
#include "nt/irp.h"

struct looking {
	struct imp_hang *hang;
	size_t thread;
};

/* The driver whose routine the IRP was handed to; NULL when that is the kernel's, or not known. */
static struct imp_module *holder(struct imp_kernel *kernel, const struct imp_irp *irp, uint64_t *device)
{
	struct imp_irp_location location = { 0 };
	struct imp_device read;
	struct imp_module *module;
	uint64_t routine;
	const struct imp_field *dispatch;
	IMP_CLEANUP_ERROR struct imp_error *err = irp->current && irp->current <= irp->stack_count
							  ? imp_irp_location_read(kernel, irp, irp->current, &location)
							  : imp_error_new(IMP_ERROR_NOT_FOUND, "not sent");

	if (!err)
		err = imp_device_read(kernel, location.device, &read);
	if (!err)
		err = imp_nt_field(kernel, IMP_DRIVER_DISPATCH, &dispatch);
	if (!err)
		err = imp_memory_u64(kernel->memory, read.driver + dispatch->offset + 8ull * location.major, &routine);
	if (err)
		return NULL;
	*device = location.device;
	module = imp_kernel_module_at(kernel, routine);
	return module && module->base != kernel->nt.base ? module : NULL;
}

static void add_module(struct imp_hang *hang, struct imp_hang_object *object, struct imp_module *module)
{
	size_t index = imp_hang_add_module(hang, module);

	for (size_t i = 0; i < object->module_count; i++) {
		if (object->modules[i] == index)
			return;
	}
	if (index != IMP_HANG_NONE && object->module_count < IMP_HANG_OBJECT_MODULES)
		object->modules[object->module_count++] = index;
	else
		object->gaps |= IMP_GAP_TOO_MUCH;
}

static bool look_at_irp(void *context, uint64_t address)
{
	struct looking *looking = context;
	struct imp_hang *hang = looking->hang;
	struct imp_hang_thread *thread = &hang->threads[looking->thread];
	struct imp_irp irp;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_irp_read(hang->kernel, address, &irp);

	for (size_t i = 0; !err && i < thread->object_count; i++) {
		struct imp_hang_object *object = &hang->objects[thread->objects[i]];
		struct imp_module *module;

		if (!irp.user_event || irp.user_event != object->address)
			continue;
		object->irp = address;
		module = holder(hang->kernel, &irp, &object->irp_device);
		if (!module) {
			object->hope = IMP_HOPE_IRP;
			object->hope_at = address;
			continue;
		}
		thread->hope = thread->hope == IMP_HOPE_KERNEL ? IMP_HOPE_NONE : thread->hope;
		add_module(hang, object, module);
		if (!imp_hang_add_alias(hang, address, thread->objects[i]))
			object->gaps |= IMP_GAP_TOO_MUCH;
	}
	return true;
}

void imp_hang_find_irps(struct imp_hang *hang)
{
	for (size_t i = 0; i < hang->thread_count; i++) {
		struct looking looking = { hang, i };

		if (hang->threads[i].object_count)
			imp_kernel_note_error(hang->kernel, imp_thread_irps(hang->kernel, hang->threads[i].thread.address, look_at_irp, &looking));
	}
}
