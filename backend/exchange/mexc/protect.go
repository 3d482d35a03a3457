package mexc

import (
	"context"
	"slices"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// stopRow is a record of what watches over a position: a stop-loss, a target, or both, of which one ends the other.
type stopRow struct {
	ID         text   `json:"id"`
	OrderID    text   `json:"orderId"`
	Symbol     string `json:"symbol"`
	PositionID text   `json:"positionId"`
	StopLoss   amount `json:"stopLossPrice"`
	TakeProfit amount `json:"takeProfitPrice"`
	State      int    `json:"state"`
	// Triggered is 1 for the target, 2 for the stop-loss.
	Triggered int             `json:"triggerSide"`
	Type      int             `json:"positionType"`
	Vol       amount          `json:"vol"`
	VolType   int             `json:"volType"`
	MadeID    text            `json:"placeOrderId"`
	CreatedAt exchange.Millis `json:"createTime"`
	UpdatedAt exchange.Millis `json:"updateTime"`
}

const (
	stopsPath    = "/api/v1/private/stoporder/open_orders"
	allStopsPath = "/api/v1/private/stoporder/list/orders"
	part, all    = 1, 2
	noReverse    = 2
)

// leg is one thing to watch for: a price, and how many contracts to close then, zero for all there are.
type leg struct {
	target bool
	price  trading.Price
	vol    trading.Qty
}

// same tells whether two legs are the same thing, whatever the price.
func (l leg) same(m leg) bool { return l.target == m.target && l.vol.Equal(m.vol) }

func (l leg) equal(m leg) bool { return l.same(m) && l.price.Equal(m.price) }

// legs are what a record watches for. A part that is the whole position is the whole.
func (r stopRow) legs(size trading.Qty) []leg {
	vol := r.Vol.qty()
	if r.VolType == all || vol.Equal(size) {
		vol = trading.Qty{}
	}
	var list []leg
	if r.StopLoss.IsPositive() {
		list = append(list, leg{false, r.StopLoss.price(), vol})
	}
	if r.TakeProfit.IsPositive() {
		list = append(list, leg{true, r.TakeProfit.price(), vol})
	}
	return list
}

// legsOf are what a protection asks for, of a position of a size in contracts: when there are more targets than is left of
// it, the nearest ones. It fails with Rejected for a share that is no whole number of contracts.
func legsOf(p trading.Protection, size trading.Qty, long bool, c contract) ([]leg, error) {
	var list []leg
	if p.StopLoss.IsPositive() {
		list = append(list, leg{price: p.StopLoss})
	}
	targets := slices.SortedStableFunc(slices.Values(p.TakeProfit), func(a, b trading.TakeProfitAt) int {
		if long {
			return a.Price.Cmp(b.Price)
		}
		return b.Price.Cmp(a.Price)
	})
	left := size
	for _, t := range targets {
		vol, ok := c.vol(t.Qty)
		switch {
		case !ok:
			return nil, trading.Errorf(trading.Rejected, "mexc: the target's share of %s %s is no whole number of contracts of %s", t.Qty, c.Base, c.Size)
		case vol.IsZero():
			vol = left
		}
		if vol = vol.Min(left); !vol.IsPositive() {
			break
		}
		left = left.Sub(vol)
		l := leg{target: true, price: t.Price, vol: vol}
		if vol.Equal(size) {
			l.vol = trading.Qty{}
		}
		list = append(list, l)
	}
	return list, nil
}

// take removes the first leg that fits and tells whether there was one.
func take(list []leg, fits func(leg) bool) ([]leg, leg, bool) {
	for i, l := range list {
		if fits(l) {
			return append(append([]leg(nil), list[:i]...), list[i+1:]...), l, true
		}
	}
	return list, leg{}, false
}

// without removes legs from a list; false, and the list as it was, when one of them is not there.
func without(list, legs []leg) ([]leg, bool) {
	rest := list
	for _, l := range legs {
		var ok bool
		if rest, _, ok = take(rest, l.equal); !ok {
			return list, false
		}
	}
	return rest, true
}

// Protect makes what watches over a position of ours exactly want.Protection, sized to want.Qty: it removes what else of
// ours stands there, and only that. parent is the order of the entry. It returns nil only after it read that it is so;
// Rejected is a certain no, in words; after anything else it may be called again, whatever became of the last time.
func (x *Exchange) Protect(ctx context.Context, parent trading.OrderID, want trading.Position) error {
	if want.Product == trading.Spot {
		if want.Protection.IsZero() {
			return nil
		}
		return trading.Errorf(trading.Rejected, "mexc: spot at MEXC keeps no take-profit and no stop")
	}
	c, err := x.contract(ctx, want.Symbol)
	if err != nil {
		return err
	}
	if want.Qty.IsZero() {
		want.Protection = trading.Protection{}
	}
	mode, err := x.positionMode(ctx)
	if err != nil {
		return err
	}
	held, err := x.heldBy(ctx, want, mode)
	if err != nil {
		return err
	}
	size, ok := c.vol(want.Size())
	if !ok {
		return trading.Errorf(trading.Rejected, "mexc: %s %s is no whole number of contracts of %s", want.Size(), c.Base, c.Size)
	}
	legs, err := legsOf(want.Protection, size, want.Qty.IsPositive(), c)
	if err != nil {
		return err
	}
	if held == nil && !want.Protection.IsZero() {
		return trading.Errorf(trading.Unavailable, "mexc: protect %s: MEXC shows no position to protect", want.Symbol)
	}
	if held != nil && !want.Protection.IsZero() && (held.Type == longType) != want.Qty.IsPositive() {
		// It was turned round meanwhile: a stop of the old direction would close the new one at once.
		return trading.Errorf(trading.Unavailable, "mexc: protect %s: MEXC shows a position in the other direction", want.Symbol)
	}
	for round := 0; ; round++ {
		settled, err := x.guardOnce(ctx, guardWork{parent: parent, want: want, mode: mode, held: held, size: size, legs: legs}, round == 0)
		if err != nil || settled {
			if err != nil {
				return err
			}
			return x.trail(ctx, parent, want, held, mode, size)
		}
		if round > 0 {
			return trading.Errorf(trading.Unavailable, "mexc: protect %s: it does not read as it was set", want.Symbol)
		}
	}
}

// heldBy is the position at MEXC that want means; nil when there is none.
func (x *Exchange) heldBy(ctx context.Context, want trading.Position, mode trading.PositionMode) (*position, error) {
	list, err := x.positionRows(ctx, want.Symbol)
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if slot(mode, p.Type) == want.Slot {
			return &p, nil
		}
	}
	return nil, nil
}

// guardWork is one thing to protect.
type guardWork struct {
	parent trading.OrderID
	want   trading.Position
	mode   trading.PositionMode
	held   *position
	size   trading.Qty
	legs   []leg
}

// guardOnce reads what stands, and with act set makes it what is wanted; true when it was so already.
func (x *Exchange) guardOnce(ctx context.Context, w guardWork, act bool) (bool, error) {
	stands, err := x.stopRows(ctx, w.want.Symbol)
	if err != nil {
		return false, err
	}
	missing, loose, err := x.compare(ctx, w, stands)
	if err != nil || len(missing) == 0 && len(loose) == 0 {
		return err == nil, err
	}
	if !act {
		return false, nil
	}
	for i, r := range loose {
		var changed []leg
		for _, l := range r.legs(w.size) {
			var found bool
			var now leg
			if missing, now, found = take(missing, l.same); found {
				changed = append(changed, now)
			}
		}
		if len(changed) == 0 {
			continue
		}
		if err := x.changeStop(ctx, r, changed); err != nil {
			return false, err
		}
		loose[i].ID = ""
	}
	if err := x.placeStops(ctx, w, missing); err != nil {
		return false, err
	}
	return false, x.cancelStops(ctx, loose)
}

// compare tells which of the wanted legs do not stand, and which records of ours are not wanted as they are.
func (x *Exchange) compare(ctx context.Context, w guardWork, stands []stopRow) (missing []leg, loose []stopRow, err error) {
	missing = w.legs
	var strange []stopRow
	for _, r := range stands {
		if w.mode == trading.Hedge && slot(w.mode, r.Type) != w.want.Slot {
			continue
		}
		ours, err := x.isOurs(ctx, r)
		if err != nil {
			return nil, nil, err
		}
		if !ours {
			strange = append(strange, r)
			continue
		}
		rest, ok := without(missing, r.legs(w.size))
		if !ok {
			loose = append(loose, r)
		}
		missing = rest
	}
	// A record that nobody is known to have set and that is exactly what is missing is one whose answer was lost.
	for _, r := range strange {
		if legs := r.legs(w.size); len(legs) > 0 && r.OrderID.id() == "" {
			if rest, ok := without(missing, legs); ok {
				missing = rest
				x.book.adopt(r.ID.id(), w.parent)
			}
		}
	}
	return missing, loose, nil
}

// isOurs tells whether a record belongs to us: this process set it, or it came with an order that carries our id.
func (x *Exchange) isOurs(ctx context.Context, r stopRow) (bool, error) {
	if _, ok := x.book.parent(r.ID.id()); ok {
		return true, nil
	}
	entry := r.OrderID.id()
	if entry == "" {
		return false, nil
	}
	owner := x.book.owner(entry)
	if owner == "" {
		row, err := x.futuresByID(ctx, entry, "read whose a protection is")
		if err != nil {
			return false, err
		}
		if row == nil || ourID(row.Link) == "" {
			return false, nil
		}
		owner = ourID(row.Link)
		x.book.own(entry, owner)
	}
	x.book.adopt(r.ID.id(), owner)
	return true, nil
}

// stopRows are the records that watch over a contract, or over all when symbol is "".
func (x *Exchange) stopRows(ctx context.Context, symbol string) ([]stopRow, error) {
	var got rows[stopRow]
	e, err := x.futuresRead(ctx, listing, "read the protections", stopsPath, values{"symbol", symbol}, true, &got)
	if err == nil && !got.told && !e.empty() {
		err = trading.Errorf(trading.Unavailable, "mexc: read the protections: an answer without a list")
	}
	return got.list, err
}
