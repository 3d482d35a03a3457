package node_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// fate is what becomes of one attempt to submit an order.
type fate struct {
	name string
	// order is as it was when the attempt began.
	order trading.Order
	// dial breaks every new connection of the attempt: "refused" at once, "silent" after a while.
	dial string
	// way is what the network does, sim what the exchange does.
	way voyage
	sim exchangesim.Fault
	// lost tells that the exchange need not have the order although its bytes left.
	lost bool
	// met is set once the fate has struck.
	met bool
}

// longestHidden is the longest time for which an exchange hides an order: the margin that the settle time has for it.
const longestHidden = 45 * time.Second

// drawFate decides about an attempt. The faults are those after which the program does not know, and a few after which it
// knows that nothing left.
func (c *crossing) drawFate(o trading.Order) *fate {
	subject := fmt.Sprintf("%s %d ", o.ID, o.Attempts)
	pick := func(what string, n int) int { return c.pick(subject+what, n) }
	long := func(what string, least, most time.Duration) time.Duration {
		return least + time.Duration(c.lot(subject+what)%uint64(most-least))
	}
	f := &fate{order: o, name: "nothing"}
	if c.still.Load() {
		return f
	}
	switch pick("fate", 20) {
	case 0:
		// It is answered, perhaps before lists show it.
	case 1:
		f.name, f.dial = "no connection", "refused"
	case 2:
		f.name, f.dial = "no answer to the call", "silent"
	case 3:
		f.name, f.way.reset, f.lost = "reset before a byte", true, true
	case 4, 5:
		f.name, f.way.sink, f.lost = "request lost", true, true
	case 6:
		// An exchange refuses what comes too late, so that it need not have the order.
		f.name, f.way.slow, f.way.mute, f.lost = "request late and answer lost", long("slow", 500*time.Millisecond, 12*time.Second), pick("mute", 2) == 0, true
	case 7:
		f.name, f.sim.Status, f.sim.Refuse, f.lost = "5xx before it was seen", []int{502, 503, 504}[pick("status", 3)], true, true
	case 8, 9, 10:
		f.name, f.way.mute = "answer lost", true
	case 11, 12:
		f.name, f.way.late = "answer late", long("late", 5*time.Second, 20*time.Second)
	case 13, 14:
		f.name, f.way.cut = "reset in the answer", 1+pick("cut", 400)
	case 15:
		f.name, f.sim.LoseAnswer = "connection closed without an answer", true
	case 16, 17:
		f.name, f.sim.Status = "5xx after it was taken", []int{500, 502, 503, 504}[pick("status", 4)]
	case 18:
		f.name, f.sim = "answered as seen before", seenBefore(o)
		f.sim.Refuse = pick("refuse", 4) == 0
		f.lost = f.sim.Refuse
	case 19:
		body := []string{"", `{"code":`, `<html>`, `[]`, `null`}[pick("body", 5)]
		f.name, f.sim.Body = "an answer that is none", &body
	}
	switch pick("execution", 10) {
	case 0, 1, 2:
		f.sim.Hide = long("hide", 0, longestHidden)
	case 3:
		f.sim.Slices = 3
	case 4:
		f.sim.Slices, f.sim.FillOnly = 3, true
	case 5:
		f.sim.Slices, f.sim.Hide = 3, long("hide", 0, longestHidden)
	}
	return f
}

// seenBefore is how an exchange says that it has seen an id.
func seenBefore(o trading.Order) exchangesim.Fault {
	switch o.Exchange() {
	case trading.Bybit:
		if o.Product == trading.Spot {
			return exchangesim.Fault{Code: 170141}
		}
		return exchangesim.Fault{Code: 110072}
	case trading.Binance:
		if o.Product == trading.Spot {
			return exchangesim.Fault{Status: http.StatusBadRequest, Code: -2010, Text: "Duplicate order sent."}
		}
		return exchangesim.Fault{Status: http.StatusBadRequest, Code: -4116}
	case trading.MEXC:
		if o.Product == trading.Spot {
			return exchangesim.Fault{Code: 603}
		}
		return exchangesim.Fault{Code: 2042}
	case trading.Paper:
	}
	return exchangesim.Fault{}
}

var (
	ourLink  = regexp.MustCompile(trading.OrderPrefix + `[a-z2-7]{26}`)
	creation = regexp.MustCompile(`^POST /(v5/order/create|fapi/v1/order|api/v3/order|api/v1/private/order/create)[ ?]`)
)

// voyageOf is what becomes of a request that is written. Those that place an order have their own fate; some of the others
// get no answer.
func (h *shore) voyageOf(written []byte) voyage {
	c := h.crossing
	if creation.Match(written) {
		link := ourLink.Find(written)
		return h.submitted(trading.OrderID(link))
	}
	if c.still.Load() {
		return voyage{}
	}
	head, _, _ := bytes.Cut(written, []byte("?"))
	switch c.pick("read "+string(h.id)+string(head[:min(len(head), 60)]), 100) {
	case 0:
		return voyage{reset: true}
	case 1:
		return voyage{sink: true}
	case 2:
		return voyage{mute: true}
	case 3:
		return voyage{cut: 40}
	}
	return voyage{}
}

// submitted notes that the bytes of an order leave, and holds that against what must be so.
func (h *shore) submitted(id trading.OrderID) voyage {
	c := h.crossing
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.fates[id]
	if f == nil {
		c.violated("I3", "bytes of order %q left without a submit", id)
		return voyage{}
	}
	h.lost[id] = h.lost[id] || f.lost
	if !f.way.reset {
		h.left[id]++
	}
	if h.left[id] > h.refused[id]+1 {
		c.violated("I11", "order %s is sent again after an outcome that nobody knows", id)
	}
	if now := c.now(); now.After(f.order.Deadline) {
		c.violated("I4", "order %s leaves %s after its deadline", id, now.Sub(f.order.Deadline))
	}
	c.tell(id, "bytes leave")
	f.met = f.dial == "" && f.name != "nothing"
	h.coming[id] = f.sim
	return f.way
}

// fault is what the exchange does to a request that arrives; link is the client order id in it. Only one request is looked at
// at a time.
func (h *shore) fault(_, link string) exchangesim.Fault {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.placing {
		return h.coming[trading.OrderID(link)]
	}
	if !h.crossing.still.Load() && h.crossing.pick("look "+string(h.id), 50) == 0 {
		return exchangesim.Fault{Status: http.StatusServiceUnavailable, Refuse: true}
	}
	return exchangesim.Fault{}
}

// attempt marks the context of a submit with its fate.
type attempt struct{}

// dial connects the program to an exchange, if the fate of the attempt lets it.
func (h *shore) dial(ctx context.Context, _, address string) (net.Conn, error) {
	if slow := time.Duration(h.slowCalls.Load()); slow > 0 {
		h.crossing.pause(slow)
	}
	f, ok := ctx.Value(attempt{}).(*fate)
	if !ok || f.dial == "" {
		return h.crossing.sea.connect(ctx, address, h.voyageOf)
	}
	h.mu.Lock()
	f.met = true
	h.mu.Unlock()
	if f.dial == "silent" {
		h.crossing.pause(3 * time.Second)
	}
	return nil, errSilent
}

// dialStream connects a stream. In some bubbles no stream ever comes up, so that the program has nothing but its questions.
func (h *shore) dialStream(ctx context.Context, _, address string) (net.Conn, error) {
	if h.deaf {
		return nil, errSilent
	}
	return h.crossing.sea.connect(ctx, address, nil)
}
