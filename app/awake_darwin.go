package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
)

// holdAwake has macOS' own caffeinate hold the system; it ends with this program, also when that is killed.
func holdAwake(string) (func(), string, error) {
	child := exec.Command("/usr/bin/caffeinate", "-i", "-w", strconv.Itoa(os.Getpid()))
	child.Env = []string{}
	if err := child.Start(); err != nil {
		return nil, "", fmt.Errorf("caffeinate: %w", err)
	}
	return func() {
		_ = child.Process.Kill() // it may have ended by itself
		_ = child.Wait()
	}, "caffeinate", nil
}

// followSleep tells nothing: the clock alone tells.
func followSleep(context.Context, *slog.Logger, func(bool)) {}
