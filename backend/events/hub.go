package events

import (
	"sync"
	"sync/atomic"
)

// Topic names what changed.
type Topic string

// The topics.
const (
	Signals   Topic = "signals"
	Orders    Topic = "orders"
	Fills     Topic = "fills"
	Positions Topic = "positions"
	Kill      Topic = "kill"
	Health    Topic = "health"
	Settings  Topic = "settings"
	Queue     Topic = "queue"
	Market    Topic = "market"
	Audit     Topic = "audit"
	Alarms    Topic = "alarms"
	Chats     Topic = "chats"
)

// Hint says that something under Topic changed; Seq counts all hints of the hub.
type Hint struct {
	Topic Topic
	Seq   uint64
}

// Hub fans hints out. The zero Hub is not usable; see New.
type Hub struct {
	seq atomic.Uint64

	mu      sync.Mutex
	readers map[*Reader]struct{}
	waits   map[string][]chan struct{}
}

// New makes a hub.
func New() *Hub {
	return &Hub{readers: map[*Reader]struct{}{}, waits: map[string][]chan struct{}{}}
}

// Reader receives hints until it is closed. A slow reader loses hints and can see it by the gap in Seq.
type Reader struct {
	C   <-chan Hint
	c   chan Hint
	hub *Hub
}

// readerBuffer is deep enough for a burst of fills; what does not fit is lost, which a reader must bear.
const readerBuffer = 64

// Subscribe starts a reader; Close ends it.
func (h *Hub) Subscribe() *Reader {
	c := make(chan Hint, readerBuffer)
	r := &Reader{C: c, c: c, hub: h}
	h.mu.Lock()
	h.readers[r] = struct{}{}
	h.mu.Unlock()
	return r
}

// Close ends the reader. It does not close C: a hint may be on its way.
func (r *Reader) Close() {
	r.hub.mu.Lock()
	delete(r.hub.readers, r)
	r.hub.mu.Unlock()
}

// Readers is how many readers there are.
func (h *Hub) Readers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.readers)
}

// Publish tells every reader; it never waits for one.
func (h *Hub) Publish(topic Topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	hint := Hint{Topic: topic, Seq: h.seq.Add(1)}
	for r := range h.readers {
		select {
		case r.c <- hint:
		default:
		}
	}
}

// Await returns a channel that is closed at the next Touch of key. Ask before the act that leads to the touch. Cancel
// must be called when the wait is over, however it ended.
func (h *Hub) Await(key string) (touched <-chan struct{}, cancel func()) {
	c := make(chan struct{})
	h.mu.Lock()
	h.waits[key] = append(h.waits[key], c)
	h.mu.Unlock()
	return c, func() { h.drop(key, c) }
}

func (h *Hub) drop(key string, c chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := h.waits[key][:0]
	for _, w := range h.waits[key] {
		if w != c {
			left = append(left, w)
		}
	}
	if len(left) == 0 {
		delete(h.waits, key)
		return
	}
	h.waits[key] = left
}

// Touch wakes everybody who awaits key.
func (h *Hub) Touch(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.waits[key] {
		close(c)
	}
	delete(h.waits, key)
}
