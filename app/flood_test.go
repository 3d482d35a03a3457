package app

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hoox/backend/node"
)

func TestK6_AFloodOfLinesFillsNoDisk(t *testing.T) {
	dir := privateDir(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	b := newLogbook(&lockedBuffer{}, "debug")
	if err := b.open(dir); err != nil {
		t.Fatal(err)
	}
	// Past the redactor, which has tests of its own and takes its time.
	line := []byte(strings.Repeat("x", 64<<10) + "\n")
	for range 80 << 20 / len(line) {
		if _, err := b.file.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	size := func() (total int64) {
		err := filepath.WalkDir(filepath.Join(dir, "logs"), func(_ string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err == nil {
				total += info.Size()
			}
			return nil // a file that was just taken away has no size
		})
		if err != nil {
			t.Fatal(err)
		}
		return total
	}
	// Old files are taken away beside the writing.
	await(t, func() bool { return size() <= 50<<20 })
	b.close()
	if had := size(); had > 50<<20 || had < 20<<20 {
		t.Errorf("the log fills %d MiB after 80, want the newest of it and at most 50", had>>20)
	}
}

// hostile are texts that want to be a line of their own, or to be obeyed by a terminal.
var hostile = []string{
	"a\nlevel=ERROR msg=forged", "a\r\n{\"level\":\"ERROR\",\"msg\":\"forged\"}", "a\x1b[2Jb", "a\x1b]0;title\x07b", "a\u2028b\u0085c", "a\x00b", "\u202egnp.exe", "a\x9b31mb", "\" msg=forged \"",
}

func TestL2_NoTextForgesALineOrIsObeyedByATerminal(t *testing.T) {
	machine, person := &lockedBuffer{}, &lockedBuffer{}
	b := newLogbook(machine, "debug")
	words := slog.New(slog.NewTextHandler(&redactor{to: person}, nil))
	lines := 0
	for _, text := range hostile {
		for _, log := range []*slog.Logger{b.log, words} {
			log.Info(text, "key", text, text, "value")
			log.With("before", text).Warn("x", "list", []string{text})
		}
		lines += 2
	}
	for name, had := range map[string]string{"the log": machine.String(), "a terminal": person.String()} {
		if n := strings.Count(had, "\n"); n != lines {
			t.Errorf("%s has %d lines, want %d: one was forged", name, n, lines)
		}
		for _, bad := range []string{"\x1b", "\x07", "\x00", "\r", "\x9b"} {
			if strings.Contains(had, bad) {
				t.Errorf("%s has the character %q, which is obeyed and not shown", name, bad)
			}
		}
	}
	for scanner := bufio.NewScanner(strings.NewReader(machine.String())); scanner.Scan(); {
		var line struct{ Level, Msg string }
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil || line.Level == "ERROR" || line.Msg == "forged" {
			t.Errorf("a line is %s (%v)", scanner.Bytes(), err)
		}
	}
}

func TestL2_WhatAnAlertSaysForgesNoLineOfTheRunningProgram(t *testing.T) {
	p := start(t)
	for _, text := range hostile {
		body, err := json.Marshal(map[string]any{
			"apiKey": testKey, "exchange": "paper", "action": "LONG", "symbol": "BTCUSDT", "quantity": "0.001", "comment": text, "strategy": text, "idempotencyKey": text, text: text,
		})
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.Post("http://"+p.node.GatewayAddr()+"/webhook?"+"x="+strings.Repeat("%0A", 3), "application/json", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	for line := range strings.Lines(p.stderr.String()) {
		if !json.Valid([]byte(line)) || strings.Contains(line, `"msg":"forged"`) {
			t.Errorf("a line of the log is %q", line)
		}
	}
}

func TestK1_TheControlInterfaceHasTheLimitsOfTheGateway(t *testing.T) {
	c := &control{house: &house{log: newLogbook(&lockedBuffer{}, "info").log}, metrics: http.NotFoundHandler()}
	s := c.server()
	had := []any{s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout, s.MaxHeaderBytes}
	for n, want := range []any{2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, 8192} {
		if had[n] != want {
			t.Errorf("limit %d is %v, want %v", n, had[n], want)
		}
	}
}

func TestN3_RunningAsRootIsSaidInHealth(t *testing.T) {
	if p := userHealth(0, ""); p.Fix == "" || !strings.Contains(p.Detail, "root") {
		t.Errorf("root: had %+v, want it said with what to do", p)
	}
	if p := userHealth(1000, ""); p.Fix != "" || p.State != node.StateOK {
		t.Errorf("a user: had %+v, want nothing to do", p)
	}
	found := false
	for _, part := range must[HealthReport](start(t), "Health/Get", Empty{}).Items {
		found = found || part.Name == "user" && strings.Contains(part.Detail, "root") == (os.Geteuid() == 0)
	}
	if !found {
		t.Error("Health does not say with which rights the program runs")
	}
}
