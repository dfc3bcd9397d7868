/* hal.dll and fltmgr.sys have no code of their own: the linker wants an object all the same; hal/hal.def and io/fltmgr.def say what they forward. */
_Static_assert(sizeof(void *) == 8, "hal.dll is a 64-bit image");
