//go:build bindings || dev || (desktop && !linux)

package app

// stayHome does nothing: the toolkit gives no hold on its window here. What a page of another address may call is refused by
// the toolkit itself, everywhere.
func stayHome() {}
