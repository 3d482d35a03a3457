// Package settings is the typed registry of the runtime manifest: every key a trader may change while the program runs,
// with its type, default, bounds and meaning.
//
// It owns what a value may be and hands out snapshots. It does not store: sqlite keeps the rows and their history.
package settings
