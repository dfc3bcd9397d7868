#!/bin/sh
# The debugger and a symbol server: .sympath, .symfix, .reload, !sym, !lmi and lm, on a real dump whose symbols come over HTTP, and then out of the store.
# Usage: servers.sh ACCEL
. "$(dirname "$0")/take_dump.sh"

export XDG_CACHE_HOME="$scratch/cache" no_proxy=127.0.0.1
# Whatever asks another server than this test's gets nowhere.
export https_proxy=http://127.0.0.1:1 http_proxy=http://127.0.0.1:1
kd() { "$build/impasse" -z "$good" "$@" </dev/null; }
# The identity of a module's PDB, as the image says it: GUID without dashes and age.
identity() {
	kd --json -c "!lmi $1; q" | sed -n 's/.*"pdb_guid": *"\([^"]*\)".*"pdb_age": *\([0-9]*\).*/\1 \2/p' | tr -d - | { read -r guid age && printf '%s%X\n' "$guid" "$age"; }
}
nt=$(identity nt)
server=$scratch/server
# The key of a module's image.
image() {
	kd --json -c "lm m $1; q" | sed -n 's/.*"time_date_stamp": *"0x0*\([0-9a-f]*\)".*"size": *\([0-9]*\).*/\1 \2/p' | { read -r stamp size && printf '%08X%x\n' "0x$stamp" "$size"; }
}
hal=$(image hal)
driver=$(image TestDriver)
mkdir -p "$server/ntkrnlmp.pdb/$nt" "$server/hal.dll/$hal" "$server/TestDriver.sys/$driver"
gcab -c -z "$server/ntkrnlmp.pdb/$nt/ntkrnlmp.pd_" "$build/lab/ntkrnlmp.pdb"
cp "$build/lab/hal.dll" "$server/hal.dll/$hal/"
gcab -c -z "$server/TestDriver.sys/$driver/TestDriver.sy_" "$c/drivers/TestDriver.sys"
mkfifo "$scratch/end"
"$build/tests/symbols/serve" "$server" "$scratch/url" <"$scratch/end" &
exec 9>"$scratch/end"
until [ -e "$scratch/url" ]; do sleep 0.05; done
path="srv*$scratch/store*$(cat "$scratch/url")"

echo '# symbols from the server'
expect "Symbol search path is: $path" kd -c ".sympath $path; q"
expect "(private pdb symbols)  $scratch/store/ntkrnlmp.pdb/$nt/ntkrnlmp.pdb" kd -c ".sympath $path; lm; q"
cmp "$build/lab/ntkrnlmp.pdb" "$scratch/store/ntkrnlmp.pdb/$nt/ntkrnlmp.pdb" || failures=$((failures + 1))
expect 'TestDriver!FileCreationThread' kd -c ".sympath $path; us TestDriver; q"
expect '1 of 1 module with symbols' kd -c ".sympath $path; .reload /f TestDriver; q"
kd -c ".sympath $path; !sym noisy; .reload /f hal; q" >"$scratch/noise" 2>&1 || true
for line in "DBGHELP: $scratch/store - hal.dll not found there" 'hal.dll/'"$hal"'/hal.dll - received' "DBGHELP: $scratch/store/hal.dll/$hal/hal.dll - OK"; do
	grep -qF -- "$line" "$scratch/noise" || { echo "FAILED: !sym noisy: no '$line' in"; cat "$scratch/noise"; failures=$((failures + 1)); }
done

echo '# a page of unwind data that is not in the dump: the image file has it'
kd -c ".sympath $path; us TestDriver; q" >"$scratch/whole" 2>&1
cp "$good" "$scratch/paged.dmp"
# The driver's image is of seven pages, .pdata in the one before the last.
entry=$(kd -c '!pte TestDriver+6000; q' | sed -n 's/.*PTE at \([0-9A-F]*\).*/\1/p')
"$build/tests/command/damage" "$scratch/paged.dmp" write "$entry" 0000000000000000
paged() { "$build/impasse" -z "$scratch/paged.dmp" "$@" </dev/null; }
expect 'no unwind data covers' paged -c ".sympath srv*$scratch/store; us TestDriver; q"
[ ! -e "$scratch/store/TestDriver.sys" ] || { echo 'FAILED: the image came too early'; failures=$((failures + 1)); }
paged -c ".sympath $path; us TestDriver; q" >"$scratch/paged" 2>&1
cmp "$scratch/whole" "$scratch/paged" || { diff "$scratch/whole" "$scratch/paged"; failures=$((failures + 1)); }
cmp "$scratch/store/TestDriver.sys/$driver/TestDriver.sys" "$c/drivers/TestDriver.sys" || failures=$((failures + 1))

echo '# each file was asked for once'
for file in ntkrnlmp.pd_ hal.dll/$hal/hal.dll; do
	requests=$(grep -c "$file" "$server/requests" || true)
	[ "$requests" = 1 ] || { echo "FAILED: $requests requests for $file"; failures=$((failures + 1)); }
done

echo '# without the server'
exec 9>&-
wait
expect 'TestDriver!FileCreationThread' kd -c ".sympath $path; us TestDriver; q"
expect_code 1 'no symbols for ntoskrnl.exe' kd -c ".sympath srv*$scratch/other*$(cat "$scratch/url"); .reload /f; q"
expect_code 1 'nt!KeWaitForSingleObject+0x4' kd -c ".sympath srv*$scratch/other*$(cat "$scratch/url"); .reload; ln nt!KeWaitForSingleObject+4; q"
expect_code 1 'did not answer before' kd -c ".sympath srv*$scratch/other*$(cat "$scratch/url"); .reload; q"
expect "Expanded Symbol search path is: srv*$scratch/cache/impasse/symbols*https://msdl.microsoft.com/download/symbols" kd -c '.symfix; q'
expect "srv*$scratch/mine*https://msdl.microsoft.com/download/symbols" kd -c ".symfix+ $scratch/mine; .sympath; q"
expect 'is a folder on Windows' kd -c '.sympath+ C:\symbols; q'
[ -z "$(find "$scratch" -path '*/.incoming*')" ] || { echo 'FAILED: temporary files'; failures=$((failures + 1)); }

echo '# wrong usage, and JSON'
expect_code 1 'is not known here' kd -c '.reload /x; q'
expect_code 1 'one argument too many' kd -c '.reload a b; q'
expect_code 1 "no loaded module is named 'nosuch'" kd -c '.reload nosuch; q'
expect_code 1 'neither noisy nor quiet' kd -c '!sym loud; q'
expect_code 1 'which module?' kd -c '!lmi; q'
expect_code 1 'lm lists them' kd -c '!lmi nosuch; q'
expect_code 1 '.sympath takes whole paths' kd -c '.symfix srv*; q'
expect '"expanded_symbol_path"' kd --json -c '.sympath; q'
expect '"symbol_search"' kd --json -c '!sym noisy; q'
expect '"with_symbols"' kd --json -c '.reload /f; q'
exit "$((failures > 0))"
