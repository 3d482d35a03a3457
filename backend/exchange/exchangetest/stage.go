package exchangetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"hoox/backend/trading"
)

// Clock is a time that a test moves. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock that stands at a time.
func NewClock(at time.Time) *Clock { return &Clock{now: at} }

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass moves it.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Desk is a sink that keeps what it is told. It is safe for concurrent use.
type Desk struct {
	mu      sync.Mutex
	reports []trading.Report
	cash    []trading.Cash
	fills   map[trading.FillID]int
	// Heard is rung with every report.
	Heard chan struct{}
}

// NewDesk makes a desk that has heard nothing.
func NewDesk() *Desk { return &Desk{fills: map[trading.FillID]int{}, Heard: make(chan struct{}, 1)} }

// Record keeps a report.
func (d *Desk) Record(_ context.Context, r trading.Report) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reports = append(d.reports, r)
	for _, f := range r.Fills {
		d.fills[f.ID]++
	}
	select {
	case d.Heard <- struct{}{}:
	default:
	}
	return nil
}

// BookCash keeps a movement of money once.
func (d *Desk) BookCash(_ context.Context, c trading.Cash) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.ContainsFunc(d.cash, func(had trading.Cash) bool { return had.ID == c.ID }) {
		d.cash = append(d.cash, c)
	}
	return nil
}

// Reports are all that were told, oldest first.
func (d *Desk) Reports() []trading.Report {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.reports)
}

// Cash is what was booked, oldest first.
func (d *Desk) Cash() []trading.Cash {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.cash)
}

// Fills is how often each fill was told.
func (d *Desk) Fills() map[trading.FillID]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	told := make(map[trading.FillID]int, len(d.fills))
	for id, n := range d.fills {
		told[id] = n
	}
	return told
}

// Last is the latest report on an order or on a child of it.
func (d *Desk) Last(id trading.OrderID) trading.Report {
	all := d.Reports()
	for i := len(all) - 1; i >= 0; i-- {
		if r := all[i]; r.OrderID == id || r.Child != nil && r.Child.Parent == id {
			return r
		}
	}
	return trading.Report{}
}
