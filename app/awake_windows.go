package app

import (
	"context"
	"errors"
	"log/slog"
	"runtime"

	"golang.org/x/sys/windows"
)

// The flags of SetThreadExecutionState: from now on, and for the system (the screen may go dark).
const (
	continuous     = 0x80000000
	systemRequired = 0x00000001
)

// holdAwake tells Windows that the system is needed. The wish belongs to a thread, so one waits for the end of it.
func holdAwake(string) (func(), string, error) {
	setState := windows.NewLazySystemDLL("kernel32.dll").NewProc("SetThreadExecutionState")
	if err := setState.Find(); err != nil {
		return nil, "", err
	}
	held, done := make(chan bool), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		before, _, _ := setState.Call(continuous | systemRequired)
		held <- before != 0
		<-done
		_, _, _ = setState.Call(continuous)
		held <- false
	}()
	release := func() { close(done); <-held }
	if !<-held {
		release()
		return nil, "", errors.New("Windows refused to stay awake")
	}
	return release, "Windows", nil
}

// followSleep tells nothing: the clock alone tells.
func followSleep(context.Context, *slog.Logger, func(bool)) {}
