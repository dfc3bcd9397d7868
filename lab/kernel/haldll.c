/* hal.dll has no code of its own: the linker wants an object all the same, and hal/hal.def says what it forwards. */
_Static_assert(sizeof(void *) == 8, "hal.dll is a 64-bit image");
