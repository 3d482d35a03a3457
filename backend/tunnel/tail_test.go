package tunnel_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hoox/backend/tunnel"
)

func TestOutputKeepsTheLastTwoHundredLines(t *testing.T) {
	out := tunnel.NewTail()
	for i := range 250 {
		out.Write(fmt.Sprintf("line %d\n", i))
	}
	lines := out.Lines()
	if len(lines) != 200 || lines[0] != "line 50" || lines[199] != "line 249" {
		t.Errorf("had %d lines from %q to %q, want 200 from line 50 to line 249", len(lines), lines[0], lines[len(lines)-1])
	}
}

func TestOutputIsCutIntoLinesHoweverItArrives(t *testing.T) {
	out := tunnel.NewTail()
	for _, part := range []string{"one\r\ntw", "o\n\nthr", "ee"} {
		out.Write(part)
	}
	if had, want := out.Lines(), []string{"one", "two", ""}; !slices.Equal(had, want) {
		t.Errorf("had %q, want %q", had, want)
	}
	out.Flush()
	if had := out.Lines(); had[len(had)-1] != "three" {
		t.Errorf("had %q, want the last line although it has no end", had)
	}
}

func TestSecretsAndWhatATerminalObeysAreCutOut(t *testing.T) {
	out := tunnel.NewTail()
	out.Hide("hunter2-hunter2")
	out.Hide("-----BEGIN KEY-----\nAAAAB3NzaC1yc2EAAAADAQAB\n-----END KEY-----\n")
	out.Hide("ab") // too short to be cut out of everything
	for said, want := range map[string]string{
		"token=hunter2-hunter2;":                     "token=***;",
		"key AAAAB3NzaC1yc2EAAAADAQAB":               "key ***",
		"run eyJhIjoiMTIzNDU2Nzg5MCIsInQiOiJ4In0= x": "run *** x",
		"\x1b[31mred\x1b[0m\x07 \u202eright":         "red right",
		"drab":                                       "drab",
		"bad \xff byte":                              "bad ? byte",
	} {
		out.Write(said + "\n")
		if had := out.Lines(); had[len(had)-1] != want {
			t.Errorf("%q is kept as %q, want %q", said, had[len(had)-1], want)
		}
	}
}

func TestSecretIsCutOutWhereALineIsCut(t *testing.T) {
	const secret = "0123456789-0123456789-0123456789"
	for _, before := range []int{1980, 1999, 16<<10 - 10} {
		out := tunnel.NewTail()
		out.Hide(secret)
		out.Write(strings.Repeat("x", before) + secret + strings.Repeat("y", 100<<10) + "\nnext\n")
		lines := out.Lines()
		if len(lines) != 2 || lines[1] != "next" {
			t.Fatalf("%d: had %d lines, want the long one and the next", before, len(lines))
		}
		if strings.Contains(lines[0], "0123") || len(lines[0]) > 2010 {
			t.Errorf("%d: the kept line has %d bytes and ends in %q, want at most 2000 and nothing of the secret", before, len(lines[0]), lines[0][len(lines[0])-40:])
		}
	}
}
