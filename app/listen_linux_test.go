package app

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// listening are the addresses on which this process takes connections, as the system tells.
func listening(t *testing.T) []netip.AddrPort {
	t.Helper()
	ours := map[string]bool{}
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil && strings.HasPrefix(target, "socket:[") {
			ours[strings.Trim(target, "socket:[]")] = true
		}
	}
	var list []netip.AddrPort
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue // no such family here
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			words := strings.Fields(lines.Text())
			if len(words) > 9 && words[3] == "0A" && ours[words[9]] {
				list = append(list, addressOf(t, words[1]))
			}
		}
	}
	return list
}

// addressOf reads an address as the kernel prints it: words of four bytes, each turned round.
func addressOf(t *testing.T, text string) netip.AddrPort {
	t.Helper()
	host, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(host)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(raw); n += 4 {
		slices.Reverse(raw[n : n+4])
	}
	addr, _ := netip.AddrFromSlice(raw)
	var number uint16
	if _, err := fmt.Sscanf(port, "%X", &number); err != nil {
		t.Fatal(err)
	}
	return netip.AddrPortFrom(addr.Unmap(), number)
}

func TestB5_TheProgramListensOnThisComputerOnly(t *testing.T) {
	before := listening(t)
	p := start(t)
	p.buy()
	var had []string
	for _, at := range listening(t) {
		if slices.Contains(before, at) {
			continue
		}
		had = append(had, at.String())
		if !at.Addr().IsLoopback() {
			t.Errorf("listens on %s, want loopback addresses only: everybody on the network could come in", at)
		}
	}
	want := []string{p.node.GatewayAddr(), p.control.listener.Addr().String()}
	slices.Sort(had)
	slices.Sort(want)
	if !slices.Equal(had, want) {
		t.Errorf("listens on %v, want the gateway and the control interface and nothing else: %v", had, want)
	}
}
