package node_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/market"
	"hoox/backend/node"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// outage is a program whose exchange goes away and comes back.
type outage struct {
	*house
	x *elsewhere
	n int
}

// instruments that are traded while the exchange is away; the first finds out.
var awaySymbols = []string{"BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT"}

func newOutage(t testing.TB) *outage {
	t.Helper()
	x := openExchange(t, trading.Bybit)
	o := &outage{x: x, house: startOn(t, x, t.TempDir(), func(c *node.Config) { c.Settle = 2 * time.Second })}
	// Prices of what nobody has traded yet come when the first alert asks for them; once the exchange is gone they cannot.
	for _, s := range awaySymbols {
		o.until("the first entry of "+s+" fills", func() bool {
			o.n++
			return o.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"%s.P","quantity":"1","idempotencyKey":"first-%d"}`, s, o.n)).status == 200
		})
		if r := o.alert("CLOSE", s, ""); r.status != 200 {
			t.Fatalf("close %s: %d %s", s, r.status, r.body)
		}
	}
	return o
}

// alert posts one about a perpetual whose price was just heard.
func (o *outage) alert(action, symbol, more string) reply {
	o.t.Helper()
	o.n++
	o.heard(symbol)
	return o.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"bybit","action":"%s","symbol":"%s.P"%s,"idempotencyKey":"outage-%d"}`, action, symbol, more, o.n))
}

// heard moves the price a little until the program knows it: the streams of prices go on while orders are not answered.
func (o *outage) heard(symbol string) {
	key := trading.InstrumentKey{Product: trading.Linear, Symbol: symbol}
	o.until("a fresh price of "+symbol, func() bool {
		q, ok := o.Market.Quote(market.VenueOf(o.x.account()), key)
		if ok && o.Now().Sub(q.At) < 2*time.Second {
			return true
		}
		o.n++
		o.x.price(trading.Linear, symbol, fmt.Sprintf("100.%d", 10+o.n%80))
		return false
	})
}

func (o *outage) gone(how exchangesim.Fault) {
	for _, c := range o.x.cores() {
		c.SetFaults(func(string, string) exchangesim.Fault { return how })
	}
}

func (o *outage) open() bool {
	open, _, _, _ := o.Engine.Circuit(o.x.account())
	return open
}

// silence makes the exchange go away and the program notice.
func (o *outage) silence() {
	o.t.Helper()
	o.gone(exchangesim.Fault{LoseRequest: true})
	if r := o.alert("LONG", awaySymbols[0], `,"quantity":"1"`); r.status != 202 {
		o.t.Fatalf("the first alert into the silence: %d %s, want 202", r.status, r.body)
	}
	o.until("the circuit opens", o.open)
}

// only is the one order of an answered alert.
func (o *outage) only(r reply) trading.Order {
	o.t.Helper()
	id, _ := r.json["requestId"].(string)
	s, err := o.Store.Signal(o.t.Context(), trading.SignalID(id))
	if err != nil || len(s.Orders) != 1 {
		o.t.Fatalf("%s has %d orders (%v), want one", r.body, len(s.Orders), err)
	}
	return s.Orders[0]
}

func (o *outage) lamp() node.Part {
	parts := o.Health(o.t.Context())
	return parts[slices.IndexFunc(parts, func(p node.Part) bool { return p.Name == "bybit" })]
}

// queued posts an entry that has to wait, and wants it answered without the answer budget.
func (o *outage) queued(symbol, more string) (reply, trading.Order) {
	o.t.Helper()
	o.heard(symbol)
	began := time.Now()
	r := o.alert("LONG", symbol, `,"quantity":"1"`+more)
	if took := time.Since(began); r.status != 202 || r.json["status"] != "Enqueued" || took >= o.Config.Budget() {
		o.t.Errorf("%s: %d %s after %s, want 202 Enqueued at once", symbol, r.status, r.body, took)
	}
	order := o.only(r)
	if order.Status != trading.OrderCreated || !strings.Contains(order.Reason, "has not answered since") {
		o.t.Errorf("%s: the order is %s (%s), want it in the queue with the reason", symbol, order.Status, order.Reason)
	}
	return r, order
}

func (o *outage) ends(id trading.OrderID, want trading.OrderStatus) {
	o.t.Helper()
	o.untilIn(60*time.Second, string(id)+" ends "+string(want), func() bool {
		now, err := o.Store.Order(o.t.Context(), id)
		if err == nil && now.Status.Final() && now.Status != want {
			o.t.Fatalf("order %s ended %s (%s), want %s", id, now.Status, now.Reason, want)
		}
		return err == nil && now.Status == want
	})
}

func TestAlertsAreQueuedWhileTheExchangeIsAwayAndExecutedOnceWhenItIsBack(t *testing.T) {
	o := newOutage(t)
	o.silence()
	if lamp := o.lamp(); lamp.State != node.StateDown || !strings.Contains(lamp.Detail, "circuit open") || lamp.Fix == "" {
		t.Errorf("lamp %+v, want it down with what to do", lamp)
	}

	_, lasting := o.queued("ETHUSDT", `,"maxAge":120`)
	_, short := o.queued("SOLUSDT", `,"maxAge":5`)
	_, replaced := o.queued("XRPUSDT", `,"maxAge":120`)
	if r := o.alert("CLOSE", "XRPUSDT", ""); r.status != 200 {
		t.Errorf("close of an entry that waits: %d %s, want it answered: there is nothing to send", r.status, r.body)
	}
	o.ends(replaced.ID, trading.OrderCanceled)
	o.ends(short.ID, trading.OrderExpired)
	o.gone(exchangesim.Fault{})
	o.ends(lasting.ID, trading.OrderFilled)
	o.until("the lamp is on again", func() bool { return !o.open() && o.lamp().State != node.StateDown })
	o.until("nothing is left open but what went into the silence", func() bool {
		list, err := o.Store.OpenOrders(t.Context(), o.x.account())
		return err == nil && !slices.ContainsFunc(list, func(x trading.Order) bool { return x.Symbol != awaySymbols[0] })
	})

	for _, order := range []trading.Order{short, replaced} {
		if n := o.x.linear.Creates(string(order.ID)); n != 0 {
			t.Errorf("the exchange was asked %d times for order %s of %s, want never", n, order.ID, order.Symbol)
		}
	}
	if n := o.x.linear.Creates(string(lasting.ID)); n != 1 {
		t.Errorf("the exchange was asked %d times for order %s, want once", n, lasting.ID)
	}
	if q := o.holds(o.x.account(), trading.Linear, "ETHUSDT"); !q.Equal(trading.MustQty("1")) {
		t.Errorf("holds %s ETH, want 1", q)
	}
}

func TestAHaltWhileTheExchangeIsAwayBlocksWhatIsQueuedForEver(t *testing.T) {
	o := newOutage(t)
	o.silence()
	_, order := o.queued("ETHUSDT", `,"maxAge":120`)
	for _, state := range []risk.State{risk.Halted, risk.Active} {
		if err := o.Switch.Set(t.Context(), risk.Standing{State: state, Reason: "test", Actor: "test"}); err != nil {
			t.Fatal(err)
		}
		o.ends(order.ID, trading.OrderBlocked)
	}
	o.gone(exchangesim.Fault{})
	o.untilIn(60*time.Second, "the circuit closes", func() bool { return !o.open() })
	if r := o.alert("LONG", "SOLUSDT", `,"quantity":"1"`); r.status != 200 {
		t.Errorf("after the release: %d %s, want the next alert filled", r.status, r.body)
	}
	o.ends(order.ID, trading.OrderBlocked)
	if n := o.x.linear.Creates(string(order.ID)); n != 0 {
		t.Errorf("the exchange was asked %d times for a blocked order, want never", n)
	}
}

func TestAnAlertThatEndedWithoutATradeIsRequeuedOnceByAPerson(t *testing.T) {
	o := newOutage(t)
	o.silence()
	waits, _ := o.queued("XRPUSDT", `,"maxAge":120`)
	r, short := o.queued("SOLUSDT", `,"maxAge":5`)
	ctx, id := t.Context(), trading.SignalID(r.json["requestId"].(string))
	refused := func(what string, id trading.SignalID, kind trading.Kind) {
		t.Helper()
		if _, err := o.Requeue(ctx, id, trading.FromCLI, "cli"); trading.KindOf(err) != kind {
			t.Errorf("requeue of %s: had %v, want %s", what, err, kind)
		}
	}
	refused("what still waits", trading.SignalID(waits.json["requestId"].(string)), trading.Refused)
	refused("nothing", "nothing", trading.NotFound)
	o.ends(short.ID, trading.OrderExpired)
	o.gone(exchangesim.Fault{})
	o.untilIn(60*time.Second, "the circuit closes", func() bool { return !o.open() })

	o.heard("SOLUSDT")
	before := len(o.x.linear.Orders())
	p, err := o.PreviewRequeue(ctx, id, trading.FromCLI, "cli")
	if err != nil || p.Known != "" || len(p.Accounts) != 1 || len(p.Accounts[0].Legs) != 1 || p.Accounts[0].Status != trading.SignalExecuting {
		t.Fatalf("preview: %+v (%v), want one order that would go", p, err)
	}
	o.heard("SOLUSDT")
	receipt, err := o.Requeue(ctx, id, trading.FromCLI, "cli")
	if err != nil || receipt.Signal == id {
		t.Fatalf("had %+v (%v), want a new signal", receipt, err)
	}
	o.until("the new one fills", func() bool {
		s, err := o.Store.Signal(ctx, receipt.Signal)
		return err == nil && s.Status == trading.SignalFilled && s.Source == trading.FromCLI && s.Deadline.After(s.ReceivedAt)
	})
	refused("what was requeued", id, trading.Refused)
	refused("what has traded", receipt.Signal, trading.Refused)
	if n := o.x.linear.Creates(string(short.ID)); n != 0 || len(o.x.linear.Orders()) < before+1 {
		t.Errorf("the old order was asked for %d times, want never; it is the new one that trades", n)
	}
}

// BenchmarkAnswerWhileTheExchangeIsAway measures what an alert costs beside its commit when nobody waits for an outcome.
func BenchmarkAnswerWhileTheExchangeIsAway(b *testing.B) {
	o := newOutage(b)
	o.silence()
	var beside, all []time.Duration
	for i := 0; b.Loop(); i++ {
		if i%50 == 0 {
			o.heard("ETHUSDT")
		}
		began := time.Now()
		r := o.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"ETHUSDT.P","quantity":"1","maxAge":600,"idempotencyKey":"away-%d"}`, i))
		took := time.Since(began)
		if r.status != 202 {
			b.Fatalf("%d %s, want 202", r.status, r.body)
		}
		all, beside = append(all, took), append(beside, took-o.LastAnswer())
	}
	slices.Sort(all)
	slices.Sort(beside)
	b.ReportMetric(float64(all[len(all)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(beside[len(beside)/2].Microseconds()), "p50-beside-admission-µs")
	b.ReportMetric(float64(beside[len(beside)*99/100].Microseconds()), "p99-beside-admission-µs")
}

func TestACloseIsNotTakenForDoneWhileItsEntryIsInDoubt(t *testing.T) {
	o := newOutage(t)
	o.gone(exchangesim.Fault{LoseRequest: true})
	entry := o.only(o.alert("LONG", "BTCUSDT", `,"quantity":"1"`))
	o.until("the entry is in doubt", func() bool {
		now, err := o.Store.Order(t.Context(), entry.ID)
		return err == nil && now.Status == trading.OrderUnknown
	})

	refused := o.alert("CLOSE", "BTCUSDT", "")
	if refused.status != 422 || refused.json["code"] != "REFUSED" || !strings.Contains(refused.body, string(entry.ID)) {
		t.Fatalf("a close over the doubt: %d %s, want 422 with the order: it may have filled", refused.status, refused.body)
	}
	o.gone(exchangesim.Fault{})
	o.ends(entry.ID, trading.OrderNotPlaced)
	id, _ := refused.json["requestId"].(string)
	if again, err := o.Requeue(t.Context(), trading.SignalID(id), trading.FromWindow, "ann"); err != nil || again.Status != trading.SignalNoOp {
		t.Errorf("requeued once it is settled: had %+v %v, want that nothing is open", again, err)
	}
}
