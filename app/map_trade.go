package app

import (
	"fmt"
	"strconv"
	"strings"

	"hoox/backend/trading"
)

// moneyPlaces bounds amounts that came out of a division; everything stored exactly is shown exactly.
const moneyPlaces = 8

func (h *house) signalRow(r trading.SignalRecord) SignalRow {
	return SignalRow{
		RequestID: string(r.ID), Source: string(r.Source), ReceivedAt: when(r.ReceivedAt), Status: string(r.Status),
		Reason: r.Reason, Deliveries: r.Deliveries, Exchange: string(r.Account.Exchange()), Account: string(r.Account),
		Symbol: r.Symbol, Action: string(r.Action), Quantity: r.Quantity, Mode: string(r.Account.Mode()),
		Credential: r.Credential, KeyLabel: h.keyLabel(r.Credential), Strategy: r.Strategy, Comment: r.Comment, Warnings: filled(r.Warnings),
		Orders: each(r.Orders, h.orderRow), Timeline: h.timeline(r), Parent: string(r.Parent),
		Children: each(r.Children, func(c trading.Receipt) SignalChild {
			return SignalChild{RequestID: string(c.Signal), Account: string(c.Account), Status: string(c.Status), Reason: c.Reason}
		}),
	}
}

func (h *house) story(r trading.SignalRecord) SignalStory {
	return SignalStory{
		SignalRow: h.signalRow(r), Raw: r.Raw, Deadline: when(r.Deadline),
		Decision: each(r.Checks, func(c trading.Check) Numbers {
			return Numbers{Rule: c.Rule, Asked: c.Asked, Allowed: c.Allowed, OK: c.OK}
		}),
		Fills: each(r.Fills, h.fillRow),
	}
}

// timeline is the journal of a signal as stations. The receipt comes first, also where the journal begins with the
// decision.
func (h *house) timeline(r trading.SignalRecord) []Stage {
	stages := make([]Stage, 0, len(r.Journal)+1)
	if len(r.Journal) > 0 && r.Journal[0].Stage != "received" {
		stages = append(stages, Stage{At: when(r.ReceivedAt), Stage: "received", Detail: "by " + string(r.Source)})
	}
	orders := map[trading.OrderID]trading.Order{}
	for _, o := range r.Orders {
		orders[o.ID] = o
	}
	for _, e := range r.Journal {
		detail := e.Detail
		if detail == "" {
			detail = h.stageWords(r, e, orders[e.OrderID])
		}
		stages = append(stages, Stage{At: when(e.At), Stage: station(e), Detail: detail, Micros: e.Since.Microseconds(), OrderID: string(e.OrderID)})
	}
	return stages
}

// stageWords says what happened at a station whose journal line has no words of its own.
func (h *house) stageWords(r trading.SignalRecord, e trading.Entry, o trading.Order) string {
	switch {
	case e.OrderID == "" && len(r.Checks) > 0:
		if len(r.Checks) == 1 {
			return "on disk; 1 check passed"
		}
		return fmt.Sprintf("on disk; %d checks passed", len(r.Checks))
	case e.To == trading.OrderSubmitted:
		return fmt.Sprintf("intent on disk, then sent: %s %s %s %s", o.Side, o.Qty, o.Symbol, o.Type)
	case e.To == trading.OrderAccepted:
		return "rests at " + string(o.Account)
	case e.To == trading.OrderFilled && o.Status == trading.OrderFilled:
		return fmt.Sprintf("%s at %s on average", o.Filled, h.average(o.Account, o.Product, o.Symbol, o.AveragePrice()))
	}
	return ""
}

// station is the word of the page for a line of the journal.
func station(e trading.Entry) string {
	switch word := e.Stage; word {
	case "":
		return string(e.To)
	case string(trading.OrderCreated):
		return "queued"
	case string(trading.OrderDenied):
		return "refused"
	default:
		return word
	}
}

func (h *house) orderRow(o trading.Order) OrderRow {
	row := OrderRow{
		ID: string(o.ID), RequestID: string(o.SignalID), Exchange: string(o.Exchange()), Account: string(o.Account),
		Symbol: o.Symbol, Side: string(o.Side), Type: string(o.Type), ReduceOnly: o.ReduceOnly, Quantity: o.Qty.String(),
		Price: known(o.Price), TakeProfit: firstTarget(o.Protection), StopLoss: known(o.Protection.StopLoss),
		FilledQuantity: o.Filled.String(), Status: string(o.Status), ClientOrderID: string(o.ID), ExchangeOrderID: o.ExchangeID,
		Reason: o.Reason, Mode: string(o.Account.Mode()), CreatedAt: when(o.CreatedAt), UpdatedAt: when(o.UpdatedAt),
	}
	if o.Filled.IsPositive() {
		row.AveragePrice = h.average(o.Account, o.Product, o.Symbol, o.AveragePrice())
	}
	return row
}

// firstTarget is the target that is met first; the others are in the signal's own text.
func firstTarget(p trading.Protection) string {
	if len(p.TakeProfit) == 0 {
		return ""
	}
	return known(p.TakeProfit[0].Price)
}

// average shows an average price two digits finer than the instrument's tick.
func (h *house) average(a trading.AccountID, p trading.Product, symbol string, price trading.Price) string {
	places := moneyPlaces
	if i, ok := h.prices.Instrument(a, trading.InstrumentKey{Product: p, Symbol: symbol}); ok {
		places = i.TickSize.Places() + 2
	}
	return shown(price, places)
}

func (h *house) fillRow(f trading.Fill) FillRow {
	liquidity := "taker"
	if f.Maker {
		liquidity = "maker"
	}
	return FillRow{
		ID: string(f.ID), OrderID: string(f.OrderID), RequestID: string(f.SignalID), Exchange: string(f.Account.Exchange()),
		Account: string(f.Account), Symbol: f.Symbol, Side: string(f.Side), Quantity: f.Qty.String(), Price: f.Price.String(),
		Fee: f.Fee.String(), FeeAsset: f.FeeAsset, Liquidity: liquidity, RealizedPnl: shown(f.RealizedPnL, moneyPlaces),
		Mode: string(f.Account.Mode()), At: when(f.At),
	}
}

func (h *house) positionRow(p trading.Position) PositionRow {
	e, key := p.Account.Exchange(), trading.InstrumentKey{Product: p.Product, Symbol: p.Symbol}
	row := PositionRow{
		Exchange: string(e), Account: string(p.Account), Symbol: p.Symbol, Product: string(p.Product), Side: string(p.Direction()),
		Quantity: p.Size().String(), EntryPrice: h.average(p.Account, p.Product, p.Symbol, p.Entry()),
		RealizedPnl: shown(p.Realized, moneyPlaces), LiquidationPrice: "", StopLoss: known(p.Protection.StopLoss),
		TakeProfit: firstTarget(p.Protection), TrailingStop: known(p.Protection.TrailingStop), Mode: string(p.Account.Mode()),
		OpenedAt: when(p.OpenedAt), ReconciledAt: when(p.ReconciledAt),
	}
	if p.Leverage > 0 {
		row.Leverage = strconv.Itoa(p.Leverage)
	}
	if !p.Liquidation.IsZero() {
		row.LiquidationPrice = h.average(p.Account, p.Product, p.Symbol, p.Liquidation)
	}
	if i, ok := h.prices.Instrument(p.Account, key); ok {
		row.BaseAsset, row.QuoteAsset = i.Base, i.Quote
	}
	if q, ok := h.prices.Quote(p.Account, key); ok {
		row.MarkPrice, row.MarkAt = q.Mark.String(), when(q.At)
		row.Notional = shown(trading.Notional(q.Mark, p.Size()), moneyPlaces)
		row.UnrealizedPnl = shown(p.Unrealized(q.Mark), moneyPlaces)
	}
	return row
}

// modeWord is a mode as people see it: "PAPER".
func modeWord(m trading.Mode) string { return strings.ToUpper(string(m)) }
