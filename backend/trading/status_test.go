package trading_test

import (
	"testing"

	"hoox/backend/trading"
)

func TestFinalOrdersNeverComeBackToLife(t *testing.T) {
	// The exchange's own fact is the one exception: an order it shows after all, a fill that crossed a cancel.
	late := map[trading.OrderStatus]bool{trading.OrderNotPlaced: true, trading.OrderCanceled: true, trading.OrderExpired: true}
	for _, from := range trading.OrderStatuses() {
		for _, to := range trading.OrderStatuses() {
			if from.Final() && from.May(to) && !late[from] {
				t.Errorf("%s may become %s: a final order must stay what it is", from, to)
			}
		}
	}
}

func TestUnknownIsNeverSentAgain(t *testing.T) {
	for _, to := range []trading.OrderStatus{trading.OrderCreated, trading.OrderSubmitted} {
		if trading.OrderUnknown.May(to) {
			t.Errorf("unknown may become %s: that is a second order when the first one lives", to)
		}
	}
}

func TestNothingReachesTheExchangeUnarmed(t *testing.T) {
	for _, to := range []trading.OrderStatus{trading.OrderAccepted, trading.OrderPartiallyFilled, trading.OrderFilled, trading.OrderRejected} {
		if trading.OrderCreated.May(to) {
			t.Errorf("created may become %s without its intent on disk", to)
		}
	}
}

func TestSignalTellsWhatItsOrdersSay(t *testing.T) {
	one := trading.MustQty("1")
	for name, c := range map[string]struct {
		orders []trading.Order
		want   trading.SignalStatus
	}{
		"no orders":                 {nil, trading.SignalNoOp},
		"waiting":                   {[]trading.Order{{Status: trading.OrderCreated}}, trading.SignalEnqueued},
		"in flight":                 {[]trading.Order{{Status: trading.OrderSubmitted}}, trading.SignalExecuting},
		"unknown":                   {[]trading.Order{{Status: trading.OrderUnknown}}, trading.SignalExecuting},
		"resting":                   {[]trading.Order{{Status: trading.OrderAccepted}}, trading.SignalAccepted},
		"filled":                    {[]trading.Order{{Status: trading.OrderFilled}}, trading.SignalFilled},
		"flip, first leg done":      {[]trading.Order{{Status: trading.OrderFilled}, {Status: trading.OrderCreated}}, trading.SignalExecuting},
		"flip, second leg rejected": {[]trading.Order{{Status: trading.OrderFilled}, {Status: trading.OrderRejected}}, trading.SignalPartial},
		"rest cancelled":            {[]trading.Order{{Status: trading.OrderCanceled, Filled: one}}, trading.SignalPartial},
		"cancelled unfilled":        {[]trading.Order{{Status: trading.OrderCanceled}}, trading.SignalNoOp},
		"rejected":                  {[]trading.Order{{Status: trading.OrderRejected}}, trading.SignalRejected},
		"blocked":                   {[]trading.Order{{Status: trading.OrderBlocked}}, trading.SignalBlocked},
		"a person is asked":         {[]trading.Order{{Status: trading.OrderFilled}, {Status: trading.OrderNeedsReview}}, trading.SignalNeedsReview},
	} {
		if got := trading.SignalStatusOf(c.orders); got != c.want {
			t.Errorf("%s: had %s, want %s", name, got, c.want)
		}
	}
}

func TestOrderIDIsTheSameForTheSameLegAndFitsEveryExchange(t *testing.T) {
	key := []byte("install")
	first := trading.NewOrderID(key, "webhook|k|1", 0, "bybit:paper")
	if again := trading.NewOrderID(key, "webhook|k|1", 0, "bybit:paper"); again != first {
		t.Fatalf("had %s then %s: a second attempt must carry the same id", first, again)
	}
	for name, other := range map[string]trading.OrderID{
		"leg":     trading.NewOrderID(key, "webhook|k|1", 1, "bybit:paper"),
		"account": trading.NewOrderID(key, "webhook|k|1", 0, "bybit:live"),
		"seed":    trading.NewOrderID(key, "webhook|k|2", 0, "bybit:paper"),
		"install": trading.NewOrderID([]byte("other"), "webhook|k|1", 0, "bybit:paper"),
	} {
		if other == first {
			t.Errorf("another %s has the same order id", name)
		}
	}
	if len(first) != 29 || first[:3] != trading.OrderPrefix {
		t.Errorf("id %q: want 29 characters starting with %s", first, trading.OrderPrefix)
	}
}

func TestErrorsKeepTheirKindThroughWrapping(t *testing.T) {
	inner := trading.FieldError("quantity", "must be positive")
	if k := trading.KindOf(trading.Wrap(trading.Internal, inner, "read alert")); k != trading.Invalid {
		t.Fatalf("had %s, want invalid: the first one to know the kind knows best", k)
	}
	if k := trading.KindOf(nil); k != "" {
		t.Fatalf("nil has kind %q", k)
	}
}
