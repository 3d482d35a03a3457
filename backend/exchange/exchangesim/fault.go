package exchangesim

import "time"

// Fault is what goes wrong with one request. The zero value is nothing.
type Fault struct {
	// LoseRequest cuts the connection before the request is looked at, LoseAnswer after it was carried out.
	LoseRequest, LoseAnswer bool
	// Status answers with this HTTP status and an HTML page instead; the request is carried out unless Refuse is set.
	Status int
	Refuse bool
	// Code answers with this return code; the request is carried out unless Refuse is set.
	Code int
	// Text is the message with Code or Status (Binance tells the kinds of its 503 apart by it).
	Text string
	// Banned answers as the exchange does to an address it has banned; RetryAfter is what it says about when to come
	// back, in whole seconds, also with Status 429.
	Banned     bool
	RetryAfter time.Duration
	// Delay holds the answer for this long of real time, or until the client goes.
	Delay time.Duration
	// Body answers with these bytes as JSON after the request was carried out: empty, cut, of another shape.
	Body *string
	// Huge answers with more than anybody should read.
	Huge bool
	// Twice looks at the request a second time, as a proxy that repeats it would.
	Twice bool
	// Hide keeps a new order out of every list for this long.
	Hide time.Duration
	// RejectLater acknowledges the order and rejects it afterwards.
	RejectLater bool
	// Slices fills an order in this many executions; FillOnly fills only the first of them and cancels the rest.
	Slices   int
	FillOnly bool
	// Hold accepts an order and lets it meet no market until Core.Execute.
	Hold bool
	// FillFirst lets the order that is to be canceled fill before the cancel is seen.
	FillFirst bool
}

// Faults decides about each request, by path and client order id ("" when it has none). It is called one at a time.
type Faults func(path, link string) Fault
