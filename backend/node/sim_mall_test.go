package node_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/market"
	"hoox/backend/trading"
)

// mall is an exchange in memory, seen as an adapter shows it. It outlives every life of the program and is the judge.
type mall struct {
	*market.Catalogue
	w *world
	// rule is what it does with a client order id that it has seen; fault is how many of a hundred calls go wrong.
	rule  exchangesim.IDRule
	fault int
	// force is what happens to the first submits, by name, one after the other.
	force []string
	// mute keeps every report from the stream: only who asks learns something.
	mute bool

	mu     sync.Mutex
	orders map[trading.OrderID]*booked
	held   map[string]trading.Qty
	marks  map[string]trading.Price
	guards map[string]trading.Position
	// untold are reports for the stream, told in the order of their time.
	untold []telling
}

// booked is an order as the exchange has it.
type booked struct {
	trading.Order
	status trading.OrderStatus
	filled trading.Qty
	fills  []trading.Fill
	// placed counts how often it became an order, sent how often its bytes came, refused how often the sender learned for
	// certain that nothing happened.
	placed, sent, refused int
	visible               time.Time
}

type telling struct {
	at time.Time
	r  trading.Report
}

// mallSettle is how long an order must be absent before the adapter believes it; nothing here is late or hidden for longer.
const mallSettle = 10 * time.Second

func newMall(w *world) *mall {
	return &mall{Catalogue: simMarket(), w: w, rule: exchangesim.UniqueForever, orders: map[trading.OrderID]*booked{}, held: map[string]trading.Qty{},
		marks:  map[string]trading.Price{"BTCUSDT": trading.MustPrice("60000"), "ETHUSDT": trading.MustPrice("3000")},
		guards: map[string]trading.Position{}}
}

func (m *mall) Resolve(e trading.Exchange, written string, fallback trading.Product, _ func(trading.Exchange) trading.Mode) (trading.Instrument, []string, error) {
	return m.Catalogue.Resolve(e, written, fallback)
}

func (m *mall) Quote(a trading.AccountID, k trading.InstrumentKey) (trading.Quote, bool) {
	return m.quote(a, k)
}

func (m *mall) quote(a trading.AccountID, k trading.InstrumentKey) (trading.Quote, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.marks[k.Symbol]
	return trading.Quote{Exchange: a.Exchange(), Product: k.Product, Symbol: k.Symbol, Bid: p, Ask: p, Mark: p, At: m.w.now()}, ok
}

func (m *mall) Await(context.Context, trading.AccountID, trading.InstrumentKey, time.Time) bool {
	return true
}

// weatherFor is what goes wrong with one call, "" for nothing.
func (m *mall) weatherFor(subject string, kinds ...string) string {
	m.mu.Lock()
	if len(m.force) > 0 && kinds[0] == "request lost" {
		f := m.force[0]
		m.force = m.force[1:]
		m.mu.Unlock()
		return f
	}
	level := m.fault
	m.mu.Unlock()
	if m.w.pick("weather "+subject, 100) >= level {
		return ""
	}
	return kinds[m.w.pick("kind "+subject, len(kinds))]
}

func report(b *booked) trading.Report {
	return trading.Report{OrderID: b.ID, ExchangeID: "x-" + string(b.ID), Status: b.status, Filled: b.filled, Fills: slices.Clone(b.fills)}
}

// place makes an order of a request whose time is right, by the exchange's rule for client order ids.
func (m *mall) place(signed stamped, how string) (*booked, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, now := signed.Order, m.w.truth()
	if signed.at.After(now.Add(time.Second)) || now.Sub(signed.at) > signed.window {
		return nil, trading.Errorf(trading.Limited, "the time of the request is not within its window")
	}
	if late := now.Sub(o.Deadline); late > time.Second {
		m.w.violated("I4", "order %s is taken %s after its deadline, by the exchange's clock", o.ID, late)
	}
	b := m.row(o)
	if b.placed > 0 {
		switch m.rule {
		case exchangesim.ReturnsFirst:
			return b, nil
		case exchangesim.UniqueWhileOpen:
			if b.status.Final() {
				break
			}
			return nil, trading.Errorf(trading.Duplicate, "an open order has this id")
		case exchangesim.UniqueForever:
			return nil, trading.Errorf(trading.Duplicate, "this id was used before")
		case exchangesim.Free:
		}
	}
	held := m.held[o.Symbol]
	if o.ReduceOnly && (held.IsZero() || held.IsPositive() == (o.Side == trading.Buy)) {
		b.refused++
		return nil, trading.Errorf(trading.Rejected, "nothing to reduce")
	}
	b.placed++
	b.status = trading.OrderAccepted
	if how == "shown late" {
		b.visible = now.Add(3 * time.Second)
	}
	if o.Type == trading.Limit && !m.crosses(o) {
		return b, nil
	}
	qty := o.Qty
	if how == "partly filled" || how == "in slices" {
		qty = m.half(o)
	}
	m.fill(b, qty)
	switch {
	case how == "partly filled" && b.status == trading.OrderPartiallyFilled:
		b.status = trading.OrderCanceled
	case how == "in slices" && b.status == trading.OrderPartiallyFilled:
		first := *b
		m.say(&first, "first slice")
		m.fill(b, b.Qty.Sub(b.filled))
		m.say(b, "second slice")
		return &first, nil
	case o.Type == trading.Market && b.status != trading.OrderFilled:
		// A reduce-only order for more than there is ends with what there was.
		b.status = trading.OrderCanceled
	}
	m.say(b, "placed")
	return b, nil
}

func (m *mall) half(o trading.Order) trading.Qty {
	i, _ := m.Instrument(trading.Bybit, trading.InstrumentKey{Product: o.Product, Symbol: o.Symbol})
	if h := i.RoundQty(o.Qty.Times(trading.MustRatio("0.5"))); h.IsPositive() {
		return h
	}
	return o.Qty
}

func (m *mall) row(o trading.Order) *booked {
	b, ok := m.orders[o.ID]
	if !ok {
		b = &booked{Order: o}
		m.orders[o.ID] = b
	}
	return b
}

func (m *mall) crosses(o trading.Order) bool {
	mark := m.marks[o.Symbol]
	if o.Side == trading.Buy {
		return !mark.More(o.Price)
	}
	return !mark.Less(o.Price)
}

// fill executes a part of an order, and no more than a reduce-only order may.
func (m *mall) fill(b *booked, qty trading.Qty) {
	held := m.held[b.Symbol]
	if b.ReduceOnly {
		qty = qty.Min(held.Abs())
	}
	if !qty.IsPositive() {
		return
	}
	price := m.marks[b.Symbol]
	if b.Type == trading.Limit {
		price = b.Price
	}
	b.fills = append(b.fills, trading.Fill{ID: trading.FillID("f" + strconv.Itoa(len(b.fills)+1) + "." + strconv.Itoa(b.placed) + "-" + string(b.ID)),
		Qty: qty, Price: price, FeeAsset: "USDT", At: m.w.truth()})
	b.filled = b.filled.Add(qty)
	b.status = trading.OrderPartiallyFilled
	if !b.filled.Less(b.Qty) {
		b.status = trading.OrderFilled
	}
	if b.Side == trading.Sell {
		qty = qty.Neg()
	}
	m.held[b.Symbol] = held.Add(qty)
	if m.held[b.Symbol].IsZero() {
		delete(m.guards, b.Symbol)
	}
	if b.ReduceOnly && held.Abs().Less(m.held[b.Symbol].Abs()) {
		m.w.violated("I13", "reduce-only order %s took %s from %s to %s", b.ID, b.Symbol, held, m.held[b.Symbol])
	}
}

// say hands a report to the stream, which tells it soon, late, twice or never.
func (m *mall) say(b *booked, why string) {
	if m.mute {
		return
	}
	r := report(b)
	id := "stream " + why + string(b.ID)
	soon := time.Now().Add(time.Duration(m.w.lot(id)%uint64(300*time.Millisecond)) + time.Microsecond)
	times := []time.Time{soon}
	switch kind := m.w.pick("how "+id, 100); {
	case kind < m.fault/3:
		times = nil
	case kind < m.fault*2/3:
		times = append(times, soon.Add(time.Duration(m.w.lot(id)%uint64(2*time.Second))))
	case kind < m.fault:
		times[0] = soon.Add(2 * time.Second)
	}
	for _, at := range times {
		m.untold = append(m.untold, telling{at, r})
	}
	slices.SortStableFunc(m.untold, func(a, b telling) int { return a.at.Compare(b.at) })
}

// move is a new price; what rests and is met by it executes, a part of it or all.
func (m *mall) move(symbol, price string, part bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.marks[symbol] = trading.MustPrice(price)
	var list []*booked
	for _, b := range m.orders {
		if b.placed > 0 && b.Symbol == symbol && b.status.Resting() && m.crosses(b.Order) {
			list = append(list, b)
		}
	}
	slices.SortFunc(list, func(a, b *booked) int { return compareText(string(a.ID), string(b.ID)) })
	for _, b := range list {
		qty := b.Qty.Sub(b.filled)
		if part {
			qty = m.half(b.Order).Min(qty)
		}
		m.fill(b, qty)
		m.say(b, "moved")
	}
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// stream tells the program what happens, and asks for what was missed and what time it is as an adapter does: at the start
// and every few seconds.
func (m *mall) stream(ctx context.Context, l *life, s *stallAt) {
	tick := time.NewTicker(50*time.Millisecond + 13*time.Microsecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		if l.dead.Load() {
			return
		}
		if n%100 == 0 {
			_ = s.readClock(ctx)
			m.catchUp(ctx, l)
		}
		m.tellNext(ctx, l)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (m *mall) tellNext(ctx context.Context, l *life) {
	for {
		m.mu.Lock()
		if len(m.untold) == 0 || m.untold[0].at.After(time.Now()) {
			m.mu.Unlock()
			return
		}
		r := m.untold[0].r
		m.untold = m.untold[1:]
		m.mu.Unlock()
		m.deliver(ctx, l, r)
	}
}

func (m *mall) deliver(ctx context.Context, l *life, r trading.Report) {
	if err := l.engine.Record(ctx, r); err != nil && ctx.Err() == nil && !l.dead.Load() {
		m.w.tell("report on %s: %s", r.OrderID, trading.KindOf(err))
		if trading.KindOf(err) == trading.Internal {
			m.w.violated("I6", "a true report on %s was not believed: %v", r.OrderID, err)
		}
	}
}

func (m *mall) catchUp(ctx context.Context, l *life) {
	open, err := l.db.OpenOrders(ctx, simAccount)
	if err != nil {
		return
	}
	for _, o := range open {
		m.mu.Lock()
		b, ok := m.orders[o.ID]
		var r trading.Report
		if ok && b.placed > 0 && !b.visible.After(m.w.truth()) {
			r = report(b)
		}
		m.mu.Unlock()
		if r.OrderID != "" && (r.Status != o.Status || !r.Filled.Equal(o.Filled)) {
			m.deliver(ctx, l, r)
		}
	}
}
