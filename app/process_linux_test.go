package app

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestJ7_NobodyElseCanReadAFileOfOursWhateverTheUmask(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	p := start(t)
	p.buy()
	p.do(requestOf(p, "Secrets/Export", `{"passphrase":"a passphrase of some length","current":""}`))
	if _, err := p.node.Store.Backup(context.Background(), filepath.Join(p.dir, "backups")); err != nil {
		t.Fatal(err)
	}
	preview := must[SupportBundle](p, "Support/Preview", AskSupport{})
	must[SavedSupport](p, "Support/Save", SaveSupport{Digest: preview.Digest})
	must[Receipt](p, "Tunnel/Retry", Empty{})
	seen := 0
	err := filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		seen++
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v: other users of this computer can read it", path, info.Mode())
		}
		return nil
	})
	if err != nil || seen < 10 {
		t.Fatalf("%d files were looked at (%v), want ledger, log, vault, copies and what is beside them", seen, err)
	}
}

// descriptors counts what this process has open.
func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestK9_ProgramsThatCameAndWentLeaveNothingOpen(t *testing.T) {
	round := func() {
		dir := privateDir(t)
		p, end := launch(t, dir)
		for n := range 30 {
			p.alert(fmt.Sprintf(`"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.001,"idempotencyKey":"%d"`, n))
			must[OrderPage](p, "Orders/List", PageRequest{})
		}
		conn, _, err := p.dial(p.bearer())
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
		end()
	}
	round() // what is opened once stays
	before := descriptors(t)
	for range 4 {
		round()
	}
	// That no goroutine is left is looked at when all tests are over.
	if after := descriptors(t); after > before+2 {
		t.Errorf("%d files and sockets are open, and %d were before four more programs: in a month there are none left", after, before)
	}
}

func TestN1_AProgramThatIsPausedKeepsItsFolder(t *testing.T) {
	dir := privateDir(t)
	first := exec.Command(os.Args[0])
	first.Env = append(os.Environ(), asProgram+"="+dir, "HOOX_PAPER_MARKET=synthetic")
	said, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = first.Process.Signal(syscall.SIGCONT)
		_ = first.Process.Kill()
		_ = first.Wait()
	}()
	line := make([]byte, 4096)
	n, err := said.Read(line)
	if err != nil || !strings.Contains(string(line[:n]), `"event":"ready"`) {
		t.Fatalf("had %q %v, want it ready", line[:n], err)
	}

	if err := first.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	code, _, words := hoox(t, "", "--data-dir", dir, "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0")
	if code != exitLocked || !strings.Contains(words, "another instance") {
		t.Errorf("a second one beside a paused one: had %d %s, want 7: both would send orders once the first goes on", code, words)
	}
	if err := first.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := first.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- first.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the first ended with %v, want it to stop cleanly once it goes on", err)
		}
	case <-time.After(longEnough):
		t.Error("the first did not stop")
	}
}
