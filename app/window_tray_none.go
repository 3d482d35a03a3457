//go:build bindings || ((desktop || dev) && !linux && !windows)

package app

import "runtime"

// tray is none: on macOS the Dock shows the program, and a click on it brings the window back.
type tray struct{}

func newTray(*frame) *tray { return &tray{} }

func (t *tray) there() bool { return runtime.GOOS == "darwin" }
func (t *tray) start()      {}
func (t *tray) stop()       {}
