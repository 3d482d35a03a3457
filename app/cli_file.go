package app

import (
	"errors"
	"io"
	"io/fs"

	"hoox/backend/disk"
	"hoox/backend/trading"
)

// writeNew writes the file that a person named for what a command gives out. It fails with Conflict for one that is there, with
// Invalid for one that cannot be made, with Unavailable when the disk fails, and as write does; then there is no file.
func writeNew(file string, write func(io.Writer) error) error {
	err := disk.WriteNew(file, write)
	var fault *fs.PathError
	switch {
	case errors.Is(err, fs.ErrExist):
		return trading.Errorf(trading.Conflict, "%s is there already: name a file that is not", file)
	case errors.As(err, &fault) && fault.Op == "open":
		return trading.Errorf(trading.Invalid, "write %s: %v", file, fault.Err)
	case errors.As(err, &fault):
		return trading.Errorf(trading.Unavailable, "write %s: %v", file, fault.Err)
	}
	return err
}
