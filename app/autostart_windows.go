package app

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows/registry"
)

// runKey is where Windows looks for what starts with a user.
const runKey = `Software\Microsoft\Windows\CurrentVersion\Run`

// approvedKey is where the Task Manager's switch is kept; the first byte of the value is odd when it is off.
const approvedKey = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`

const runName = "Hoox Desktop"

type registryAutostart struct{ line string }

func systemAutostart(command []string) autostart { return registryAutostart{windowsLine(command)} }

func (r registryAutostart) on() (bool, error) {
	key, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the autostart: %w", err)
	}
	defer key.Close()
	if _, _, err := key.GetStringValue(runName); errors.Is(err, registry.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("read the autostart: %w", err)
	}
	return !switchedOff(), nil
}

// switchedOff tells whether a person switched it off in the Task Manager.
func switchedOff() bool {
	key, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer key.Close()
	value, _, err := key.GetBinaryValue(runName)
	return err == nil && len(value) > 0 && value[0]&1 == 1
}

func (r registryAutostart) set(on bool) error {
	key, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("change the autostart: %w", err)
	}
	defer key.Close()
	if on {
		allow()
		err = key.SetStringValue(runName, r.line)
	} else if err = key.DeleteValue(runName); errors.Is(err, registry.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("change the autostart: %w", err)
	}
	return nil
}

// allow takes back what the Task Manager was told; whether it worked is read back afterwards.
func allow() {
	key, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.SET_VALUE)
	if err != nil {
		return
	}
	defer key.Close()
	_ = key.DeleteValue(runName)
}
