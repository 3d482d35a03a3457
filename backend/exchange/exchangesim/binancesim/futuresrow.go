package binancesim

import (
	"strings"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// remember keeps what rows repeat of a request, by book ("order", "algo") and client id.
func (f *Futures) remember(book, link string, t terms) {
	f.more.Lock()
	defer f.more.Unlock()
	f.terms[book+" "+link] = t
}

// termsOf is what an order was placed with; an order that a conditional one became has that one's.
func (f *Futures) termsOf(o exchangesim.Order) terms {
	f.more.Lock()
	defer f.more.Unlock()
	book := "order "
	if o.Algo {
		book = "algo "
	}
	t := f.terms[book+o.Link]
	if t.workingType == "" {
		t.workingType = "CONTRACT_PRICE"
	}
	return t
}

// orZero spells a price that an order does not have as the exchange does.
func (f *Futures) orZero(i trading.Instrument, p trading.Price) string {
	if p.IsZero() {
		return "0"
	}
	return f.price(i, p)
}

// amountWord spells a filled quantity: "0" before the first fill.
func (f *Futures) amountWord(i trading.Instrument, q trading.Qty) string {
	if q.IsZero() {
		return "0"
	}
	return f.qty(i, q)
}

func futuresType(o exchangesim.Order) string {
	switch {
	case o.StopType == "Liquidation":
		return "LIQUIDATION"
	case o.Kind == exchangesim.Market:
		return "MARKET"
	case o.Kind == exchangesim.Limit:
		return "LIMIT"
	}
	for word, kind := range algoKinds {
		if kind == o.Kind {
			return word
		}
	}
	return string(o.Kind)
}

func (f *Futures) tif(o exchangesim.Order) string {
	switch {
	case o.ClosePosition:
		return "GTE_GTC"
	case o.Kind.Priced() && o.TIF == exchangesim.PostOnly:
		return "GTX"
	case f.termsOf(o).goodTill > 0:
		return "GTD"
	}
	return tifWord(o)
}

func slotWord(s trading.Slot) string {
	if s == "" {
		return "BOTH"
	}
	return strings.ToUpper(string(s))
}

// origin is the type that an order had when it was asked for, and its trigger: a conditional order that became this one
// lends it both.
func (f *Futures) origin(o exchangesim.Order) (kind, trigger string) {
	if o.Link != "" {
		if from, found := f.core.FindAlgo(f.product, o.Symbol, "", o.Link); found && from.Actual == o.ID {
			i, _ := f.core.Instrument(f.product, o.Symbol)
			return futuresType(from), f.triggerWord(i, from)
		}
	}
	return futuresType(o), "0"
}

// shortRow is what placing, changing and canceling tell: since 2026-07 without average price and quote amount.
func (f *Futures) shortRow(o exchangesim.Order) map[string]any {
	i, _ := f.core.Instrument(f.product, o.Symbol)
	t := f.termsOf(o)
	kind, trigger := f.origin(o)
	return map[string]any{
		"orderId": number(o.ID), "symbol": o.Symbol, "status": word(o), "clientOrderId": clientID(o), "price": f.orZero(i, o.Price),
		"origQty": f.qty(i, o.Qty), "executedQty": f.amountWord(i, o.Filled), "cumQty": f.amountWord(i, o.Filled), "timeInForce": f.tif(o),
		"type": futuresType(o), "reduceOnly": o.ReduceOnly, "closePosition": o.ClosePosition, "side": sideWord(o.Side),
		"positionSide": slotWord(o.Slot), "stopPrice": trigger, "workingType": t.workingType, "priceProtect": t.priceProtect, "origType": kind,
		"priceMatch": "NONE", "selfTradePreventionMode": "EXPIRE_MAKER", "goodTillDate": t.goodTill, "updateTime": o.UpdatedAt.UnixMilli(),
	}
}

// orderRow is what queries tell.
func (f *Futures) orderRow(o exchangesim.Order) map[string]any {
	row := f.shortRow(o)
	delete(row, "cumQty")
	row["avgPrice"], row["cumQuote"], row["time"] = average(o), quoteWord(o), o.CreatedAt.UnixMilli()
	return row
}

func average(o exchangesim.Order) string {
	if o.Filled.IsZero() {
		return "0.00000"
	}
	return o.Average().Fixed(5)
}

func quoteWord(o exchangesim.Order) string {
	if o.Cost.IsZero() {
		return "0"
	}
	return o.Cost.Fixed(5)
}

// fillRow is a fill as userTrades tells it.
func (f *Futures) fillRow(x exchangesim.Execution) map[string]any {
	i, _ := f.core.Instrument(f.product, x.Symbol)
	return map[string]any{
		"symbol": x.Symbol, "id": number(x.ID), "orderId": number(x.OrderID), "side": sideWord(x.Side), "positionSide": slotWord(x.Slot),
		"price": x.Price.String(), "qty": f.qty(i, x.Qty), "quoteQty": trading.Notional(x.Price, x.Qty).String(), "realizedPnl": x.PnL.String(),
		"commission": x.Fee.Fixed(8), "commissionAsset": x.FeeAsset, "buyer": x.Side == trading.Buy, "maker": x.Maker, "time": x.At.UnixMilli(),
	}
}
