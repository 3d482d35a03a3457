package sqlite_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/audit"
	"hoox/backend/events"
	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

func (h *house) alarms(p alarm.Page) []alarm.Alarm {
	h.t.Helper()
	list, _, err := h.Alarms(context.Background(), p)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// rings raises an alarm and waits until it is in the ledger.
func (h *house) rings(kind alarm.Kind, subject, text string) {
	h.t.Helper()
	h.RaiseAlarm(alarm.Alarm{Kind: kind, Subject: subject, Text: text, Fix: "look"}, h.options().Now())
	if _, err := h.Number(context.Background(), `SELECT 1`); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) dueOn(channel string, after time.Time) []alarm.Due {
	h.t.Helper()
	due, err := h.DueAlarms(context.Background(), channel, after)
	if err != nil {
		h.t.Fatal(err)
	}
	return due
}

func TestTheSameAlarmCountsUpUntilSomebodyHasSeenIt(t *testing.T) {
	h := newHouse(t)
	h.rings(alarm.Disk, "data", "900 MiB free")
	h.wait(time.Minute)
	h.rings(alarm.Disk, "data", "800 MiB free\x1b[2J")
	h.rings(alarm.Disk, "other", "1 MiB free")
	list := h.alarms(alarm.Page{OpenOnly: true})
	if len(list) != 2 || list[1].Count != 2 || list[1].Text != `800 MiB free\x1b[2J` || !list[1].FirstAt.Equal(noon) || !list[1].LastAt.Equal(noon.Add(time.Minute)) {
		t.Fatalf("had %+v, want the first counted twice with its newest words", list)
	}

	seen, err := h.AcknowledgeAlarm(context.Background(), list[1].ID, "window", noon)
	if err != nil || seen.AcknowledgedBy != "window" || !seen.AcknowledgedAt.Equal(noon) {
		t.Fatalf("had %+v %v", seen, err)
	}
	again, err := h.AcknowledgeAlarm(context.Background(), list[1].ID, "cli", noon.Add(time.Hour))
	if err != nil || again.AcknowledgedBy != "window" {
		t.Errorf("had %+v %v, want who saw it first", again, err)
	}
	h.rings(alarm.Disk, "data", "700 MiB free")

	if open := h.alarms(alarm.Page{OpenOnly: true}); len(open) != 2 || open[0].Count != 1 || open[0].Text != "700 MiB free" {
		t.Errorf("had %+v, want a new alarm: what was seen was something else", open)
	}
	if all := h.alarms(alarm.Page{}); len(all) != 3 {
		t.Errorf("had %+v, want the seen one kept", all)
	}
	if lines := h.lines(audit.Page{Action: audit.AcknowledgeAlarm}); len(lines) != 1 || !strings.Contains(lines[0].Detail, "2 times") {
		t.Errorf("had %+v, want one line for the one acknowledgement", lines)
	}
	if _, err := h.AcknowledgeAlarm(context.Background(), 99, "window", noon); trading.KindOf(err) != trading.NotFound {
		t.Errorf("had %v, want NotFound", err)
	}
	if h.topics[events.Alarms] == 0 {
		t.Error("the window was not told")
	}
	h.sound()
}

func TestAChannelIsToldWhatItMissed(t *testing.T) {
	h := newHouse(t)
	h.rings(alarm.Disk, "data", "low")
	h.rings(alarm.Clock, "clock", "wrong")
	due := h.dueOn("bot", noon)
	if len(due) != 2 || due[0].Kind != alarm.Disk || due[0].Fresh != 1 {
		t.Fatalf("had %+v, want both, oldest first", due)
	}
	if err := h.AlarmTold(context.Background(), "bot", due[0], noon); err != nil {
		t.Fatal(err)
	}
	h.reopen()
	if due := h.dueOn("bot", noon.Add(time.Hour)); len(due) != 1 || due[0].Kind != alarm.Clock {
		t.Errorf("had %+v, want only what the channel was not told, also after a restart", due)
	}
	if due := h.dueOn("window", noon); len(due) != 2 {
		t.Errorf("had %+v: another channel was told nothing yet", due)
	}
	for range 3 {
		h.rings(alarm.Disk, "data", "lower")
	}
	if due := h.dueOn("bot", noon.Add(-time.Second)); len(due) != 1 || due[0].Kind != alarm.Clock {
		t.Errorf("had %+v: the channel was told of the disk just now", due)
	}
	if due := h.dueOn("bot", noon); len(due) != 2 || due[0].Fresh != 3 || due[0].Count != 4 {
		t.Errorf("had %+v, want the three that came since", due)
	}
	for _, a := range h.alarms(alarm.Page{OpenOnly: true}) {
		if _, err := h.AcknowledgeAlarm(context.Background(), a.ID, "window", noon); err != nil {
			t.Fatal(err)
		}
	}
	if due := h.dueOn("bot", noon.Add(time.Hour)); len(due) != 0 {
		t.Errorf("had %+v: somebody has seen them", due)
	}
	h.rings(alarm.Disk, "data", "low again")
	if due := h.dueOn("bot", noon.Add(-time.Second)); len(due) != 0 {
		t.Errorf("had %+v: one notice of a kind and subject in a while, whoever acknowledged what", due)
	}
	if due := h.dueOn("bot", noon); len(due) != 1 || due[0].Fresh != 1 {
		t.Errorf("had %+v, want the new one", due)
	}
}

func TestAnAlarmTellsWhichChannelsWereToldOfIt(t *testing.T) {
	h := newHouse(t)
	h.rings(alarm.Disk, "data", "low")
	h.rings(alarm.Disk, "data", "lower")
	h.rings(alarm.Clock, "clock", "wrong")
	h.rings(alarm.Disk, "data", "lowest")
	due := h.dueOn("bot", noon)
	due[0].Count = 2 // it had not happened the third time when the bot was told
	hints := h.topics[events.Alarms]
	if err := h.AlarmTold(context.Background(), "bot", due[0], noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if h.topics[events.Alarms] != hints+1 {
		t.Error("who looks at the alarm would not see that it arrived")
	}
	both := alarm.Page{Channels: []string{"window", "bot"}}
	list := h.alarms(both)
	if len(list) != 2 || len(list[0].Told) != 0 || len(list[1].Told) != 1 || list[1].Told[0] != (alarm.Told{Channel: "bot", Count: 2, At: noon.Add(time.Minute)}) {
		t.Fatalf("had %+v, want the bot told of the disk twice and nobody of the clock", list)
	}
	if list := h.alarms(alarm.Page{}); len(list[1].Told) != 0 {
		t.Errorf("had %+v, want nothing that was not asked for", list)
	}

	if _, err := h.AcknowledgeAlarm(context.Background(), list[1].ID, "window", noon); err != nil {
		t.Fatal(err)
	}
	h.rings(alarm.Disk, "data", "low again")
	if list := h.alarms(both); len(list) != 3 || len(list[0].Told) != 0 || len(list[2].Told) != 1 {
		t.Errorf("had %+v: the bot was told of the one that was acknowledged, not of the new one", list)
	}
}

func TestATestAlarmIsKeptWithItsLineAndCountsUp(t *testing.T) {
	h := newHouse(t)
	ctx, _ := audit.Begin(context.Background(), audit.Who{Actor: "window", Origin: "this computer"}, audit.TestAlarm)
	a := alarm.Alarm{Kind: alarm.Test, Subject: "asked for", Text: "a test", Fix: "acknowledge it"}
	first, err := h.TestAlarm(ctx, a, "window", noon)
	if err != nil || first.ID == 0 || first.Count != 1 || first.Kind != alarm.Test || !first.FirstAt.Equal(noon) {
		t.Fatalf("had %+v %v", first, err)
	}
	if again, err := h.TestAlarm(ctx, a, "window", noon.Add(time.Minute)); err != nil || again.ID != first.ID || again.Count != 2 {
		t.Errorf("had %+v %v, want the open one counted up", again, err)
	}
	if lines := h.lines(audit.Page{Action: audit.TestAlarm}); len(lines) != 2 || lines[0].Actor != "window" || !strings.Contains(lines[0].Subject, "test asked for") {
		t.Errorf("had %+v, want a line of each", lines)
	}
	if h.topics[events.Alarms] == 0 {
		t.Error("the bell was not woken")
	}
	if _, err := h.AcknowledgeAlarm(ctx, first.ID, "window", noon); err != nil {
		t.Fatal(err)
	}
	if next, err := h.TestAlarm(ctx, a, "window", noon.Add(time.Hour)); err != nil || next.ID == first.ID || next.Count != 1 {
		t.Errorf("had %+v %v, want a new alarm after the seen one", next, err)
	}
}

// TestFactsThatMustNotBeMissedAlarmInTheirOwnTransaction: neither is there without the other, whatever crashes in between.
func TestFactsThatMustNotBeMissedAlarmInTheirOwnTransaction(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		kind alarm.Kind
		// words must stand in the alarm.
		words string
		do    func(h *house) error
	}{
		"a halt by itself": {alarm.Halted, "too many unknown", func(h *house) error {
			_, _, err := h.SetStanding(ctx, risk.Standing{State: risk.Halted, Reason: "too many unknown", Actor: "automatic trip", Since: noon})
			return err
		}},
		"a difference": {alarm.Drift, "BTCUSDT", func(h *house) error {
			d := trading.Drift{ID: "d", Account: testnet, Kind: trading.DriftSize, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Theirs: trading.MustQty("2")}
			var err error
			for range 3 {
				_, err = h.Reconciled(ctx, trading.Comparison{Account: testnet, At: noon, Seen: []trading.Drift{d}})
			}
			return err
		}},
		"work given up": {alarm.DeadLetter, "handler broke", func(h *house) error {
			h.enqueue("a", trading.Buy, false)
			return h.Bury(ctx, h.due(noon)[0].ID, "handler broke")
		}},
		"an order nobody knows of": {alarm.Review, "hx1-sig-a-0", func(h *house) error { h.known(trading.OrderNeedsReview); return nil }},
		"an order that came back": {alarm.Reappeared, "hx1-sig-a-0", func(h *house) error {
			o := h.known(trading.OrderNotPlaced)
			h.record(trading.Report{OrderID: o.ID, Status: trading.OrderAccepted, At: noon})
			return nil
		}},
		"a close that never left": {alarm.Unsent, "hx1-sig-c-0", func(h *house) error {
			o := h.enqueue("c", trading.Sell, true)
			_, err := h.Settle(ctx, o.ID, trading.OrderExpired, "never sent: no network", noon)
			return err
		}},
		"a position without its stop": {alarm.Unprotected, "BTCUSDT", func(h *house) error {
			g := h.guard(h.entry("a", "2").ID)
			g.Detail = "refused"
			return h.settle(g, trading.GuardFailed, "0")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			if err := c.do(h); err != nil {
				t.Fatal(err)
			}
			list := h.alarms(alarm.Page{})
			if len(list) != 1 || list[0].Kind != c.kind || list[0].Count != 1 || !strings.Contains(list[0].Text, c.words) || list[0].Fix == "" {
				t.Errorf("had %+v, want one of %s with %q and what to do", list, c.kind, c.words)
			}
			h.sound()
		})
	}
}

func TestWhatAPersonDoesAndWhatIsNothingToUsDoesNotAlarm(t *testing.T) {
	h := newHouse(t)
	ctx, _ := audit.Begin(context.Background(), audit.Who{Actor: "window"}, audit.SetKill)
	if _, _, err := h.SetStanding(ctx, risk.Standing{State: risk.Halted, Reason: "lunch", Actor: "window", Since: noon}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.SetStanding(context.Background(), risk.Standing{State: risk.Active, Reason: "back", Actor: "somebody", Since: noon}); err != nil {
		t.Fatal(err)
	}
	d := trading.Drift{ID: "d", Account: testnet, Kind: trading.DriftForeign, Symbol: "BTCUSDT", Theirs: trading.MustQty("2")}
	for range 3 {
		if _, err := h.Reconciled(context.Background(), trading.Comparison{Account: testnet, At: noon, Seen: []trading.Drift{d}}); err != nil {
			t.Fatal(err)
		}
	}
	h.record(filled(h.admit("a", trading.Buy, "1"), "100", "0"))
	if list := h.alarms(alarm.Page{}); len(list) != 0 {
		t.Errorf("had %+v, want none: who is alarmed by everything hears nothing", list)
	}
}

func TestTokensAreKeptAsDigestsOnly(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	k := sqlite.Token{Name: "grafana", Scope: "read", Digest: "ab", CreatedAt: noon, Actor: "cli"}
	if err := h.AddToken(ctx, k); err != nil {
		t.Fatal(err)
	}
	again := k
	again.Digest = "cd"
	if err := h.AddToken(ctx, again); trading.KindOf(err) != trading.Conflict {
		t.Errorf("had %v, want Conflict: a name is one token", err)
	}
	h.reopen()
	if list, err := h.Tokens(ctx); err != nil || len(list) != 1 || list[0] != k {
		t.Errorf("had %+v %v", list, err)
	}
	if err := h.DeleteToken(ctx, "grafana", "cli", noon); err != nil {
		t.Fatal(err)
	}
	if err := h.DeleteToken(ctx, "grafana", "cli", noon); trading.KindOf(err) != trading.NotFound {
		t.Errorf("had %v, want NotFound", err)
	}
	if lines := h.lines(audit.Page{}); len(lines) != 2 || lines[0].Action != audit.RevokeToken || lines[1].Action != audit.CreateToken || lines[1].After != "read" {
		t.Errorf("had %+v, want both in the audit", lines)
	}
}
