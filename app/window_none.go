//go:build !desktop && !dev && !bindings

package app

// hasWindow and generating are facts of the build.
const (
	hasWindow  = false
	generating = false
)

func openWindow(*shell, bool) error {
	return ended(exitFailed, "this program was built without a window. `hoox serve` runs everything and prints an address for your browser; build/build.sh desktop builds one with a window")
}
