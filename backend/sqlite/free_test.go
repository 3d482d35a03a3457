package sqlite_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

// everything is ripe for the tests that ask what else keeps a key.
var everything = sqlite.Ripe{UpTo: 1 << 40, Before: noon.Add(1000 * time.Hour)}

// release sets all ripe keys free, step by step, and tells how many went in each.
func (h *house) release(r sqlite.Ripe) (steps []int) {
	h.t.Helper()
	for after := int64(0); ; {
		done, err := h.FreeKeys(context.Background(), r, after, noon.Add(1000*time.Hour))
		if err != nil {
			h.t.Fatalf("set keys free: %v", err)
		}
		steps = append(steps, done.Keys)
		if done.Last == 0 {
			return steps
		}
		after = done.Last
	}
}

// knows tells which signal a repeat of a key is taken for, "" for none.
func (h *house) knows(in trading.Intake) trading.SignalID {
	h.t.Helper()
	r, known, err := h.Seen(context.Background(), in)
	if err != nil {
		h.t.Fatal(err)
	}
	if !known {
		return ""
	}
	return r.Signal
}

// ends admits a signal that ends at once, and tells what the book said about its key.
func (h *house) ends(in trading.Intake) (r trading.Receipt, before string) {
	h.t.Helper()
	r, err := h.Admit(context.Background(), in, func(b risk.Book) risk.Decision {
		before = b.Before
		return risk.End(trading.SignalNoOp, "flat")
	})
	if err != nil {
		h.t.Fatalf("admit %s: %v", in.Signal.ID, err)
	}
	return r, before
}

func TestFreedKeyMakesANewSignalAndTheOldOneStays(t *testing.T) {
	h := newHouse(t)
	h.record(filled(h.admit("a", trading.Buy, "1"), "100", "0"))
	h.Answered("sig-a", 200, []byte(`{}`))
	if err := h.SetMeta(context.Background(), "any", "commit"); err != nil {
		t.Fatal(err)
	}

	if steps := h.release(everything); !slices.Equal(steps, []int{1}) {
		t.Fatalf("had %v keys set free, want one", steps)
	}

	again := alert("a")
	again.Signal.ID = "sig-again"
	o := leg(again, 0, trading.Sell, "1")
	if r, err := h.Admit(context.Background(), again, yes(again, o)); err != nil || r.Duplicate || len(r.Armed) != 1 {
		t.Fatalf("had %+v %v, want a new signal that trades: the time of the key had ended", r, err)
	}
	if id := h.knows(again); id != "sig-again" {
		t.Errorf("a further repeat is taken for %q, want the new signal", id)
	}
	old, err := h.Signal(context.Background(), "sig-a")
	if err != nil || old.Status != trading.SignalFilled || len(old.Orders) != 1 || len(old.Fills) != 1 {
		t.Errorf("had %+v %v, want the old signal with everything it led to: only its key went", old, err)
	}
	if old.Answer != "" {
		t.Errorf("had answer %q, want none: nobody can ask for it any more", old.Answer)
	}
	h.sound()
}

func TestBookTellsEachUseOfAKeyFromTheOneBefore(t *testing.T) {
	h := newHouse(t)
	uses := []string{}
	for n := range 3 {
		in := alert("again")
		in.Signal.ID = trading.SignalID(fmt.Sprint("use-", n))
		_, before := h.ends(in)
		book, err := h.Book(context.Background(), alert("again"))
		if err != nil || book.Before != before {
			t.Errorf("use %d: a reader says %q (%v) and the writer said %q", n, book.Before, err, before)
		}
		uses = append(uses, before)
		h.release(everything)
		h.reopen()
	}
	if uses[0] != "" || uses[1] == "" || uses[2] == "" || uses[1] == uses[2] {
		t.Errorf("had %q, want nothing for the first use and each later one told from the one before: orders of two uses must not share ids", uses)
	}
	for _, other := range []string{"agai", "again@", "again@0000000000000000001.", "!5:again"} {
		if _, before := h.ends(alert(other)); before != "" {
			t.Errorf("key %q: had %q, want nothing: it was never in use", other, before)
		}
	}
	elsewhere := alert("again")
	elsewhere.Scope, elsewhere.Signal.ID = "webhook|k2|paper", "elsewhere"
	if _, before := h.ends(elsewhere); before != "" {
		t.Errorf("in another scope: had %q, want nothing", before)
	}
}

func TestKeyStaysWhileAnythingOfItsAlertIsOpen(t *testing.T) {
	for _, status := range trading.OrderStatuses() {
		h := newHouse(t)
		parent, child := alert("family"), alert("family-2")
		child.Signal.Parent = parent.Signal.ID
		if _, err := h.AdmitAll(context.Background(), []trading.Intake{parent, child}, func(n int, b risk.Book) risk.Decision {
			in := []trading.Intake{parent, child}[n]
			return yes(in, leg(in, 0, trading.Buy, "1"))(b)
		}); err != nil {
			t.Fatal(err)
		}
		h.record(filled(leg(parent, 0, trading.Buy, "1"), "100", "0"))
		if err := h.Exec(context.Background(), nil, `UPDATE orders SET status = '`+string(status)+`' WHERE signal_id = 'sig-family-2'`,
			`UPDATE signals SET status = 'filled' WHERE id = 'sig-family-2'`); err != nil {
			t.Fatal(err)
		}
		want := 2
		if !status.Final() {
			want = 0
		}
		if steps := h.release(everything); !slices.Equal(steps, []int{want}) {
			t.Errorf("one order of an alert on two accounts is %s: had %v keys set free, want %d", status, steps, want)
		}
	}
	for _, status := range trading.SignalStatuses() {
		h := newHouse(t)
		h.ends(alert("a"))
		if err := h.Exec(context.Background(), nil, `UPDATE signals SET status = '`+string(status)+`'`); err != nil {
			t.Fatal(err)
		}
		if gone := h.release(everything)[0] == 1; gone != status.Final() {
			t.Errorf("a signal that is %s: its key is gone: %t", status, gone)
		}
	}
}

func TestKeyStaysUntilBothItsNumberAndItsTimeAreRipe(t *testing.T) {
	h := newHouse(t)
	window := func(id string) trading.Intake {
		in := alert(id)
		in.Key, in.Window = "", time.Minute
		return in
	}
	h.ends(alert("one"))
	h.ends(window("two"))
	h.ends(alert("three"))
	h.ends(window("four"))
	for _, c := range []struct {
		what string
		ripe sqlite.Ripe
		want int
	}{
		{"nothing is old enough by number", sqlite.Ripe{UpTo: 0, Before: noon.Add(time.Hour)}, 0},
		{"nothing is old enough by time", sqlite.Ripe{UpTo: 4, Before: noon}, 0},
		{"no time is given", sqlite.Ripe{UpTo: 4}, 0},
		{"exact keys up to the third", sqlite.Ripe{UpTo: 2, Before: noon.Add(time.Millisecond)}, 1},
		{"the same once more", sqlite.Ripe{UpTo: 2, Before: noon.Add(time.Hour)}, 0},
		{"windows up to the third", sqlite.Ripe{UpTo: 3, Before: noon.Add(time.Hour), Window: true}, 1},
		{"all windows", sqlite.Ripe{UpTo: 4, Before: noon.Add(time.Hour), Window: true}, 1},
	} {
		if had := h.release(c.ripe); !slices.Equal(had, []int{c.want}) {
			t.Errorf("%s: had %v keys set free, want %d", c.what, had, c.want)
		}
	}
	if n, err := h.KeysInUse(context.Background()); err != nil || n != 1 || h.knows(alert("three")) != "sig-three" {
		t.Errorf("had %d keys in use (%v), want the third signal's alone", n, err)
	}
	if n, err := h.NewestSignal(context.Background()); err != nil || n != 4 {
		t.Errorf("had %d %v as the newest signal, want 4: none was deleted", n, err)
	}
}

func TestKeysGoInStepsAndACrashBetweenTwoLosesNothing(t *testing.T) {
	h := newHouse(t)
	for n := range 499 {
		h.ends(alert(fmt.Sprint("k", n)))
	}
	// One alert on three accounts lies across the end of the first step.
	var all []trading.Intake
	for n := range 3 {
		in := alert(fmt.Sprint("wide", n))
		if n > 0 {
			in.Signal.Parent = "sig-wide0"
		}
		all = append(all, in)
	}
	if _, err := h.AdmitAll(context.Background(), all, func(int, risk.Book) risk.Decision { return risk.End(trading.SignalNoOp, "") }); err != nil {
		t.Fatal(err)
	}
	for n := range 300 {
		h.ends(alert(fmt.Sprint("l", n)))
	}

	first, err := h.FreeKeys(context.Background(), everything, 0, noon)
	if err != nil || first.Keys != 499 || first.Last != 499 {
		t.Fatalf("had %+v %v, want 499 keys and the alert on three accounts left whole", first, err)
	}
	h.reopen() // the program ended here and begins anew
	if h.knows(alert("k498")) != "" || h.knows(alert("wide0")) != "sig-wide0" {
		t.Error("want the first step done and nothing of the second")
	}
	flushes := h.Flushes()
	if steps := h.release(everything); !slices.Equal(steps, []int{303}) || h.Flushes()-flushes != 1 {
		t.Errorf("had %v in %d flushes, want the other 303 in one", steps, h.Flushes()-flushes)
	}
	if steps := h.release(everything); !slices.Equal(steps, []int{0}) {
		t.Errorf("had %v, want nothing more to do", steps)
	}
	h.sound()
}

func TestFailedStepSetsNoKeyFree(t *testing.T) {
	h := newHouse(t)
	h.ends(alert("a"))
	h.ends(alert("b"))
	if err := h.Exec(context.Background(), nil, `
CREATE TRIGGER torn BEFORE UPDATE OF key ON signals WHEN old.id = 'sig-b' BEGIN SELECT RAISE(ABORT, 'torn'); END`); err != nil {
		t.Fatal(err)
	}
	if _, err := h.FreeKeys(context.Background(), everything, 0, noon); err == nil {
		t.Fatal("want the step to fail")
	}
	if h.knows(alert("a")) != "sig-a" {
		t.Error("the first key is gone: want all of a step or nothing")
	}
	looked := false
	h.Watch(func(q string) { looked = looked || strings.HasPrefix(q, "\nSELECT key") })
	h.ends(alert("c"))
	if looked {
		t.Error("an admission looks for earlier uses of its key: want that to cost nothing while no key was ever set free")
	}
}

func TestEarlierUsesAreLookedForOnceAKeyWasSetFree(t *testing.T) {
	h := newHouse(t)
	h.ends(alert("a"))
	h.release(everything)
	for _, how := range []string{"the program that did it", "the next"} {
		looked := false
		h.Watch(func(q string) { looked = looked || strings.HasPrefix(q, "\nSELECT key") })
		in := alert("b " + how)
		h.ends(in)
		if !looked {
			t.Errorf("%s does not look for earlier uses of a key once one was set free", how)
		}
		h.reopen()
	}
}

func TestRestoredLedgerKnowsTheKeysOfItsCopy(t *testing.T) {
	h := newHouse(t)
	h.ends(alert("freed"))
	h.release(everything)
	h.ends(alert("kept"))
	dir := t.TempDir()
	backup, err := h.Backup(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	h.release(everything)
	late := alert("kept")
	late.Signal.ID = "sig-late"
	h.ends(late)
	_ = h.DB.Close()

	if _, err := sqlite.Restore(context.Background(), backup, h.file, dir, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}

	h.open()
	if id := h.knows(late); id != "sig-kept" {
		t.Errorf("a repeat is taken for %q, want the signal of the copy: its key was in use then", id)
	}
	if _, before := h.ends(trading.Intake{Signal: trading.Signal{ID: "sig-freed-2", ReceivedAt: noon}, Account: paper, Instrument: btc,
		Scope: alert("freed").Scope, Key: "freed", Fingerprint: "fp-freed"}); before == "" {
		t.Error("the copy does not know that a key was in use before: its next order would have the id of the old one")
	}
	h.sound()
}

func TestVerifyFindsAKeyThatWasHarmed(t *testing.T) {
	for _, harm := range []string{`substr(key, 2)`, `'>' || substr(key, 2)`, `'!3:=aa@0000000000000000009.000000000000001'`, `'!9:=a'`, `'!-1:@'`} {
		h := newHouse(t)
		h.ends(alert("a"))
		if err := h.Exec(context.Background(), nil, `UPDATE signals SET key = `+harm); err != nil {
			t.Fatal(err)
		}
		findings, err := h.Verify(context.Background())
		i := slices.IndexFunc(findings, func(f sqlite.Finding) bool { return f.Check == "keys" })
		if err != nil || i < 0 || findings[i].OK || !strings.Contains(findings[i].Detail, "sig-a") {
			t.Errorf("%s: had %+v %v, want it found: a repeat of the alert would trade again", harm, findings, err)
		}
	}
}

func TestKeyConflictIsWrittenDownOnceForEachSignal(t *testing.T) {
	h := newHouse(t)
	h.ends(alert("a"))
	for range 3 {
		h.Conflicted("sig-a")
		if err := h.Ping(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	s, err := h.Signal(context.Background(), "sig-a")
	n := 0
	for _, e := range s.Journal {
		if e.Stage == "key_conflict" {
			n++
		}
	}
	if err != nil || n != 1 {
		t.Errorf("had %d lines about the conflict (%v), want one: its story tells, and a template that is wrong fills no disk", n, err)
	}
}
