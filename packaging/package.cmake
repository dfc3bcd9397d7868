# The Debian package: `make deb`. What depends on what is found out by dpkg-shlibdeps.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME impasse)
set(CPACK_PACKAGE_CONTACT "Impasse maintainers <maintainers@impasse.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "debugger for Windows kernel dumps, with a lab to make them")
set(CPACK_PACKAGE_DESCRIPTION "Impasse opens kernel crash dumps of 64-bit Windows on Linux and answers
the commands of WinDbg and MEX on them, at a prompt, in scripts and,
through libimpasse, in programs. Its lab is a small NT-compatible kernel in
QEMU that loads 64-bit Windows drivers, lets them hang, and leaves a dump.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "qemu-system-x86, less")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/triggers)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/compress.cmake)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/changelog DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${CMAKE_CURRENT_LIST_DIR}/lintian-overrides RENAME impasse DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides)
install(FILES LICENSE RENAME copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
include(CPack)
