package app

import (
	"errors"
	"fmt"
	"runtime"
)

// windowCommand opens the window.
type windowCommand struct {
	Hidden bool `help:"Start out of sight: in the tray, or minimised where there is none."`
}

func (c *windowCommand) Run(sh *shell) error {
	if hasWindow && !generating && !hasDisplay(sh.env) {
		return ended(exitFailed, "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. `hoox serve` runs everything and prints an address for your browser")
	}
	err := openWindow(sh, c.Hidden)
	var end *exit
	if errors.As(err, &end) && end.code == exitLocked {
		return raise(sh, err)
	}
	return err
}

// raise brings the window of the instance that has the folder to the front: who starts the program twice looks for it. The
// first fault stands where that instance has no window.
func raise(sh *shell, first error) error {
	if _, err := ask[Receipt](sh, "Desktop/Show", Empty{}); err != nil {
		return first
	}
	fmt.Fprintln(sh.stderr, "hoox is running already: its window was brought to the front.")
	return nil
}

// hasDisplay tells whether a window can be opened.
func hasDisplay(env func(string) string) bool {
	return runtime.GOOS != "linux" || env("DISPLAY") != "" || env("WAYLAND_DISPLAY") != ""
}
