package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mattn/go-sqlite3"

	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

func TestOneClientFlushesOnceForEachHalf(t *testing.T) {
	h := newHouse(t)
	h.record(filled(h.admit("warm", trading.Buy, "1"), "100", "0.05"))
	flushes, statements := h.Flushes(), h.Statements()

	o := h.admit("a", trading.Buy, "1")
	afterAdmit, admitStatements := h.Flushes()-flushes, h.Statements()-statements
	h.record(filled(o, "100", "0.05"))

	if afterAdmit != 1 || h.Flushes()-flushes != 2 {
		t.Errorf("want 1 flush for each of admit and record, had %d and %d", afterAdmit, h.Flushes()-flushes-afterAdmit)
	}
	if total := h.Statements() - statements; admitStatements != 3 || total != 9 {
		t.Errorf("want 3 statements to admit and 9 in all, had %d and %d: each costs more than tuning the sync can win", admitStatements, total)
	}
}

func TestManyClientsShareFlushes(t *testing.T) {
	h := newHouse(t)
	const clients, each = 64, 20
	var wg sync.WaitGroup
	before := h.Flushes()
	for c := range clients {
		wg.Go(func() {
			for n := range each {
				in := alert(fmt.Sprintf("%d-%d", c, n))
				in.Instrument.Symbol = fmt.Sprintf("C%dUSDT", c)
				r, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1")))
				if err != nil || len(r.Armed) != 1 {
					t.Errorf("admit: %+v %v", r, err)
					return
				}
				if _, err := h.Record(context.Background(), filled(r.Armed[0], "100", "0.05")); err != nil {
					t.Errorf("record: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if flushes := h.Flushes() - before; flushes*4 > clients*each {
		t.Errorf("want at most 0.25 flushes for each signal, had %d for %d", flushes, clients*each)
	}
	h.sound()
}

func TestOneFailureHarmsNobodyElse(t *testing.T) {
	h := newHouse(t)
	broken := errors.New("broken")
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if i%10 == 0 {
				err := h.Exec(context.Background(), broken, `INSERT INTO meta (key, value) VALUES ('bad', 'half')`)
				if !errors.Is(err, broken) {
					t.Errorf("want its own error, had %v", err)
				}
				return
			}
			if err := h.SetMeta(context.Background(), fmt.Sprint(i), "whole"); err != nil {
				t.Errorf("unit %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if n, _ := h.Number(context.Background(), `SELECT COUNT(*) FROM meta WHERE value = 'whole'`); n != 90 {
		t.Errorf("want 90 units through, had %d", n)
	}
	if _, ok, _ := h.Meta(context.Background(), "bad"); ok {
		t.Error("want nothing left of the broken units")
	}
}

func TestPanicInTheGateIsAnErrorOfThatSignalOnly(t *testing.T) {
	h := newHouse(t)
	in := alert("p")
	_, err := h.Admit(context.Background(), in, func(risk.Book) risk.Decision { panic("bug") })
	if trading.KindOf(err) != trading.Internal {
		t.Fatalf("want Internal, had %v", err)
	}
	h.admit("q", trading.Buy, "1")
}

func TestCallerWhoGaveUpCausesNothing(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	in := alert("a")
	if _, err := h.Admit(ctx, in, yes(in, leg(in, 0, trading.Buy, "1"))); trading.KindOf(err) != trading.Unavailable {
		t.Fatalf("want Unavailable, had %v", err)
	}
	if _, known, _ := h.Seen(context.Background(), in); known {
		t.Fatal("want nothing stored: the caller was told so")
	}
}

func TestFullDiskRefusesAndRecovers(t *testing.T) {
	h := newHouse(t)
	h.admit("before", trading.Buy, "1")
	pages, _ := h.Number(context.Background(), `PRAGMA page_count`)
	if _, err := h.Number(context.Background(), fmt.Sprintf(`PRAGMA max_page_count = %d`, pages)); err != nil {
		t.Fatal(err)
	}
	var full error
	acknowledged := 0
	for i := 0; full == nil && i < 1000; i++ {
		in := alert(fmt.Sprint(i))
		in.Signal.Raw = strings.Repeat("x", 3000)
		if _, full = h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1"))); full == nil {
			acknowledged++
		}
	}
	if trading.KindOf(full) != trading.Unavailable || !strings.Contains(full.Error(), "disk is full: free space on") {
		t.Fatalf("want Unavailable in words, had %v", full)
	}
	if err := h.Ping(context.Background()); trading.KindOf(err) != trading.Unavailable {
		t.Fatalf("want health to say that nothing can be stored, had %v", err)
	}
	select {
	case <-h.Damaged():
		t.Fatal("a full disk is no damage")
	default:
	}
	if n, _ := h.Number(context.Background(), `SELECT COUNT(*) FROM signals`); n != int64(acknowledged)+1 {
		t.Fatalf("want the %d acknowledged signals, had %d", acknowledged+1, n)
	}

	if _, err := h.Number(context.Background(), `PRAGMA max_page_count = 1000000`); err != nil {
		t.Fatal(err)
	}

	if err := h.Ping(context.Background()); err != nil {
		t.Fatalf("want health to see that there is room again, had %v", err)
	}
	in := alert("after")
	in.Signal.Raw = strings.Repeat("x", 3000)
	if _, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1"))); err != nil {
		t.Fatalf("want it to work once space is free, had %v", err)
	}
	h.sound()
}

func TestFailedDiskStopsEveryLaterWrite(t *testing.T) {
	h := newHouse(t)
	err := h.Exec(context.Background(), sqlite3.Error{Code: sqlite3.ErrIoErr}, `INSERT INTO meta (key, value) VALUES ('a', 'b')`)
	if trading.KindOf(err) != trading.Internal {
		t.Fatalf("want Internal, had %v", err)
	}
	<-h.Damaged()
	in := alert("a")
	if _, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1"))); trading.KindOf(err) != trading.Internal {
		t.Fatalf("want Internal until reopened, had %v", err)
	}
	if err := h.Ping(context.Background()); err == nil {
		t.Fatal("want ping to say so")
	}
	h.reopen()
	if err := h.Ping(context.Background()); err != nil {
		t.Fatalf("want it well after reopening, had %v", err)
	}
}

func TestDeferredWorkIsCommittedWhenIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		before := h.Flushes()
		h.SaveBook(paper, map[string]string{"o/1": "x", "o/2": "y", "p/1": "z"}, nil)
		h.SaveBook(paper, nil, []string{"o/2"})
		<-time.After(25 * time.Millisecond)
		synctest.Wait()
		book, err := h.LoadBook(context.Background(), paper, "o/")
		if err != nil || len(book) != 1 || book["o/1"] != "x" || h.Flushes() != before+1 {
			t.Errorf("want one flush with o/1 after the idle time, had %v %v and %d flushes", book, err, h.Flushes()-before)
		}
		_ = h.Close()
	})
}

func TestLogIsWorkedOffWhileIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		for i := range 60 {
			h.record(filled(h.admit(fmt.Sprint(i), trading.Buy, "1"), "100", "0.05"))
		}
		before, err := os.Stat(h.file)
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Second)
		synctest.Wait()
		after, err := os.Stat(h.file)
		if err != nil || after.Size() <= before.Size() {
			t.Errorf("want the log in the main file by now (%d bytes before, %d after, %v): else a commit pays for it", before.Size(), after.Size(), err)
		}
		_ = h.Close()
	})
}

func TestDeferredWorkComesBeforeALaterUnit(t *testing.T) {
	h := newHouse(t)
	before := h.Flushes()
	h.SaveBook(paper, map[string]string{"k": "v"}, nil)
	h.admit("a", trading.Buy, "1")
	value, ok, err := h.BookValue(context.Background(), paper, "k")
	if err != nil || !ok || value != "v" || h.Flushes()-before != 1 {
		t.Fatalf("want both on disk with one flush, had %q %v %v and %d flushes", value, ok, err, h.Flushes()-before)
	}
}

// Nothing moves while the picture of the files is taken, so it is what a power cut at that moment would leave. Cutting what
// was written later anywhere, also in the middle of a commit, must not take what was acknowledged before.
func TestCrashImageHoldsWhatWasAcknowledged(t *testing.T) {
	h := newHouse(t)
	for i := range 20 {
		h.record(filled(h.admit(fmt.Sprint("a", i), trading.Buy, "1"), "100", "0.05"))
	}
	main, err := os.ReadFile(h.file)
	if err != nil {
		t.Fatal(err)
	}
	early, err := os.Stat(h.file + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		h.record(filled(h.admit(fmt.Sprint("b", i), trading.Buy, "1"), "100", "0.05"))
	}
	log, err := os.ReadFile(h.file + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	dice := rand.New(rand.NewPCG(1, 2))
	for n := range 25 {
		cut := int(early.Size()) + dice.IntN(len(log)-int(early.Size())+1)
		torn := append([]byte{}, log[:cut]...)
		if n%2 == 1 && cut < len(log) {
			torn = append(torn, make([]byte, 512)...)
		}
		file := filepath.Join(t.TempDir(), "core.db")
		if err := errors.Join(os.WriteFile(file, main, 0o600), os.WriteFile(file+"-wal", torn, 0o600)); err != nil {
			t.Fatal(err)
		}
		image := h.at(file)
		for i := range 20 {
			if s := image.status(trading.SignalID(fmt.Sprint("sig-a", i))); s != trading.SignalFilled {
				t.Fatalf("cut at %d: signal %d is %s: an acknowledged commit was lost", cut, i, s)
			}
		}
		image.sound()
		_ = image.Close()
	}
}

func TestEditedHistoryIsFound(t *testing.T) {
	for _, c := range []struct{ name, edit, check string }{
		{"journal line", `UPDATE journal SET detail = 'nothing happened' WHERE seq = 2`, "journal"},
		{"journal line removed", `DELETE FROM journal WHERE seq = 2`, "journal"},
		{"fill", `UPDATE fills SET qty = '2'`, "fills and orders"},
		{"position", `UPDATE positions SET qty = '2'`, "fills and positions"},
		{"balance", `UPDATE balances SET amount = '1000000'`, "cash and balances"},
		{"order", `DELETE FROM signals`, "references"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.record(filled(h.admit("a", trading.Buy, "1"), "100", "0.05"))
			if strings.Contains(c.edit, "journal") {
				if err := h.Exec(context.Background(), nil, c.edit); err == nil {
					t.Fatal("want the journal to refuse an edit")
				}
			}
			_ = h.Close()
			if err := sqlite.Alter(context.Background(), h.file, `PRAGMA foreign_keys = OFF`, `DROP TRIGGER journal_no_update`, `DROP TRIGGER journal_no_delete`, c.edit); err != nil {
				t.Fatal(err)
			}
			h.open()
			findings, err := h.Verify(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				if f.Check == c.check && (f.OK || f.Detail == "") {
					t.Errorf("want %s to find it, had %+v", c.check, findings)
				}
			}
		})
	}
}
