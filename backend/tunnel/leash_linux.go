package tunnel

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"hoox/backend/trading"
)

// leash makes the child the leader of a group, and has the system kill it when we end, however that happens.
func leash(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// born is when a process began, in the system's own words; it tells two apart that had the same number.
func born(pid int) (string, error) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", err
	}
	// The name may hold anything, so the count begins behind it; the 22nd field of all is the 20th from there.
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 20 {
		return "", trading.Errorf(trading.Internal, "process %d cannot be read", pid)
	}
	return string(fields[19]), nil
}
