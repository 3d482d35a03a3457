//go:build !windows

package disk

import (
	"fmt"
	"syscall"
)

// Free is how many bytes this user may still write where dir is.
func Free(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("ask for free space: %w", err)
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
