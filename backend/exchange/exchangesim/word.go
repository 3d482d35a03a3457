package exchangesim

// Kind is what makes an order execute, and how.
type Kind string

// The kinds. Stops trigger when the mark runs against the side that they close (a sell below, a buy above), targets the
// other way round; Trailing triggers when the mark has come back from its best by a distance or a part of it.
const (
	Market       Kind = "market"
	Limit        Kind = "limit"
	StopMarket   Kind = "stop_market"
	StopLimit    Kind = "stop_limit"
	TargetMarket Kind = "target_market"
	TargetLimit  Kind = "target_limit"
	Trailing     Kind = "trailing"
)

// Conditional tells whether an order of the kind waits for a trigger.
func (k Kind) Conditional() bool { return k != Market && k != Limit }

// Priced tells whether an order of the kind has a limit price once it works.
func (k Kind) Priced() bool { return k == Limit || k == StopLimit || k == TargetLimit }

// target tells whether the kind takes profit.
func (k Kind) target() bool { return k == TargetMarket || k == TargetLimit }

// TIF is how long an order may rest.
type TIF string

// The times in force. The zero value is GTC.
const (
	GTC      TIF = "gtc"
	IOC      TIF = "ioc"
	FOK      TIF = "fok"
	PostOnly TIF = "post_only"
)

// Status is how far an order is; façades translate.
type Status string

// The statuses. A conditional order is Untriggered until its trigger. One of the algo book is Triggered for good when it
// has become another order; any other passes Triggered on the way to New.
const (
	New             Status = "New"
	PartiallyFilled Status = "PartiallyFilled"
	Filled          Status = "Filled"
	Canceled        Status = "Canceled"
	Rejected        Status = "Rejected"
	Expired         Status = "Expired"
	Untriggered     Status = "Untriggered"
	Triggered       Status = "Triggered"
)

// Open tells whether an order of this status may still change.
func (s Status) Open() bool { return s == New || s == PartiallyFilled || s == Untriggered }

// The reasons why an order ended before it was filled.
const (
	ReasonCanceled   = "canceled"    // somebody asked for it
	ReasonWouldTake  = "would_take"  // post-only, but it would have met the market
	ReasonNoMatch    = "no_match"    // IOC, FOK or market, and nothing (more) to meet
	ReasonReduceOnly = "reduce_only" // nothing left to reduce
	ReasonRejected   = "rejected"    // accepted first, refused later
	ReasonGroup      = "group"       // another order of its group was filled
	ReasonFlat       = "flat"        // the position that it protected is gone
	ReasonNoMoney    = "no_money"    // triggered, but the account could not pay
	ReasonLiquidated = "liquidated"  // the exchange closed the position
)

// Why is why a request was refused; nothing was booked.
type Why string

// The reasons of a refusal.
const (
	UnknownSymbol   Why = "unknown_symbol"
	OffStep         Why = "off_step"
	BelowMinQty     Why = "below_min_qty"
	AboveMaxQty     Why = "above_max_qty"
	OffTick         Why = "off_tick"
	PriceBand       Why = "price_band"
	BelowNotional   Why = "below_notional"
	DuplicateID     Why = "duplicate_id"
	BadID           Why = "bad_id"
	NoMoney         Why = "no_money"
	NothingToReduce Why = "nothing_to_reduce"
	WrongSlot       Why = "wrong_slot"
	WouldTake       Why = "would_take"
	WouldTrigger    Why = "would_trigger"
	TooManyOrders   Why = "too_many_orders"
	LeverageTooHigh Why = "leverage_too_high"
	Exists          Why = "exists"
	NotFound        Why = "not_found"
	AlreadyEnded    Why = "already_ended"
	ModeBlocked     Why = "mode_blocked"
	NotModified     Why = "not_modified"
	Halted          Why = "halted"
)

// Refusal is the exchange's no. Text is for a person who reads a failing test; façades have their own words.
type Refusal struct {
	Why  Why
	Text string
}

func refuse(why Why, text string) *Refusal { return &Refusal{why, text} }
