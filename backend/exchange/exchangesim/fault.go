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
	// Slices fills a market order in this many executions; FillOnly fills only the first of them and cancels the rest.
	Slices   int
	FillOnly bool
}

// Faults decides about each request, by path and client order id ("" when it has none). It is called one at a time.
type Faults func(path, link string) Fault
