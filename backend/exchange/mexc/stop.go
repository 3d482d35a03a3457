package mexc

import (
	"context"
	"encoding/json"

	"hoox/backend/trading"
)

// stopBody is a record as it is set or changed.
type stopBody struct {
	ID          json.Number `json:"stopPlanOrderId,omitempty"`
	PositionID  json.Number `json:"positionId,omitempty"`
	Vol         json.Number `json:"vol,omitempty"`
	VolType     int         `json:"volType,omitempty"`
	StopLoss    json.Number `json:"stopLossPrice,omitempty"`
	TakeProfit  json.Number `json:"takeProfitPrice,omitempty"`
	LossTrend   int         `json:"lossTrend"`
	ProfitTrend int         `json:"profitTrend"`
	// Two leave the position closed; one would open the opposite one.
	LossReverse   int    `json:"stopLossReverse"`
	ProfitReverse int    `json:"takeProfitReverse"`
	VolRule       string `json:"profitLossVolType,omitempty"`
}

func newStop(legs []leg) stopBody {
	b := stopBody{LossTrend: fairPrice, ProfitTrend: fairPrice, LossReverse: noReverse, ProfitReverse: noReverse}
	for _, l := range legs {
		if l.target {
			b.TakeProfit = digits(l.price)
		} else {
			b.StopLoss = digits(l.price)
		}
	}
	return b
}

// changeStop moves a record to other prices; what is not among legs is removed from it.
func (x *Exchange) changeStop(ctx context.Context, r stopRow, legs []leg) error {
	b := newStop(legs)
	b.ID = json.Number(r.ID.id())
	_, err := x.guard(ctx, "change a protection of "+r.Symbol, "/api/v1/private/stoporder/change_plan_price", b)
	return err
}

// guard sends a change of what watches over a position. That the position or the record is not what it was a moment ago
// is no certain no: what stands has to be read again.
func (x *Exchange) guard(ctx context.Context, what, path string, body any) (envelope, error) {
	e, err := x.adjust(ctx, stopping, what, path, body, true)
	switch e.number {
	case 2008, 2009, noRecord, 5004:
		return e, trading.Errorf(trading.Unavailable, "%s", err.Error())
	}
	return e, err
}

// noRecord is the code for a protection that has triggered or was removed.
const noRecord = 5002

// placeStops adds what is missing: a stop-loss and a target for all of it in one record, every other leg in its own.
func (x *Exchange) placeStops(ctx context.Context, w guardWork, missing []leg) error {
	var records [][]leg
	rest, stop, hasStop := take(missing, func(l leg) bool { return !l.target && l.vol.IsZero() })
	rest, target, hasTarget := take(rest, func(l leg) bool { return l.target && l.vol.IsZero() })
	switch {
	case hasStop && hasTarget:
		records = append(records, []leg{stop, target})
	case hasStop:
		records = append(records, []leg{stop})
	case hasTarget:
		records = append(records, []leg{target})
	}
	for _, l := range rest {
		records = append(records, []leg{l})
	}
	for _, legs := range records {
		b := newStop(legs)
		b.PositionID, b.VolRule, b.VolType, b.Vol = json.Number(w.held.ID.id()), "SAME", all, digits(w.held.Vol.Ratio)
		if legs[0].vol.IsPositive() {
			b.VolType, b.Vol = part, digits(legs[0].vol)
		}
		e, err := x.guard(ctx, "protect "+w.want.Symbol, "/api/v1/private/stoporder/place", b)
		if err != nil {
			return err
		}
		var id text
		if decode(e.Data, &id) {
			x.book.adopt(id.id(), w.parent)
		}
	}
	return nil
}

// cancelStops removes records; those without an id were changed instead.
func (x *Exchange) cancelStops(ctx context.Context, list []stopRow) error {
	type item struct {
		ID json.Number `json:"stopPlanOrderId"`
	}
	var items []item
	for _, r := range list {
		if r.ID != "" {
			items = append(items, item{json.Number(r.ID.id())})
		}
	}
	if len(items) == 0 {
		return nil
	}
	e, err := x.adjust(ctx, canceling, "remove protections", "/api/v1/private/stoporder/cancel", items, true)
	if e.number == noRecord {
		// One of them has ended by itself; whether the others went is read back.
		return trading.Errorf(trading.Unavailable, "%s", err.Error())
	}
	return err
}
