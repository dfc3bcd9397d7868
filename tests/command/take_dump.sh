# For tests that read a real dump: the sample driver hangs in the lab, once unloaded and once loaded; $good is the dump of it.
# Usage: . take_dump.sh ACCEL
. "$(dirname "$0")/../e2e/common.sh"

lab_up
install_driver "$build/drivers/event_deadlock.sys" TestDriver.sys
expect '[SC] CreateService SUCCESS' impasse sc create TestDrv type= kernel 'binPath= C:\drivers\TestDriver.sys'
expect 'RUNNING' impasse sc start TestDrv
expect_blocked TestDrv
expect 'STOPPED' impasse sc stop TestDrv
expect 'RUNNING' impasse sc start TestDrv
expect_blocked TestDrv
good=$scratch/good.dmp
expect '' impasse dump -o "$good"
expect '' impasse lab down
