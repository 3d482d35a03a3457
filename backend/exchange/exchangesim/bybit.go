package exchangesim

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"hoox/backend/ledger"
	"hoox/backend/trading"
)

// Config is what an exchange is made of.
type Config struct {
	Key, Secret string
	// Log is the path of the append-only log; an exchange that is opened on an old one goes on from there.
	Log         string
	Now         func() time.Time
	Instruments []trading.Instrument
	Deposit     trading.Money
}

// Bybit is a unified account at a Bybit of our own. It is an http.Handler for REST and streams alike.
type Bybit struct {
	cfg Config

	mu        sync.Mutex
	log       *record
	faults    Faults
	seq       int
	orders    []*Order
	byID      map[string]*Order
	byLink    map[string]*Order
	fills     []Execution
	positions map[place]*holding
	leverage  map[string]int
	prices    map[string]trading.Price
	balance   trading.Money
	hedge     bool
	isolated  bool
	conns     map[*websocket.Conn]*sync.Mutex
	creates   map[string]int
	bad       error
}

// place is where a position is kept.
type place struct {
	product trading.Product
	symbol  string
	idx     int
}

// holding is a position with what protects it.
type holding struct {
	trading.Position
	takeProfit, stop trading.Price
	parent           string
}

// NewBybit opens the exchange and reads its log.
func NewBybit(c Config) (*Bybit, error) {
	b := &Bybit{
		cfg: c, byID: map[string]*Order{}, byLink: map[string]*Order{}, positions: map[place]*holding{}, leverage: map[string]int{},
		prices: map[string]trading.Price{}, balance: c.Deposit, conns: map[*websocket.Conn]*sync.Mutex{}, creates: map[string]int{},
		faults: func(string, string) Fault { return Fault{} },
	}
	log, past, err := openRecord(c.Log)
	if err != nil {
		return nil, err
	}
	b.log = log
	for _, e := range past {
		b.apply(e)
	}
	return b, nil
}

// Close drops the streams and closes the log; it tells what could not be written.
func (b *Bybit) Close() error {
	b.DropStreams()
	b.mu.Lock()
	defer b.mu.Unlock()
	return errors.Join(b.bad, b.log.file.Close())
}

// SetFaults decides about the requests from now on.
func (b *Bybit) SetFaults(f Faults) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = f
}

// SetMargin switches the account between isolated and cross margin.
func (b *Bybit) SetMargin(isolated bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.isolated = isolated
}

// Orders is every order there ever was, oldest first.
func (b *Bybit) Orders() []Order {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]Order, 0, len(b.orders))
	for _, o := range b.orders {
		list = append(list, *o)
	}
	return list
}

// Creates is how many requests to place an order of this client id arrived.
func (b *Bybit) Creates(link string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.creates[link]
}

// SetPrice sets the mark of a symbol, with the bid at it and the ask one tick above, and lets happen what that leads to.
func (b *Bybit) SetPrice(symbol string, mark trading.Price) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.prices[symbol] = mark
	for _, o := range b.orders {
		if o.Symbol == symbol && open(o) && o.Limit && b.crosses(o) {
			b.fill(o, o.Price, o.Qty.Sub(o.Filled), true)
		}
	}
	for at, h := range b.positions {
		if at.symbol == symbol {
			b.protect(at, h, mark)
		}
	}
}

// protect closes a position whose stop or target the mark has reached.
func (b *Bybit) protect(at place, h *holding, mark trading.Price) {
	long, kind := h.Qty.IsPositive(), ""
	reached := func(level trading.Price, below bool) bool {
		return level.IsPositive() && (below && !mark.More(level) || !below && !mark.Less(level))
	}
	switch {
	case h.Qty.IsZero():
		return
	case reached(h.stop, long):
		kind = "StopLoss"
	case reached(h.takeProfit, !long):
		kind = "TakeProfit"
	default:
		return
	}
	o := b.newOrder(Order{Parent: h.parent, Product: at.product, Symbol: at.symbol, Side: h.Direction().Entry().Opposite(), Idx: at.idx,
		Qty: h.Size(), ReduceOnly: true, StopType: kind})
	b.fill(o, b.touch(o), o.Qty, false)
}

func open(o *Order) bool { return o.Status == "New" || o.Status == "PartiallyFilled" }

func (b *Bybit) instrument(product trading.Product, symbol string) (trading.Instrument, bool) {
	for _, i := range b.cfg.Instruments {
		if i.Product == product && i.Symbol == symbol {
			return i, true
		}
	}
	return trading.Instrument{}, false
}

// touch is the price at which an order meets the market.
func (b *Bybit) touch(o *Order) trading.Price {
	i, _ := b.instrument(o.Product, o.Symbol)
	if o.Side == trading.Buy {
		return b.prices[o.Symbol].Add(i.TickSize)
	}
	return b.prices[o.Symbol]
}

func (b *Bybit) crosses(o *Order) bool {
	if o.Side == trading.Buy {
		return !b.touch(o).More(o.Price)
	}
	return !b.touch(o).Less(o.Price)
}

// newOrder accepts an order.
func (b *Bybit) newOrder(o Order) *Order {
	now := b.cfg.Now()
	b.seq++
	o.ID, o.Status, o.CreatedAt, o.UpdatedAt = fmt.Sprintf("00000000-0000-4000-8000-%012d", len(b.orders)+1), "New", now, now
	if o.Shown.IsZero() {
		o.Shown = now
	}
	b.happen(Event{At: now, Placed: &o})
	return b.byID[o.ID]
}

// fill executes a part of an order.
func (b *Bybit) fill(o *Order, price trading.Price, qty trading.Qty, maker bool) {
	if o.ReduceOnly {
		qty = qty.Min(b.reducible(o))
	}
	if !qty.IsPositive() {
		b.end(o, "Cancelled", "EC_PerCancelRequest")
		return
	}
	i, _ := b.instrument(o.Product, o.Symbol)
	rate := i.TakerFee
	if maker {
		rate = i.MakerFee
	}
	x := Execution{
		ID: fmt.Sprintf("00000000-0000-4000-9000-%012d", len(b.fills)+1), OrderID: o.ID, Price: price, Qty: qty, Maker: maker,
		Fee: trading.Notional(price, qty).Times(rate), At: b.cfg.Now(),
	}
	b.happen(Event{At: x.At, Filled: &x})
	if o.ReduceOnly && open(o) && b.reducible(o).IsZero() {
		b.end(o, "Cancelled", "EC_CancelByReduceOnly")
	}
}

func (b *Bybit) reducible(o *Order) trading.Qty {
	h, ok := b.positions[place{o.Product, o.Symbol, o.Idx}]
	if !ok || h.Qty.IsZero() || h.Direction().Entry() == o.Side {
		return trading.Qty{}
	}
	return h.Size()
}

func (b *Bybit) end(o *Order, status, reason string) {
	b.happen(Event{At: b.cfg.Now(), Ended: &End{o.ID, status, reason}})
}

// happen writes an event down, lets it take effect and tells the streams.
func (b *Bybit) happen(e Event) {
	if err := b.log.add(e); err != nil {
		b.bad = errors.Join(b.bad, err)
	}
	b.apply(e)
	switch {
	case e.Filled != nil:
		b.publish("execution", b.executionRow(e.Filled))
		b.publish("order", b.orderRow(b.byID[e.Filled.OrderID]))
	case e.Ended != nil:
		b.publish("order", b.orderRow(b.byID[e.Ended.OrderID]))
	default:
		b.publish("order", b.orderRow(e.Placed))
	}
}

// apply is the effect of an event, now or when the log is read.
func (b *Bybit) apply(e Event) {
	switch {
	case e.Placed != nil:
		b.orders = append(b.orders, e.Placed)
		b.byID[e.Placed.ID] = e.Placed
		if e.Placed.Link != "" {
			b.byLink[e.Placed.Link] = e.Placed
		}
	case e.Ended != nil:
		o := b.byID[e.Ended.OrderID]
		o.Status, o.Reason, o.UpdatedAt = e.Ended.Status, e.Ended.Reason, e.At
	case e.Filled != nil:
		b.applyFill(e.Filled)
	}
}

func (b *Bybit) applyFill(x *Execution) {
	o := b.byID[x.OrderID]
	o.Filled, o.Cost, o.UpdatedAt = o.Filled.Add(x.Qty), o.Cost.Add(trading.Notional(x.Price, x.Qty)), x.At
	o.Status = "PartiallyFilled"
	if o.Filled.Equal(o.Qty) {
		o.Status = "Filled"
	}
	at := place{o.Product, o.Symbol, o.Idx}
	h, ok := b.positions[at]
	if !ok {
		h = &holding{}
		b.positions[at] = h
	}
	next, realized := ledger.Apply(h.Position, trading.Fill{
		Product: o.Product, Symbol: o.Symbol, Side: o.Side, Qty: x.Qty, Price: x.Price, At: x.At,
	})
	if next.Qty.Sign() != h.Qty.Sign() {
		*h = holding{}
	}
	h.Position = next
	if !o.ReduceOnly && (o.Stop.IsPositive() || o.TakeProfit.IsPositive()) {
		h.stop, h.takeProfit, h.parent = o.Stop, o.TakeProfit, o.Link
	}
	x.PnL = realized
	b.balance = b.balance.Add(realized).Sub(x.Fee)
	b.fills = append(b.fills, *x)
}

// DropStreams cuts every stream without a word.
func (b *Bybit) DropStreams() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.conns {
		c.Close()
	}
	clear(b.conns)
}

// Streams is how many streams are logged in and subscribed.
func (b *Bybit) Streams() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.conns)
}

// ServeHTTP answers one request.
func (b *Bybit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/v5/private" {
		b.stream(w, r)
		return
	}
	b.rest(w, r)
}
