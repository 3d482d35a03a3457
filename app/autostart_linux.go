package app

import (
	"path/filepath"

	"github.com/adrg/xdg"
)

func systemAutostart(command []string) autostart {
	return desktopEntry(filepath.Join(xdg.ConfigHome, "autostart"), command)
}
