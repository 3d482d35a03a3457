package gateway_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

// stay stores a signal that goes on for a while.
func stay(status trading.SignalStatus, orders ...trading.Order) func(*house, trading.Signal) (trading.Receipt, error) {
	return func(h *house, s trading.Signal) (trading.Receipt, error) {
		h.put(record(s, status, orders...))
		return trading.Receipt{Signal: s.ID, Status: trading.SignalExecuting}, nil
	}
}

func TestOutcomeWithinTheBudgetIsTheAnswer(t *testing.T) {
	h := newHouse()
	market := order(trading.OrderAccepted, 0, "")
	market.Type = trading.Market
	h.admit = func(h *house, s trading.Signal) (trading.Receipt, error) {
		go func() {
			h.put(record(s, trading.SignalExecuting, order(trading.OrderSubmitted, 0, "")))
			h.put(record(s, trading.SignalAccepted, market))
			h.put(record(s, trading.SignalFilled, filled(0, "LATE")))
		}()
		return trading.Receipt{Signal: s.ID, Status: trading.SignalExecuting}, nil
	}
	base := open(t, h, func(c *gateway.Config) { c.AnswerBudget = 2 * time.Second })
	for range 20 {
		had := send(t, "POST", base+"/webhook", with(long))
		want(t, had, 200, "")
		if had.at("result.status") != "Filled" {
			t.Fatalf("want the fill and not the acceptance before it, had %s", had.body)
		}
	}
}

func TestRestingLimitOrderIsAnAnswerAtOnce(t *testing.T) {
	h := newHouse()
	h.admit = stay(trading.SignalAccepted, order(trading.OrderAccepted, 0, ""))
	const budget = time.Minute
	base := open(t, h, func(c *gateway.Config) { c.AnswerBudget = budget })
	start := time.Now()
	had := send(t, "POST", base+"/webhook", with(long))
	want(t, had, 200, "")
	if took := time.Since(start); had.at("result.status") != "Accepted" || took > budget/2 {
		t.Errorf("want Accepted at once, had %s after %s", had.body, took)
	}
}

func TestBudgetUsedUpIs202AndStays202ForRepeats(t *testing.T) {
	h := newHouse()
	h.admit = stay(trading.SignalExecuting, order(trading.OrderUnknown, 0, ""))
	base := open(t, h)
	had := send(t, "POST", base+"/webhook", with(long))
	want(t, had, 202, "")
	id := h.signals()[0].ID
	enqueued := `{"success":true,"requestId":"` + string(id) + `","exchange":"bybit","symbol":"BTCUSDT","action":"LONG","status":"Enqueued"}`
	if had.body != enqueued || h.answered[id] != 202 {
		t.Fatalf("want %s noted as 202, had %s noted as %d", enqueued, had.body, h.answered[id])
	}

	h.put(record(h.signals()[0], trading.SignalFilled, filled(0, "A")))
	h.mu.Lock()
	h.admit = func(*house, trading.Signal) (trading.Receipt, error) {
		return trading.Receipt{Signal: id, Status: trading.SignalFilled, Duplicate: true, Answered: 202}, nil
	}
	h.mu.Unlock()
	had = send(t, "POST", base+"/webhook", with(long))

	want(t, had, 409, "DUPLICATE")
	if !strings.HasSuffix(had.body, `"requestId":"`+string(id)+`","original":`+enqueued+`}`) {
		t.Errorf("want the first answer as original, had %s", had.body)
	}
	if n := h.count(&h.repeats); n != 1 {
		t.Errorf("want the repeat counted once, had %d", n)
	}
}

func TestRepeatOfAFilledAlertCarriesTheFirstAnswer(t *testing.T) {
	h := newHouse()
	base := open(t, h)
	first := send(t, "POST", base+"/webhook", with(long))
	id := h.signals()[0].ID
	h.mu.Lock()
	h.admit = func(*house, trading.Signal) (trading.Receipt, error) {
		return trading.Receipt{Signal: id, Status: trading.SignalFilled, Duplicate: true, Answered: 200}, nil
	}
	h.mu.Unlock()
	had := send(t, "POST", base+"/webhook", with(long))
	want(t, had, 409, "DUPLICATE")
	if !strings.HasSuffix(had.body, `,"original":`+first.body+`}`) || had.at("requestId") != string(id) {
		t.Errorf("want %s as original, had %s", first.body, had.body)
	}
}

func TestSameKeyWithOtherContentIsAConflict(t *testing.T) {
	h := newHouse()
	h.admit = func(*house, trading.Signal) (trading.Receipt, error) {
		return trading.Receipt{Signal: "first", Conflict: true}, nil
	}
	had := send(t, "POST", open(t, h)+"/webhook", with(long))
	want(t, had, 409, "KEY_CONFLICT")
	if h.answered["first"] != 0 {
		t.Error("want the first answer's status untouched by a conflict")
	}
	if len(h.conflicts) != 1 || h.conflicts[0] != "first" {
		t.Errorf("want the conflict told of the first alert, had %v: nobody would see that an alert was dropped", h.conflicts)
	}
}

func TestRepeatGetsTheVeryBytesOfTheFirstAnswerWhateverHappenedSince(t *testing.T) {
	resting := order(trading.OrderAccepted, 0, "A")
	resting.Type = trading.Limit
	for name, c := range map[string]struct {
		first       trading.SignalStatus
		order       trading.Order
		then        trading.SignalStatus
		ended       trading.Order
		lost        bool
		status      int
		wantChanged bool
	}{
		"a resting order that has filled": {trading.SignalAccepted, resting, trading.SignalFilled, filled(0, "A"), false, 200, false},
		"one under way that was rejected": {trading.SignalExecuting, order(trading.OrderUnknown, 0, ""), trading.SignalRejected, order(trading.OrderRejected, 0, ""), false, 202, false},
		"an answer that a crash took":     {trading.SignalAccepted, resting, trading.SignalFilled, filled(0, "A"), true, 200, true},
	} {
		h := newHouse()
		h.forgets = c.lost
		h.admit = stay(c.first, c.order)
		base := open(t, h)
		first := send(t, "POST", base+"/webhook", with(long))
		want(t, first, c.status, "")
		s := h.signals()[0]
		h.put(record(s, c.then, c.ended))
		h.mu.Lock()
		h.admit = func(*house, trading.Signal) (trading.Receipt, error) {
			return trading.Receipt{Signal: s.ID, Status: c.then, Duplicate: true}, nil
		}
		h.mu.Unlock()

		had := send(t, "POST", base+"/webhook", with(long))

		want(t, had, 409, "DUPLICATE")
		if same := strings.HasSuffix(had.body, `,"original":`+first.body+`}`); same == c.wantChanged {
			t.Errorf("%s: the first answer was %s and a repeat had %s", name, first.body, had.body)
		}
	}
}

func TestBlockedAlertIsBlockedAgainWhileHaltedAndADuplicateAfter(t *testing.T) {
	h := newHouse()
	h.halted = true
	h.admit = func(h *house, s trading.Signal) (trading.Receipt, error) {
		r := record(s, trading.SignalBlocked)
		r.Reason = "trading is halted: by hand"
		h.put(r)
		return trading.Receipt{Signal: s.ID, Status: trading.SignalBlocked}, nil
	}
	base := open(t, h)
	first := send(t, "POST", base+"/webhook", with(long))
	want(t, first, 503, "KILL_SWITCH")
	id := h.signals()[0].ID
	h.mu.Lock()
	h.admit = func(*house, trading.Signal) (trading.Receipt, error) {
		return trading.Receipt{Signal: id, Status: trading.SignalBlocked, Duplicate: true, Answered: 503}, nil
	}
	h.mu.Unlock()
	if again := send(t, "POST", base+"/webhook", with(long)); again.status != 503 || again.body != first.body {
		t.Errorf("want the same words while halted, had %d %s", again.status, again.body)
	}
	h.mu.Lock()
	h.halted = false
	h.mu.Unlock()
	had := send(t, "POST", base+"/webhook", with(long))
	want(t, had, 409, "DUPLICATE")
	if !strings.HasSuffix(had.body, `,"original":`+first.body+`}`) {
		t.Errorf("want the blocked answer as original after release, had %s", had.body)
	}
}

func TestErrorsOfTheDeskHaveTheirStatus(t *testing.T) {
	for kind, test := range map[trading.Kind]struct {
		status int
		code   string
	}{
		trading.Invalid: {400, "INVALID"}, trading.NotFound: {400, "INVALID"}, trading.Unauthorized: {403, "FORBIDDEN"},
		trading.Refused: {422, "REFUSED"}, trading.Rejected: {422, "REJECTED"}, trading.Halted: {503, "KILL_SWITCH"},
		trading.Limited: {429, "RATE_LIMITED"}, trading.Conflict: {409, "KEY_CONFLICT"}, trading.Duplicate: {409, "DUPLICATE"},
		trading.Unavailable: {503, "UNAVAILABLE"}, trading.Internal: {503, "UNAVAILABLE"}, trading.Unknown: {503, "UNAVAILABLE"},
	} {
		h := newHouse()
		h.admit = func(*house, trading.Signal) (trading.Receipt, error) {
			return trading.Receipt{}, &trading.Error{Kind: kind, Message: "words", Cause: errors.New("disk /dev/sda1")}
		}
		had := send(t, "POST", open(t, h)+"/webhook", with(long))
		if had.status != test.status || had.at("code") != test.code || strings.Contains(had.body, "/dev") {
			t.Errorf("%s: want %d %s without the cause, had %d %s", kind, test.status, test.code, had.status, had.body)
		}
	}
}

func TestFailureAfterTheSignalIsStoredIsNo5xx(t *testing.T) {
	h := newHouse()
	h.admit = func(h *house, s trading.Signal) (trading.Receipt, error) {
		h.put(record(s, trading.SignalExecuting))
		return trading.Receipt{}, errors.New("cancel of a resting order")
	}
	want(t, send(t, "POST", open(t, h)+"/webhook", with(long)), 202, "")

	h = newHouse()
	h.readErr = errors.New("reader is busy")
	h.admit = stay(trading.SignalFilled, filled(0, "A"))
	want(t, send(t, "POST", open(t, h)+"/webhook", with(long)), 202, "")
}

func TestPanicsAreA500AndTheProcessLives(t *testing.T) {
	h := newHouse()
	h.admit = func(*house, trading.Signal) (trading.Receipt, error) { panic("desk") }
	base := open(t, h, func(p *gateway.Parts) {
		p.Seen = func(gateway.Key, netip.Addr, time.Time) {
			if len(h.signals()) > 0 {
				panic("seen with " + key)
			}
		}
	})
	want(t, send(t, "POST", base+"/webhook", with(long)), 500, "INTERNAL")
	had := send(t, "POST", base+"/webhook", with(long))
	want(t, had, 500, "INTERNAL")
	if strings.Contains(had.body, "seen") {
		t.Errorf("want no words of the panic in the answer, had %s", had.body)
	}
	want(t, send(t, "GET", base+"/health", ""), 200, "")
}

func TestKeyIsInNoLogLine(t *testing.T) {
	h := newHouse()
	h.rules.RateLimit = 3
	h.readErr = errors.New("reader is busy")
	var lines strings.Builder
	base := open(t, h, func(p *gateway.Parts) {
		p.Log = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	for _, body := range []string{with(long), with(`"symbol":"` + key + `"`), with(`"` + key + `":1,`), `{"apiKey":"wrong","x":"` + key + `"}`, with(long), with(long)} {
		if had := send(t, "POST", base+"/webhook", body); strings.Contains(had.body, key) {
			t.Errorf("want no key in an answer, had %s", had.body)
		}
	}
	if lines.Len() == 0 || strings.Contains(lines.String(), key) {
		t.Errorf("want log lines without the key, had %s", lines.String())
	}
}

func TestStoreThatHangsIsNeverWaitedForPastTheLimit(t *testing.T) {
	h := newHouse()
	release := make(chan struct{})
	h.admit = func(*house, trading.Signal) (trading.Receipt, error) {
		<-release
		return trading.Receipt{}, trading.Errorf(trading.Unavailable, "locked")
	}
	base := open(t, h, func(g *gateway.Gateway) { g.SetAnswer(200 * time.Millisecond) })
	had := send(t, "POST", base+"/webhook", with(long))
	close(release)
	want(t, had, 503, "UNAVAILABLE")

	h = newHouse()
	stored := make(chan struct{})
	h.admit = func(h *house, s trading.Signal) (trading.Receipt, error) {
		h.put(record(s, trading.SignalExecuting))
		<-stored
		return trading.Receipt{Signal: s.ID}, nil
	}
	base = open(t, h, func(g *gateway.Gateway) { g.SetAnswer(200 * time.Millisecond) })
	had = send(t, "POST", base+"/webhook", with(long))
	close(stored)
	want(t, had, 202, "")
}

func TestClientThatHangsUpDoesNotCancelTheAdmission(t *testing.T) {
	h := newHouse()
	begun, gone, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	desk := slowDesk{func(ctx context.Context, s trading.Signal) (trading.Receipt, error) {
		close(begun)
		<-gone
		ended <- ctx.Err()
		return fillAtOnce(h, s)
	}}
	base := open(t, h, func(p *gateway.Parts) { p.Desk = desk })
	c, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	writeAlert(t, c, with(long))
	<-begun
	_ = c.Close()
	close(gone)
	if err := <-ended; err != nil {
		t.Errorf("want the admission to go on, had its context ended: %v", err)
	}
}

type slowDesk struct {
	admit func(context.Context, trading.Signal) (trading.Receipt, error)
}

func (d slowDesk) Admit(ctx context.Context, s trading.Signal) (trading.Receipt, error) {
	return d.admit(ctx, s)
}
