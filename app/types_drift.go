package app

// DriftRow is one difference between the ledger and an exchange, and what a person can do about it.
type DriftRow struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	// Mode is testnet or live.
	Mode string `json:"mode"`
	// Kind is size, external, missing, lost_order, recovered_order or foreign_order.
	Kind    string `json:"kind"`
	Product string `json:"product"`
	Symbol  string `json:"symbol"`
	// Slot is both, long or short.
	Slot string `json:"slot"`
	// OrderID is ours and ExchangeID the exchange's, of a finding about an order.
	OrderID    string `json:"orderId"`
	ExchangeID string `json:"exchangeId"`
	// Ours is what the ledger says and Theirs what the exchange says, in words.
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
	// Meaning says what it is and what it stops.
	Meaning   string `json:"meaning"`
	FirstSeen string `json:"firstSeen"`
	LastSeen  string `json:"lastSeen"`
	Rounds    int    `json:"rounds"`
	// Ignored tells that a person said to leave it until it changes.
	Ignored bool `json:"ignored"`
	// Fixes are what may be asked for, the usual one first.
	Fixes []DriftFix `json:"fixes"`
}

// DriftFix is one thing a person may ask for.
type DriftFix struct {
	// What is adopt, ignore, ask_again or cancel.
	What  string `json:"what"`
	Label string `json:"label"`
	// Help says what will happen.
	Help string `json:"help"`
}

// DriftList is everything that does not agree, and when each account was compared.
type DriftList struct {
	Items    []DriftRow     `json:"items"`
	Accounts []DriftAccount `json:"accounts"`
}

// DriftAccount is when an account was last compared with its exchange.
type DriftAccount struct {
	Account string `json:"account"`
	// ComparedAt is "" while it never was.
	ComparedAt string `json:"comparedAt"`
	// Problem is why it could not be compared, "" when it could.
	Problem string `json:"problem"`
}

// FixDrift asks for a fix.
type FixDrift struct {
	ID   string `json:"id"`
	What string `json:"what"`
}
