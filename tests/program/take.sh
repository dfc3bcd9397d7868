#!/bin/sh
# A dump of the lab for the tests of this folder, with its symbols and drivers beside it: FOLDER/lab.dmp. Which accelerator runs the lab does not matter.
# Usage: take.sh FOLDER
folder=$1
set -- kvm,tcg
. "$(dirname "$0")/../command/take_dump.sh"
rm -rf "$folder"
mkdir -p "$folder"
cp --sparse=always "$good" "$folder/lab.dmp"
cp "$build/lab/ntkrnlmp.pdb" "$build/drivers/event_deadlock.pdb" "$c/drivers/TestDriver.sys" "$folder"
verdict
