package node_test

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
)

// lots are drawn from a seed. What is drawn follows from the seed, the subject and how often that was asked before, never
// from the order in which goroutines happen to run.
type lots struct {
	seed uint64

	drawing sync.Mutex
	asked   map[string]uint64
}

// lot is a number that follows from the seed, the subject and how often that was asked.
func (l *lots) lot(subject string) uint64 {
	l.drawing.Lock()
	if l.asked == nil {
		l.asked = map[string]uint64{}
	}
	l.asked[subject]++
	n := l.asked[subject]
	l.drawing.Unlock()
	h := sha256.New()
	_ = binary.Write(h, binary.LittleEndian, []uint64{l.seed, n})
	h.Write([]byte(subject))
	return binary.LittleEndian.Uint64(h.Sum(nil))
}

// pick is a lot below n.
func (l *lots) pick(subject string, n int) int { return int(l.lot(subject) % uint64(n)) }
