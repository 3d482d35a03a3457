package node_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/node"
	"hoox/backend/trading"
)

var (
	storms     = flag.Int("submits", 14, "alerts of the storm test on each exchange")
	stormSeed  = flag.Uint64("stormseed", 1, "seed of the storm test's faults")
	stormFault = flag.Int("faults", 25, "percent of the requests that change something and go wrong in the storm test")
)

// stormSettle is how long an order must be absent before that is believed; the real program takes a minute. It is above the
// longest time for which the exchange takes a request, and above everything that hides an order here.
const stormSettle = 4 * time.Second

// TestAThousandSubmitsUnderFaultsLeaveNoDoubleAndEqualBooks sends alerts to a program whose exchange loses requests and
// answers, fails after it accepted, shows orders late, repeats requests and cuts streams. The exchange's own log is the judge.
//
//	go test ./backend/node -run ThousandSubmits -v -timeout 30m -args -submits 1000 -stormseed 1
func TestAThousandSubmitsUnderFaultsLeaveNoDoubleAndEqualBooks(t *testing.T) {
	for _, e := range realExchanges() {
		t.Run(string(e), func(t *testing.T) {
			x := openExchange(t, e)
			h := startOn(t, x, t.TempDir(), func(c *node.Config) { c.Settle = stormSettle })
			w := newWeather(e, *stormSeed)
			for _, core := range x.cores() {
				core.SetFaults(w.fault)
			}

			promised := h.storm(x, w)

			w.calm()
			h.untilIn(5*time.Minute, "every promised signal has ended", func() bool {
				return !slices.ContainsFunc(promised, func(id trading.SignalID) bool {
					r, err := h.Store.Signal(t.Context(), id)
					return err != nil || !r.Status.Final()
				})
			})
			h.judge(x, promised)
			t.Logf("why alerts did not trade: %v", h.reasons())
			t.Logf("%s: %d alerts, %d answered 2xx, %d submits that led to an order, faults %v, ended as %v; replay with -submits %d -stormseed %d",
				e, *storms, len(promised), x.submits(), w.counts, h.ends, *storms, *stormSeed)
		})
	}
}

// weather decides what goes wrong.
type weather struct {
	mu     sync.Mutex
	random *rand.Rand
	still  bool
	counts map[string]int
	// repeated is the code with which the exchange says that it has seen an id before.
	repeated int
}

func newWeather(e trading.Exchange, seed uint64) *weather {
	seen := map[trading.Exchange]int{trading.Bybit: 110072, trading.Binance: -4116, trading.MEXC: 2042}
	return &weather{random: rand.New(rand.NewPCG(seed, uint64(len(e)))), counts: map[string]int{}, repeated: seen[e]}
}

func (w *weather) calm() {
	w.mu.Lock()
	w.still = true
	w.mu.Unlock()
}

// fault is called for each request; only those that carry an order of ours and change something go wrong.
func (w *weather) fault(path, link string) exchangesim.Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.still || link == "" || w.random.IntN(100) >= *stormFault {
		return exchangesim.Fault{}
	}
	empty := ""
	faults := []struct {
		name string
		f    exchangesim.Fault
	}{
		{"request lost", exchangesim.Fault{LoseRequest: true}},
		{"answer lost", exchangesim.Fault{LoseAnswer: true}},
		{"500 after it was accepted", exchangesim.Fault{Status: http.StatusInternalServerError}},
		{"502 before it was seen", exchangesim.Fault{Status: http.StatusBadGateway, Refuse: true}},
		{"503 after it was accepted", exchangesim.Fault{Status: http.StatusServiceUnavailable}},
		{"empty body", exchangesim.Fault{Body: &empty}},
		{"answered as seen before", exchangesim.Fault{Code: w.repeated}},
		{"shown late", exchangesim.Fault{Hide: 1500 * time.Millisecond}},
		{"shown late and answer lost", exchangesim.Fault{LoseAnswer: true, Hide: 2 * time.Second}},
		{"in slices", exchangesim.Fault{Slices: 3}},
		{"partly filled", exchangesim.Fault{Slices: 3, FillOnly: true}},
	}
	pick := faults[w.random.IntN(len(faults))]
	w.counts[pick.name]++
	return pick.f
}

// storm posts the alerts from several hands, cutting the streams now and then, and returns what was promised.
func (h *house) storm(x *elsewhere, w *weather) []trading.SignalID {
	var mu sync.Mutex
	var promised []trading.SignalID
	var hands sync.WaitGroup
	symbols := affordable(x.exchange)
	for hand := range len(symbols) {
		written := trading.Position{Account: x.account(), Product: trading.Linear, Symbol: symbols[hand].Symbol}.Written()
		hands.Go(func() {
			for n := hand; n < *storms; n += len(symbols) {
				// In, out, the other way in, out: each alert is at least one submit.
				action := []string{"LONG", "SHORT", "SHORT", "LONG"}[(n/len(symbols))%4]
				r := h.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"%s","action":"%s","symbol":"%s","quoteQuantity":"1000","maxAge":300,"idempotencyKey":"storm-%d"}`, x.exchange, action, written, n))
				id, _ := r.json["requestId"].(string)
				if r.status == 200 || r.status == 202 {
					h.ended(trading.SignalID(id))
				}
				mu.Lock()
				if r.status == 200 || r.status == 202 {
					promised = append(promised, trading.SignalID(id))
				}
				if n%97 == 96 {
					x.drop()
					w.mu.Lock()
					w.counts["streams cut"]++
					w.mu.Unlock()
				}
				mu.Unlock()
			}
		})
	}
	hands.Wait()
	return promised
}

// affordable are the perpetuals of which a thousand dollars buy some at the price here.
func affordable(e trading.Exchange) []trading.Instrument {
	return slices.DeleteFunc(listed(e, trading.Linear), func(i trading.Instrument) bool {
		return i.MinQty.More(trading.QtyFor(trading.MustMoney("1000"), startPrice(i)))
	})
}

var digits = regexp.MustCompile(`[0-9a-z]*[0-9][0-9a-z.]*`)

// reasons counts the words of every signal that was refused or rejected, without their numbers.
func (h *house) reasons() map[string]int {
	h.t.Helper()
	words := map[string]int{}
	for cursor := ""; ; {
		list, next, err := h.Store.Signals(h.t.Context(), trading.Page{Limit: 500, Cursor: cursor})
		if err != nil {
			h.t.Fatal(err)
		}
		for _, r := range list {
			if r.Status == trading.SignalRefused || r.Status == trading.SignalRejected || r.Status == trading.SignalNoOp && !r.Action.Closes() {
				words[string(r.Status)+": "+digits.ReplaceAllString(r.Reason, "#")]++
			}
		}
		if next == "" {
			return words
		}
		cursor = next
	}
}

// ended waits until a signal has ended, for two minutes at most: the judge sees what has not.
func (h *house) ended(id trading.SignalID) {
	limit := time.NewTimer(2 * time.Minute)
	defer limit.Stop()
	for {
		touched, drop := h.Hub.Await(string(id))
		r, err := h.Store.Signal(h.t.Context(), id)
		if err != nil || r.Status.Final() || r.Status == trading.SignalNeedsReview {
			drop()
			return
		}
		select {
		case <-touched:
			drop()
		case <-limit.C:
			drop()
			return
		}
	}
}

// submits counts how often an order arrived at the exchange.
func (x *elsewhere) submits() int {
	n := 0
	for _, core := range x.cores() {
		seen := map[string]bool{}
		for _, o := range core.Orders() {
			if o.Link != "" && !seen[o.Link] {
				seen[o.Link] = true
				n += core.Creates(o.Link)
			}
		}
	}
	return n
}

// judge holds the exchange's own log against the ledger, at rest.
func (h *house) judge(x *elsewhere, promised []trading.SignalID) {
	h.t.Helper()
	placed := map[string]int{}
	fills := map[string]trading.Qty{}
	came := map[string]time.Time{}
	for _, core := range x.cores() {
		for _, o := range core.Orders() {
			if o.Link != "" {
				placed[o.Link]++
				came[o.Link] = o.CreatedAt
				fills[o.Link] = fills[o.Link].Add(o.Filled)
			}
		}
	}
	for link, n := range placed {
		if n != 1 {
			h.t.Errorf("the exchange has %d orders of id %s: doubled", n, link)
		}
		o, err := h.Store.Order(h.t.Context(), trading.OrderID(link))
		if err != nil {
			h.t.Errorf("the exchange has order %s and the ledger has not: %v", link, err)
			continue
		}
		if !o.Filled.Equal(fills[link]) {
			h.t.Errorf("order %s is filled with %s at the exchange and %s in the ledger (%s)", link, fills[link], o.Filled, o.Status)
		}
		if late := came[link].Sub(o.Deadline); late > time.Second {
			h.t.Errorf("order %s came to the exchange %s after its deadline: a stale alert traded", link, late)
		}
	}
	h.nothingDoubled()
	for _, id := range promised {
		r, err := h.Store.Signal(h.t.Context(), id)
		if err != nil {
			h.t.Errorf("signal %s was promised and is gone: %v", id, err)
			continue
		}
		for _, o := range r.Orders {
			if o.Status == trading.OrderNotPlaced && placed[string(o.ID)] > 0 {
				h.t.Errorf("order %s is at the exchange and was believed absent", o.ID)
			}
		}
	}
	for _, p := range x.linear.Positions() {
		if had := h.holds(x.account(), trading.Linear, p.Symbol); !had.Equal(p.Qty) {
			h.t.Errorf("%s: the exchange holds %s, the ledger %s", p.Symbol, p.Qty, had)
		}
	}
}
