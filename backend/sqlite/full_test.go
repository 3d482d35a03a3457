package sqlite_test

import (
	"context"
	"strings"
	"testing"

	"hoox/backend/trading"
)

// noRoom fills the disk: not a page more than there is.
func (h *house) noRoom() {
	h.t.Helper()
	pages, err := h.Number(context.Background(), `PRAGMA page_count`)
	if err == nil {
		err = h.Room(context.Background(), pages)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) room() {
	h.t.Helper()
	if err := h.Room(context.Background(), 1_000_000); err != nil {
		h.t.Fatal(err)
	}
}

func TestReportIsNotStoredWithoutTheBookItFollows(t *testing.T) {
	h := newHouse(t)
	o := h.admit("a", trading.Buy, "1")
	h.noRoom()
	h.SaveBook(paper, map[string]string{"order": strings.Repeat("x", 100_000)}, nil)
	if _, err := h.Record(context.Background(), filled(o, "100", "0")); trading.KindOf(err) != trading.Unavailable {
		t.Fatalf("had %v, want Unavailable: after a crash the ledger would hold a position that its exchange never heard of", err)
	}
	h.room()
	h.record(filled(o, "100", "0"))
	if _, ok, err := h.BookValue(context.Background(), paper, "order"); err != nil || !ok {
		t.Fatalf("had %v %v, want the book stored with the report", ok, err)
	}
}

func TestBookKeepsItsOrderThroughAFullDisk(t *testing.T) {
	h := newHouse(t)
	h.noRoom()
	once := false
	h.Later(func() {
		if !once {
			once = true
			// It comes in while the commit that fails is under way.
			h.SaveBook(paper, map[string]string{"wallet": "new"}, nil)
		}
	})
	h.SaveBook(paper, map[string]string{"wallet": "old", "order": strings.Repeat("x", 100_000)}, nil)
	if err := h.Exec(context.Background(), nil, `INSERT INTO meta (key, value) VALUES ('a', 'b')`); err == nil {
		t.Fatal("want the commit to fail")
	}
	h.room()
	if err := h.Exec(context.Background(), nil, `INSERT INTO meta (key, value) VALUES ('a', 'b')`); err != nil {
		t.Fatal(err)
	}
	if had, _, err := h.BookValue(context.Background(), paper, "wallet"); err != nil || had != "new" {
		t.Fatalf("had %q %v, want the newer wallet: the older one would undo what happened since", had, err)
	}
}
