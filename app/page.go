package app

// Every request and answer of the glass is plain text, numbers and booleans: times are RFC 3339 in UTC with
// milliseconds ("2026-11-22T01:02:03.456Z", "" when unknown), money and sizes are decimal text ("" when unknown),
// ids are text. Lists are never null. The TypeScript twin of these types is generated from them.

// PageRequest asks for one page of a list, newest first.
type PageRequest struct {
	// Limit is the number of rows wanted, 1 to 500; 0 means 50.
	Limit int `json:"limit"`
	// Cursor is the Next of the page before, "" for the newest.
	Cursor string `json:"cursor"`
	// Filter narrows the list; an empty field does not narrow.
	Filter Filter `json:"filter"`
}

// Filter narrows a list of signals, orders or fills.
type Filter struct {
	Exchange string `json:"exchange"`
	Symbol   string `json:"symbol"`
	Status   string `json:"status"`
	// RequestID keeps the rows of one signal.
	RequestID string `json:"requestId"`
	// Side is buy or sell (orders, fills).
	Side string `json:"side"`
	// OpenOnly keeps orders that are not in a final state.
	OpenOnly bool `json:"openOnly"`
}

// Empty is the request of a method that needs nothing.
type Empty struct{}

// Fault is how an error crosses the glass, on both transports.
type Fault struct {
	// Kind is one of invalid, unauthorized, duplicate, refused, halted, limited, not_found, conflict, rejected,
	// unknown, unavailable, internal.
	Kind    string `json:"kind"`
	Message string `json:"message"`
	// Ref finds the error in the log; "" when there is nothing more to find.
	Ref string `json:"ref"`
	// Field names the request field that is wrong, "" when none is.
	Field string `json:"field"`
}

// Hint tells that something under a topic changed; it carries no truth. A gap in Seq means hints were lost: re-read.
// Topics: signals, orders, fills, positions, kill, health, settings, queue, market,
// audit, alarms, chats.
type Hint struct {
	Topic string `json:"topic"`
	Seq   uint64 `json:"seq"`
}
