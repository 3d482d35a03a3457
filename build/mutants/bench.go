package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// bench compiles test binaries in a folder of its own and runs them.
type bench struct {
	root, dir string
	timeout   time.Duration
}

// asItIs runs every named test on the code as it is and returns what those that do not pass said. Each room is compiled once.
func (b bench) asItIs(ctx context.Context, all []mutant, out io.Writer) (map[string]result, error) {
	red := map[string]result{}
	binaries := map[string]string{}
	for _, m := range all {
		if _, known := red[m.named()]; known {
			continue
		}
		binary, known := binaries[m.room()]
		if !known {
			binary = filepath.Join(b.dir, fmt.Sprintf("room%d.test", len(binaries)))
			binaries[m.room()] = binary
			began := time.Now()
			if said, err := b.compile(ctx, m.room(), binary, ""); err != nil {
				return nil, fmt.Errorf("compile %s as it is: %w\n%s", m.room(), err, said)
			}
			fmt.Fprintf(out, "as it is: %s (compile %s)\n", m.room(), time.Since(began).Round(100*time.Millisecond))
		}
		said, took, err := b.test(ctx, m.room(), binary, m.Test)
		if err != nil {
			return nil, err
		}
		red[m.named()] = result{mutant: m, verdict: read(said, m.Test), said: said, ran: took}
	}
	for _, binary := range binaries {
		if err := os.Remove(binary); err != nil {
			return nil, err
		}
	}
	return red, ctx.Err()
}

// try compiles one mutant and runs its test, which passed on the code as it is.
func (b bench) try(ctx context.Context, m mutant, asItIs map[string]result) result {
	r := result{mutant: m, verdict: gaveUp}
	switch before := asItIs[m.named()]; before.verdict {
	case passed:
	case noTest:
		r.verdict = noTest
		return r
	default:
		r.verdict, r.said = red, string(before.verdict)+" without the mutant:\n"+before.said
		return r
	}
	dir, err := os.MkdirTemp(b.dir, "mutant-")
	if err != nil {
		r.said = err.Error()
		return r
	}
	defer os.RemoveAll(dir)
	overlay, err := b.overlay(m, dir)
	if err != nil {
		r.verdict, r.said = noText, err.Error()
		return r
	}
	began, binary := time.Now(), filepath.Join(dir, "mutant.test")
	r.said, err = b.compile(ctx, m.room(), binary, overlay)
	r.compiled = time.Since(began)
	if err != nil {
		r.verdict = noBuild
		return r
	}
	r.said, r.ran, err = b.test(ctx, m.room(), binary, m.Test)
	if err != nil {
		r.said += err.Error()
		return r
	}
	if r.verdict = read(r.said, m.Test); r.verdict == passed {
		r.verdict = survived
	}
	return r
}

// overlay writes the text without the guard, and what tells the compiler to read it in the place of the file.
func (b bench) overlay(m mutant, dir string) (string, error) {
	text, err := m.text(b.root)
	if err != nil {
		return "", err
	}
	file, err := filepath.Abs(m.source(b.root))
	if err != nil {
		return "", err
	}
	instead := filepath.Join(dir, filepath.Base(m.File))
	if err := os.WriteFile(instead, []byte(text), 0o600); err != nil {
		return "", err
	}
	raw, err := json.Marshal(map[string]map[string]string{"Replace": {file: instead}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, raw, 0o600)
}

// compile makes the test binary of a room; overlay is "" for the code as it is.
func (b bench) compile(ctx context.Context, room, binary, overlay string) (said string, err error) {
	args := []string{"test", "-c", "-o", binary}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "./"+room)...)
	cmd.Dir = b.root
	raw, err := cmd.CombinedOutput()
	return string(raw), err
}

// test runs one test of a binary in its room. The error is for what is no word of the test's.
func (b bench) test(ctx context.Context, room, binary, name string) (said string, took time.Duration, err error) {
	// The binary ends itself when its time is over; the rest is for one that does not.
	limited, cancel := context.WithTimeout(ctx, b.timeout+30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(limited, binary, "-test.run", "^"+name+"$", "-test.v", "-test.count", "1", "-test.timeout", b.timeout.String())
	cmd.Dir = filepath.Join(b.root, filepath.FromSlash(room))
	cmd.WaitDelay = 5 * time.Second
	var heard bytes.Buffer
	cmd.Stdout, cmd.Stderr = &heard, &heard
	began := time.Now()
	err = cmd.Run()
	if _, ended := err.(*exec.ExitError); ended && limited.Err() == nil {
		err = nil
	}
	return heard.String(), time.Since(began), err
}
