//go:build (desktop || dev) && !bindings

package app

import "github.com/godbus/dbus/v5"

// trayHost asks whether the desktop shows trays: some have none, or only with an extension.
func trayHost() bool {
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return false
	}
	defer bus.Close()
	value, err := bus.Object("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher").GetProperty("org.kde.StatusNotifierWatcher.IsStatusNotifierHostRegistered")
	if err != nil {
		return false
	}
	there, ok := value.Value().(bool)
	return ok && there
}
