package app

import (
	"path/filepath"

	"github.com/adrg/xdg"
)

func systemAutostart(command []string) autostart {
	return launchAgent(filepath.Join(xdg.Home, "Library", "LaunchAgents"), command)
}
