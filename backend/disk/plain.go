package disk

import (
	"fmt"
	"os"
)

// OpenPlain opens a file that somebody named, for reading. It fails for a link, which leads wherever somebody else says, and for
// everything that is no file of a size: folders, devices and pipes.
func OpenPlain(path string) (*os.File, error) {
	named, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case named.Mode()&os.ModeSymlink != 0:
		return nil, fmt.Errorf("%s is a link: name the file itself", path)
	case !named.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	// Somebody may have put another in its place since.
	opened, err := f.Stat()
	if err == nil && !os.SameFile(named, opened) {
		err = fmt.Errorf("%s was changed while it was opened: try again", path)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
