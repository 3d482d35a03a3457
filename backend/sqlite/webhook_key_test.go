package sqlite_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hoox/backend/trading"
)

func scalper(text string) trading.WebhookKey {
	return trading.WebhookKey{
		ID: "k1", Label: "scalper", RateLimit: 30, CreatedAt: noon, Actor: "me",
		Bounds: trading.Bounds{Strategy: "ema", Accounts: []trading.AccountID{"bybit:live"}, Symbols: []string{"BTCUSDT", "BYBIT:ETHUSDT.P"},
			Entries: trading.EntriesLong, MaxOrder: trading.MustMoney("250.5")},
		Texts: []trading.KeyText{{Digest: trading.DigestKey(text), Hint: "abcd", CreatedAt: noon}},
	}
}

func (h *house) putKey(k trading.WebhookKey) trading.WebhookKey {
	h.t.Helper()
	version, err := h.PutWebhookKey(context.Background(), k)
	if err != nil {
		h.t.Fatal(err)
	}
	k.Version = version
	return k
}

func (h *house) keys() []trading.WebhookKey {
	h.t.Helper()
	list, err := h.WebhookKeys(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func TestLedgerBeginsWithTheMasterKeyAlone(t *testing.T) {
	list := newHouse(t).keys()
	if len(list) != 1 || list[0].ID != trading.MasterKey || len(list[0].Texts) != 0 || list[0].Bounds.Entries != trading.EntriesBoth || list[0].Version == 0 {
		t.Fatalf("had %+v, want the master key without any text: that is in the vault", list)
	}
}

func TestWebhookKeyIsKeptWithItsScopeAndTexts(t *testing.T) {
	h := newHouse(t)
	first := h.putKey(scalper("one"))
	until := noon.Add(time.Hour)
	next := first.Rotated([]trading.KeyText{{Digest: trading.DigestKey("two"), Hint: "wxyz", CreatedAt: noon.Add(time.Minute)}}, noon.Add(time.Minute), until)
	next.Actor = "you"
	next = h.putKey(next)
	h.reopen()

	list := h.keys()

	if len(list) != 2 {
		t.Fatalf("had %d keys, want the master and one", len(list))
	}
	if diff := cmp.Diff(next, list[1], cmp.Comparer(func(a, b trading.Money) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("read back is not what was stored: %s", diff)
	}
	if had := list[1].Texts; len(had) != 2 || had[0].Hint != "wxyz" || !had[1].EndsAt.Equal(until) {
		t.Errorf("texts %+v, want the new one first and the old one with its end", had)
	}
	if revoked := h.putKey(next.Revoked(until)); len(revoked.Texts) != 0 || len(h.keys()[1].Texts) != 0 || h.keys()[1].RevokedAt.IsZero() {
		t.Errorf("had %+v, want the key to stay and its texts to go", h.keys()[1])
	}
}

func TestStaleEditOfAWebhookKeyIsAConflict(t *testing.T) {
	h := newHouse(t)
	first := h.putKey(scalper("one"))
	changed := first
	changed.Label = "renamed"
	h.putKey(changed)
	for what, k := range map[string]trading.WebhookKey{"an older version": first, "a new one of that id": scalper("three")} {
		if _, err := h.PutWebhookKey(context.Background(), k); trading.KindOf(err) != trading.Conflict {
			t.Errorf("%s: had %v, want Conflict", what, err)
		}
	}
	same := scalper("one")
	same.ID = "k2"
	if _, err := h.PutWebhookKey(context.Background(), same); trading.KindOf(err) != trading.Conflict {
		t.Errorf("the text of another key: had %v, want Conflict: nobody could tell whose alert it is", err)
	}
	if list := h.keys(); len(list) != 2 || list[1].Label != "renamed" || len(list[1].Texts) != 1 {
		t.Errorf("had %+v, want a refused change to leave nothing", list)
	}
}

func TestUseOfAKeyIsNotedAndSurvivesAChange(t *testing.T) {
	h := newHouse(t)
	k := h.putKey(scalper("one"))
	k.Uses, k.SeenAt, k.SeenFrom, k.Texts[0].SeenAt = 7, noon.Add(time.Minute), "1.2.3.4", noon.Add(time.Minute)
	h.NoteWebhookKeys([]trading.WebhookKey{k})
	changed := k
	changed.Label, changed.Uses = "renamed", 0
	h.putKey(changed)

	had := h.keys()[1]

	if had.Uses != 7 || !had.SeenAt.Equal(k.SeenAt) || had.SeenFrom != "1.2.3.4" || !had.Texts[0].SeenAt.Equal(k.SeenAt) || had.Label != "renamed" {
		t.Errorf("had %+v, want the use of the key and its new label", had)
	}
}

func TestNoTextOfAKeyIsInTheLedger(t *testing.T) {
	h := newHouse(t)
	text := trading.NewKeyText()
	h.putKey(scalper(text))
	h.reopen()
	for _, file := range []string{h.file, h.file + "-wal"} {
		data, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if strings.Contains(string(data), strings.TrimPrefix(text, trading.KeyPrefix)) {
			t.Errorf("%s holds the text of a key: whoever gets a backup could trade with it", file)
		}
	}
}

func TestSignalTellsWithWhichKeyItCame(t *testing.T) {
	h := newHouse(t)
	h.admit("a", trading.Buy, "1")
	child := alert("b")
	child.Scope, child.Signal.Source = "window|somebody | odd|bybit:paper:swing", trading.FromWindow
	if _, err := h.Admit(context.Background(), child, yes(child)); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[trading.SignalID]string{"sig-a": "k1", "sig-b": "somebody | odd"} {
		if r, err := h.Signal(context.Background(), id); err != nil || r.Credential != want {
			t.Errorf("%s: had credential %q (%v), want %q", id, r.Credential, err, want)
		}
	}
}
