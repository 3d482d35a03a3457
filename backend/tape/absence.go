package tape

import (
	"sync"
	"time"

	"hoox/backend/trading"
)

// cleanAnswers is how many clean empty answers in a row are needed.
const cleanAnswers = 3

// Absence keeps count of clean empty answers about orders. It is safe for concurrent use.
type Absence struct {
	mu    sync.Mutex
	clean map[trading.OrderID]int
}

// NewAbsence makes a count of nothing.
func NewAbsence() *Absence { return &Absence{clean: map[trading.OrderID]int{}} }

// Found forgets what was counted: the order is there.
func (a *Absence) Found(id trading.OrderID) {
	a.mu.Lock()
	delete(a.clean, id)
	a.mu.Unlock()
}

// Empty counts one clean round of empty answers about an order and returns nil once absence is proven: settle has passed
// since the order was armed, there were three rounds, and onTime, the state of the clocks, is nil. Until then it fails
// with Unknown and says what is missing. exchange names the exchange in the words.
func (a *Absence) Empty(exchange string, o trading.Order, now time.Time, settle time.Duration, onTime error) error {
	armed := o.ArmedAt
	if armed.IsZero() {
		armed = o.CreatedAt
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.clean[o.ID]++
	since := now.Sub(armed)
	switch {
	case armed.IsZero():
		return trading.Errorf(trading.Unknown, "%s: order %s is not to be found, and when it was sent is not known", exchange, o.ID)
	case onTime != nil:
		return trading.Errorf(trading.Unknown, "%s: order %s is not to be found, and the clocks do not agree: %v", exchange, o.ID, onTime)
	case since < settle:
		return trading.Errorf(trading.Unknown, "%s: order %s is not to be found %s after it was sent, which proves nothing before %s", exchange, o.ID, since.Round(time.Millisecond), settle)
	case a.clean[o.ID] < cleanAnswers:
		return trading.Errorf(trading.Unknown, "%s: order %s is not to be found, asked %d of %d times", exchange, o.ID, a.clean[o.ID], cleanAnswers)
	}
	delete(a.clean, o.ID)
	return nil
}
