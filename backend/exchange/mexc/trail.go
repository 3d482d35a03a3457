package mexc

import (
	"context"
	"encoding/json"
	"strconv"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// trailRow is a trailing order as its list shows it.
type trailRow struct {
	ID        text            `json:"id"`
	Symbol    string          `json:"symbol"`
	Side      int             `json:"side"`
	Vol       amount          `json:"vol"`
	BackType  int             `json:"backType"`
	Back      amount          `json:"backValue"`
	Trigger   amount          `json:"triggerPrice"`
	State     int             `json:"state"`
	OrderID   text            `json:"orderId"`
	CreatedAt exchange.Millis `json:"createTime"`
}

const (
	trailsPath = "/api/v1/private/trackorder/list/orders"
	// waitingTrails are not activated and activated, triggeredTrails have become an order.
	waitingTrails   = "0,1"
	triggeredTrails = "2"
	byDistance      = 2
	// noPath is the code for a path that there is not.
	noPath = 404
)

// trailKey keeps the ids of trailing orders apart from those of other protections.
func trailKey(id text) string { return "trail:" + id.id() }

func (x *Exchange) trailRows(ctx context.Context, symbol, states string) ([]trailRow, error) {
	var got rows[trailRow]
	v := values{"symbol", symbol, "states", states, "pageIndex", "1", "pageSize", strconv.Itoa(pageSize)}
	e, err := x.futuresRead(ctx, listing, "read the trailing stops", trailsPath, v, true, &got)
	if e.number == noPath {
		// Where there is no such list none was ever set.
		return nil, nil
	}
	if err == nil && !got.told && !e.empty() {
		err = trading.Errorf(trading.Unavailable, "mexc: read the trailing stops: an answer without a list")
	}
	return got.list, err
}

// trail makes the trailing stop of a position what is wanted: the new one first, then what else of ours stands there.
func (x *Exchange) trail(ctx context.Context, parent trading.OrderID, want trading.Position, held *position, mode trading.PositionMode, size trading.Qty) error {
	back := want.Protection.TrailingStop
	if !back.IsPositive() && !x.book.trails(want.Symbol) {
		return nil
	}
	code := closeLong
	if held != nil && held.Type == shortType || held == nil && (want.Slot == trading.SlotShort || want.Qty.IsNegative()) {
		code = closeShort
	}
	for round := 0; ; round++ {
		stands, err := x.trailRows(ctx, want.Symbol, waitingTrails)
		if err != nil {
			return err
		}
		missing := back.IsPositive()
		var loose []trailRow
		for _, r := range stands {
			if mode == trading.Hedge && r.Side != code {
				continue
			}
			_, ours := x.book.parent(trailKey(r.ID))
			fits := missing && r.Side == code && r.BackType == byDistance && r.Back.price().Equal(back) && r.Vol.qty().Equal(size)
			switch {
			case fits:
				missing = false
				x.book.adoptTrail(trailKey(r.ID), want.Symbol, parent)
			case ours:
				loose = append(loose, r)
			}
		}
		if !missing && len(loose) == 0 {
			if !back.IsPositive() {
				x.book.untrail(want.Symbol)
			}
			return nil
		}
		if round > 0 {
			return trading.Errorf(trading.Unavailable, "mexc: protect %s: the trailing stop does not read as it was set", want.Symbol)
		}
		if missing {
			if err := x.placeTrail(ctx, parent, want, held, mode, code, size); err != nil {
				return err
			}
		}
		if err := x.cancelTrails(ctx, loose); err != nil {
			return err
		}
	}
}

// placeTrail sets a trailing stop that can only close.
func (x *Exchange) placeTrail(ctx context.Context, parent trading.OrderID, want trading.Position, held *position, mode trading.PositionMode, code int, size trading.Qty) error {
	body := struct {
		Symbol   string      `json:"symbol"`
		Leverage int         `json:"leverage"`
		Side     int         `json:"side"`
		Vol      json.Number `json:"vol"`
		OpenType int         `json:"openType"`
		Trend    int         `json:"trend"`
		BackType int         `json:"backType"`
		Back     json.Number `json:"backValue"`
		Mode     int         `json:"positionMode"`
		Reduce   bool        `json:"reduceOnly,omitempty"`
	}{want.Symbol, held.Leverage.whole(), code, digits(size), held.OpenType, fairPrice, byDistance, digits(want.Protection.TrailingStop), modeCode(mode), mode == trading.OneWay}
	e, err := x.adjust(ctx, trailing, "set the trailing stop of "+want.Symbol, "/api/v1/private/trackorder/place", body, true)
	if err != nil {
		return err
	}
	var id text
	if decode(e.Data, &id) && id.id() != "" {
		x.book.adoptTrail(trailKey(id), want.Symbol, parent)
	}
	return nil
}

func (x *Exchange) cancelTrails(ctx context.Context, list []trailRow) error {
	for _, r := range list {
		body := struct {
			Symbol string      `json:"symbol"`
			ID     json.Number `json:"trackOrderId"`
		}{r.Symbol, json.Number(r.ID.id())}
		if _, err := x.adjust(ctx, trailing, "remove a trailing stop of "+r.Symbol, "/api/v1/private/trackorder/cancel", body, true); err != nil {
			return err
		}
	}
	return nil
}
