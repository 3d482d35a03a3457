// Package objects keeps files: it writes them whole or not at all, readable by their owner only.
//
// It owns the kill file. It does not know what trading is beyond the words on that file.
package objects
