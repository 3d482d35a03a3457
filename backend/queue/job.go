package queue

import (
	"time"

	"hoox/backend/trading"
)

// Kind is what a job is for.
type Kind string

// The kinds of jobs.
const (
	// Submit sends an order that waits in its lane.
	Submit Kind = "submit"
	// Resolve asks the exchange what became of an order in doubt.
	Resolve Kind = "resolve"
	// Cancel cancels an order that rests at the exchange.
	Cancel Kind = "cancel"
	// Protect makes what protects a position stand at the exchange as it should.
	Protect Kind = "protect"
)

// State is whether a job waits or has been given up.
type State string

// The states of a job; a finished job has no row. Leased is only ever seen in memory.
const (
	Ready  State = "ready"
	Leased State = "leased"
	Dead   State = "dead"
)

// Job is one row of durable work.
type Job struct {
	ID       trading.JobID
	Kind     Kind
	Lane     string
	SignalID trading.SignalID
	OrderID  trading.OrderID
	State    State
	Attempts int
	RunAt    time.Time
	// Deadline is when the work loses its sense; zero for never.
	Deadline  time.Time
	LastError string
	CreatedAt time.Time
}
