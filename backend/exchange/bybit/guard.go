package bybit

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"hoox/backend/trading"
)

const (
	// generations bounds how often the same protection of one order can be set, removed and set again.
	generations = 50
	// settledSale is after how long a protection that has sold may be asked for again.
	settledSale = time.Minute
)

// guard is what should stand for a coin, and what its protections have sold of it since that was said.
type guard struct {
	want trading.Position
	sold map[string]trading.Qty
}

// wish is one conditional order that should stand for a coin.
type wish struct {
	mark    string
	trigger trading.Price
	qty     trading.Qty
}

// wishes are the orders that make a protection of a coin: a stop for all of it and targets for parts of it. They lock the
// coin when they trigger and not before, so that the stop and the targets can stand side by side.
func wishes(want trading.Position, i trading.Instrument) []wish {
	size := want.Qty.Floor(i.StepSize)
	var list []wish
	if want.Protection.StopLoss.IsPositive() && size.IsPositive() {
		list = append(list, wish{stopMark, want.Protection.StopLoss, size})
	}
	left := size
	for _, t := range want.Protection.TakeProfit {
		qty := t.Qty.Floor(i.StepSize)
		if qty.IsZero() || qty.More(left) {
			qty = left
		}
		left = left.Sub(qty)
		if qty.IsPositive() && !qty.Less(i.MinQty) {
			list = append(list, wish{targetMark, t.Price, qty})
		}
	}
	return list
}

// link is the client order id of a wish. The same wish of the same order has the same ids all day, one for each generation:
// after a lost answer it cannot be placed twice. The day is in it because an id stays taken for ever, while the order that
// took it leaves the lists after a day.
func (w wish) link(parent trading.OrderID, day time.Time, generation int) string {
	sum := sha256.Sum256([]byte(w.mark + "|" + w.trigger.String() + "|" + w.qty.String() + "|" + day.Format(time.DateOnly) + "|" + strconv.Itoa(generation)))
	return string(parent) + "-" + w.mark + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:5]
}

func (x *Exchange) protectCoin(ctx context.Context, parent trading.OrderID, want trading.Position) error {
	what := "protect " + want.Symbol
	if want.Protection.TrailingStop.IsPositive() {
		return trading.Errorf(trading.Rejected, "bybit: %s: there is no trailing stop for a coin: use a stop-loss", what)
	}
	if want.Qty.IsNegative() {
		return trading.Errorf(trading.Rejected, "bybit: %s: there is no short of a coin", what)
	}
	i, err := x.spotOf(ctx, want.Symbol)
	if err != nil {
		return err
	}
	wanted := wishes(want, i)
	x.noteGuard(parent, want, wanted)
	standing, err := x.guardsAt(ctx, want.Symbol)
	if err != nil {
		return err
	}
	extra, missing := compareGuards(standing, wanted, parent)
	if err := x.onRightSide(ctx, what, want.Symbol, missing); err != nil {
		return err
	}
	// What is new first, so that nothing stands unprotected in between.
	for _, w := range missing {
		if err := x.place(ctx, what, parent, want.Symbol, w); err != nil {
			return err
		}
	}
	for _, r := range extra {
		if err := x.cancelRow(ctx, r, conditionalFilters[0]); err != nil {
			return err
		}
	}
	return x.confirm(ctx, what, func() (bool, error) {
		standing, err := x.guardsAt(ctx, want.Symbol)
		extra, missing := compareGuards(standing, wanted, parent)
		return len(extra)+len(missing) == 0, err
	})
}

// guardsAt lists the protections of a coin that are ours and wait.
func (x *Exchange) guardsAt(ctx context.Context, symbol string) ([]orderRow, error) {
	rows, err := x.waiting(ctx, values{"category", "spot", "symbol", symbol})
	return slices.DeleteFunc(rows, func(r orderRow) bool {
		_, mark := parentOf(r.LinkID)
		return mark == "" || r.Symbol != symbol || r.Status != "Untriggered"
	}), err
}

func compareGuards(standing []orderRow, wanted []wish, parent trading.OrderID) (extra []orderRow, missing []wish) {
	missing = slices.Clone(wanted)
	for _, r := range standing {
		of, mark := parentOf(r.LinkID)
		n := slices.IndexFunc(missing, func(w wish) bool {
			return of == parent && mark == w.mark && w.trigger.Equal(r.Trigger) && w.qty.Equal(r.Qty)
		})
		if n < 0 {
			extra = append(extra, r)
			continue
		}
		missing = slices.Delete(missing, n, n+1)
	}
	return extra, missing
}

// onRightSide refuses what the market has passed already: Bybit takes the direction of a trigger from where the market is,
// so a stop above it would sell on the way up.
func (x *Exchange) onRightSide(ctx context.Context, what, symbol string, missing []wish) error {
	if len(missing) == 0 {
		return nil
	}
	rows, err := readAll[ticker](ctx, x.line, watching, "read the price of "+symbol, "/v5/market/tickers", values{"category", "spot", "symbol", symbol}, false)
	if err != nil {
		return err
	}
	if len(rows) != 1 || !rows[0].Last.IsPositive() {
		return trading.Errorf(trading.Unavailable, "bybit: %s: the price is not known", what)
	}
	for _, w := range missing {
		last := rows[0].Last
		if w.mark == stopMark && !w.trigger.Less(last) || w.mark == targetMark && !w.trigger.More(last) {
			return trading.Errorf(trading.Rejected, "bybit: %s: the market is at %s and has passed %s already", what, last, w.trigger)
		}
	}
	return nil
}

// place makes one conditional order, and sees to it that there is only one.
func (x *Exchange) place(ctx context.Context, what string, parent trading.OrderID, symbol string, w wish) error {
	for generation := range generations {
		link := w.link(parent, x.skew.Now().UTC(), generation)
		e, err := x.write(ctx, creating, what, "/v5/order/create", createBody{
			Category: "spot", Symbol: symbol, Side: "Sell", OrderType: "Market", Qty: w.qty.String(), MarketUnit: "baseCoin", LinkID: link,
			OrderFilter: conditionalFilters[0], TriggerPrice: w.trigger.String(),
		}, longestWindow, true)
		if err != nil {
			return err
		}
		switch c := e.class(); c {
		case done:
			var ack struct {
				OrderID string `json:"orderId"`
			}
			if json.Unmarshal(e.Result, &ack) != nil || ack.OrderID == "" {
				return trading.Errorf(trading.Unknown, "bybit: %s: acknowledged without an id", what)
			}
			return nil
		case repeated:
			over, err := x.isOver(ctx, what, symbol, link)
			if err != nil || !over {
				return err
			}
		default:
			return failure(kindOf(c), what, e)
		}
	}
	return trading.Errorf(trading.Rejected, "bybit: %s: the same protection was set %d times", what, generations)
}

// isOver tells whether an earlier order of the same id has ended without having sold anything lately, so that a new one is
// needed; false when it waits.
func (x *Exchange) isOver(ctx context.Context, what, symbol, link string) (bool, error) {
	o := trading.Order{ID: trading.OrderID(link), Product: trading.Spot, Symbol: symbol}
	row, err := x.findRow(ctx, o, what, "/v5/order/realtime")
	if err == nil && row == nil {
		row, err = x.findRow(ctx, o, what, "/v5/order/history")
	}
	switch {
	case err != nil:
		return false, err
	case row == nil:
		return false, trading.Errorf(trading.Unknown, "bybit: %s: it was set before and is not shown yet", what)
	case row.Filled.IsPositive() && x.skew.Now().Sub(row.UpdatedAt.Time) < settledSale:
		return false, trading.Errorf(trading.Unknown, "bybit: %s: %s has been sold at %s already: read the position again", what, row.Filled, row.Trigger)
	}
	status, known := statusOf(row.Status, row.Filled)
	return known && status.Final(), nil
}
