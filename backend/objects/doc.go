// Package objects keeps files: it writes them whole or not at all, readable by their owner only.
//
// It owns the kill file, and shelves of files under names of its own making. It does not know what trading is beyond the words on
// the kill file.
package objects
