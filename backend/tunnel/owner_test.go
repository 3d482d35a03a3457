//go:build unix

package tunnel_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"hoox/backend/tunnel"
)

// actOwner is a whole program of ours with a tunnel, which runs until it is killed: `owner FOLDER PROGRAM`.
func actOwner() int {
	r, err := tunnel.New(tunnel.Config{Kind: tunnel.Command, Argv: []string{os.Args[2], "--to", "{addr}"}, Hostname: "a.example.com"}, tunnel.Parts{
		Dir: os.Args[1], Door: tunnel.NewDoor(), Now: time.Now, Secret: func(string) (string, bool, error) { return "", false, nil },
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	_ = r.Serve(context.Background())
	return 0
}

func TestChildDiesWithAProgramThatIsKilled(t *testing.T) {
	x := hire(t, "owner", "leader")
	owner := exec.Command(x.path("owner"), x.dir, x.path("leader"))
	owner.Stderr = os.Stderr
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- owner.Wait() }()
	eventually(t, "the child runs and is noted", func() bool {
		_, err := os.Stat(tunnel.ChildFile(x.dir))
		return err == nil && len(x.seen()) == 1
	})
	child := x.seen()[0].PID
	if gone(child) {
		t.Fatal("the child does not run")
	}

	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended

	eventually(t, "the child has ended with its program", func() bool { return gone(child) })
}

// sit starts a program in a group of its own that nobody ends.
func sit(t *testing.T) (pid int, ended <-chan error) {
	t.Helper()
	x := hire(t, "sitter")
	cmd := exec.Command(x.path("sitter"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	eventually(t, "it sits", func() bool { return len(x.seen()) == 1 })
	return cmd.Process.Pid, done
}

func TestChildThatOutlivedUsIsEndedAndAStrangerWithItsNumberIsNot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "child.json")
	ours, oursEnded := sit(t)
	tunnel.Note(file, ours)
	if err := tunnel.Sweep(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := <-oursEnded; err == nil {
		t.Error("our child ended by itself, want it killed")
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the note is still there: %v", err)
	}

	other, otherEnded := sit(t)
	born, err := tunnel.Born(other)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"pid": other, "born": born + "1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, note := range []string{string(text), `{"pid":1,"born":"` + born + `"}`, `{"pid":-1}`, "nonsense", `{"pid":` + strconv.Itoa(1<<22+7) + `,"born":"1"}`} {
		if err := os.WriteFile(file, []byte(note), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := tunnel.Sweep(t.Context(), file); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-otherEnded:
		t.Errorf("a process that only had the number of ours was ended: %v", err)
	default:
	}
}
