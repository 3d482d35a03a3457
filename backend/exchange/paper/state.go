package paper

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"hoox/backend/trading"
)

// state is the account as it stands. An operation works on a clone and is adopted whole or not at all.
type state struct {
	cash     wallet
	holdings map[place]holding
	// resting are the orders in the book of the exchange, in order of arrival.
	resting []record
	news    []news
	// dirty are the keys of rows that changed, changed the orders that did, since the last adoption.
	dirty   map[string]bool
	changed map[trading.OrderID]record
}

// wallet is the account's one row of totals.
type wallet struct {
	Balance  trading.Money
	Mode     trading.PositionMode
	Leverage map[string]int
	// Orders and News number exchange order ids and news.
	Orders int64
	News   int64
	// Funded is the last funding time that is settled.
	Funded time.Time
}

// place is where a position is held.
type place struct {
	product trading.Product
	symbol  string
	slot    trading.Slot
}

func (p place) key() trading.InstrumentKey {
	return trading.InstrumentKey{Product: p.product, Symbol: p.symbol}
}

func placeOf(o trading.Order) place { return place{o.Product, o.Symbol, o.Slot} }

// holding is a position with what watches it.
type holding struct {
	Position trading.Position
	// Opener is the order that opened it.
	Opener origin
	Stop   *guard
	Trail  *guard
	// Targets are sorted nearest first.
	Targets []guard
	// Guarded are the orders whose protection was attached in this position's life.
	Guarded []trading.OrderID
}

// origin is the order of ours that something the exchange did goes back to.
type origin struct {
	OrderID  trading.OrderID
	SignalID trading.SignalID
	Leg      int
	// Life is which of the order's positions it was; more than one only if it went on filling after a stop.
	Life int
}

// news is something the sink has not taken yet.
type news struct {
	Seq    int64
	Report *trading.Report
	Cash   *trading.Cash
}

// clone copies whatever an operation may change in place; the rest is replaced, never changed.
func (s *state) clone() *state {
	c := *s
	c.cash.Leverage = maps.Clone(s.cash.Leverage)
	c.holdings = maps.Clone(s.holdings)
	c.resting = slices.Clone(s.resting)
	c.news = slices.Clone(s.news)
	c.dirty, c.changed = map[string]bool{}, map[trading.OrderID]record{}
	return &c
}

// places lists where positions are, in an order that is always the same.
func (s *state) places() []place {
	list := make([]place, 0, len(s.holdings))
	for p := range s.holdings {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.product, b.product), cmp.Compare(a.symbol, b.symbol), cmp.Compare(a.slot, b.slot))
	})
	return list
}

func (s *state) hold(p place, h holding) {
	s.dirty[holdingKey(p)] = true
	if h.Position.Qty.IsZero() {
		delete(s.holdings, p)
		return
	}
	s.holdings[p] = h
}

// keep files an order: among the resting ones while it rests, in the record of all orders always.
func (s *state) keep(r record) {
	s.changed[r.Order.ID] = r
	at := slices.IndexFunc(s.resting, func(known record) bool { return known.Order.ID == r.Order.ID })
	if at >= 0 || r.Order.Status.Resting() {
		s.dirty[openKey(r.Order.ID)] = true
	}
	switch {
	case at < 0 && r.Order.Status.Resting():
		s.resting = append(s.resting, r)
	case at >= 0 && r.Order.Status.Resting():
		s.resting[at] = r
	case at >= 0:
		s.resting = slices.Delete(s.resting, at, at+1)
	}
}

func (s *state) open(id trading.OrderID) (record, bool) {
	for _, r := range s.resting {
		if r.Order.ID == id {
			return r, true
		}
	}
	return record{}, false
}

// tell puts a report where the sink will find it.
func (s *state) tell(r record, child bool) {
	report := r.report()
	if child {
		// What to write down for an order that nobody at our end made: the request, before anything happened to it.
		made := r.Order
		made.Status, made.Filled, made.FilledCost, made.Reason = trading.OrderAccepted, trading.Qty{}, trading.Money{}, ""
		report.Child = &made
	}
	s.announce(news{Report: &report})
}

func (s *state) announce(n news) {
	s.cash.News++
	n.Seq = s.cash.News
	s.news = append(s.news, n)
	s.dirty[newsKey(n.Seq)], s.dirty[walletKey] = true, true
}

// free is the money that no position and no resting order holds.
func (s *state) free(find func(place) (trading.Instrument, bool)) trading.Money {
	left := s.cash.Balance
	for _, h := range s.holdings {
		left = left.Sub(margin(h.Position))
	}
	for _, r := range s.resting {
		i, ok := find(placeOf(r.Order))
		if closing(r.Order) || !ok {
			continue
		}
		left = left.Sub(s.reserve(r.Order, i))
	}
	return left
}

// reserve is what a resting order would bind if it filled: the margin of what it would open, and its fee.
func (s *state) reserve(o trading.Order, i trading.Instrument) trading.Money {
	worth := trading.Notional(o.Price, o.Open())
	opens := trading.Notional(o.Price, o.Open().Sub(s.reducible(o)))
	return opens.Over(trading.RatioUnits(int64(max(s.leverage(o), 1)), 0)).Add(worth.Times(i.TakerFee))
}

// leverage is the one that holds for the order's symbol, 1 if none was ever set.
func (s *state) leverage(o trading.Order) int {
	if o.Product == trading.Spot {
		return 1
	}
	return max(s.cash.Leverage[leverageKey(o)], 1)
}

// reducible is how much of the order would close what is held.
func (s *state) reducible(o trading.Order) trading.Qty {
	held := s.holdings[placeOf(o)].Position
	if held.Qty.IsZero() || held.Direction().Entry() == o.Side {
		return trading.Qty{}
	}
	return held.Size().Min(o.Open())
}

// margin is what a position holds: its cost over its leverage.
func margin(p trading.Position) trading.Money {
	return p.Cost.Over(trading.RatioUnits(int64(max(p.Leverage, 1)), 0))
}

func leverageKey(o trading.Order) string { return string(o.Product) + "/" + o.Symbol }

// nextID is the exchange's own number of an order.
func (s *state) nextID() string {
	s.cash.Orders++
	s.dirty[walletKey] = true
	return "P" + strconv.FormatInt(s.cash.Orders, 10)
}
