package disk

import (
	"fmt"
	"io"
	"os"
	"runtime"
)

// ReadPrivate reads a file of at most so many bytes that holds a secret. It fails for one that others can read, and says what
// to do about it; Windows tells no such thing of a file.
func ReadPrivate(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", path)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("others can read %s (%v): chmod 600 it", path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > most {
		clear(text)
		return nil, fmt.Errorf("%s is too long: want at most %d bytes", path, most)
	}
	return text, nil
}
