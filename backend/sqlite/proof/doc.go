//go:build proof

// Package proof is a disk that can be cut off: a layer under the engine's own file layer that writes down every write,
// truncate, sync and delete, makes pictures of what a machine without power would find, and can fail on demand. It exists
// only in test builds with the tag proof and ships in no program.
//
// It owns what a power cut may do to a file. It knows nothing of what the files mean.
//
// The model: what was synced is on disk. Of what was not, anything may be: nothing, the first part, any of the writes, and
// the last write torn between sectors of 512 bytes. A new name lasts at once; a file deleted without a sync of its folder may
// come back until the next sync of any file. No disk lies about a sync that it has done.
package proof
