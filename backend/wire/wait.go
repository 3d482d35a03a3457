package wire

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"time"
)

// Chance is a random pause in [0, most), 0 when most is not positive.
func Chance(most time.Duration) time.Duration {
	var b [8]byte
	// It never fails on the systems we run on; without luck the pause is the same for all.
	if _, err := rand.Read(b[:]); err != nil || most <= 0 {
		return 0
	}
	return time.Duration(binary.LittleEndian.Uint64(b[:]) % uint64(most))
}

// Pauses are those between one try to connect and the next. Each is half of a span and a random part of the other half, so
// that not everybody who lost an exchange comes back at the same moment; the span doubles from try to try.
type Pauses struct {
	least, most, next time.Duration
	jitter            func(most time.Duration) time.Duration
}

// Pauses are the ones that the configuration asks for.
func (c StreamConfig) Pauses() *Pauses {
	p := &Pauses{least: cmp.Or(c.LeastWait, 500*time.Millisecond), most: cmp.Or(c.MostWait, 30*time.Second), jitter: c.Jitter}
	if p.jitter == nil {
		p.jitter = Chance
	}
	p.Anew()
	return p
}

// Anew begins with the shortest again: the last try was a good one.
func (p *Pauses) Anew() { p.next = p.least }

// Wait waits for the next one, and fails when ctx ends first.
func (p *Pauses) Wait(ctx context.Context) error {
	span := p.next
	p.next = min(2*span, p.most)
	return Pause(ctx, span/2+p.jitter(span/2+1))
}
