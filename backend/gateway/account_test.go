package gateway_test

import (
	"strings"
	"testing"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

// family is the record of an alert on two accounts.
func family(status trading.SignalStatus, reason string, child trading.SignalStatus, childReason string, orders ...trading.Order) trading.SignalRecord {
	return trading.SignalRecord{
		ID: "ID", Status: status, Reason: reason, Account: "bybit:live", Symbol: "BTCUSDT", Action: trading.ActLong, Orders: orders,
		Children: []trading.Receipt{{Signal: "CHILD", Parent: "ID", Account: "mexc:live:swing", Status: child, Reason: childReason}},
	}
}

func TestAlertOnSeveralAccountsTellsOfEach(t *testing.T) {
	const head = `{"success":true,"requestId":"ID","exchange":"bybit","symbol":"BTCUSDT","action":"LONG",`
	tests := map[string]struct {
		record trading.SignalRecord
		status int
		want   []string
	}{
		"both filled": {family(trading.SignalFilled, "", trading.SignalFilled, "", filled(0, "A")), 200, []string{head,
			`"result":{"orderId":"A","status":"Filled"}`,
			`"accounts":[{"account":"bybit:live","requestId":"ID","status":"filled","reason":""},{"account":"mexc:live:swing","requestId":"CHILD","status":"filled","reason":""}]}`}},
		"the first filled, the other refused": {family(trading.SignalFilled, "", trading.SignalRefused, "max order", filled(0, "A")), 200, []string{
			`{"account":"mexc:live:swing","requestId":"CHILD","status":"refused","reason":"max order"}`}},
		"the first refused, the other filled": {family(trading.SignalRefused, "max order", trading.SignalFilled, ""), 202, []string{head, `"status":"Enqueued"`,
			`"accounts":[{"account":"bybit:live","requestId":"ID","status":"refused","reason":"max order"},{"account":"mexc:live:swing","requestId":"CHILD","status":"filled","reason":""}]}`}},
		"the first rejected, the other under way": {family(trading.SignalRejected, "margin", trading.SignalExecuting, ""), 202, []string{head, `"reason":"margin"`}},
		"the first blocked, the other closes":     {family(trading.SignalBlocked, "halted", trading.SignalFilled, ""), 202, []string{head, `"status":"blocked"`}},
		"the other needs a person":                {family(trading.SignalRefused, "max order", trading.SignalNeedsReview, "?"), 202, []string{head}},
		"nothing anywhere": {family(trading.SignalRefused, "max order", trading.SignalBlocked, "halted"), 422, []string{`{"success":false,"error":"max order","code":"REFUSED","requestId":"ID",`,
			`"accounts":[{"account":"bybit:live","requestId":"ID","status":"refused","reason":"max order"},{"account":"mexc:live:swing","requestId":"CHILD","status":"blocked","reason":"halted"}]}`}},
		"refused, and nothing to do there": {family(trading.SignalRefused, "max order", trading.SignalNoOp, ""), 422, []string{`"code":"REFUSED"`}},
		"under way":                        {family(trading.SignalExecuting, "", trading.SignalFilled, ""), 202, []string{`"status":"Enqueued"`, `"status":"executing"`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status, body := gateway.Answer(test.record)
			if status != test.status {
				t.Fatalf("want %d, had %d %s: an error says that nothing happened", test.status, status, body)
			}
			for _, part := range test.want {
				if !strings.Contains(string(body), part) {
					t.Errorf("want %s in it, had %s", part, body)
				}
			}
		})
	}
}

// child is a further signal of an alert.
func child(s trading.Signal, status trading.SignalStatus) trading.Receipt {
	return trading.Receipt{Signal: s.ID + "-2", Parent: s.ID, Account: "mexc:paper", Status: status}
}

// twoAccounts admits on two accounts: the first ends at once, the other when later is called.
func twoAccounts(first trading.SignalStatus, end trading.SignalStatus, later chan struct{}) func(*house, trading.Signal) (trading.Receipt, error) {
	return func(h *house, s trading.Signal) (trading.Receipt, error) {
		r := record(s, first, filled(0, "A"))
		r.Children = []trading.Receipt{child(s, trading.SignalExecuting)}
		h.put(r)
		go func() {
			if later != nil {
				<-later
			}
			r.Children = []trading.Receipt{child(s, end)}
			h.mu.Lock()
			h.records[s.ID] = r
			h.mu.Unlock()
			h.put(trading.SignalRecord{ID: s.ID + "-2", Status: end})
		}()
		return trading.Receipt{Signal: s.ID, Status: first, Children: []trading.Receipt{child(s, trading.SignalExecuting)}}, nil
	}
}

func TestOutcomeOfEveryAccountIsAwaitedWithinTheBudget(t *testing.T) {
	h := newHouse()
	h.admit = twoAccounts(trading.SignalFilled, trading.SignalFilled, nil)
	base := open(t, h, func(c *gateway.Config) { c.AnswerBudget = 2 * time.Second })
	for range 20 {
		had := send(t, "POST", base+"/webhook", with(long))
		want(t, had, 200, "")
		if strings.Contains(had.body, "executing") {
			t.Fatalf("want what became of it on both accounts, had %s", had.body)
		}
	}
}

func TestSlowAccountDoesNotHoldTheAnswerPastItsBudget(t *testing.T) {
	h := newHouse()
	later := make(chan struct{})
	defer close(later)
	h.admit = twoAccounts(trading.SignalFilled, trading.SignalFilled, later)
	start := time.Now()
	had := send(t, "POST", open(t, h)+"/webhook", with(long))
	want(t, had, 200, "")
	// The other account never fills while this is asked: only the budget ends the wait.
	if took := time.Since(start); took > 30*time.Second || !strings.Contains(had.body, `"account":"mexc:paper"`) || !strings.Contains(had.body, `"status":"executing"`) {
		t.Errorf("want the first fill within the budget and the other under way, had %s after %s", had.body, took)
	}
}

func TestRepeatOfAnAlertThatTradedElsewhereTellsTheFirstAnswer(t *testing.T) {
	h := newHouse()
	h.admit = twoAccounts(trading.SignalBlocked, trading.SignalFilled, nil)
	h.halted = true
	base := open(t, h, func(c *gateway.Config) { c.AnswerBudget = 2 * time.Second })
	first := send(t, "POST", base+"/webhook", with(long))
	want(t, first, 202, "")
	id := h.signals()[0].ID
	h.mu.Lock()
	h.admit = func(*house, trading.Signal) (trading.Receipt, error) {
		return trading.Receipt{Signal: id, Status: trading.SignalBlocked, Duplicate: true, Answered: h.answered[id]}, nil
	}
	h.mu.Unlock()
	had := send(t, "POST", base+"/webhook", with(long))
	want(t, had, 409, "DUPLICATE")
	if !strings.HasSuffix(had.body, `"original":`+first.body+`}`) {
		t.Errorf("want %s as original, had %s", first.body, had.body)
	}
}

func TestReceiptAloneTellsOfEveryAccountToo(t *testing.T) {
	h := newHouse()
	h.readErr = trading.Errorf(trading.Unavailable, "the store does not answer")
	h.admit = func(_ *house, s trading.Signal) (trading.Receipt, error) {
		return trading.Receipt{Signal: s.ID, Account: "bybit:paper", Status: trading.SignalRefused, Reason: "max order", Children: []trading.Receipt{child(s, trading.SignalExecuting)}}, nil
	}
	had := send(t, "POST", open(t, h)+"/webhook", with(long))
	want(t, had, 202, "")
	if !strings.Contains(had.body, `"account":"bybit:paper"`) || !strings.Contains(had.body, `"account":"mexc:paper"`) {
		t.Errorf("want both accounts, had %s", had.body)
	}
}
