//go:build !windows

package app

import "syscall"

// noCoreDumps keeps what is in memory, secrets too, from being written to disk when the program crashes.
func noCoreDumps() error {
	return syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}
