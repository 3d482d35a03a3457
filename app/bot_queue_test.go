package app

import (
	"context"
	"strings"
	"testing"
	"time"

	"hoox/backend/chat"
	"hoox/backend/queue"
	"hoox/backend/trading"
)

// shelved is work that was given up, and its order.
type shelved struct {
	jobs
	line
	list  []queue.Job
	order trading.Order
	tried []trading.JobID
}

func (s *shelved) JobList(_ context.Context, p trading.Page) (list []queue.Job, next string, waiting, dead int, err error) {
	for _, j := range s.list {
		if p.Status == "" || p.Status == string(j.State) {
			list = append(list, j)
		}
	}
	return list, "", 0, len(s.list), nil
}

func (s *shelved) RetryJob(_ context.Context, id trading.JobID, _ time.Time) error {
	s.tried = append(s.tried, id)
	return nil
}

func (s *shelved) Wake() {}

func (s *shelved) Order(context.Context, trading.OrderID) (trading.Order, error) { return s.order, nil }

// shelve gives a phone's program one order that was given up, which may leave for half a minute more.
func shelve(f *phone) *shelved {
	now := f.p.house.now()
	s := &shelved{
		list: []queue.Job{{ID: trading.NewJobID(), Kind: queue.Submit, OrderID: "hx1", State: queue.Dead, Attempts: 3, LastError: "no <answer>", CreatedAt: now}},
		order: trading.Order{
			ID: "hx1", Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Side: trading.Buy, Type: trading.Market,
			Qty: trading.MustQty("0.01"), Status: trading.OrderCreated, Deadline: now.Add(30*time.Second + 500*time.Millisecond),
		},
	}
	f.p.house.jobs, f.p.house.line = s, s
	return s
}

func TestWorkThatWasGivenUpIsLookedAtBeforeItIsAskedAbout(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	if had, answer := f.hear(f.update("/retry")); !strings.Contains(had, "nothing to try again") || answer.State != chat.Done {
		t.Errorf("/retry with nothing given up: had %q", had)
	}
	s := shelve(f)
	id := string(s.list[0].ID)
	if had, answer := f.hear(f.update("/retry nosuch")); answer.State != chat.Refused || !strings.Contains(had, "/queue") || len(answer.Messages[0].Buttons) != 0 {
		t.Errorf("/retry of nothing: had %q and the buttons %v, want to be told that there is no such work and where it stands", had, answer.Messages[0].Buttons)
	}
	if had := f.say("/queue"); !strings.Contains(had, id) {
		t.Errorf("/queue: had %q, want %s whole: who cannot read it cannot name it", had, id)
	}
	had, answer := f.hear(f.update("/retry " + id))
	for _, want := range []string{"send the order", "buy 0.01 BTCUSDT", "bybit:paper (PAPER)", "tries 3", "no <answer>", "in 30s"} {
		if !strings.Contains(had, want) {
			t.Errorf("/retry: had %q, want %q in it: who confirms must know what leaves and till when", had, want)
		}
	}
	if had, _ = f.press(answer, "Retry BTCUSDT PAPER"); len(s.tried) != 1 || !strings.Contains(had, "enqueued") {
		t.Errorf("had %q, tried %v, want it tried once", had, s.tried)
	}
	_, answer = f.hear(f.update("/retry"))
	if had, _ = f.press(answer, "submit buy BTCUSDT PAPER"); !strings.Contains(had, "send the order") {
		t.Errorf("chosen by its button: had %q, want what it is", had)
	}
}

func TestWorkWhoseTimeIsOverIsNotAskedAbout(t *testing.T) {
	f := newPhone(t, start(t), chat.Operator)
	s := shelve(f)
	for what, change := range map[string]func(){
		"past its deadline":     func() { s.order.Deadline, s.order.Status = f.p.house.now().Add(-time.Second), trading.OrderCreated },
		"of an order that left": func() { s.order.Deadline, s.order.Status = time.Time{}, trading.OrderFilled },
	} {
		change()
		if had, answer := f.hear(f.update("/retry " + string(s.list[0].ID))); answer.State != chat.Refused || !strings.Contains(had, "never leaves") || !strings.Contains(had, "requeue") {
			t.Errorf("%s: had %q, want it refused at once, and what to do instead", what, had)
		}
	}
}
