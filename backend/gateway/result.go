package gateway

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hoox/backend/trading"
)

// head is what every answer to a stored signal begins with; the fields after it are those of a 200 or a 202.
type head struct {
	Success   bool             `json:"success"`
	RequestID trading.SignalID `json:"requestId"`
	Exchange  trading.Exchange `json:"exchange,omitempty"`
	Symbol    string           `json:"symbol,omitempty"`
	Action    string           `json:"action"`

	Status         string   `json:"status,omitempty"`
	Result         *result  `json:"result,omitempty"`
	AveragePrice   string   `json:"averagePrice,omitempty"`
	FilledQuantity string   `json:"filledQuantity,omitempty"`
	Warnings       []string `json:"warnings,omitempty"`

	Accounts []onAccount `json:"accounts,omitempty"`
}

type result struct {
	OrderID string `json:"orderId"`
	Status  string `json:"status"`
}

// answer is what a caller is told about a signal: the HTTP status and the body. It is a pure function of the record. An
// alert that came to nothing on its first account but trades on another is under way: an error would say that nothing
// happened.
func answer(r trading.SignalRecord) (int, []byte) {
	status, body := alone(r)
	if status >= http.StatusBadRequest && slices.ContainsFunc(r.Children, trades) {
		return http.StatusAccepted, enqueued(r)
	}
	return status, body
}

// alone is the answer by what became of the alert on its first account.
func alone(r trading.SignalRecord) (int, []byte) {
	switch r.Status {
	case trading.SignalFilled, trading.SignalPartial, trading.SignalNoOp:
		return http.StatusOK, encode(done(r))
	case trading.SignalAccepted:
		if _, ok := decisive(r.Orders); ok || r.Action == trading.ActNone {
			return http.StatusOK, encode(done(r))
		}
	case trading.SignalRejected:
		return http.StatusUnprocessableEntity, because(r, CodeRejected, "the exchange rejected the order")
	case trading.SignalNotPlaced:
		return http.StatusUnprocessableEntity, because(r, CodeRejected, "the order was not placed")
	case trading.SignalRefused:
		return http.StatusUnprocessableEntity, because(r, CodeRefused, "refused by a rule")
	case trading.SignalExpired:
		return http.StatusUnprocessableEntity, because(r, CodeRefused, "expired")
	case trading.SignalBlocked:
		return http.StatusServiceUnavailable, because(r, CodeKillSwitch, "trading is halted")
	case trading.SignalEnqueued, trading.SignalExecuting, trading.SignalNeedsReview:
	}
	// Whatever is not known to have ended is stored and under way.
	return http.StatusAccepted, enqueued(r)
}

func enqueued(r trading.SignalRecord) []byte {
	h := begin(r)
	h.Status = "Enqueued"
	return encode(h)
}

func begin(r trading.SignalRecord) head {
	return head{
		Success: true, RequestID: r.ID, Exchange: r.Account.Exchange(), Symbol: r.Symbol, Action: asked(r),
		Warnings: r.Warnings, Accounts: everywhere(r),
	}
}

// asked is the action in the words of the alert, which say BUY where ours say LONG.
func asked(r trading.SignalRecord) string {
	var raw struct {
		Action string `json:"action"`
	}
	if json.Unmarshal([]byte(r.Raw), &raw) == nil && raw.Action != "" {
		return strings.ToUpper(raw.Action)
	}
	return string(r.Action)
}

// because is the answer to a signal that ended without an order at work.
func because(r trading.SignalRecord, code Code, fallback string) []byte {
	words := r.Reason
	for i := len(r.Orders) - 1; i >= 0 && words == ""; i-- {
		words = r.Orders[i].Reason
	}
	switch {
	case words == "":
		words = fallback
	case r.Status == trading.SignalExpired && !strings.HasPrefix(words, fallback):
		words = fallback + ": " + words
	}
	return encode(refusal{Error: words, Code: code, RequestID: r.ID, Accounts: everywhere(r)})
}

func done(r trading.SignalRecord) head {
	h := begin(r)
	o, ok := decisive(r.Orders)
	if !ok {
		h.Result = &result{Status: "NoOp"}
		return h
	}
	h.Result = &result{OrderID: o.ExchangeID, Status: fate(o)}
	if o.Filled.IsPositive() {
		h.AveragePrice, h.FilledQuantity = o.AveragePrice().String(), o.Filled.String()
	}
	for _, leg := range legs(r.Orders) {
		if leg.Status.Final() && leg.Status != trading.OrderFilled && leg.Reason != "" {
			h.Warnings = append(h.Warnings[:len(h.Warnings):len(h.Warnings)],
				"leg "+strconv.Itoa(leg.Leg)+" ("+string(leg.Side)+") ended "+string(leg.Status)+": "+leg.Reason)
		}
	}
	return h
}

// fate is the order's status in the words of the contract. What ended otherwise stands in a signal that was filled in
// part, which is then what has to be told.
func fate(o trading.Order) string {
	switch o.Status {
	case trading.OrderFilled:
		return "Filled"
	case trading.OrderAccepted:
		return "Accepted"
	case trading.OrderCanceled:
		if !o.Filled.IsPositive() {
			return "Canceled"
		}
	case trading.OrderPartiallyFilled, trading.OrderRejected, trading.OrderExpired, trading.OrderDenied, trading.OrderBlocked,
		trading.OrderNotPlaced, trading.OrderCreated, trading.OrderSubmitted, trading.OrderUnknown, trading.OrderNeedsReview:
	}
	return "PartiallyFilled"
}

// legs are the orders we asked for; those that the exchange made from a protection are no part of the answer.
func legs(orders []trading.Order) []trading.Order {
	var out []trading.Order
	for _, o := range orders {
		if o.Parent == "" {
			out = append(out, o)
		}
	}
	return out
}

// decisive is the last leg: of a close and an entry, the entry.
func decisive(orders []trading.Order) (trading.Order, bool) {
	var last trading.Order
	found := false
	for _, o := range legs(orders) {
		if !found || o.Leg >= last.Leg {
			last, found = o, true
		}
	}
	return last, found
}

// settled tells whether waiting longer could not tell more: the signal has ended, waits for a person, or its limit order
// rests. A market order that the exchange has merely taken in fills in a moment, so that is worth the wait.
func settled(r trading.SignalRecord) bool {
	switch {
	case r.Status.Final(), r.Status == trading.SignalNeedsReview:
		return true
	case r.Status == trading.SignalAccepted:
		o, ok := decisive(r.Orders)
		return (ok && o.Type == trading.Limit) || r.Action == trading.ActNone
	}
	return false
}
