# Puts the help of all commands into the manual page. -DPROGRAM, -DTEMPLATE, -DOUTPUT.
execute_process(COMMAND ${PROGRAM} help --man OUTPUT_VARIABLE COMMANDS COMMAND_ERROR_IS_FATAL ANY)
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
