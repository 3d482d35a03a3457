package wire

import (
	"fmt"
	"sync"
	"time"
)

// MaxSkew is the largest difference between two clocks at which anything may be submitted.
const MaxSkew = time.Second

// Skew knows how far the exchange's clock is from ours. The zero value is not usable; it is safe for concurrent use.
type Skew struct {
	now func() time.Time

	mu       sync.Mutex
	offset   time.Duration
	error    time.Duration
	measured time.Time
}

// NewSkew makes a skew that knows nothing yet.
func NewSkew(now func() time.Time) *Skew { return &Skew{now: now} }

// Observe takes one measurement: the server's clock was read somewhere between sent and received, so it is held against
// the midpoint. A measurement that took so long that it cannot tell a second is passed over.
func (s *Skew) Observe(sent, received, server time.Time) {
	trip := received.Sub(sent)
	if trip < 0 || trip/2 > MaxSkew {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset, s.error, s.measured = server.Sub(sent.Add(trip/2)), trip/2, received
}

// Offset is the exchange's clock less ours and how long ago that was measured; false when it never was.
func (s *Skew) Offset() (offset, age time.Duration, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.measured.IsZero() {
		return 0, 0, false
	}
	return s.offset, s.now().Sub(s.measured), true
}

// Now is the exchange's time as far as it is known.
func (s *Skew) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now().Add(s.offset)
}

// Guard is why nothing may be submitted by this clock, nil when it may: the difference was never measured, or longer ago
// than maxAge, or is larger than MaxSkew.
func (s *Skew) Guard(maxAge time.Duration) error {
	offset, age, known := s.Offset()
	switch {
	case !known:
		return fmt.Errorf("the exchange's clock has not been read yet")
	case age > maxAge || age < 0:
		return fmt.Errorf("the exchange's clock was last read %s ago", age.Round(time.Second))
	case offset.Abs() > MaxSkew:
		return fmt.Errorf("this computer's clock differs from the exchange's by %s: set it right", (-offset).Round(time.Millisecond))
	}
	return nil
}

// Forget makes the difference unknown until the next measurement, because the exchange said that a time was wrong.
func (s *Skew) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.measured = time.Time{}
}
