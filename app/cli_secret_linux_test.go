package app

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"hoox/backend/tunnel"
)

func TestASecretOfSeveralLinesIsNotTypedAtATerminal(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	dir := privateDir(t)
	// Nobody types: a command that asks ends at once.
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, words bytes.Buffer

	code := run([]string{"--data-dir", dir, "secret", "set", tunnel.SecretSSHKey},
		shell{ctx: ctx, stdin: terminal, stdout: &out, stderr: &words, env: testEnv, now: time.Now})

	if code != exitUsage || !strings.Contains(words.String(), "pipe it in") {
		t.Errorf("had %d %q, want 2 and what to do: a terminal ends the value at the first line", code, &words)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a data folder was made for nothing")
	}
}
