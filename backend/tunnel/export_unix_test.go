//go:build unix

package tunnel

var (
	Note  = note
	Born  = born
	Sweep = sweep
)
