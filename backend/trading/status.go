package trading

// OrderStatus is where an order is in its life.
type OrderStatus string

// The order statuses. Created waits for its lane; submitted has its intent on disk, so bytes may have left; unknown is
// being asked about at the exchange; needs_review waits for a person.
const (
	OrderCreated         OrderStatus = "created"
	OrderSubmitted       OrderStatus = "submitted"
	OrderAccepted        OrderStatus = "accepted"
	OrderPartiallyFilled OrderStatus = "partially_filled"
	OrderFilled          OrderStatus = "filled"
	OrderCanceled        OrderStatus = "canceled"
	OrderRejected        OrderStatus = "rejected"
	OrderExpired         OrderStatus = "expired"
	OrderDenied          OrderStatus = "denied"
	OrderBlocked         OrderStatus = "blocked"
	OrderUnknown         OrderStatus = "unknown"
	OrderNotPlaced       OrderStatus = "not_placed"
	OrderNeedsReview     OrderStatus = "needs_review"
)

// transitions is the whole life of an order; a pair that is not here is a bug. The empty status is "no row yet".
var transitions = map[OrderStatus][]OrderStatus{
	"": {OrderCreated, OrderSubmitted, OrderDenied, OrderBlocked, OrderExpired, OrderAccepted, OrderFilled},

	OrderCreated:   {OrderSubmitted, OrderBlocked, OrderExpired, OrderDenied, OrderCanceled},
	OrderSubmitted: {OrderCreated, OrderBlocked, OrderAccepted, OrderPartiallyFilled, OrderFilled, OrderCanceled, OrderRejected, OrderExpired, OrderUnknown, OrderNotPlaced},
	OrderUnknown:   {OrderAccepted, OrderPartiallyFilled, OrderFilled, OrderCanceled, OrderRejected, OrderExpired, OrderNotPlaced, OrderNeedsReview},

	OrderAccepted:        {OrderPartiallyFilled, OrderFilled, OrderCanceled, OrderRejected, OrderExpired},
	OrderPartiallyFilled: {OrderPartiallyFilled, OrderFilled, OrderCanceled, OrderExpired},

	// The one legal exit of a final state: the exchange shows an order that we had proven absent. It is alarmed.
	OrderNotPlaced: {OrderAccepted, OrderPartiallyFilled, OrderFilled, OrderCanceled},
	// A fill can cross a cancel or an expiry on the wire; the exchange's fill is a fact.
	OrderCanceled: {OrderFilled},
	OrderExpired:  {OrderFilled},

	OrderNeedsReview: {OrderAccepted, OrderPartiallyFilled, OrderFilled, OrderCanceled, OrderRejected, OrderExpired, OrderNotPlaced},
}

// May tells whether an order may go from s to next.
func (s OrderStatus) May(next OrderStatus) bool {
	for _, to := range transitions[s] {
		if to == next {
			return true
		}
	}
	return false
}

// OrderStatuses lists every status, in the order of a life.
func OrderStatuses() []OrderStatus {
	return []OrderStatus{
		OrderCreated, OrderSubmitted, OrderAccepted, OrderPartiallyFilled, OrderFilled, OrderCanceled, OrderRejected,
		OrderExpired, OrderDenied, OrderBlocked, OrderUnknown, OrderNotPlaced, OrderNeedsReview,
	}
}

// Final tells whether nothing more is expected of the order.
func (s OrderStatus) Final() bool {
	switch s {
	case OrderFilled, OrderCanceled, OrderRejected, OrderExpired, OrderDenied, OrderBlocked, OrderNotPlaced:
		return true
	case OrderCreated, OrderSubmitted, OrderAccepted, OrderPartiallyFilled, OrderUnknown, OrderNeedsReview:
		return false
	}
	return false
}

// InDoubt tells whether bytes may have left without an answer on record.
func (s OrderStatus) InDoubt() bool { return s == OrderSubmitted || s == OrderUnknown }

// InLongDoubt tells whether nobody knows when the outcome will be known.
func (s OrderStatus) InLongDoubt() bool { return s == OrderUnknown || s == OrderNeedsReview }

// Resting tells whether the order is alive at the exchange, for certain.
func (s OrderStatus) Resting() bool { return s == OrderAccepted || s == OrderPartiallyFilled }

// SignalStatus is what became of a signal.
type SignalStatus string

// The signal statuses.
const (
	SignalAccepted    SignalStatus = "accepted"
	SignalEnqueued    SignalStatus = "enqueued"
	SignalExecuting   SignalStatus = "executing"
	SignalFilled      SignalStatus = "filled"
	SignalPartial     SignalStatus = "partial"
	SignalNoOp        SignalStatus = "no_op"
	SignalRejected    SignalStatus = "rejected"
	SignalRefused     SignalStatus = "refused"
	SignalBlocked     SignalStatus = "blocked"
	SignalExpired     SignalStatus = "expired"
	SignalNotPlaced   SignalStatus = "not_placed"
	SignalNeedsReview SignalStatus = "needs_review"
)

// SignalStatuses lists every signal status.
func SignalStatuses() []SignalStatus {
	return []SignalStatus{
		SignalAccepted, SignalEnqueued, SignalExecuting, SignalFilled, SignalPartial, SignalNoOp, SignalRejected,
		SignalRefused, SignalBlocked, SignalExpired, SignalNotPlaced, SignalNeedsReview,
	}
}

// Final tells whether the signal has ended.
func (s SignalStatus) Final() bool {
	switch s {
	case SignalFilled, SignalPartial, SignalNoOp, SignalRejected, SignalRefused, SignalBlocked, SignalExpired, SignalNotPlaced:
		return true
	case SignalAccepted, SignalEnqueued, SignalExecuting, SignalNeedsReview:
		return false
	}
	return false
}

// SignalStatusOf is what the orders of a signal say about it; a signal without orders is a no-op.
func SignalStatusOf(orders []Order) SignalStatus {
	if len(orders) == 0 {
		return SignalNoOp
	}
	var open, created, resting, doubt, filled, part, worst = 0, 0, 0, 0, 0, false, SignalStatus("")
	for _, o := range orders {
		if o.Status == OrderNeedsReview {
			return SignalNeedsReview
		}
		if o.Filled.IsPositive() && o.Status != OrderFilled {
			part = true
		}
		switch {
		case o.Status == OrderCreated:
			open, created = open+1, created+1
		case o.Status.InDoubt():
			open, doubt = open+1, doubt+1
		case o.Status.Resting():
			open, resting = open+1, resting+1
		case o.Status == OrderFilled:
			filled++
		case worst == "":
			worst = unfilledSignal(o.Status)
		}
	}
	switch {
	case doubt > 0:
		return SignalExecuting
	case created > 0 && created == open && filled == 0:
		return SignalEnqueued
	case created > 0:
		return SignalExecuting
	case resting > 0:
		return SignalAccepted
	case filled == len(orders):
		return SignalFilled
	case filled > 0 || part:
		return SignalPartial
	default:
		return worst
	}
}

// unfilledSignal is what one finally unfilled order makes of its signal.
func unfilledSignal(s OrderStatus) SignalStatus {
	switch s {
	case OrderRejected:
		return SignalRejected
	case OrderDenied:
		return SignalRefused
	case OrderBlocked:
		return SignalBlocked
	case OrderExpired:
		return SignalExpired
	case OrderNotPlaced:
		return SignalNotPlaced
	case OrderCanceled:
		return SignalNoOp
	case OrderCreated, OrderSubmitted, OrderAccepted, OrderPartiallyFilled, OrderFilled, OrderUnknown, OrderNeedsReview:
		return SignalNeedsReview
	}
	return SignalNeedsReview
}
