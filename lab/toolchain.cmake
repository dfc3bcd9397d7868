# The lab's toolchain: one clang for the PE kernel and for the ELF loader. Project languages are C and assembly only; the lab's
# CMakeLists.txt links with lld itself, so nothing is ever linked while CMake probes the compiler.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

find_program(LAB_CLANG NAMES clang-19 clang-20 clang-18 clang-17 clang-16 clang REQUIRED)
find_program(LAB_LLD_LINK NAMES lld-link-19 lld-link-20 lld-link-18 lld-link-17 lld-link-16 lld-link REQUIRED)
find_program(LAB_LD_LLD NAMES ld.lld-19 ld.lld-20 ld.lld-18 ld.lld-17 ld.lld-16 ld.lld REQUIRED)
find_program(LAB_LLVM_LINK NAMES llvm-link-19 llvm-link-20 llvm-link-18 llvm-link-17 llvm-link-16 llvm-link REQUIRED)
find_program(LAB_AR NAMES llvm-ar-19 llvm-ar-20 llvm-ar-18 llvm-ar-17 llvm-ar-16 llvm-ar REQUIRED)
find_program(LAB_RANLIB NAMES llvm-ranlib-19 llvm-ranlib-20 llvm-ranlib-18 llvm-ranlib-17 llvm-ranlib-16 llvm-ranlib REQUIRED)

set(CMAKE_C_COMPILER ${LAB_CLANG})
set(CMAKE_ASM_COMPILER ${LAB_CLANG})
set(CMAKE_C_COMPILER_TARGET x86_64-windows-gnu)
set(CMAKE_ASM_COMPILER_TARGET x86_64-windows-gnu)
set(CMAKE_AR ${LAB_AR})
set(CMAKE_RANLIB ${LAB_RANLIB})
