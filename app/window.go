package app

import "runtime"

// windowCommand opens the window.
type windowCommand struct{}

func (c *windowCommand) Run(sh *shell) error {
	if hasWindow && !generating && !hasDisplay(sh.env) {
		return ended(exitFailed, "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. `hoox serve` runs everything and prints an address for your browser")
	}
	return openWindow(sh)
}

// hasDisplay tells whether a window can be opened.
func hasDisplay(env func(string) string) bool {
	return runtime.GOOS != "linux" || env("DISPLAY") != "" || env("WAYLAND_DISPLAY") != ""
}
