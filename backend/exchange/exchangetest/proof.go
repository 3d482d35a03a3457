package exchangetest

import (
	"slices"
	"strings"
	"testing"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// statuses are the HTTP statuses that a fuzz target draws from: those with a meaning at some exchange.
var statuses = []int{200, 200, 200, 200, 201, 400, 401, 403, 404, 408, 418, 429, 500, 502, 503, 504}

// Status is the HTTP status that a fuzz target draws with n.
func Status(n uint8) int { return statuses[int(n)%len(statuses)] }

// Seed gives a fuzz target every answer with each of the kinds to begin with.
func Seed(f *testing.F, answers []string, kinds ...uint8) {
	for _, a := range answers {
		for _, kind := range kinds {
			f.Add(kind, []byte(a))
		}
	}
}

// Named writes the id of an order where an answer says ID.
func Named(answer []byte, o trading.Order) []byte {
	return []byte(strings.ReplaceAll(string(answer), "ID\"", string(o.ID)+"\""))
}

// Names tells whether an answer names an order.
func Names(answer []byte, o trading.Order) bool {
	return strings.Contains(string(answer), string(o.ID))
}

// Proof is what an answer to a submit proves, read by somebody else than the adapter.
type Proof struct {
	// Taken: it has all that an acknowledgement has. Refused: a certain no that is listed. Unprocessed: listed as not processed.
	Taken, Refused, Unprocessed bool
}

// CheckSubmit fails when a submit, whose one answer is given, tells more than that proves.
func CheckSubmit(t *testing.T, p Proof, r trading.Report, err error, answer []byte) {
	t.Helper()
	may := false
	switch trading.KindOf(err) {
	case "":
		may = p.Taken
		CheckReport(t, r, answer)
	case trading.Rejected:
		may = p.Refused
	case trading.Limited:
		may = p.Unprocessed
	case trading.Unknown:
		may = true
	}
	if !may {
		t.Fatalf("%q is told as %+v %v (%s): an order would be lost or doubled", answer, r, err, trading.KindOf(err))
	}
}

// CheckReport fails for a report that no ledger could take.
func CheckReport(t *testing.T, r trading.Report, answer []byte) {
	t.Helper()
	if r.OrderID == "" && r.Child == nil || r.Status != "" && !slices.Contains(trading.OrderStatuses(), r.Status) || r.Filled.IsNegative() {
		t.Fatalf("%q is told as %+v", answer, r)
	}
	for _, f := range r.Fills {
		if f.ID == "" || !f.Qty.IsPositive() || !f.Price.IsPositive() {
			t.Fatalf("%q is told with the fill %+v", answer, f)
		}
	}
}

// CheckLookup fails when a look-up of an order that was sent a moment ago proves it absent, or finds another one. speaks
// tells whether an answer is about an order.
func CheckLookup(t *testing.T, o trading.Order, r trading.Report, found bool, err error, answer []byte, speaks func([]byte, trading.Order) bool) {
	t.Helper()
	switch {
	case err != nil && trading.KindOf(err) != trading.Unknown:
		t.Fatalf("%q makes the look-up fail with %v (%s), want Unknown", answer, err, trading.KindOf(err))
	case err == nil && !found:
		t.Fatalf("%q proves an order absent that was sent a moment ago", answer)
	case found:
		CheckReport(t, r, answer)
		if r.OrderID != o.ID || !trading.OrderUnknown.May(r.Status) && r.Status != trading.OrderUnknown {
			t.Fatalf("%q is told as %+v of order %s", answer, r, o.ID)
		}
		if !speaks(answer, o) {
			t.Fatalf("%q does not speak of order %s and is told as %+v", answer, o.ID, r)
		}
	}
}

// CheckCancel fails when a cancel is told as the end of another order than the one that the answer is about.
func CheckCancel(t *testing.T, o trading.Order, r trading.Report, err error, answer []byte, speaks func([]byte, trading.Order) bool) {
	t.Helper()
	if err != nil {
		return
	}
	CheckReport(t, r, answer)
	if r.OrderID != o.ID || !speaks(answer, o) {
		t.Fatalf("%q is told as the end of %s: %+v", answer, o.ID, r)
	}
}

// CheckToldOnce has a frame of a stream heard twice, and fails when it is news a second time.
func CheckToldOnce(t *testing.T, frame []byte, hear func(exchange.Sink) error) {
	t.Helper()
	desk := NewDesk()
	err := hear(desk)
	told := desk.Reports()
	for _, r := range told {
		CheckReport(t, r, frame)
	}
	if twice := hear(desk); err == nil && (twice != nil || len(desk.Reports()) > len(told)) {
		t.Fatalf("%q is told twice: %+v, %v", frame, desk.Reports(), twice)
	}
}

// CheckListing fails for an instrument with which no order can be made, and for one that breaks who makes it.
func CheckListing(t *testing.T, list []trading.Instrument, answer []byte) {
	t.Helper()
	for _, i := range list {
		if i.Symbol == "" || !i.TickSize.IsPositive() || !i.StepSize.IsPositive() || i.MinQty.IsNegative() || i.MaxQty.IsNegative() || i.MinNotional.IsNegative() || i.MaxLeverage < 1 {
			t.Fatalf("%q lists %+v", answer, i)
		}
		_, _ = i.RoundQty(trading.MustQty("1.23456789")), i.RoundPrice(trading.MustPrice("64000.123"), trading.Sell)
	}
}
