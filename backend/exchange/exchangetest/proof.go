package exchangetest

import (
	"slices"
	"testing"

	"hoox/backend/trading"
)

// Statuses are the HTTP statuses that a fuzz target draws from: those with a meaning at some exchange.
var Statuses = []int{200, 200, 200, 200, 201, 400, 401, 403, 404, 408, 418, 429, 500, 502, 503, 504}

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

// CheckLookup fails when a look-up of an order that was sent a moment ago proves it absent, or finds another one.
func CheckLookup(t *testing.T, o trading.Order, r trading.Report, found bool, err error, answer []byte) {
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
