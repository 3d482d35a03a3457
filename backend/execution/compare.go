package execution

import (
	"cmp"
	"slices"
	"strings"

	"hoox/backend/trading"
)

// sight is what both sides say about one account at one moment.
type sight struct {
	account trading.AccountID
	ours    []trading.Position
	orders  []trading.Order
	// fees are the balances of the ledger; a coin below zero was paid as a fee out of what a spot account holds of it.
	fees   map[string]trading.Money
	theirs []trading.Position
	// open is what rests at the exchange; listed is false when it did not say, and held false when it did not say what it holds.
	open         []trading.Order
	listed, held bool
	// rows are the orders with our mark that rest at the exchange and are not open in the ledger, as far as it knows them.
	rows map[trading.OrderID]trading.OrderStatus
	// busy are lanes in which something happens at this moment.
	busy map[string]bool
}

// outlook is what follows from a sight.
type outlook struct {
	seen   []trading.Drift
	agreed []trading.Position
	// unjudged are ids about which this sight says nothing.
	unjudged map[string]bool
	// lost are open orders of ours that the exchange does not list, revived ones that the ledger ended and the exchange lists.
	// Both are looked up: a list alone proves nothing.
	lost, revived []trading.Order
	// left are entries whose protection still rests although the position is gone.
	left []trading.OrderID
}

// place is where a position is kept within its account.
type place struct {
	product trading.Product
	symbol  string
	slot    trading.Slot
}

func placeOf(p trading.Position) place { return place{p.Product, p.Symbol, p.Slot} }

// compare holds the ledger against the exchange. It is pure. What the exchange did not say is not judged: missing is not
// flat.
func compare(s sight) outlook {
	out := outlook{unjudged: map[string]bool{}}
	if s.held {
		s.comparePerpetuals(&out)
		s.compareCoins(&out)
	}
	if s.listed {
		s.compareOrders(&out)
	}
	return out
}

func positionID(account trading.AccountID, at place) string {
	return "position/" + string(account) + "/" + string(at.product) + "/" + at.symbol + "/" + string(at.slot)
}

func orderID(o trading.Order) string {
	id := string(o.ID)
	if id == "" {
		id = o.ExchangeID
	}
	return "order/" + string(o.Account) + "/" + string(o.Product) + "/" + o.Symbol + "/" + id
}

func lane(account trading.AccountID, product trading.Product, symbol string) string {
	return trading.Position{Account: account, Product: product, Symbol: symbol}.Lane()
}

// comparePerpetuals compares place by place, both ways.
func (s sight) comparePerpetuals(out *outlook) {
	type pair struct{ ours, theirs trading.Position }
	pairs := map[place]pair{}
	for _, p := range s.ours {
		if p.Product != trading.Spot {
			pairs[placeOf(p)] = pair{ours: p}
		}
	}
	for _, p := range s.theirs {
		if p.Product != trading.Spot {
			both := pairs[placeOf(p)]
			both.theirs = p
			pairs[placeOf(p)] = both
		}
	}
	places := make([]place, 0, len(pairs))
	for at := range pairs {
		places = append(places, at)
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.product, b.product), cmp.Compare(a.symbol, b.symbol), cmp.Compare(a.slot, b.slot))
	})
	for _, at := range places {
		s.judge(out, at, pairs[at].ours, pairs[at].theirs.Qty)
	}
}

// judge compares one place.
func (s sight) judge(out *outlook, at place, ours trading.Position, theirs trading.Qty) {
	id := positionID(s.account, at)
	kind := trading.DriftSize
	switch {
	case s.busy[lane(s.account, at.product, at.symbol)]:
		out.unjudged[id] = true
		return
	case ours.Qty.Equal(theirs):
		if !theirs.IsZero() {
			out.agreed = append(out.agreed, ours)
		}
		return
	case ours.Qty.IsZero():
		kind = trading.DriftExternal
	case theirs.IsZero():
		kind = trading.DriftMissing
	}
	out.seen = append(out.seen, trading.Drift{ID: id, Account: s.account, Kind: kind, Product: at.product, Symbol: at.symbol, Slot: at.slot,
		Ours: ours.Qty, Theirs: theirs})
}

// compareCoins compares spot positions with the coins there are. A wallet may hold more than the ledger for many reasons, and
// fees may have been paid out of it; only less than that is a difference.
func (s sight) compareCoins(out *outlook) {
	have := coins(s.theirs)
	need := map[string]trading.Qty{}
	busy := map[string]bool{}
	for _, p := range s.ours {
		if p.Product == trading.Spot {
			coin := coinOf(p.Symbol)
			need[coin] = need[coin].Add(p.Qty)
			busy[coin] = busy[coin] || s.busy[p.Lane()]
		}
	}
	for coin := range need {
		if paid := s.fees[coin]; paid.IsNegative() {
			need[coin] = need[coin].Add(trading.AsQty(paid))
		}
	}
	for _, p := range s.ours {
		if p.Product != trading.Spot {
			continue
		}
		coin := coinOf(p.Symbol)
		theirs := have[coin]
		switch {
		case busy[coin]:
			out.unjudged[positionID(s.account, placeOf(p))] = true
		case !theirs.Less(need[coin]):
			out.agreed = append(out.agreed, p)
		default:
			s.judge(out, placeOf(p), p, theirs)
		}
	}
}

// coins is what an exchange holds of each coin; one that it lists under several symbols is the same coin.
func coins(theirs []trading.Position) map[string]trading.Qty {
	have := map[string]trading.Qty{}
	for _, p := range theirs {
		if p.Product == trading.Spot {
			have[coinOf(p.Symbol)] = have[coinOf(p.Symbol)].Max(p.Qty)
		}
	}
	return have
}

// coinOf is the coin that a spot symbol trades.
func coinOf(symbol string) string {
	name := strings.ReplaceAll(symbol, "_", "")
	for _, quote := range []string{"USDT", "USDC", "FDUSD", "USDE", "USD1", "USD", "EUR", "BTC", "ETH"} {
		if coin, ok := strings.CutSuffix(name, quote); ok && coin != "" {
			return coin
		}
	}
	return name
}

// ours tells whether an order carries our mark. The mark alone makes it nobody's: the ledger is asked too.
func marked(o trading.Order) bool { return strings.HasPrefix(string(o.ID), trading.OrderPrefix) }

func (s sight) compareOrders(out *outlook) {
	matched := map[trading.OrderID]bool{}
	for _, x := range s.open {
		if o, ok := s.match(x); ok {
			matched[o.ID] = true
			continue
		}
		s.judgeTheirs(out, x)
	}
	for _, o := range s.orders {
		if !o.Status.Resting() || matched[o.ID] {
			continue
		}
		if s.busy[o.Lane()] {
			out.unjudged[orderID(o)] = true
			continue
		}
		out.lost = append(out.lost, o)
		out.seen = append(out.seen, orderDrift(trading.DriftLost, o, o.Open(), trading.Qty{}))
	}
}

// match finds the open order of the ledger that an order at the exchange is.
func (s sight) match(x trading.Order) (trading.Order, bool) {
	for _, o := range s.orders {
		if x.ID != "" && x.ID == o.ID || x.ExchangeID != "" && (x.ExchangeID == o.ExchangeID || x.ExchangeID == string(o.ID)) {
			return o, true
		}
	}
	return trading.Order{}, false
}

// judgeTheirs says what an order at the exchange is that is not open in the ledger.
func (s sight) judgeTheirs(out *outlook, x trading.Order) {
	x.Account = s.account
	if status, known := s.rows[x.ID]; known && marked(x) {
		if status.Final() {
			out.revived = append(out.revived, x)
		}
		return
	}
	guards := x.Type == trading.StopOrder || x.Type == trading.TargetOrder
	held := s.position(x)
	switch {
	case !held.Qty.IsZero() && (x.Parent != "" || guards && (marked(x) || covers(held.Protection, x.Price))):
		// It protects what we hold.
	case s.busy[lane(s.account, x.Product, x.Symbol)]:
		out.unjudged[orderID(x)] = true
	case x.Parent != "":
		out.left = append(out.left, x.Parent)
	case marked(x):
		out.seen = append(out.seen, orderDrift(trading.DriftRecovered, x, trading.Qty{}, x.Open()))
	default:
		out.seen = append(out.seen, orderDrift(trading.DriftForeign, x, trading.Qty{}, x.Open()))
	}
}

// position is what the ledger holds where an order would close something.
func (s sight) position(x trading.Order) trading.Position {
	for _, p := range s.ours {
		if p.Product == x.Product && p.Symbol == x.Symbol && (p.Slot == x.Slot || x.Slot == "") {
			return p
		}
	}
	return trading.Position{}
}

// covers tells whether a price is one that a protection names.
func covers(p trading.Protection, at trading.Price) bool {
	if at.IsZero() {
		return false
	}
	return p.StopLoss.Equal(at) || slices.ContainsFunc(p.TakeProfit, func(t trading.TakeProfitAt) bool { return t.Price.Equal(at) })
}

func orderDrift(kind trading.DriftKind, o trading.Order, ours, theirs trading.Qty) trading.Drift {
	return trading.Drift{ID: orderID(o), Account: o.Account, Kind: kind, Product: o.Product, Symbol: o.Symbol, Slot: o.Slot, OrderID: o.ID,
		ExchangeID: o.ExchangeID, Side: o.Side, Type: o.Type, Price: o.Price, Ours: ours, Theirs: theirs}
}
