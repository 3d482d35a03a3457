package mexc

import (
	"context"
	"strings"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/tape"
	"hoox/backend/trading"
)

// coin is a spot symbol as exchangeInfo shows it.
type coin struct {
	Symbol     string `json:"symbol"`
	Status     text   `json:"status"`
	Base       string `json:"baseAsset"`
	Quote      string `json:"quoteAsset"`
	BaseDigits int32  `json:"baseAssetPrecision"`
	Digits     int32  `json:"quotePrecision"`
	Step       amount `json:"baseSizePrecision"`
	MinAmount  amount `json:"quoteAmountPrecision"`
	MinMarket  amount `json:"quoteAmountPrecisionMarket"`
	Maker      amount `json:"makerCommission"`
	Taker      amount `json:"takerCommission"`
	Allowed    *bool  `json:"isSpotTradingAllowed"`
	Sides      text   `json:"tradeSideType"`
}

func (c coin) tick() trading.Price { return trading.PriceUnits(1, -c.Digits) }

// step is the quantity step, which is also the least quantity.
func (c coin) step() trading.Qty {
	if c.Step.IsPositive() {
		return c.Step.qty()
	}
	return trading.QtyUnits(1, -c.BaseDigits)
}

// closed is why the coin cannot be traded in a direction, "" when it can.
func (c coin) closed(s trading.Side) string {
	switch {
	case c.Status != "1" && !strings.EqualFold(string(c.Status), "ENABLED"):
		return "it is not open for trading"
	case c.Allowed != nil && !*c.Allowed:
		return "MEXC does not let it be traded"
	case c.Sides == "4" || c.Sides == "2" && s == trading.Sell || c.Sides == "3" && s == trading.Buy:
		return "MEXC has closed this side of it"
	case c.Digits < 0 || c.Digits > mostExponent || c.BaseDigits < 0 || c.BaseDigits > mostExponent:
		return "its precision is not known"
	}
	return ""
}

func (c coin) instrument() trading.Instrument {
	return trading.Instrument{
		Exchange: trading.MEXC, Product: trading.Spot, Symbol: c.Symbol, Base: c.Base, Quote: c.Quote, TickSize: c.tick(), StepSize: c.step(),
		MinQty: c.step(), MinNotional: c.MinAmount.money().Max(c.MinMarket.money()), MaxLeverage: 1, MakerFee: c.Maker.Ratio, TakerFee: c.Taker.Ratio,
	}
}

const infoPath = "/api/v3/exchangeInfo"

// readCoins reads all symbols, or one.
func readCoins(ctx context.Context, ask func(v values, into any) error, symbol string) ([]coin, error) {
	var info struct {
		Symbols *[]coin `json:"symbols"`
	}
	if err := ask(values{"symbol", symbol}, &info); err != nil {
		return nil, err
	}
	if info.Symbols == nil {
		return nil, trading.Errorf(trading.Unavailable, "mexc: list spot symbols: an answer without a list")
	}
	return *info.Symbols, nil
}

// coin is one spot symbol, read once; Rejected for one that there is not.
func (x *Exchange) coin(ctx context.Context, symbol string) (coin, error) {
	x.mu.Lock()
	c, ok := x.coins[symbol]
	x.mu.Unlock()
	if ok {
		return c, nil
	}
	got, err := readCoins(ctx, func(v values, into any) error {
		return x.spotRead(ctx, cataloguing, "read the spot symbol", infoPath, v, false, into)
	}, symbol)
	if err != nil && trading.KindOf(err) != trading.Invalid {
		return coin{}, trading.Errorf(trading.Unavailable, "mexc: symbol %s: %w", symbol, err)
	}
	for _, c := range got {
		if c.Symbol == symbol {
			x.mu.Lock()
			x.coins[symbol] = c
			x.mu.Unlock()
			return c, nil
		}
	}
	x.mu.Lock()
	x.nowhere[symbol] = x.cfg.Now()
	x.mu.Unlock()
	return coin{}, trading.Errorf(trading.Rejected, "mexc: there is no spot symbol %s", symbol)
}

// unlistedFor is how long a symbol that there was not is not asked for again when coins are counted: a wallet is full of
// dust, and each question costs much of the limit.
const unlistedFor = time.Hour

func (x *Exchange) isUnlisted(symbol string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	at, ok := x.nowhere[symbol]
	return ok && x.cfg.Now().Sub(at) < unlistedFor
}

// spotOrder is an order as a spot query shows it. The quantity has two spellings.
type spotOrder struct {
	Symbol    string          `json:"symbol"`
	ID        text            `json:"orderId"`
	Link      string          `json:"clientOrderId"`
	Price     amount          `json:"price"`
	OrigQty   amount          `json:"origQty"`
	Qty       amount          `json:"Qty"`
	Filled    amount          `json:"executedQty"`
	Status    string          `json:"status"`
	Type      string          `json:"type"`
	Side      string          `json:"side"`
	CreatedAt exchange.Millis `json:"time"`
	UpdatedAt exchange.Millis `json:"updateTime"`
}

// is tells whether a row that was asked for by the id of an order is that order: it has the id, or it has none, or that of its
// cancel, and is what the order asked for.
func (o spotOrder) is(ours trading.Order) bool {
	if o.Symbol != ours.Symbol || o.Link == string(ours.ID) {
		return o.Symbol == ours.Symbol
	}
	canceled := o.Status == "CANCELED" || o.Status == "PARTIALLY_CANCELED"
	return (o.Link == "" || canceled) && o.Side == strings.ToUpper(string(ours.Side)) && o.OrigQty.qty().Max(o.Qty.qty()).Equal(ours.Qty)
}

// trade is an execution as myTrades shows it.
type trade struct {
	Symbol   string          `json:"symbol"`
	ID       text            `json:"id"`
	OrderID  text            `json:"orderId"`
	Link     string          `json:"clientOrderId"`
	Price    amount          `json:"price"`
	Qty      amount          `json:"qty"`
	Fee      amount          `json:"commission"`
	FeeAsset string          `json:"commissionAsset"`
	Buyer    bool            `json:"isBuyer"`
	Maker    bool            `json:"isMaker"`
	At       exchange.Millis `json:"time"`
}

// spotStatus is MEXC's word in ours; false for a word we do not know, about which nothing is said.
func spotStatus(word string, filled amount) (trading.OrderStatus, bool) {
	switch word {
	case "NEW":
		if filled.IsPositive() {
			return trading.OrderPartiallyFilled, true
		}
		return trading.OrderAccepted, true
	case "PARTIALLY_FILLED":
		return trading.OrderPartiallyFilled, true
	case "FILLED":
		return trading.OrderFilled, true
	case "CANCELED", "PARTIALLY_CANCELED":
		return trading.OrderCanceled, true
	}
	return "", false
}

func (r spotOrder) asked() amount {
	if r.OrigQty.IsPositive() {
		return r.OrigQty
	}
	return r.Qty
}

func spotSide(word string) trading.Side {
	if word == "SELL" {
		return trading.Sell
	}
	return trading.Buy
}

// row writes the order for the tape; false for a status we do not know.
func (r spotOrder) row() (tape.Row, bool) {
	status, known := spotStatus(r.Status, r.Filled)
	at := r.UpdatedAt.Time
	if r.CreatedAt.After(at) {
		at = r.CreatedAt.Time
	}
	reason := ""
	if r.Type == atOnce && status == trading.OrderCanceled {
		reason = "nobody offered more within one percent of the best price"
	}
	return tape.Row{
		ExchangeID: r.ID.id(), OrderID: ourID(r.Link), Product: trading.Spot, Symbol: r.Symbol, Status: status, Reason: reason,
		Qty: r.asked().qty(), Filled: r.Filled.qty(), At: at,
	}, known && r.ID.id() != ""
}

// fill makes the fill of owner; false for a row without what a fill needs.
func (t trade) fill(account trading.AccountID, owner trading.OrderID) (trading.Fill, bool) {
	if t.ID.id() == "" || t.OrderID.id() == "" || !t.Qty.IsPositive() || !t.Price.IsPositive() {
		return trading.Fill{}, false
	}
	if owner == "" {
		owner = trading.OrderID(t.OrderID.id())
	}
	f := trading.Fill{
		ID: trading.FillID(t.ID.id()), OrderID: owner, Account: account, Product: trading.Spot, Symbol: t.Symbol, Slot: trading.SlotBoth,
		Side: trading.Sell, Qty: t.Qty.qty(), Price: t.Price.price(), Fee: t.Fee.money(), FeeAsset: t.FeeAsset, Maker: t.Maker, At: t.At.Time,
	}
	if t.Buyer {
		f.Side = trading.Buy
	}
	return f, true
}
