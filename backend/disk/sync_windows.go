package disk

// isUnsupported is always true: Windows cannot sync a folder, and its renames are journaled.
func isUnsupported(error) bool { return true }
