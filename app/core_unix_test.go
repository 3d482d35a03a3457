//go:build !windows

package app

import (
	"syscall"
	"testing"
)

func TestACrashWritesNoMemoryToDisk(t *testing.T) {
	if err := noCoreDumps(); err != nil {
		t.Fatal(err)
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 || limit.Max != 0 {
		t.Errorf("had %+v %v, want none", limit, err)
	}
}
