package binancesim

import (
	"strconv"
	"sync"

	"hoox/backend/exchange/exchangesim"
)

// list is several orders of which one ends the others (OCO), perhaps after another has filled first (OTOCO). It is known
// as long as its façade lives; the core knows the pair by its group.
type list struct {
	id           int
	kind, link   string
	symbol       string
	at           int64
	pending      []exchangesim.Request
	orders       []string
	done, placed bool
}

// lists are the order lists of an account.
type lists struct {
	mu      sync.Mutex
	all     []*list
	byOrder map[string]*list
	byGroup map[string]*list
}

func newLists() *lists { return &lists{byOrder: map[string]*list{}, byGroup: map[string]*list{}} }

func (l *lists) start(kind, link, symbol string, at int64) *list {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := &list{id: len(l.all) + 1, kind: kind, link: link, symbol: symbol, at: at}
	l.all = append(l.all, n)
	l.byGroup[n.group()] = n
	return n
}

func (n *list) group() string { return "list-" + strconv.Itoa(n.id) }

// join notes that an order belongs to a list, once.
func (l *lists) join(n *list, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byOrder[id] == nil {
		l.byOrder[id] = n
		n.orders = append(n.orders, id)
	}
}

// of is the list that an order belongs to, nil for none.
func (l *lists) of(id string) *list {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byOrder[id]
}

// idOf is the id of an order's list, -1 for none.
func (l *lists) idOf(id string) int {
	if n := l.of(id); n != nil {
		return n.id
	}
	return -1
}

// grouped is the list of the pair that an order was placed in.
func (l *lists) grouped(group string) *list {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byGroup[group]
}

// find is the list of this id, or else of this client id.
func (l *lists) find(id int64, link string) *list {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.all) - 1; i >= 0; i-- {
		if n := l.all[i]; id > 0 && int64(n.id) == id || id == 0 && link != "" && n.link == link {
			return n
		}
	}
	return nil
}

// end closes a list: no pair will follow.
func (l *lists) end(n *list) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n.done, n.placed = true, true
}

// open are the lists that have not ended.
func (l *lists) open() []*list {
	l.mu.Lock()
	defer l.mu.Unlock()
	var some []*list
	for _, n := range l.all {
		if !n.done {
			some = append(some, n)
		}
	}
	return some
}

// pair reads the two legs of a pair: the one above and the one below the market.
func (s *Spot) pair(q *request, prefix, side string, qty string) ([]exchangesim.Request, *refusal) {
	var legs []exchangesim.Request
	for _, at := range []string{"Above", "Below"} {
		name := prefix + at
		if prefix == "" {
			name = map[string]string{"Above": "above", "Below": "below"}[at]
		}
		l := leg{side, name + "Type", name + "TimeInForce", qty, name + "Price", name + "StopPrice", name + "TrailingDelta", name + "ClientOrderId"}
		r, bad := s.order(q, l)
		if bad != nil {
			return nil, bad
		}
		legs = append(legs, r)
	}
	above, below := legs[0], legs[1]
	_, _, mark, _ := s.core.Quote(s.product, above.Symbol)
	stops := 0
	for _, r := range legs {
		if r.Kind == exchangesim.StopMarket || r.Kind == exchangesim.StopLimit {
			stops++
		}
	}
	switch {
	case stops != 1 && prefix == "":
		return nil, no(-1158, "Order list only supports one stop and one limit or take-profit leg.")
	case prefix == "" && (!s.worthAt(above).More(mark) || !s.worthAt(below).Less(mark)):
		return nil, no(-2010, "The relationship of the prices for the orders is not correct.")
	}
	return legs, nil
}

// oco places a pair of which one leg ends the other.
func (s *Spot) oco(q *request) (any, *refusal) {
	legs, bad := s.pair(q, "", "side", "quantity")
	if bad != nil {
		return nil, bad
	}
	n := s.lists.start("OCO", s.listLink(q), q.text("symbol"), q.now.UnixMilli())
	if bad := s.placePair(q, n, legs); bad != nil {
		s.lists.end(n)
		return nil, bad
	}
	return s.listAnswer(n), nil
}

// placePair places both legs, or none.
func (s *Spot) placePair(q *request, n *list, legs []exchangesim.Request) *refusal {
	first := ""
	for _, r := range legs {
		r.Group = n.group()
		if q != nil {
			r = r.Script(q.fault)
		}
		o, refused := s.core.Place(r)
		if refused != nil {
			if first != "" {
				s.core.Cancel(s.product, n.symbol, first, "")
			}
			return s.said(refused)
		}
		s.lists.join(n, o.ID)
		first = o.ID
	}
	return nil
}

// otoco places an order, and its pair once that has filled.
func (s *Spot) otoco(q *request) (any, *refusal) {
	working, bad := s.order(q, leg{"workingSide", "workingType", "workingTimeInForce", "workingQuantity", "workingPrice", "", "", "workingClientOrderId"})
	if bad != nil {
		return nil, bad
	}
	if working.Kind != exchangesim.Limit {
		return nil, notSupported
	}
	legs, bad := s.pair(q, "pending", "pendingSide", "pendingQuantity")
	if bad != nil {
		return nil, bad
	}
	n := s.lists.start("OTO", s.listLink(q), q.text("symbol"), q.now.UnixMilli())
	n.pending = legs
	working.Group = n.group() + "-working"
	s.lists.mu.Lock()
	s.lists.byGroup[working.Group] = n
	s.lists.mu.Unlock()
	o, refused := s.core.Place(working.Script(q.fault))
	if refused != nil {
		s.lists.end(n)
		return nil, s.said(refused)
	}
	s.lists.join(n, o.ID)
	s.follow(n)
	return s.listAnswer(n), nil
}

// follow places the pair of a list whose working order has filled. It may be called as often as one likes.
func (s *Spot) follow(n *list) {
	s.lists.mu.Lock()
	due := len(n.pending) > 0 && !n.placed && len(n.orders) > 0
	id := ""
	if due {
		id = n.orders[0]
	}
	s.lists.mu.Unlock()
	if !due {
		return
	}
	o, _ := s.core.FindPlain(s.product, n.symbol, id, "")
	if o.Status != exchangesim.Filled {
		return
	}
	s.lists.mu.Lock()
	due, n.placed = !n.placed, true
	s.lists.mu.Unlock()
	if due {
		// What the market no longer allows is expired by the exchange; the list has no pair then.
		_ = s.placePair(nil, n, n.pending)
	}
}

func (s *Spot) listLink(q *request) string {
	if link := q.text("listClientOrderId"); link != "" {
		return link
	}
	return s.newLink()
}
