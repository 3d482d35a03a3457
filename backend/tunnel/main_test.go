package tunnel_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if act, ok := standIns[strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")]; ok {
		// Not os.Exit, with which the race detector waits a second each time.
		syscall.Exit(act())
	}
	goleak.VerifyTestMain(m)
}
