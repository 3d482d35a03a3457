package notify_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/chat"
	"hoox/backend/events"
	"hoox/backend/notify"
	"hoox/backend/settings"
	"hoox/backend/trading"
)

var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

// house is a journal and an outbox in memory.
type house struct {
	t       *testing.T
	lines   []trading.Entry
	records map[trading.SignalID]trading.SignalRecord
	people  []chat.Person
	marks   map[string]int64
	posted  []chat.Message
	// keys are those of every message that was ever posted.
	keys   map[string]bool
	set    *settings.Live
	now    time.Time
	broken error
	// unsummed is why the day cannot be summed up.
	unsummed error
	// meanwhile is done once, while the journal is read; before that its end is.
	meanwhile, before func()
	teller            *notify.Teller
}

func newHouse(t *testing.T) *house {
	h := &house{
		t: t, records: map[trading.SignalID]trading.SignalRecord{}, marks: map[string]int64{}, keys: map[string]bool{}, set: settings.NewLive(), now: noon,
		people: []chat.Person{{User: 7, Chat: 7, Role: chat.Owner}},
	}
	h.teller = notify.New(notify.Parts{
		Facts: h, Outbox: h, Roster: h, Settings: h.set, Hub: events.New(), Now: func() time.Time { return h.now }, Log: slog.New(slog.DiscardHandler), Zone: time.UTC,
		Draw:    func(context.Context, trading.Order, []trading.Fill) ([]byte, error) { return []byte("png"), nil },
		Summary: func(context.Context) (string, error) { return "the day", h.unsummed },
	})
	return h
}

func (h *house) JournalAfter(_ context.Context, seq int64, limit int) ([]trading.Entry, error) {
	if h.broken != nil {
		return nil, h.broken
	}
	if do := h.meanwhile; do != nil {
		h.meanwhile = nil
		do()
	}
	var list []trading.Entry
	for _, e := range h.lines {
		if e.Seq > seq && len(list) < limit {
			list = append(list, e)
		}
	}
	return list, nil
}

func (h *house) JournalEnd(context.Context) (int64, error) {
	if do := h.before; do != nil {
		h.before = nil
		do()
	}
	return int64(len(h.lines)), h.broken
}

func (h *house) Signal(_ context.Context, id trading.SignalID) (trading.SignalRecord, error) {
	r, ok := h.records[id]
	if !ok {
		return r, trading.Errorf(trading.NotFound, "no signal")
	}
	return r, nil
}

func (h *house) NoticeMark(_ context.Context, name string) (int64, error) { return h.marks[name], nil }

func (h *house) PostNotices(_ context.Context, name string, mark int64, list []chat.Message, _ time.Time) error {
	h.marks[name] = mark
	return h.PostMessages(context.Background(), list, h.now)
}

func (h *house) PostMessages(_ context.Context, list []chat.Message, _ time.Time) error {
	for _, m := range list {
		if m.Key == "" || !h.keys[m.Key] {
			h.keys[m.Key], h.posted = true, append(h.posted, m)
		}
	}
	return nil
}

func (h *house) People(context.Context) ([]chat.Person, error) { return h.people, nil }

// happen adds lines to the journal.
func (h *house) happen(lines ...trading.Entry) {
	for _, e := range lines {
		e.Seq, e.At = int64(len(h.lines))+1, h.now
		h.lines = append(h.lines, e)
	}
}

// told is what was posted since the last call, as plain text.
func (h *house) told() []string {
	h.t.Helper()
	if err := h.teller.Tell(context.Background()); err != nil {
		h.t.Fatal(err)
	}
	var words []string
	for _, m := range h.posted {
		words = append(words, chat.Words(m.HTML))
	}
	return words
}

// begin tells nothing of what was, as the first start does.
func (h *house) begin() *house {
	h.t.Helper()
	h.told()
	h.posted = nil
	return h
}

// long is a signal whose order filled.
func (h *house) long(id trading.SignalID) {
	order := trading.OrderID("o" + string(id))
	h.records[id] = trading.SignalRecord{
		ID: id, Account: "bybit:paper", Symbol: "BTCUSDT", Action: trading.ActLong, Quantity: "0.01", Strategy: "<b>mean</b>",
		Orders: []trading.Order{{
			ID: order, SignalID: id, Account: "bybit:paper", Symbol: "BTCUSDT", Side: trading.Buy, Qty: trading.MustQty("0.01"), Filled: trading.MustQty("0.01"),
			FilledCost: trading.MustMoney("600.123"), Protection: trading.Protection{StopLoss: trading.MustPrice("58000")},
		}},
		Fills: []trading.Fill{{OrderID: order, Qty: trading.MustQty("0.01"), Price: trading.MustPrice("60012.3"), Fee: trading.MustMoney("0.33"), FeeAsset: "USDT"}},
	}
	h.happen(
		trading.Entry{SignalID: id, Stage: "admitted"},
		trading.Entry{SignalID: id, OrderID: order, Stage: "submitted", To: trading.OrderSubmitted},
		trading.Entry{SignalID: id, OrderID: order, Stage: "filled", From: trading.OrderSubmitted, To: trading.OrderFilled},
	)
}

func TestNothingOfWhatWasBeforeIsTold(t *testing.T) {
	h := newHouse(t)
	h.long("s1")
	if had := h.told(); len(had) != 0 {
		t.Fatalf("had %q: whoever pairs a phone after a year wants no year of messages", had)
	}
	h.long("s2")
	if had := h.told(); len(had) != 1 {
		t.Fatalf("had %q, want the one that filled since", had)
	}
	if had := h.told(); len(had) != 1 {
		t.Fatalf("had %q, want nothing told twice", had)
	}
}

func TestTheFirstAlertOfAllIsToldThoughTheFirstLookComesLater(t *testing.T) {
	h := newHouse(t)
	h.long("s1")
	for _, step := range []string{"the first start of all", "a start like any other"} {
		if err := h.teller.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.posted = nil
		h.long("s2")
		if had := h.told(); len(had) != 1 {
			t.Fatalf("%s: had %q, want what came after it began, and nothing of before", step, had)
		}
	}
	h.lines, h.posted, h.now = h.lines[:3], nil, noon.Add(time.Hour) // an older journal took its place
	if err := h.teller.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.long("s3")
	if had := h.told(); len(had) != 1 {
		t.Fatalf("a backup was restored: had %q, want what came since", had)
	}
}

func TestACardOfAFillSaysWhatWhereAndAtWhatCost(t *testing.T) {
	h := newHouse(t).begin()
	h.long("s1")
	had := h.told()
	for _, want := range []string{"BUY 0.01 BTCUSDT filled", "bybit:paper (PAPER)", "0.33 USDT", "58000", "<b>mean</b>", "s1"} {
		if len(had) != 1 || !strings.Contains(had[0], want) {
			t.Errorf("had %q, want %q in it", had, want)
		}
	}
	m := h.posted[0]
	if strings.Contains(m.HTML, "<b>mean</b>") || string(m.Picture) != "png" || m.Silent || m.Chat != 7 {
		t.Errorf("had %+v, want outside text as text, a picture, with a sound, to the person", m)
	}
}

func TestEachWayToFailIsToldOnceWithWhatToDo(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []trading.Entry
		want  []string
	}{
		{"refused", []trading.Entry{{SignalID: "s", Stage: "refused", Detail: "max order size"}, {SignalID: "s", OrderID: "o", Stage: "denied", To: trading.OrderDenied}}, []string{"refused", "max order size", "/trace"}},
		{"blocked", []trading.Entry{{SignalID: "s", Stage: "blocked"}}, []string{"blocked", "never fires"}},
		{"rejected", []trading.Entry{{SignalID: "s", OrderID: "o", Stage: "rejected", From: trading.OrderSubmitted, To: trading.OrderRejected, Detail: "no money"}}, []string{"rejected", "no money"}},
		{"unknown", []trading.Entry{{SignalID: "s", OrderID: "o", Stage: "unknown", From: trading.OrderSubmitted, To: trading.OrderUnknown}}, []string{"unknown", "nothing is sent twice"}},
		{"expired", []trading.Entry{{SignalID: "s", OrderID: "o", Stage: "expired", From: trading.OrderCreated, To: trading.OrderExpired}}, []string{"expired", "not be sent"}},
		{"halted", []trading.Entry{{Stage: "trading halted", Detail: "cli: a bad feeling"}}, []string{"HALTED", "a bad feeling"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t).begin()
			h.records["s"] = trading.SignalRecord{ID: "s", Account: "bybit:paper", Symbol: "BTCUSDT", Orders: []trading.Order{{ID: "o", Symbol: "BTCUSDT", Account: "bybit:paper"}}}
			h.happen(c.lines...)
			had := h.told()
			if len(had) != 1 {
				t.Fatalf("had %q, want one message", had)
			}
			for _, want := range c.want {
				if !strings.Contains(had[0], want) {
					t.Errorf("had %q, want %q in it", had[0], want)
				}
			}
		})
	}
}

func TestLevelsAndQuietHoursDecideTheSound(t *testing.T) {
	h := newHouse(t).begin()
	h.set.Put("telegram:notify:fill", "silent")
	h.long("s1")
	h.told()
	h.set.Put("telegram:notify:fill", "on")
	h.set.Put("telegram:quiet_hours", "11:00-13:00")
	h.long("s2")
	h.told()
	h.set.Put("telegram:notify:fill", "off")
	h.long("s3")
	h.told()
	h.set.Put("telegram:notify:fill", "on")
	h.now = noon.Add(time.Hour)
	h.long("s4")
	h.told()
	if len(h.posted) != 3 || !h.posted[0].Silent || !h.posted[1].Silent || h.posted[2].Silent {
		t.Errorf("had %+v, want silent, silent, nothing, loud", h.posted)
	}
	for span, want := range map[string][24]bool{
		"22:00-07:00": {0: true, 6: true, 7: false, 21: false, 22: true, 23: true},
		"01:00-02:00": {1: true},
		"":            {},
	} {
		for _, hour := range []int{0, 1, 6, 7, 21, 22, 23} {
			want := want[hour] || span == "22:00-07:00" && hour == 1
			if had := notify.Quiet(span, noon.Add(time.Duration(hour-12)*time.Hour)); had != want {
				t.Errorf("%s at %d: had %v, want %v", span, hour, had, want)
			}
		}
	}
}

func TestWhatIsAnAlarmSoundsInQuietHoursToo(t *testing.T) {
	h := newHouse(t).begin()
	h.set.Put("telegram:quiet_hours", "11:00-13:00")
	h.records["s"] = trading.SignalRecord{ID: "s", Account: "bybit:paper", Symbol: "BTCUSDT", Orders: []trading.Order{{ID: "o", Symbol: "BTCUSDT", Account: "bybit:paper"}}}
	silent := func(want bool, what string) {
		t.Helper()
		h.posted = nil
		h.told()
		if len(h.posted) != 1 || h.posted[0].Silent != want {
			t.Errorf("%s at night: had %+v, want one message, silent %v", what, h.posted, want)
		}
	}
	h.happen(trading.Entry{Stage: "trading halted", Detail: "drawdown: the day lost too much"})
	silent(false, "a halt")
	review := trading.Entry{SignalID: "s", OrderID: "o", Stage: "needs_review", From: trading.OrderUnknown, To: trading.OrderNeedsReview}
	h.happen(review)
	silent(false, "an order that a person must look up")
	h.happen(review, review, review, review, review, review)
	silent(false, "many of them")
	h.happen(trading.Entry{Stage: "trading active", Detail: "window: all is well"})
	silent(true, "the end of a halt")
	h.happen(trading.Entry{SignalID: "s", OrderID: "o", Stage: "unknown", From: trading.OrderSubmitted, To: trading.OrderUnknown})
	silent(true, "an order that is being asked for")
	h.set.Put("telegram:notify:kill", "silent")
	h.happen(trading.Entry{Stage: "trading halted", Detail: "drawdown: again"})
	silent(true, "a halt, by somebody who wants no sound of it")
}

func TestABurstIsFoldedAndNothingOfItIsLost(t *testing.T) {
	h := newHouse(t).begin()
	for i := range 40 {
		h.long(trading.SignalID(fmt.Sprint("s", i)))
	}
	had := h.told()
	if len(had) != 1 || strings.Count(had[0], "BTCUSDT") != 40 {
		t.Fatalf("had %d messages, want one with 40 lines: %q", len(had), had)
	}
}

func TestACardOfAPartSaysThatThePartIsOne(t *testing.T) {
	h := newHouse(t).begin()
	h.long("s1")
	// Both lines were written before anybody looked.
	last := h.lines[len(h.lines)-1]
	h.lines = h.lines[:len(h.lines)-1]
	h.happen(
		trading.Entry{SignalID: "s1", OrderID: last.OrderID, Stage: "partially_filled", From: trading.OrderSubmitted, To: trading.OrderPartiallyFilled},
		trading.Entry{SignalID: "s1", OrderID: last.OrderID, Stage: "filled", From: trading.OrderPartiallyFilled, To: trading.OrderFilled},
	)
	had := h.told()
	if len(had) != 1 || !strings.Contains(had[0], "● BUY 0.01 BTCUSDT filled") {
		t.Fatalf("had %q, want the card of the whole only: a part of 0.01 of 0.01 is none", had)
	}
}

func TestAPriceIsNotRoundedAwayWhenItsFillsAreNotThereYet(t *testing.T) {
	h := newHouse(t).begin()
	h.long("s1")
	r := h.records["s1"]
	r.Fills, r.Orders[0].Filled, r.Orders[0].Qty, r.Orders[0].FilledCost = nil, trading.MustQty("1000"), trading.MustQty("1000"), trading.MustMoney("0.01234")
	h.records["s1"] = r
	if had := h.told(); len(had) != 1 || !strings.Contains(had[0], "0.00001234") {
		t.Fatalf("had %q, want what it cost", had)
	}
}

func TestWhatCouldNotBeReadIsToldLater(t *testing.T) {
	h := newHouse(t).begin()
	h.long("s1")
	h.broken = errors.New("the disk")
	if err := h.teller.Tell(context.Background()); err == nil || len(h.posted) != 0 {
		t.Fatalf("had %v and %d messages", err, len(h.posted))
	}
	h.broken = nil
	if had := h.told(); len(had) != 1 {
		t.Fatalf("had %q, want it told now", had)
	}
}

func TestARestoredLedgerGoesOnBeingTold(t *testing.T) {
	h := newHouse(t).begin()
	for i := range 5 {
		h.long(trading.SignalID(fmt.Sprint("s", i)))
	}
	h.told()
	h.lines, h.posted, h.now = h.lines[:3], nil, noon.Add(time.Hour) // an older journal, which counts on from there
	h.told()
	h.long("s9")
	if had := h.told(); len(had) != 1 {
		t.Fatalf("had %q, want what happened since: the mark of the newer journal must not silence the older", had)
	}
}

// notifies is an alert that writes to a chat.
func (h *house) notifies(id trading.SignalID, n trading.Notify) {
	n.Message = "<i>hi</i>"
	h.records[id] = trading.SignalRecord{ID: id, Notify: &n}
	h.happen(trading.Entry{SignalID: id, Stage: "no_op"})
}

func TestAChatIsWrittenToFromTheMomentItWasAllowed(t *testing.T) {
	h := newHouse(t).begin()
	h.notifies("s1", trading.Notify{ChatID: "-100200", Withheld: "chat -100200 is not in telegram:allowed_chat_ids"})
	h.meanwhile = func() {
		h.set.Put("telegram:allowed_chat_ids", `["-100200"]`)
		h.notifies("s2", trading.Notify{ChatID: "-100200"})
	}
	h.told()
	if len(h.posted) != 1 || !strings.HasPrefix(h.posted[0].Key, "notify s2 ") {
		t.Errorf("had %+v, want the message of the alert after it was allowed, and not of the one that was answered with a no", h.posted)
	}
}

func TestAnAlertWritesOnlyWhereSomebodyAllowedIt(t *testing.T) {
	h := newHouse(t).begin()
	h.set.Put("telegram:allowed_chat_ids", `["-100200"]`)
	h.notifies("s1", trading.Notify{ChatID: "-100200"})
	h.notifies("s2", trading.Notify{ChatID: "-100300"})
	h.told()
	if len(h.posted) != 1 || h.posted[0].Chat != -100200 || h.posted[0].HTML != "&lt;i&gt;hi&lt;/i&gt;" {
		t.Fatalf("had %+v, want the one to the chat that was allowed, as text", h.posted)
	}
}

func TestWhileItIsOffNothingGathers(t *testing.T) {
	h := newHouse(t).begin()
	h.set.Put("telegram:enabled", "false")
	h.long("s1")
	h.told()
	h.set.Put("telegram:enabled", "true")
	if had := h.told(); len(had) != 0 {
		t.Fatalf("had %q: switched on again, what was meanwhile is not told", had)
	}
}

func TestWhatHappensAfterItWasSwitchedOnIsTold(t *testing.T) {
	h := newHouse(t).begin()
	h.set.Put("telegram:enabled", "false")
	h.before = func() {
		h.set.Put("telegram:enabled", "true")
		h.long("s1")
	}
	h.told()
	if had := h.told(); len(had) != 1 {
		t.Fatalf("had %q, want the fill: it was switched on while a look was under way, and the fill came after", had)
	}
}

func TestTheDayIsSummedUpOnceAtItsTime(t *testing.T) {
	h := newHouse(t).begin()
	h.set.Put("telegram:digest", "12:30")
	h.told()
	h.now = noon.Add(time.Hour)
	h.told()
	h.told()
	h.now = noon.Add(12 * time.Hour)
	h.told()
	if len(h.posted) != 1 || h.posted[0].HTML != "the day" {
		t.Fatalf("had %+v, want one", h.posted)
	}
	h.now = noon.Add(25 * time.Hour)
	h.told()
	if len(h.posted) != 2 {
		t.Fatalf("had %d, want another on the next day", len(h.posted))
	}
}

func TestADayIsSummedUpThoughTheClockWasAheadOnce(t *testing.T) {
	h := newHouse(t).begin()
	h.set.Put("telegram:digest", "11:00")
	h.now = noon.AddDate(1, 0, 0) // the clock of the computer is set wrong
	h.told()
	h.now, h.posted = noon, nil
	h.told()
	if had := h.told(); len(had) != 1 {
		t.Fatalf("had %q, want the day, once: nothing is heard for a year else", had)
	}
}

func TestADayThatCannotBeSummedUpHoldsUpNoNotice(t *testing.T) {
	h := newHouse(t).begin()
	h.set.Put("telegram:digest", "11:00")
	h.unsummed = errors.New("no price")
	h.happen(trading.Entry{Stage: "trading halted", Detail: "the drawdown"})
	if err := h.teller.Tell(t.Context()); err == nil {
		t.Error("nobody hears that the day could not be summed up")
	}
	if len(h.posted) != 1 || !strings.Contains(h.posted[0].HTML, "HALTED") {
		t.Fatalf("had %+v, want that trading is halted", h.posted)
	}
	h.unsummed = nil
	if had := h.told(); len(had) != 2 || had[1] != "the day" {
		t.Errorf("had %q, want the day once it can be summed up", had)
	}
}

func TestAnAlarmIsPostedToEverybody(t *testing.T) {
	h := newHouse(t).begin()
	c := notify.AlarmChannel{Teller: h.teller}
	due := alarm.Due{Alarm: alarm.Alarm{ID: 3, Kind: alarm.Disk, Text: "the <disk> is full", Fix: "free space", Count: 4}, Fresh: 2}
	if err := c.Ring(context.Background(), due); err != nil || len(h.posted) != 1 {
		t.Fatalf("had %v and %+v", err, h.posted)
	}
	m := h.posted[0]
	if !strings.Contains(m.HTML, "the &lt;disk&gt; is full") || !strings.Contains(m.HTML, "2 times") || m.Silent {
		t.Errorf("had %+v", m)
	}
	h.set.Put("telegram:notify:drift", "off")
	due.Kind = alarm.Drift
	if err := c.Ring(context.Background(), due); err != nil || len(h.posted) != 1 {
		t.Errorf("had %v and %d messages, want none: drift was switched off", err, len(h.posted))
	}
	if c.Resting() {
		t.Error("the channel rests while somebody is paired")
	}
	h.people = nil
	h.told()
	if !c.Resting() {
		t.Error("the channel counts though nobody is at its other end")
	}
	due.Kind = alarm.Disk
	if err := c.Ring(context.Background(), due); err != nil || len(h.posted) != 1 {
		t.Errorf("had %v and %d messages: where nobody is paired it is no channel that is down", err, len(h.posted))
	}
}

func TestAlarmsAreHeardThoughTheJournalCannotBeRead(t *testing.T) {
	h := newHouse(t)
	h.broken = errors.New("the disk")
	if err := h.teller.Tell(t.Context()); err == nil {
		t.Fatal("nobody hears that the journal cannot be read")
	}
	if c := (notify.AlarmChannel{Teller: h.teller}); c.Resting() {
		t.Error("the channel rests though somebody is paired: an alarm about the very journal is told to nobody")
	}
}

func TestAnAlarmIsPostedOnceAndNoOtherIsTakenForIt(t *testing.T) {
	h := newHouse(t).begin()
	c := notify.AlarmChannel{Teller: h.teller}
	due := alarm.Due{Alarm: alarm.Alarm{ID: 3, Kind: alarm.Disk, Text: "full", Count: 1, FirstAt: noon}, Fresh: 1}
	ring := func(d alarm.Due, want int, why string) {
		t.Helper()
		if err := c.Ring(t.Context(), d); err != nil || len(h.posted) != want {
			t.Fatalf("had %v and %d messages, want %d: %s", err, len(h.posted), want, why)
		}
	}
	ring(due, 1, "it rang")
	ring(due, 1, "the bell could not write down that it rang, and came again")
	due.Kind, due.FirstAt = alarm.Drift, noon.Add(time.Hour)
	ring(due, 2, "a ledger that was restored counts its alarms from an older number")
	kept := alarm.Due{Alarm: alarm.Alarm{Kind: alarm.Ledger, Text: "cannot be written", Count: 1}, Fresh: 1}
	ring(kept, 3, "an alarm that no ledger keeps has no number")
	ring(kept, 4, "nor has the next one of those")
}
