package mexc

import (
	"context"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// contract is what futures are traded in, as contract/detail shows it. vol is a number of contracts everywhere.
type contract struct {
	Symbol      string `json:"symbol"`
	Base        string `json:"baseCoin"`
	Quote       string `json:"quoteCoin"`
	Settle      string `json:"settleCoin"`
	Size        amount `json:"contractSize"`
	Tick        amount `json:"priceUnit"`
	Unit        amount `json:"volUnit"`
	Min         amount `json:"minVol"`
	Max         amount `json:"maxVol"`
	LimitMax    amount `json:"limitMaxVol"`
	MaxLeverage amount `json:"maxLeverage"`
	Taker       amount `json:"takerFeeRate"`
	Maker       amount `json:"makerFeeRate"`
	Maintenance amount `json:"maintenanceMarginRate"`
	State       int    `json:"state"`
	// Allowed is nil where nothing is said.
	Allowed *bool `json:"apiAllowed"`
	Kind    *int  `json:"futureType"`
}

// base is a number of contracts in base units.
func (c contract) base(vol amount) trading.Qty { return vol.qty().Times(c.Size.Ratio) }

// vol is a base quantity in contracts; false when it is no whole number of the contract's units.
func (c contract) vol(q trading.Qty) (trading.Qty, bool) {
	if !c.Size.IsPositive() {
		return trading.Qty{}, false
	}
	n := trading.AsQty(q.Part(c.Size.qty()))
	return n, n.Times(c.Size.Ratio).Equal(q) && n.Floor(c.unit()).Equal(n)
}

// unit is the step of a number of contracts, one when nothing is said.
func (c contract) unit() trading.Qty {
	if c.Unit.IsPositive() {
		return c.Unit.qty()
	}
	return trading.QtyUnits(1, 0)
}

func (c contract) most() trading.Qty {
	if c.LimitMax.IsPositive() && c.LimitMax.Less(c.Max.Ratio) {
		return c.base(c.LimitMax)
	}
	return c.base(c.Max)
}

// closed is why the contract cannot be traded through the API, "" when it can.
func (c contract) closed() string {
	switch {
	case c.Kind != nil && *c.Kind != 1:
		return "it is no perpetual"
	case c.Settle != c.Quote:
		return "it is not settled in its quote currency"
	case c.State != 0:
		return "it is not open for trading"
	case c.Allowed != nil && !*c.Allowed:
		return "MEXC does not let it be traded through the API"
	case !c.Size.IsPositive() || !c.Tick.IsPositive():
		return "its size is not known"
	}
	return ""
}

func (c contract) instrument() trading.Instrument {
	return trading.Instrument{
		Exchange: trading.MEXC, Product: trading.Linear, Symbol: c.Symbol, Base: c.Base, Quote: c.Quote, TickSize: c.Tick.price(),
		StepSize: c.unit().Times(c.Size.Ratio), MinQty: c.base(c.Min).Max(c.unit().Times(c.Size.Ratio)), MaxQty: c.most(),
		MaxLeverage: c.MaxLeverage.whole(), MakerFee: c.Maker.Ratio, TakerFee: c.Taker.Ratio, Maintenance: c.Maintenance.Ratio,
	}
}

// readContracts reads all contracts, or one.
func readContracts(ctx context.Context, ask func(v values, into any) (envelope, error), symbol string) ([]contract, error) {
	if symbol == "" {
		var all rows[contract]
		if _, err := ask(nil, &all); err != nil {
			return nil, err
		}
		if !all.told {
			return nil, trading.Errorf(trading.Unavailable, "mexc: list contracts: an answer without a list")
		}
		return all.list, nil
	}
	var one contract
	e, err := ask(values{"symbol", symbol}, &one)
	if e.number == 1001 || e.number == 1002 {
		return nil, nil
	}
	if err == nil && one.Symbol != symbol {
		// It proves nothing: orders and fills of a contract that there is would be passed over.
		err = trading.Errorf(trading.Unavailable, "mexc: read the contract: an answer without it")
	}
	if err != nil {
		return nil, err
	}
	return []contract{one}, nil
}

const detailPath = "/api/v1/contract/detail"

// contract is one contract, read once; Rejected for one that there is not.
func (x *Exchange) contract(ctx context.Context, symbol string) (contract, error) {
	x.mu.Lock()
	c, ok := x.contracts[symbol]
	x.mu.Unlock()
	if ok {
		return c, nil
	}
	got, err := readContracts(ctx, func(v values, into any) (envelope, error) {
		return x.futuresRead(ctx, accounting, "read the contract", detailPath, v, false, into)
	}, symbol)
	if err != nil {
		return contract{}, trading.Errorf(trading.Unavailable, "mexc: contract %s: %w", symbol, err)
	}
	if len(got) == 0 {
		return contract{}, trading.Errorf(trading.Rejected, "mexc: there is no contract %s", symbol)
	}
	x.mu.Lock()
	x.contracts[symbol] = got[0]
	x.mu.Unlock()
	return got[0], nil
}

// position is a position as open_positions shows it.
type position struct {
	ID          text            `json:"positionId"`
	Symbol      string          `json:"symbol"`
	Type        int             `json:"positionType"`
	OpenType    int             `json:"openType"`
	State       int             `json:"state"`
	Vol         amount          `json:"holdVol"`
	Average     amount          `json:"holdAvgPrice"`
	Exact       amount          `json:"holdAvgPriceFullyScale"`
	Opened      amount          `json:"openAvgPrice"`
	Profit      amount          `json:"closeProfitLoss"`
	Leverage    amount          `json:"leverage"`
	Liquidation amount          `json:"liquidatePrice"`
	CreatedAt   exchange.Millis `json:"createTime"`
	UpdatedAt   exchange.Millis `json:"updateTime"`
}

// The two types of a position.
const (
	longType  = 1
	shortType = 2
)

// slot is where a position or the direction of an order is kept.
func slot(mode trading.PositionMode, kind int) trading.Slot {
	switch {
	case mode != trading.Hedge:
		return trading.SlotBoth
	case kind == shortType:
		return trading.SlotShort
	default:
		return trading.SlotLong
	}
}

// average is the entry price with the most digits that there are.
func (p position) average() amount {
	for _, a := range []amount{p.Exact, p.Average} {
		if a.IsPositive() {
			return a
		}
	}
	return p.Opened
}

// rounded takes back what an average that was rounded left behind the digits that money is kept with.
func rounded(m trading.Money) trading.Money {
	r, err := trading.ParseMoney(m.Fixed(18))
	if err != nil {
		return m
	}
	return r
}

// held makes the position, without its protection.
func (p position) held(account trading.AccountID, c contract, mode trading.PositionMode, now time.Time) trading.Position {
	held := trading.Position{
		Account: account, Product: trading.Linear, Symbol: p.Symbol, Slot: slot(mode, p.Type), Qty: c.base(p.Vol),
		Realized: p.Profit.money(), Leverage: p.Leverage.whole(), Liquidation: p.Liquidation.price(),
		OpenedAt: p.CreatedAt.Time, UpdatedAt: p.UpdatedAt.Time, ReconciledAt: now,
	}
	held.Cost = rounded(trading.Notional(p.average().price(), held.Qty))
	if p.Type == shortType {
		held.Qty = held.Qty.Neg()
	}
	return held
}
