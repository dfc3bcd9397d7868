# The few commands people type; the build itself is CMake's (CMakePresets.json).
PREFIX ?= /usr/local
# Warnings are errors (ON in CI).
WERROR ?= OFF

.PHONY: all check demo score bench fuzz install deb clean bootstrap sanitize format

all: bootstrap
	cmake --preset default -DCMAKE_INSTALL_PREFIX=$(PREFIX) -DIMPASSE_WERROR=$(WERROR) >/dev/null
	cmake --build --preset default

bootstrap:
	tools/bootstrap

demo: all
	tools/demo

# What the verdict finds, misses and imagines in the sample drivers.
SCORE_ACCEL ?= tcg
score: all
	python3 tests/verdict/verdict.py $(SCORE_ACCEL) 1 clang

check: all sanitize
	tools/check-format
	tools/check-tidy build-sanitize
	ctest --preset default

sanitize: bootstrap
	cmake --preset sanitize -DIMPASSE_FUZZ_SECONDS=60 >/dev/null
	cmake --build --preset sanitize
	ctest --preset sanitize

# Each fuzz target for FUZZ_SECONDS, two at a time.
FUZZ_SECONDS ?= 600
fuzz: bootstrap
	cmake --preset sanitize -DIMPASSE_FUZZ_SECONDS=$(FUZZ_SECONDS) >/dev/null
	cmake --build --preset sanitize
	ctest --preset sanitize -R '^fuzz_'

bench: all
	bench/run

install: all
	cmake --install build --prefix $(DESTDIR)$(PREFIX)

# build-package/impasse_*.deb
deb: bootstrap
	cmake --preset package >/dev/null
	cmake --build --preset package
	cpack --config build-package/CPackConfig.cmake -B build-package
	@rm -rf build-package/_CPack_Packages

clean:
	rm -rf build build-sanitize build-package
