#!/bin/sh
# sc.exe's words and codes, for services whose driver the stand-in fails in every documented way.
. "$(dirname "$0")/common.sh"

expect 1 'FAILED 1722' sc query x
lab up --accel tcg >/dev/null
c=$IMPASSE_LAB/c
mkdir "$c/Drivers"
echo hello >"$c/Drivers/text.sys"
make() { expect 0 '[SC] CreateService SUCCESS' sc create "$1" type= kernel binPath= 'C:\drivers\TEXT.sys'; }

make TestDrv
expect 0 '        WIN32_EXIT_CODE    : 1077  (0x435)' sc query TestDrv
expect 1 '[SC] CreateService FAILED 1073:' sc create TESTDRV type= kernel binPath= 'C:\x.sys'
sc start TestDrv >"$scratch/start"
printf '
SERVICE_NAME: TestDrv 
        TYPE               : 1  KERNEL_DRIVER  
        STATE              : 4  RUNNING 
                                (STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)
        WIN32_EXIT_CODE    : 0  (0x0)
        SERVICE_EXIT_CODE  : 0  (0x0)
        CHECKPOINT         : 0x0
        WAIT_HINT          : 0x0
        PID                : 0
        FLAGS              : 
' | cmp - "$scratch/start" || fail "the block of sc start differs"
sc start testdrv >"$scratch/again" && fail "a second start succeeds"
printf '[SC] StartService FAILED 1056:\n\nAn instance of the service is already running.\n\n' | cmp - "$scratch/again" ||
	fail "the message of a second start differs"
expect 0 'DISPLAY_NAME: TestDrv' sc query
expect 0 'STATE              : 1  STOPPED ' sc stop TestDrv
expect 1 '[SC] ControlService FAILED 1062:' sc stop TestDrv
expect 0 'STOPPED' sc query state= all
[ -z "$(sc query)" ] || fail "a stopped service is listed as active"

make NoFile
expect 1 '[SC] StartService FAILED 2:' sc start NoFile
expect 0 'WIN32_EXIT_CODE    : 2  (0x2)' sc query NoFile
make NoPath
expect 1 '[SC] StartService FAILED 3:' sc start NoPath
make NoImage
expect 1 '[SC] StartService FAILED 193:' sc start NoImage
expect 1 'MZ was expected' sc start NoImage
# Its explanation holds the longest path whole.
part=$(printf 'n%.0s' $(seq 240))
mkdir -p "$c/$part/$part/$part/$part"
cp "$c/Drivers/text.sys" "$c/$part/$part/$part/$part/x.sys"
expect 0 'DeleteService SUCCESS' sc delete NoImage
expect 0 'CreateService SUCCESS' sc create NoImage type= kernel binPath= "C:\\$part\\$part\\$part\\$part\\x.sys"
expect 1 'x.sys: the file is no PE image: it starts with other bytes, MZ was expected' sc start NoImage
make NoImport
expect 1 '[SC] StartService FAILED 127:' sc start NoImport
expect 1 'KeFrobnicate from ntoskrnl.exe' sc start NoImport
make Unhappy
expect 1 '[SC] StartService FAILED 31:' sc start Unhappy
expect 1 'NTSTATUS 0xC0000001' sc start Unhappy
make Already
expect 1 '[SC] StartService FAILED 1056:' sc start Already
expect 1 '[SC] StartService: OpenService FAILED 1060:' sc start Nobody
expect 1 '[SC] EnumQueryServicesStatus:OpenService FAILED 1060:' sc query Nobody
expect 1 '[SC] OpenService FAILED 1060:' sc stop Nobody
expect 1 '[SC] OpenService FAILED 1060:' sc delete Nobody

make NoUnload
expect 0 'RUNNING' sc start NoUnload
expect 1 '[SC] ControlService FAILED 1052:' sc stop NoUnload
expect 0 '(NOT_STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)' sc query NoUnload

expect 0 'RUNNING' sc start TestDrv
expect 0 '[SC] DeleteService SUCCESS' sc delete TestDrv
expect 1 '[SC] DeleteService FAILED 1072:' sc delete TestDrv
expect 1 '[SC] CreateService FAILED 1072:' sc create TestDrv type= kernel binPath= 'C:\x.sys'
expect 0 'STOPPED' sc stop TestDrv
expect 1 'FAILED 1060:' sc query TestDrv

expect 0 '[SC] CreateService SUCCESS' sc create Off type= kernel binPath= 'C:\x.sys' start= disabled
expect 1 '[SC] StartService FAILED 1058:' sc start Off
expect 1 'FAILED 3:' sc create D type= kernel binPath= 'D:\x.sys'
expect 1 'FAILED 1078:' sc create Other type= kernel binPath= 'C:\x.sys' displayname= off
expect 1 'type= kernel' sc create X binPath= 'C:\x.sys'

# A driver of the host is copied in, and copied anew.
echo MZ one >"$scratch/Mine.sys"
expect 0 'copied to C:\Windows\System32\drivers\Mine.sys' sc create Mine type= kernel binPath= "$scratch/Mine.sys"
[ "$(cat "$c/Windows/System32/drivers/Mine.sys")" = "MZ one" ] || fail "the driver was not copied"
echo MZ two >"$scratch/Mine.sys"
expect 0 'DeleteService SUCCESS' sc delete Mine
expect 0 'in place of' sc create Mine type= kernel binPath= "$scratch/Mine.sys"
[ "$(cat "$c/Windows/System32/drivers/Mine.sys")" = "MZ two" ] || fail "the driver was not copied again"
echo precious >"$c/Windows/System32/drivers/NOTES.sys"
cp "$scratch/Mine.sys" "$scratch/notes.sys"
expect 1 'FAILED 80:' sc create Notes type= kernel binPath= "$scratch/notes.sys"
[ "$(cat "$c/Windows/System32/drivers/NOTES.sys")" = precious ] || fail "a file that is no driver is overwritten"
[ "$(ls -A "$c/Windows/System32/drivers" | grep -ic -e notes -e '^\.')" = 1 ] || fail "something is left of a driver that was not copied"
expect 1 'FAILED 2:' sc create None type= kernel binPath= "$scratch/none.sys"

# The same as JSON: an object whatever happens.
expect 0 '"copied": "' sc create --json AsJson type= kernel binPath= "$scratch/Mine.sys"
expect 0 '"state": "RUNNING"' sc start AsJson --json
expect 1 '"error": 1056' sc --json start AsJson
expect 1 'already running' sc --json start AsJson
expect 0 '"name": "AsJson"' sc query --json
expect 0 '"win32_exit_code": 1077' sc query state= inactive --json
expect 1 '"error": 1060' sc stop Nobody --json
expect 0 '"ok": true' sc delete AsJson --json

# A new machine has no services.
lab down >/dev/null
lab up --accel tcg >/dev/null
expect 1 'FAILED 1060:' sc query NoFile
verdict
