//go:build unix

package tunnel_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"hoox/backend/tunnel"
)

// pin has the runner start nothing but the file that the test binary is.
func (s *stage) pin() {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := os.ReadFile(self)
	if err != nil {
		s.t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	s.config.SHA256 = hex.EncodeToString(sum[:])
}

// impostor puts a program beside the stand-ins that leaves a mark when it is started; ran tells whether it was.
func (x *troupe) impostor() (path string, ran func() bool) {
	x.t.Helper()
	path = x.path("impostor")
	mark := x.path("mark")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n: >'"+mark+"'\n"), 0o700); err != nil {
		x.t.Fatal(err)
	}
	return path, func() bool {
		_, err := os.Stat(mark)
		return err == nil
	}
}

func TestAProgramThatIsReplacedAfterItWasFoundIsNotStarted(t *testing.T) {
	s, x := named(t)
	_, ran := x.impostor()
	x.tell(plan{Swap: true})
	s.pin()
	stop := s.start()
	state := s.await("it says why", func(x tunnel.State) bool { return x.Phase == tunnel.Down })
	stop()
	if !strings.Contains(state.Detail, "is not the pinned file") || !strings.Contains(state.Fix, "sha256") {
		t.Errorf("had %q, fix %q; want the pin named and what to do", state.Detail, state.Fix)
	}
	if ran() {
		t.Error("the file that took the program's place was started: the pin held only at the first look")
	}
}

func TestAProgramThatIsReplacedWhileItRunsIsNotAsked(t *testing.T) {
	s, x := funnelled(t)
	impostor, ran := x.impostor()
	s.pin()
	stop := s.start()
	s.awaitUp()
	if err := os.Rename(impostor, x.path("tailscale")); err != nil {
		t.Fatal(err)
	}
	state := s.await("it says why", func(x tunnel.State) bool { return x.Phase == tunnel.Degraded })
	stop()
	if !strings.Contains(state.Detail, "is not the pinned file") || !strings.Contains(state.Fix, "sha256") {
		t.Errorf("had %q, fix %q; want the pin named and what to do", state.Detail, state.Fix)
	}
	if ran() {
		t.Error("the file that took the program's place was started to ask it how the tunnel is")
	}
}
