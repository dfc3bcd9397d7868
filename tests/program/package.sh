#!/bin/sh
# The Debian package of this build: what it depends on, that it installs, that the program in it works, and that nothing of it is left when it is removed.
# Usage: package.sh DUMP-FOLDER
dumps=$(realpath "$1")
set -- kvm,tcg
. "$(dirname "$0")/../e2e/common.sh"
[ "$(id -u)" = 0 ] || { echo 'skipped: dpkg installs for root only'; exit 77; }

cpack --config "$build/CPackConfig.cmake" -B "$scratch/package" >"$scratch/cpack" 2>&1 || { cat "$scratch/cpack"; exit 1; }
package=$(echo "$scratch"/package/impasse_*.deb)
field() { dpkg-deb -f "$package" "$1"; }
expect 'libc6 (>=' field Depends
expect 'libedit2' field Depends
expect 'libzydis' field Depends
expect 'qemu-system-x86' field Recommends
expect "$(dpkg --print-architecture)" field Architecture

root=$scratch/root
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/var/lib/dpkg/triggers"
: >"$root/var/lib/dpkg/status"
# What the package depends on (and ldconfig, which its scripts call) is in the machine, not in this root.
as_root() { dpkg --root="$root" --force-depends --force-script-chrootless --log="$scratch/dpkg.log" "$@"; }
expect 'Setting up impasse' as_root --install "$package"
status() { dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${Status}\n' impasse; }
expect 'install ok installed' status
(cd "$root" && dpkg-deb -e "$package" "$scratch/control" && md5sum --quiet -c "$scratch/control/md5sums") || failures=$((failures + 1))

mkdir "$scratch/alone"
cp --sparse=always "$dumps/lab.dmp" "$scratch/alone"
packaged() { "$root/usr/bin/impasse" "$@"; }
# Its symbols are found in the package's lab folder.
expect 'nt!KeWaitForSingleObject' packaged "$scratch/alone/lab.dmp" -i "$dumps" -c 'us TestDriver; q'
mkdir -p "$c/Temp"
expect 'running' packaged lab up --c "$c"
expect '' packaged lab down
page() { man -l "$(find "$root" -name "$1.1.gz")"; }
for name in impasse impasse-lab impasse-sc impasse-dump impasse-convert; do expect 'NAME' page "$name"; done

expect 'Removing impasse' as_root --remove impasse
left() { find "$root" -path "$root/var/lib/dpkg" -prune -o ! -type d -print; echo 'that is left'; }
expect 'that is left' left
[ "$(wc -l <"$scratch/output")" = 1 ] || { echo 'FAILED: files are left'; cat "$scratch/output"; failures=$((failures + 1)); }
verdict
