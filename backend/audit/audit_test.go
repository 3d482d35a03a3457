package audit_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"hoox/backend/audit"
)

var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

func TestEveryActIsListedOnce(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "action.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := map[audit.Action]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			word, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			declared[audit.Action(word)] = true
		}
		return true
	})
	listed := map[audit.Action]bool{}
	for _, a := range audit.Actions() {
		if listed[a] || !declared[a] {
			t.Errorf("%s is listed twice or is no act of ours", a)
		}
		listed[a] = true
	}
	if len(listed) != len(declared) || audit.Action("anything").Known() {
		t.Errorf("%d acts are listed and %d declared: the store would refuse the line of one that is not listed", len(listed), len(declared))
	}
}

// TestNothingInALineForgesAnotherLine is item L2.
func TestNothingInALineForgesAnotherLine(t *testing.T) {
	for hostile, want := range map[string]string{
		"plain words, ünïcode and 日本": "plain words, ünïcode and 日本",
		"one\r\ntwo":                  `one\r\ntwo`,
		"\x1b[2J\x1b[31mred":          `\x1b[2J\x1b[31mred`,
		"abc\u202edef\u200b":          `abc\u202edef\u200b`,
		"line\u2028sep\u0085":         `line\u2028sep\u0085`,
		"bad\xff\xfebytes":            `bad\xff\xfebytes`,
		"tab\tand\x00nul":             `tab\tand\x00nul`,
		"":                            "",
	} {
		if had := audit.Plain(hostile, 200); had != want {
			t.Errorf("%q became %q, want %q", hostile, had, want)
		}
	}
	e := audit.Entry{Actor: "a\n", Origin: "b\n", Subject: "c\n", Before: "d\n", After: "e\n", Detail: "f\n"}.Clean()
	for name, had := range map[string]string{`a\n`: e.Actor, `b\n`: e.Origin, `c\n`: e.Subject, `d\n`: e.Before, `e\n`: e.After, `f\n`: e.Detail} {
		if had != name {
			t.Errorf("had %q, want %q: every text of a line comes from somebody", had, name)
		}
	}
}

func TestALongTextIsCutWhereALetterEnds(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", 300), strings.Repeat("ü", 300), strings.Repeat("\n", 300), strings.Repeat("日", 300)} {
		for most := 3; most < 40; most++ {
			had := audit.Plain(text, most)
			if len(had) > most || !strings.HasSuffix(had, "…") || !utf8.ValidString(had) {
				t.Fatalf("%q for at most %d bytes of %.4q", had, most, text)
			}
			if strings.HasSuffix(had, `\…`) {
				t.Fatalf("%q: an escape was cut in two", had)
			}
		}
	}
	if had := audit.Plain("exactly", 7); had != "exactly" {
		t.Errorf("had %q, want the text that just fits", had)
	}
}

func TestTheStoreSignsTheLineOfACommandOnlyOnce(t *testing.T) {
	who := audit.Who{Actor: "window", Origin: "this computer"}
	ctx, act := audit.Begin(context.Background(), who, audit.SwitchMode)
	fact := audit.Of(ctx).Sign(audit.Entry{Action: audit.SetSetting, Actor: "somebody"})
	if fact.Actor != "window" || fact.Origin != "this computer" || act.Noted() {
		t.Errorf("had %+v and noted %t: a setting that follows from a mode is under the same name, and not the command's own line", fact, act.Noted())
	}
	audit.Of(ctx).Sign(audit.Entry{Action: audit.SwitchMode})
	if !act.Noted() {
		t.Error("the store wrote the command's own line, and the command would write it again")
	}
	if audit.Of(context.Background()) != nil {
		t.Error("what happens by itself has no act")
	}
}

func refusal(at time.Time, subject, detail string) audit.Entry {
	return audit.Entry{At: at, Action: audit.RefuseCall, Subject: subject, Decision: audit.Refused, Detail: detail}
}

func TestAFloodBecomesFewLinesAndIsCountedWhole(t *testing.T) {
	var f audit.Fold
	lines, counted, at := 0, 0, noon
	take := func(list []audit.Entry) {
		for _, e := range list {
			lines++
			var more int
			if _, err := fmt.Sscanf(e.Detail, "%d more", &more); err != nil {
				more = 1
			}
			counted += more
		}
	}
	const day = 24 * 60 * 60
	for range day {
		for range 3 {
			f.Add(refusal(at, "wrong key", "x"))
		}
		at = at.Add(time.Second)
		take(f.Due(at))
	}
	take(f.Rest())
	if counted != 3*day {
		t.Errorf("%d of %d refusals are in the lines: none may be dropped", counted, 3*day)
	}
	if lines > 40 {
		t.Errorf("a day's flood made %d lines, want at most 40: it could fill the disk", lines)
	}
}

func TestRefusalsFarApartAreLinesOfTheirOwn(t *testing.T) {
	var f audit.Fold
	f.Add(refusal(noon, "wrong key", "a"))
	f.Add(refusal(noon, "wrong page", "b"))
	if got := f.Due(noon); len(got) != 2 || got[0].Detail != "a" || got[1].Detail != "b" {
		t.Fatalf("had %+v, want both at once: they are of two kinds", got)
	}
	if got := f.Due(noon.Add(time.Hour)); len(got) != 0 {
		t.Fatalf("had %+v, want nothing: there were no more", got)
	}
	f.Add(refusal(noon.Add(2*time.Hour), "wrong key", "c"))
	if got := f.Due(noon.Add(2 * time.Hour)); len(got) != 1 || got[0].Detail != "c" {
		t.Fatalf("had %+v, want the new one at once: the flood had ended", got)
	}
}

func TestManyKindsOfRefusalsAreBoundedToo(t *testing.T) {
	var f audit.Fold
	for n := range 10_000 {
		f.Add(refusal(noon, fmt.Sprint("kind ", n), "x"))
	}
	if got := len(f.Rest()); got > 70 {
		t.Errorf("10,000 kinds made %d lines, want at most 70", got)
	}
}
