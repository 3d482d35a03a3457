package trading

import "time"

// Signal is one request to trade, as read at a door and before anything is decided about it.
type Signal struct {
	ID     SignalID
	Source Source
	// Credential names which key or user asked; keys of different credentials never collide.
	Credential string
	// Bounds are what that credential may ask for.
	Bounds Bounds
	// Key is the explicit idempotency key, "" when the alert has none.
	Key        string
	ReceivedAt time.Time
	// SentAt is the time in the payload, zero when it has none.
	SentAt time.Time
	// MaxAge is the asked lifetime, zero for the default of its kind.
	MaxAge time.Duration

	// Account is set when the asker names the account itself: a course of a strategy, a flatten, a protective close. ""
	// lets exchange and mode decide.
	Account AccountID
	// Exchange is "" when the alert leaves the choice to routing.
	Exchange Exchange
	// Symbol is as written; admission resolves it.
	Symbol string
	Action Action
	// Target is set for ActTarget.
	Target *Target
	Size   Size

	Type         OrderType
	Price        Price
	TakeProfit   []TakeProfit
	StopLoss     Level
	TrailingStop Level
	// Leverage is 0 when the alert leaves it to the setting.
	Leverage   int
	MarginMode MarginMode
	ReduceOnly bool
	Test       bool

	Strategy string
	// Parent is the signal of the same alert that the door was answered with, "" for that one itself. A strategy's alert
	// that goes to several accounts is one signal on each.
	Parent   SignalID
	Comment  string
	Notify   *Notify
	Warnings []string
	// Raw is the request as it came with secrets cut out.
	Raw string
}

// Target is the position that a strategy has after its order; the truth of the alert, whatever the action says.
type Target struct {
	Direction Direction
	// Quantity is 0 for flat.
	Quantity Qty
	Previous Direction
}

// SizeMode is how an alert says how much.
type SizeMode string

// The sizing modes. SizeNone is a close without a size: all of it.
const (
	SizeNone    SizeMode = ""
	SizeBase    SizeMode = "quantity"
	SizeQuote   SizeMode = "quoteQuantity"
	SizePercent SizeMode = "percent"
	SizeRisk    SizeMode = "riskPercent"
)

// Size is how much: base units, quote units, or percent of equity.
type Size struct {
	Mode  SizeMode
	Value Ratio
}

// Level is a price, or a distance from the entry in percent; zero when neither is set.
type Level struct {
	Price   Price
	Percent Ratio
}

// IsZero tells whether no level is set.
func (l Level) IsZero() bool { return l.Price.IsZero() && l.Percent.IsZero() }

// At is the level as a price, seen from an entry in a direction. away is true for a level on the losing side.
func (l Level) At(entry Price, d Direction, away bool) Price {
	if l.Percent.IsZero() {
		return l.Price
	}
	distance := entry.Times(l.Percent).Over(RatioUnits(100, 0))
	if (d == Long) == away {
		return entry.Sub(distance)
	}
	return entry.Add(distance)
}

// TakeProfit is one target with its share of the position; Share is 1 for all.
type TakeProfit struct {
	Level
	Share Ratio
}

// Notify asks for a message to a chat.
type Notify struct {
	ChatID  string
	Message string
	// Withheld is why the message is not sent, as the alert was answered; "" when it is.
	Withheld string `json:",omitempty"`
}

// Intake is a signal after the desk has read it: resolved, and with the key it is known by.
type Intake struct {
	Signal  Signal
	Account AccountID
	// Instrument is zero for an alert that only notifies.
	Instrument Instrument
	Deadline   time.Time
	// Scope is route and credential and mode; (Scope, Key) is unique among the keys in use.
	Scope       string
	Key         string
	Fingerprint string
	// Window is how long the same fingerprint counts as the same alert, counted from the first; zero when Key is exact.
	Window time.Duration
	// Queue leaves the orders in the queue instead of arming the first at once.
	Queue bool
	// Held leaves them there too, because their exchange does not answer, and says so; "" when it does.
	Held string
	// Strategy is the stored strategy that the signal follows, "" for none. The book then tells what is the strategy's.
	Strategy string
}

// Receipt is what a door gets back: the first answer for as long as the key is in use.
type Receipt struct {
	Signal SignalID
	Status SignalStatus
	Reason string
	// Duplicate is true when the signal was known already; then the rest is the first one's.
	Duplicate bool
	// Conflict is true when the key was known with other content; nothing was executed.
	Conflict bool
	// Answered is the HTTP status the first one was answered with, 0 when none is on record.
	Answered int
	// Armed are orders whose intent is on disk as submitted: the caller owes them exactly one submit.
	Armed []Order
	// Created tells that orders wait in the queue, Held that nobody knows for how long the first of them does: its exchange
	// does not answer, or an order before it in its lane is held up.
	Created bool
	Held    bool
	// Account is where the signal went.
	Account AccountID
	// Parent is set on the receipt of a child, and Children are what became of the alert on the other accounts of its
	// strategy when they were admitted.
	Parent   SignalID
	Children []Receipt
}
