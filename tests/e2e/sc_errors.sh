#!/bin/sh
# Services that cannot be made, started or stopped: Windows' error codes, in words.
. "$(dirname "$0")/common.sh"

lab_up
deadlock=$build/drivers/event_deadlock.sys
install_driver "$deadlock" ok.sys
# The same driver, with an import that no kernel has, of another machine type, cut short, and not a driver at all.
sed 's/ZwSetInformationFile/ZwSetInformationF_le/' "$deadlock" >"$c/drivers/missing.sys"
header=$(od -An -tu4 -j60 -N4 "$deadlock" | tr -d ' ')
cp "$deadlock" "$c/drivers/arm.sys"
printf '\144\252' | dd of="$c/drivers/arm.sys" bs=1 seek=$((header + 4)) conv=notrunc 2>/dev/null
head -c 3000 "$deadlock" >"$c/drivers/cut.sys"
echo 'hello' >"$c/drivers/text.sys"

service() { impasse sc create "$1" type= kernel "binPath= C:\\drivers\\$2" >/dev/null; }
service gone nothing.sys
service missing missing.sys
service arm arm.sys
service cut cut.sys
service text text.sys
service ok ok.sys
expect_code 1 'FAILED 2:' impasse sc start gone
expect_code 1 'FAILED 127:' impasse sc start missing
expect_code 1 'ZwSetInformationF_le' impasse sc start missing
expect_code 1 'FAILED 193:' impasse sc start arm
expect_code 1 'FAILED 193:' impasse sc start cut
expect_code 1 'FAILED 193:' impasse sc start text
expect_code 1 'FAILED 1060:' impasse sc start nobody
expect_code 1 'FAILED 1062:' impasse sc stop ok
expect_code 1 'FAILED 1073:' impasse sc create ok type= kernel 'binPath= C:\drivers\ok.sys'
expect 'RUNNING' impasse sc start OK
expect_blocked ok # its threads run in its code: unloading it earlier would stop the machine, as on Windows
expect_code 1 'FAILED 1056:' impasse sc start ok
expect '[SC] DeleteService SUCCESS' impasse sc delete ok
expect_code 1 'FAILED 1072:' impasse sc delete ok
expect 'STOPPED' impasse sc stop ok
expect_code 1 '1060' impasse sc query ok
verdict
