package bybit

import (
	"context"
	"slices"

	"hoox/backend/trading"
)

// markPrice is by what stops and targets of perpetuals trigger.
const markPrice = "MarkPrice"

// cover is what protects a whole position; zero is none.
type cover struct{ stop, target, trail trading.Price }

// split tells what of a protection covers all of a position of a size, and which targets are for parts of it. Targets are
// cut to what there is, the nearest first; the last one that closes everything on its own covers the position.
func split(p trading.Protection, size trading.Qty) (cover, []trading.TakeProfitAt) {
	full := cover{stop: p.StopLoss, trail: p.TrailingStop}
	var parts []trading.TakeProfitAt
	left := size
	for _, t := range p.TakeProfit {
		if t.Qty.IsZero() || t.Qty.More(left) {
			t.Qty = left
		}
		left = left.Sub(t.Qty)
		if t.Qty.IsPositive() {
			parts = append(parts, t)
		}
	}
	if len(parts) == 1 && parts[0].Qty.Equal(size) {
		full.target, parts = parts[0].Price, nil
	}
	return full, parts
}

// Protect makes what stands at Bybit for a position exactly want.Protection, sized to want.Qty; zero of either removes it,
// except from a perpetual that is held although want.Qty is zero: that one is not ours, or not yet.
// What belongs to the position itself, its stops and targets, is changed whoever set it; of a coin only what carries an id
// of ours; orders of their own are never touched. It returns nil only after it was read back; Rejected is a certain no in
// words; anything else: ask again. It may be repeated, also after an answer was lost.
func (x *Exchange) Protect(ctx context.Context, parent trading.OrderID, want trading.Position) error {
	if want.Account != "" && want.Account != x.cfg.Account {
		return trading.Errorf(trading.Rejected, "bybit: the position is of account %s, this is %s", want.Account, x.cfg.Account)
	}
	// One at a time, so that two do not add the same.
	select {
	case x.protecting <- struct{}{}:
		defer func() { <-x.protecting }()
	case <-ctx.Done():
		return trading.Errorf(trading.Unavailable, "bybit: protect %s: %w", want.Symbol, ctx.Err())
	}
	return x.protect(ctx, parent, want)
}

// protect is Protect for whoever holds protecting.
func (x *Exchange) protect(ctx context.Context, parent trading.OrderID, want trading.Position) error {
	if err := x.clockRead(ctx); err != nil {
		return trading.Errorf(trading.Unavailable, "bybit: protect %s: %w", want.Symbol, err)
	}
	if want.Qty.IsZero() {
		want.Protection = trading.Protection{}
	}
	want.Protection.TakeProfit = slices.Clone(want.Protection.TakeProfit)
	nearestFirst(want.Protection.TakeProfit, want.Direction())
	if want.Product == trading.Spot {
		return x.protectCoin(ctx, parent, want)
	}
	return x.protectPerpetual(ctx, parent, want)
}

func (x *Exchange) protectPerpetual(ctx context.Context, parent trading.OrderID, want trading.Position) error {
	what := "protect " + want.Symbol
	row, err := x.grownAt(ctx, want)
	if err != nil {
		return err
	}
	if want.Qty.IsZero() && row.Size.IsPositive() {
		// Ours is closed, and what protected it goes with it at Bybit. This one is somebody else's, or the next entry's, which
		// brought a stop of its own: taking that away would leave it bare.
		x.cfg.Log.Warn("bybit: the protection of a position that is not ours is left alone", "symbol", want.Symbol, "size", row.signed())
		return nil
	}
	if row.signed().Sign() != want.Qty.Sign() {
		return trading.Errorf(trading.Unknown, "bybit: %s: the position is %s and not %s: it has changed or is not shown yet", what, row.signed(), want.Qty)
	}
	full, parts := split(want.Protection, want.Size().Min(row.Size))
	if !want.Protection.IsZero() {
		x.noteParent(place{want.Symbol, idxOf(want.Slot)}, parent)
	}
	if had := row.cover(); !had.equal(full) && row.Size.IsPositive() {
		if err := x.setCover(ctx, what, want, had, full); err != nil {
			return err
		}
	}
	standing, err := x.partsAt(ctx, want)
	if err != nil {
		return err
	}
	extra, missing := compareParts(standing, parts)
	for _, r := range extra {
		if err := x.cancelRow(ctx, r, ""); err != nil {
			return err
		}
	}
	for _, t := range missing {
		body := x.stopBody(want, "Partial")
		body["takeProfit"], body["tpSize"], body["tpOrderType"], body["tpTriggerBy"] = t.Price.String(), t.Qty.String(), "Market", markPrice
		if err := x.adjust(ctx, what, "/v5/position/trading-stop", body); err != nil {
			return err
		}
	}
	return x.confirm(ctx, what, func() (bool, error) {
		row, err := x.positionAt(ctx, want)
		if err != nil || row.Size.IsPositive() && !row.cover().equal(full) {
			return false, err
		}
		standing, err := x.partsAt(ctx, want)
		extra, missing := compareParts(standing, parts)
		return len(extra)+len(missing) == 0, err
	})
}

func (x *Exchange) stopBody(want trading.Position, mode string) map[string]any {
	return map[string]any{"category": "linear", "symbol": want.Symbol, "positionIdx": idxOf(want.Slot), "tpslMode": mode}
}

// setCover changes what protects the whole position, only where it differs: "0" removes.
func (x *Exchange) setCover(ctx context.Context, what string, want trading.Position, had, full cover) error {
	body := x.stopBody(want, "Full")
	if !had.stop.Equal(full.stop) {
		body["stopLoss"], body["slTriggerBy"] = full.stop.String(), markPrice
	}
	if !had.target.Equal(full.target) {
		body["takeProfit"], body["tpTriggerBy"] = full.target.String(), markPrice
	}
	if !had.trail.Equal(full.trail) {
		// Without a price of activation it follows from now on.
		body["trailingStop"] = full.trail.String()
	}
	return x.adjust(ctx, what, "/v5/position/trading-stop", body)
}

func (r positionRow) cover() cover {
	return cover{stop: r.StopLoss, target: r.TakeProfit, trail: r.TrailingStop}
}

func (c cover) equal(d cover) bool {
	return c.stop.Equal(d.stop) && c.target.Equal(d.target) && c.trail.Equal(d.trail)
}

// positionAt reads the position of a slot, which is empty when there is none.
func (x *Exchange) positionAt(ctx context.Context, want trading.Position) (positionRow, error) {
	rows, err := x.positionRows(ctx, values{"category", "linear", "symbol", want.Symbol})
	if err != nil {
		return positionRow{}, err
	}
	for _, r := range rows {
		if r.Symbol == want.Symbol && r.Idx == idxOf(want.Slot) {
			return r, nil
		}
	}
	return positionRow{}, nil
}

// grownAt reads the position of a slot, and again for a while when it is smaller than the books say: the list is behind the
// executions, and a target for a part of what is meant would be one for all of what is shown.
func (x *Exchange) grownAt(ctx context.Context, want trading.Position) (positionRow, error) {
	for n := 0; ; n++ {
		row, err := x.positionAt(ctx, want)
		if err != nil || n == 10 || !row.Size.Less(want.Size()) || pause(ctx) != nil {
			return row, err
		}
	}
}

// partsAt lists what protects parts of the position in a slot.
func (x *Exchange) partsAt(ctx context.Context, want trading.Position) ([]orderRow, error) {
	rows, err := x.waiting(ctx, values{"category", "linear", "symbol", want.Symbol})
	return slices.DeleteFunc(rows, func(r orderRow) bool {
		return r.PositionIdx != idxOf(want.Slot) || r.StopType != "PartialTakeProfit" && r.StopType != "PartialStopLoss" || r.Status != "Untriggered"
	}), err
}

// compareParts tells which of the standing protections are not wanted and which of the wanted do not stand.
func compareParts(standing []orderRow, wanted []trading.TakeProfitAt) (extra []orderRow, missing []trading.TakeProfitAt) {
	missing = slices.Clone(wanted)
	for _, r := range standing {
		n := slices.IndexFunc(missing, func(t trading.TakeProfitAt) bool {
			return r.StopType == "PartialTakeProfit" && t.Price.Equal(r.Trigger) && t.Qty.Equal(r.Qty)
		})
		if n < 0 {
			extra = append(extra, r)
			continue
		}
		missing = slices.Delete(missing, n, n+1)
	}
	return extra, missing
}
