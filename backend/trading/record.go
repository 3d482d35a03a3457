package trading

import "time"

// Entry is one line of the journal: something that happened to a signal or to one of its orders. The journal is append
// only and hash chained.
type Entry struct {
	Seq      int64
	SignalID SignalID
	// OrderID is "" for what happened to the signal itself.
	OrderID OrderID
	Stage   string
	From    OrderStatus
	To      OrderStatus
	Detail  string
	At      time.Time
	// Since is the time since the signal was received.
	Since time.Duration
}

// SignalRecord is a signal as it stands in the ledger.
type SignalRecord struct {
	ID     SignalID
	Source Source
	// Credential is the id of the webhook key that it came with, or who asked.
	Credential string
	ReceivedAt time.Time
	Deadline   time.Time
	Status     SignalStatus
	Reason     string
	Deliveries int64
	Account    AccountID
	Product    Product
	Symbol     string
	Action     Action
	// Quantity is as asked, in words ("0.01", "5 %", "100 USDT"), "" for all of it.
	Quantity string
	Strategy string
	Comment  string
	Warnings []string
	Raw      string
	Checks   []Check
	// Answered and Answer are the status and the body of the first answer, 0 and "" when they are not on record.
	Answered int
	Answer   string
	Notify   *Notify
	// Parent is the signal that the door was answered with when this one is the same alert on a further account of its
	// strategy; Children are those further ones as they stand, without their orders.
	Parent   SignalID
	Children []Receipt

	Orders  []Order
	Journal []Entry
	Fills   []Fill
}

// Check is one line of a decision: what was asked and what is allowed, in words.
type Check struct {
	Rule    string
	Asked   string
	Allowed string
	OK      bool
}

// Page asks for a part of a list, newest first.
type Page struct {
	// Limit is 1 to 500.
	Limit int
	// Cursor continues after the last row of the page before; "" for the newest.
	Cursor    string
	Exchange  Exchange
	Symbol    string
	Status    string
	Side      Side
	SignalID  SignalID
	OpenOnly  bool
	SinceTime time.Time
	// Source narrows signals to one door.
	Source Source
}

// EquityPoint is the worth of an account at one moment: balance and what is open at mark prices.
type EquityPoint struct {
	Account AccountID
	At      time.Time
	Equity  Money
	Balance Money
}

// DayTotals is what one account did since the start of a day.
type DayTotals struct {
	Realized Money
	Fees     Money
	Funding  Money
	Fills    int
	Signals  int
	Refused  int
}
