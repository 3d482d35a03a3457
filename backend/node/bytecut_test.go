package node_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hoox/backend/node"
	"hoox/backend/trading"
)

var (
	everyByte = flag.Bool("everybyte", false, "the connection is cut at every byte of a submit, not at some")
	cuts      = flag.Int("cuts", 0, "at how many bytes of request and answer the connection is cut at each exchange; 0 for a taste")
)

// cutSettle is how long an order must be absent here: a request whose connection is gone cannot arrive later.
const cutSettle = 600 * time.Millisecond

// TestAConnectionCutAtAnyByteOfASubmitLeavesOneOrderOrNone puts a proxy between the program and its exchange that cuts, delays,
// slices, resets or answers by itself while an order is sent.
//
//	go test ./backend/node -run AnyByte -timeout 0 -args -everybyte
func TestAConnectionCutAtAnyByteOfASubmitLeavesOneOrderOrNone(t *testing.T) {
	total := 0
	for _, e := range realExchanges() {
		t.Run(string(e), func(t *testing.T) {
			x := openExchange(t, e)
			bad := openLine(t, x.config.RestURL)
			x.config.RestURL = bad.origin
			h := startOn(t, x, t.TempDir(), func(c *node.Config) { c.Settle, c.Gateway.AnswerBudget = cutSettle, "50ms" })
			total += cutEverywhere(t, h, x, bad)
		})
	}
	proved(t, "Connection cut in the middle of a submit, three dialects", fmt.Sprintf("%d faults", total), fmt.Sprintf("every byte: %t", *everyByte), *seed)
}

// cutEverywhere sends an order for each fault and judges at the end, at rest.
func cutEverywhere(t *testing.T, h *house, x *elsewhere, bad *line) int {
	var promised []trading.SignalID
	n := 0
	send := func(symbol string) bool {
		written := trading.Position{Account: x.account(), Product: trading.Linear, Symbol: symbol}.Written()
		r := h.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"%s","action":"%s","symbol":"%s","quoteQuantity":"1000","maxAge":120,"idempotencyKey":"cut-%d"}`,
			x.exchange, []string{"LONG", "SHORT"}[n%2], written, n))
		n++
		id, _ := r.json["requestId"].(string)
		if r.status == 200 || r.status == 202 {
			promised = append(promised, trading.SignalID(id))
		}
		return r.status < 300
	}
	// First orders without faults tell which symbols trade, and how long a submit and its answer are.
	var symbols []string
	for _, i := range listed(x.exchange, trading.Linear) {
		bad.arm(flaw{kind: "measure"})
		if len(symbols) < 6 && send(i.Symbol) {
			symbols = append(symbols, i.Symbol)
			h.until("the lane is free", func() bool { return !h.busy(x, i.Symbol) })
		}
	}
	asked, answered := bad.measured()
	if len(symbols) == 0 || asked == 0 || answered == 0 {
		t.Fatalf("%d symbols trade, and the proxy saw %d bytes of a submit and %d of its answer", len(symbols), asked, answered)
	}
	flaws := flawsFor(x.exchange, rand.New(rand.NewPCG(*seed, uint64(len(x.exchange)))), asked, answered)
	for _, f := range flaws {
		bad.arm(f)
		for try := 0; !bad.met(); try++ {
			if try == 20 {
				t.Fatalf("no submit met the fault %+v", f)
			}
			symbol := symbols[n%len(symbols)]
			h.untilIn(2*time.Minute, "the lane of "+symbol+" is free", func() bool { return !h.busy(x, symbol) })
			send(symbol)
			h.untilIn(time.Minute, fmt.Sprintf("the fault %+v was met", f), func() bool { return bad.met() || !h.busy(x, symbol) })
		}
	}
	h.untilIn(2*time.Minute, "nothing is under way", func() bool {
		return !slices.ContainsFunc(symbols, func(s string) bool { return h.busy(x, s) })
	})
	h.judge(x, promised)
	if h.t.Failed() {
		t.Logf("replay with: go test ./backend/node -run AnyByte/%s -args -seed %d -cuts %d -everybyte=%t", x.exchange, *seed, *cuts, *everyByte)
	}
	t.Logf("%s: a submit has %d bytes and its answer %d; %d faults, ended as %v", x.exchange, asked, answered, len(flaws), h.ends)
	return len(flaws)
}

// busy tells whether something of a symbol is on its way or in doubt. An order at the market that was taken in is on its way: the
// word of its fill comes by another line.
func (h *house) busy(x *elsewhere, symbol string) bool {
	list, err := h.Store.OpenOrders(h.t.Context(), x.account())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, o := range list {
		if o.Symbol == symbol && (o.Type == trading.Market || !o.Status.Resting()) {
			return true
		}
	}
	return false
}

// flawsFor lists what goes wrong, one for each order.
func flawsFor(e trading.Exchange, random *rand.Rand, asked, answered int) []flaw {
	var list []flaw
	if !*everyByte && *cuts == 0 {
		taste := []flaw{{kind: "answer", at: random.IntN(answered)}, {kind: "html after"}}
		if e == trading.MEXC {
			// It takes a request for so long that its absence is believed half a minute later.
			return taste
		}
		return append(taste, flaw{kind: "request", at: random.IntN(asked)})
	}
	if *everyByte {
		for k := range asked + 1 {
			list = append(list, flaw{kind: "request", at: k})
		}
		for k := range answered + 1 {
			list = append(list, flaw{kind: "answer", at: k})
		}
	} else {
		// First, last and some in between, since lengths are not quite the same from one order to the next.
		for _, k := range []int{0, 1, asked - 1} {
			list = append(list, flaw{kind: "request", at: k})
		}
		for _, k := range []int{0, 1, answered - 1} {
			list = append(list, flaw{kind: "answer", at: k})
		}
		for range max(0, *cuts-6) {
			list = append(list, flaw{kind: "request", at: random.IntN(asked)}, flaw{kind: "answer", at: random.IntN(answered)})
		}
	}
	return append(list, flaw{kind: "slices"}, flaw{kind: "delay"}, flaw{kind: "reset", at: asked / 2}, flaw{kind: "html"}, flaw{kind: "html after"})
}

// submitPaths are where orders are sent.
var submitPaths = []string{"/v5/order/create", "/fapi/v1/order", "/api/v1/private/order/create"}

func isSubmit(head []byte) bool {
	word, _, _ := strings.Cut(string(head), "\r\n")
	fields := strings.Fields(word)
	if len(fields) < 2 || fields[0] != "POST" {
		return false
	}
	path, _, _ := strings.Cut(fields[1], "?")
	for _, p := range submitPaths {
		if path == p {
			return true
		}
	}
	return false
}

// flaw is what happens to the next submit that passes.
type flaw struct {
	// kind is "" for nothing, "measure", "request" and "answer" (cut after at bytes), "slices", "delay", "reset" (at bytes of the
	// request), "html" (a 502 of the proxy's own, the exchange sees nothing) and "html after" (the exchange has seen it).
	kind string
	at   int
}

// line is the proxy.
type line struct {
	t      testing.TB
	origin string
	behind string

	mu    sync.Mutex
	next  flaw
	spent bool
	// asked and answered are the bytes of the last submit and its answer, last is when its last byte was taken.
	asked, answered int
	last            time.Time
}

func (l *line) arm(f flaw) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next, l.spent = f, f.kind == ""
}

func (l *line) met() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.spent
}

func (l *line) measured() (asked, answered int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked, l.answered
}

// take is the flaw for a submit that begins now.
func (l *line) take() flaw {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.next
	if f.kind != "" {
		l.next, l.spent = flaw{}, true
	}
	l.asked, l.answered = 0, 0
	return f
}

func (l *line) count(asked, answered int) {
	l.mu.Lock()
	l.asked, l.answered = l.asked+asked, l.answered+answered
	if asked > 0 {
		l.last = time.Now()
	}
	l.mu.Unlock()
}

// openLine starts a proxy before an origin.
func openLine(t testing.TB, origin string) *line {
	t.Helper()
	u, err := url.Parse(origin)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{t: t, behind: u.Host}
	l.origin = "http://" + l.listen()
	return l
}
