//go:build (desktop || dev) && !bindings

package app

// trayHost is always true: Windows has a tray.
func trayHost() bool { return true }
