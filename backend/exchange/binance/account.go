package binance

import (
	"context"
	"slices"
	"strings"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// accountRow is the spot account.
type accountRow struct {
	CanTrade bool `json:"canTrade"`
	Rates    struct {
		Maker trading.Ratio `json:"maker"`
		Taker trading.Ratio `json:"taker"`
	} `json:"commissionRates"`
	// Balances is a pointer, so that an answer without a list is no empty list.
	Balances *balanceRows `json:"balances"`
}

type balanceRows []balanceRow

type balanceRow struct {
	Asset  string      `json:"asset"`
	Free   trading.Qty `json:"free"`
	Locked trading.Qty `json:"locked"`
}

// positionRow is a position of the futures.
type positionRow struct {
	Symbol       string          `json:"symbol"`
	PositionSide string          `json:"positionSide"`
	Qty          trading.Qty     `json:"positionAmt"`
	Entry        trading.Price   `json:"entryPrice"`
	Liquidation  trading.Price   `json:"liquidationPrice"`
	UpdatedAt    exchange.Millis `json:"updateTime"`
}

func (x *Exchange) spotAccount(ctx context.Context) (accountRow, error) {
	var a accountRow
	err := x.read(ctx, x.spot, call{path: "/api/v3/account", v: values{"omitZeroBalances", "true"}, what: "read the spot account", weight: 20}, &a)
	if err == nil && a.Balances == nil {
		err = trading.Errorf(trading.Unavailable, "binance: read the spot account: an answer without balances")
	}
	return a, err
}

// leave tells whether an error only says that the key is none of a product at all, while it is one of the other product.
func (x *Exchange) leave(s *side, err error) bool {
	return trading.KindOf(err) == trading.Unauthorized && x.left(s)
}

// readBoth reads futures and spot; a product that the key is none of is left out, if the key is one of the other.
func (x *Exchange) readBoth(futures, spot func() error) error {
	first, second := futures(), spot()
	switch {
	case x.leave(x.futures, first):
		return second
	case x.leave(x.spot, second):
		return first
	case first != nil:
		return first
	}
	return second
}

// Balance is what both wallets hold of Config.Asset, without open profit, and the asset.
func (x *Exchange) Balance(ctx context.Context) (trading.Money, string, error) {
	var sum trading.Money
	err := x.readBoth(func() error {
		rows, err := exchange.Patient(ctx, func() ([]struct {
			Asset   string        `json:"asset"`
			Balance trading.Money `json:"balance"`
		}, error) {
			var rows []struct {
				Asset   string        `json:"asset"`
				Balance trading.Money `json:"balance"`
			}
			err := x.read(ctx, x.futures, call{path: "/fapi/v3/balance", what: "read the futures balance", weight: 5}, &rows)
			return rows, err
		})
		for _, r := range rows {
			if r.Asset == x.cfg.Asset {
				sum = sum.Add(r.Balance)
			}
		}
		return err
	}, func() error {
		a, err := exchange.Patient(ctx, func() (accountRow, error) { return x.spotAccount(ctx) })
		if err != nil {
			return err
		}
		for _, b := range *a.Balances {
			if b.Asset == x.cfg.Asset {
				sum = sum.Add(trading.AsMoney(b.Free.Add(b.Locked)))
			}
		}
		return nil
	})
	if err != nil {
		return trading.Money{}, "", err
	}
	return sum, x.cfg.Asset, nil
}

// Positions is what the account holds, Binance's own view: perpetuals by symbol and slot with the protections of ours that
// stand for them, and coins that can be sold on spot for the account's currency, whose cost Binance does not tell. Flat
// ones are not listed, nor coins that are less than the smallest order. It fails rather than leave one out.
func (x *Exchange) Positions(ctx context.Context) ([]trading.Position, error) {
	list := []trading.Position{}
	err := x.readBoth(func() error {
		p, err := x.perpetuals(ctx)
		list = append(list, p...)
		return err
	}, func() error {
		p, err := x.holdings(ctx)
		list = append(list, p...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b trading.Position) int {
		return strings.Compare(a.Symbol+"/"+string(a.Product)+"/"+string(a.Slot), b.Symbol+"/"+string(b.Product)+"/"+string(b.Slot))
	})
	return list, nil
}

func (x *Exchange) perpetuals(ctx context.Context) ([]trading.Position, error) {
	rows, err := exchange.Patient(ctx, func() ([]positionRow, error) { return x.positionRows(ctx) })
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(r positionRow) bool { return r.Qty.IsZero() })
	if len(rows) == 0 {
		return nil, nil
	}
	settings, err := exchange.Patient(ctx, func() (map[string]setting, error) { return x.symbolSettings(ctx) })
	if err != nil {
		return nil, err
	}
	algos, err := x.algosOf(ctx, rows)
	if err != nil {
		return nil, err
	}
	var list []trading.Position
	for _, r := range rows {
		x.note(x.futures, r.Symbol)
		p := r.position(x.cfg.Account, x.cfg.Now().UTC())
		p.Leverage = settings[r.Symbol].leverage
		p.Protection = protectionOf(p, algos)
		list = append(list, p)
	}
	return list, nil
}

// algosOf are the conditional orders of the symbols of positions. One by one they weigh less than all at once, until there
// are many.
func (x *Exchange) algosOf(ctx context.Context, rows []positionRow) ([]algoRow, error) {
	symbols := map[string]bool{}
	for _, r := range rows {
		symbols[r.Symbol] = true
	}
	if len(symbols) > 30 {
		symbols = map[string]bool{"": true}
	}
	var all []algoRow
	for symbol := range symbols {
		algos, err := exchange.Patient(ctx, func() ([]algoRow, error) { return x.openAlgos(ctx, symbol) })
		if err != nil {
			return nil, err
		}
		all = append(all, algos...)
	}
	return all, nil
}

func (x *Exchange) positionRows(ctx context.Context) ([]positionRow, error) {
	var rows []positionRow
	err := x.read(ctx, x.futures, call{path: "/fapi/v3/positionRisk", what: "read positions", weight: 5, large: true}, &rows)
	return rows, err
}

func (r positionRow) position(account trading.AccountID, now time.Time) trading.Position {
	return trading.Position{
		Account: account, Product: trading.Linear, Symbol: r.Symbol, Slot: slotOf(r.PositionSide), Qty: r.Qty, Cost: trading.Notional(r.Entry, r.Qty.Abs()),
		Liquidation: r.Liquidation, UpdatedAt: r.UpdatedAt.UTC(), ReconciledAt: now,
	}
}

// protectionOf reads the protection of a position back from the conditional orders of ours that stand for it.
func protectionOf(p trading.Position, algos []algoRow) trading.Protection {
	var out trading.Protection
	for _, a := range algos {
		if a.Symbol != p.Symbol || slotOf(a.PositionSide) != p.Slot || !a.ours() {
			continue
		}
		switch a.Type {
		case "STOP_MARKET":
			out.StopLoss = a.Trigger
		case "TAKE_PROFIT_MARKET":
			qty := pick(a.Close, p.Size(), a.Qty)
			out.TakeProfit = append(out.TakeProfit, trading.TakeProfitAt{Price: a.Trigger, Qty: qty})
		case "TRAILING_STOP_MARKET":
			out.TrailingStop = p.Entry().Times(a.Callback.Times(trading.RatioUnits(1, -2)))
		}
	}
	slices.SortStableFunc(out.TakeProfit, func(a, b trading.TakeProfitAt) int {
		return pick(p.Qty.IsNegative(), b.Price.Cmp(a.Price), a.Price.Cmp(b.Price))
	})
	return out
}

func (x *Exchange) symbolSettings(ctx context.Context) (map[string]setting, error) {
	var rows []struct {
		Symbol   string        `json:"symbol"`
		Leverage trading.Ratio `json:"leverage"`
	}
	if err := x.read(ctx, x.futures, call{path: "/fapi/v1/symbolConfig", what: "read the settings of all symbols", weight: 5, large: true}, &rows); err != nil {
		return nil, err
	}
	all := map[string]setting{}
	for _, r := range rows {
		all[r.Symbol] = setting{leverage: whole(r.Leverage)}
	}
	return all, nil
}

// holdings are the coins of the spot wallet that can be sold.
func (x *Exchange) holdings(ctx context.Context) ([]trading.Position, error) {
	a, err := exchange.Patient(ctx, func() (accountRow, error) { return x.spotAccount(ctx) })
	if err != nil {
		return nil, err
	}
	var list []trading.Position
	for _, b := range *a.Balances {
		total := b.Free.Add(b.Locked)
		if b.Asset == x.cfg.Asset || !total.IsPositive() {
			continue
		}
		i, ok, err := x.sellable(ctx, b.Asset)
		if err != nil {
			return nil, err
		}
		if !ok || total.Less(i.MinQty) {
			continue
		}
		x.note(x.spot, i.Symbol)
		p := trading.Position{
			Account: x.cfg.Account, Product: trading.Spot, Symbol: i.Symbol, Slot: trading.SlotBoth, Qty: total, Leverage: 1,
			UpdatedAt: x.cfg.Now().UTC(), ReconciledAt: x.cfg.Now().UTC(),
		}
		if b.Locked.IsPositive() {
			had, err := x.guards(ctx, i.Symbol)
			if err != nil {
				return nil, err
			}
			p.Protection = coinProtection(had)
		}
		list = append(list, p)
	}
	return list, nil
}

// coinProtection reads a protection back from what stands for the coins.
func coinProtection(had []guard) trading.Protection {
	var out trading.Protection
	for _, g := range had {
		if g.stop.IsPositive() {
			out.StopLoss = g.stop
		}
		if g.target.IsPositive() {
			out.TakeProfit = append(out.TakeProfit, trading.TakeProfitAt{Price: g.target, Qty: g.qty})
		}
	}
	slices.SortStableFunc(out.TakeProfit, func(a, b trading.TakeProfitAt) int { return a.Price.Cmp(b.Price) })
	return out
}

// sellable is the instrument on which a coin is sold for the account's currency, or for another dollar.
func (x *Exchange) sellable(ctx context.Context, base string) (trading.Instrument, bool, error) {
	listing, err := x.instruments(ctx, x.spot)
	if err != nil {
		return trading.Instrument{}, false, err
	}
	for _, quote := range []string{x.cfg.Asset, "USDT", "USDC", "FDUSD"} {
		if i, ok := listing[base+quote]; ok && i.Base == base && i.Quote == quote {
			return i, true, nil
		}
	}
	return trading.Instrument{}, false, nil
}
