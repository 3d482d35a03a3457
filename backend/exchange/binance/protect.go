package binance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// Protect makes what stands at Binance for a position exactly want.Protection sized to want.Qty, and removes what else of
// ours stands there; a zero quantity or a zero protection removes ours. Orders of others are left alone. parent is the
// client order id that the children carry. It returns nil once that was read back. Rejected is a certain no, in words;
// after any other error it may be asked again, also after a lost answer: what stands is listed before anything is added.
func (x *Exchange) Protect(ctx context.Context, parent trading.OrderID, want trading.Position) error {
	if want.Account != "" && want.Account != x.cfg.Account {
		return trading.Errorf(trading.Rejected, "binance: a position of account %s is not protected on %s", want.Account, x.cfg.Account)
	}
	ctx = pressed(ctx)
	s, err := x.side(want.Product)
	if err != nil {
		return err
	}
	if want.Qty.IsZero() {
		want.Protection = trading.Protection{}
	}
	if !want.Protection.IsZero() && len(parent)+3 > 36 {
		return trading.Errorf(trading.Rejected, "binance: %q is too long an id for a protection", string(parent))
	}
	if err := x.clockRead(ctx, s); err != nil {
		return trading.Errorf(trading.Unavailable, "binance: not protected: %w", err)
	}
	x.note(s, want.Symbol)
	if want.Product == trading.Spot {
		return x.protectCoins(ctx, parent, want)
	}
	return x.protectPosition(ctx, parent, want)
}

// wish is one conditional order that should stand.
type wish struct {
	kind    trading.OrderType
	word    string
	trigger trading.Price
	// qty is zero for one that closes the whole position.
	qty      trading.Qty
	callback trading.Ratio
}

func (w wish) whole() bool { return w.qty.IsZero() }

// trailing is Binance's name of a trailing stop.
const trailing = "TRAILING_STOP_MARKET"

// wishesFor are the conditional orders that keep a protection. The error is about a trailing stop that cannot be kept, which
// is not among them: Rejected for what Binance does not keep.
func wishesFor(want trading.Position) ([]wish, error) {
	p, size := want.Protection, want.Size()
	var list []wish
	if p.StopLoss.IsPositive() {
		list = append(list, wish{kind: trading.StopOrder, word: "STOP_MARKET", trigger: p.StopLoss})
	}
	const target = "TAKE_PROFIT_MARKET"
	if len(p.TakeProfit) == 1 && (p.TakeProfit[0].Qty.IsZero() || !p.TakeProfit[0].Qty.Less(size)) {
		list = append(list, wish{kind: trading.TargetOrder, word: target, trigger: p.TakeProfit[0].Price})
	} else {
		rest := size
		for _, t := range p.TakeProfit {
			if q := t.Qty.Min(rest); q.IsPositive() && t.Price.IsPositive() {
				list = append(list, wish{kind: trading.TargetOrder, word: target, trigger: t.Price, qty: q})
				rest = rest.Sub(q)
			}
		}
	}
	if p.TrailingStop.IsPositive() {
		rate, err := callbackOf(p.TrailingStop, want.Entry())
		if err != nil {
			return list, err
		}
		list = append(list, wish{kind: trading.StopOrder, word: trailing, qty: size, callback: rate})
	}
	return list, nil
}

// callbackOf is a distance in percent of the entry price, to the nearest tenth, which is how Binance keeps it.
func callbackOf(distance, entry trading.Price) (trading.Ratio, error) {
	if !entry.IsPositive() {
		return trading.Ratio{}, trading.Errorf(trading.Unavailable, "binance: the entry price is not known, so that a trailing distance of %s cannot be written in percent", distance)
	}
	percent := distance.Part(entry).Times(trading.RatioUnits(100, 0))
	rate := percent.Add(trading.RatioUnits(5, -2)).Floor(trading.RatioUnits(1, -1))
	if rate.Less(trading.RatioUnits(1, -1)) || rate.More(trading.RatioUnits(20, 0)) {
		return rate, trading.Errorf(trading.Rejected, "binance: a trailing distance of %s is %s %% of the entry price %s; Binance keeps 0.1 %% to 20 %%", distance, percent.Fixed(3), entry.Fixed(8))
	}
	return rate, nil
}

// granted tells whether a conditional order is the one that is wished for.
func (w wish) granted(a algoRow, parent trading.OrderID) bool {
	f := readID(a.ClientID)
	if f.parent != parent || f.kind != w.kind || a.Type != w.word || a.Close != w.whole() {
		return false
	}
	if w.callback.IsPositive() {
		return a.Qty.Equal(w.qty) && a.Callback.Equal(w.callback)
	}
	return a.Trigger.Equal(w.trigger) && (w.whole() || a.Qty.Equal(w.qty))
}

// missing splits wishes and what stands: what has to be placed, and what has to go.
func missing(wishes []wish, standing []algoRow, parent trading.OrderID) (add []wish, remove []algoRow) {
	left := slices.Clone(standing)
	for _, w := range wishes {
		i := slices.IndexFunc(left, func(a algoRow) bool { return w.granted(a, parent) })
		if i < 0 {
			add = append(add, w)
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	return add, left
}

// standing lists the protections of ours in the slot of a position.
func (x *Exchange) standing(ctx context.Context, want trading.Position) ([]algoRow, error) {
	rows, err := exchange.Patient(ctx, func() ([]algoRow, error) { return x.openAlgos(ctx, want.Symbol) })
	if err != nil {
		return nil, trading.Errorf(trading.Unavailable, "binance: protect %s: %w", want.Symbol, err)
	}
	return slices.DeleteFunc(rows, func(a algoRow) bool {
		return a.Symbol != want.Symbol || !a.ours() || slotOf(a.PositionSide) != slotOr(want.Slot)
	}), nil
}

func slotOr(s trading.Slot) trading.Slot {
	if s == "" {
		return trading.SlotBoth
	}
	return s
}

func (x *Exchange) protectPosition(ctx context.Context, parent trading.OrderID, want trading.Position) error {
	// What cannot be kept must not cost the position what can.
	wishes, unkept := wishesFor(want)
	gaps := func(had []algoRow) (add []wish, remove []algoRow) {
		add, remove = missing(wishes, had, parent)
		if unkept != nil {
			remove = slices.DeleteFunc(remove, func(a algoRow) bool { return a.Type == trailing })
		}
		return add, remove
	}
	had, err := x.standing(ctx, want)
	if err != nil {
		return err
	}
	add, remove := gaps(had)
	if len(add) == 0 && len(remove) == 0 {
		return unkept
	}
	for _, w := range add {
		if remove, err = x.grant(ctx, parent, want, w, remove, had); err != nil {
			return err
		}
	}
	for _, a := range remove {
		if err := x.cancelAlgo(ctx, a); err != nil {
			return err
		}
	}
	// The list may be a moment behind what was answered.
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		if had, err = x.standing(ctx, want); err != nil {
			return err
		}
		if add, remove = gaps(had); len(add) == 0 && len(remove) == 0 {
			return unkept
		}
		if wait > 500*time.Millisecond || wire.Pause(ctx, wait) != nil {
			return trading.Errorf(trading.Unavailable, "binance: protect %s: %d of %d orders stand, %d too many, after they were placed", want.Symbol, len(wishes)-len(add), len(wishes), len(remove))
		}
	}
}

// grant places a wish and answers with what still has to go. Binance takes one stop and one target for the whole position, so
// an old one goes before the new one comes: one of the position's size stands in meanwhile, so that there is never none. All
// others go afterwards.
func (x *Exchange) grant(ctx context.Context, parent trading.OrderID, want trading.Position, w wish, remove, had []algoRow) ([]algoRow, error) {
	var old, rest []algoRow
	for _, a := range remove {
		if w.whole() && a.Close && a.Type == w.word {
			old = append(old, a)
		} else {
			rest = append(rest, a)
		}
	}
	if len(old) == 0 {
		_, err := x.placeAlgo(ctx, parent, want, w, had)
		return rest, err
	}
	bridge := w
	bridge.qty = want.Size()
	between, err := x.placeAlgo(ctx, parent, want, bridge, had)
	bridged := err == nil && between.ID != ""
	if err != nil && (trading.KindOf(err) != trading.Rejected || atOnce(err)) {
		// The old one stays; a new one would not be taken either, or nobody knows.
		return rest, err
	}
	for _, a := range old {
		if err := x.cancelAlgo(ctx, a); err != nil {
			return rest, err
		}
	}
	if _, err := x.placeAlgo(ctx, parent, want, w, had); err != nil {
		if !bridged {
			x.bringBack(ctx, want, old, had)
		}
		return rest, err
	}
	if bridged {
		rest = append(rest, between)
	}
	return rest, nil
}

// bringBack places again what was taken away for something that did not come.
func (x *Exchange) bringBack(ctx context.Context, want trading.Position, old, had []algoRow) {
	for _, a := range old {
		f := readID(a.ClientID)
		if _, err := x.placeAlgo(ctx, f.parent, want, wish{kind: f.kind, word: a.Type, trigger: a.Trigger}, had); err != nil {
			x.cfg.Log.Error("binance: A POSITION MAY BE WITHOUT ITS "+string(f.kind), "symbol", want.Symbol, "trigger", a.Trigger, "error", err)
		}
	}
}

// nextSuffix counts the placements, so that no two have one id.
func (x *Exchange) nextSuffix() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.suffix++
	return x.suffix
}

// freshID is a client order id for a protection that none of those that stand has.
func (x *Exchange) freshID(parent trading.OrderID, kind trading.OrderType, taken func(id string) bool) string {
	id := ""
	for range tails {
		if id = protectionID(parent, kind, x.nextSuffix()); !taken(id) {
			break
		}
	}
	return id
}

// placeAlgo places one conditional order and answers with its id, as far as it was told. Rejected is a certain no.
func (x *Exchange) placeAlgo(ctx context.Context, parent trading.OrderID, want trading.Position, w wish, had []algoRow) (algoRow, error) {
	hedged := want.Slot == trading.SlotLong || want.Slot == trading.SlotShort
	id := x.freshID(parent, w.kind, func(id string) bool {
		return slices.ContainsFunc(had, func(a algoRow) bool { return a.ClientID == id })
	})
	v := values{
		"algoType", "CONDITIONAL", "symbol", want.Symbol, "side", sideWord(pick(want.Qty.IsNegative(), trading.Buy, trading.Sell)),
		"positionSide", slotWord(slotOr(want.Slot)), "type", w.word,
	}
	if w.callback.IsPositive() {
		v = append(v, "callbackRate", w.callback.String())
	} else {
		v = append(v, "triggerPrice", w.trigger.String())
	}
	switch {
	case w.whole():
		v = append(v, "closePosition", "true")
	case hedged:
		v = append(v, "quantity", w.qty.String())
	default:
		v = append(v, "quantity", w.qty.String(), "reduceOnly", "true")
	}
	v = append(v, "workingType", "MARK_PRICE", "clientAlgoId", id)
	what := "place a " + string(w.kind) + " for " + want.Symbol
	r, err := x.write(ctx, x.futures, call{method: "POST", path: "/fapi/v1/algoOrder", v: v, what: what, weight: 1, places: true, urgent: true})
	if err != nil {
		return algoRow{}, err
	}
	if r.class != done {
		return algoRow{}, x.notPlaced(ctx, want, w, what, r)
	}
	var row algoRow
	if json.Unmarshal(r.body, &row) != nil {
		// Whether it stands is read back.
		row = algoRow{}
	}
	row.Symbol = want.Symbol
	return row, nil
}

// notPlaced is the error of a conditional order that was not placed.
func (x *Exchange) notPlaced(ctx context.Context, want trading.Position, w wish, what string, r reply) error {
	switch r.code {
	case -4061:
		x.forgetMode()
	case -4130:
		// One for the whole position stands already. Only when the list shows that it is somebody else's is this a certain no:
		// it may be ours, and the list behind.
		rows, err := x.openAlgos(ctx, want.Symbol)
		if err != nil {
			return trading.Errorf(trading.Unavailable, "binance: %s: %w", what, err)
		}
		if !slices.ContainsFunc(rows, func(a algoRow) bool {
			return a.Close && a.Type == w.word && a.Symbol == want.Symbol && slotOf(a.PositionSide) == slotOr(want.Slot) && !a.ours()
		}) {
			return failure(trading.Unavailable, what, r)
		}
	}
	if r.code == -2021 || r.code == -4142 {
		return fmt.Errorf("%w: %w", failure(kindOf(r.class), what, r), errAtOnce)
	}
	return failure(kindOf(r.class), what, r)
}

// errAtOnce marks the refusal of a trigger that the market has passed already.
var errAtOnce = errors.New("the market is past it")

func atOnce(err error) bool { return errors.Is(err, errAtOnce) }
