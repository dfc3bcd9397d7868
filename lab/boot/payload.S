/* The boot images that the loader maps. */
	.section .rodata
	.balign 16
	.globl ntoskrnl_image, ntoskrnl_image_end, hal_image, hal_image_end, fltmgr_image, fltmgr_image_end
ntoskrnl_image:
	.incbin "ntoskrnl.exe"
ntoskrnl_image_end:
	.balign 16
hal_image:
	.incbin "hal.dll"
hal_image_end:
	.balign 16
fltmgr_image:
	.incbin "fltmgr.sys"
fltmgr_image_end:
	.section .note.GNU-stack, "", @progbits
