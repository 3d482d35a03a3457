package bybit

import (
	"context"
	"slices"
	"strings"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// coin is where a coin is sold.
type coin struct {
	// symbols are the instruments that sell it, the one priced in Config.Asset first.
	symbols []trading.Instrument
}

// market is the instrument of a symbol, or the first one.
func (c coin) market(symbol string) trading.Instrument {
	for _, i := range c.symbols {
		if i.Symbol == symbol {
			return i
		}
	}
	return c.symbols[0]
}

// coinList is what is listed for coins, by base; it is read anew once an hour.
func (x *Exchange) coinList(ctx context.Context) (map[string]coin, error) {
	x.mu.Lock()
	had := x.coins
	x.mu.Unlock()
	if had.fresh(x.cfg.Now(), coinsTrusted) {
		return had.value, nil
	}
	listed, err := x.listing(ctx, trading.Spot)
	if err != nil {
		return nil, err
	}
	return x.noteCoins(listed), nil
}

func (x *Exchange) noteCoins(listed []trading.Instrument) map[string]coin {
	coins := map[string]coin{}
	for _, i := range listed {
		if i.Product != trading.Spot || slices.Contains(settled, i.Base) || !slices.Contains(append(settled, x.cfg.Asset), i.Quote) {
			continue
		}
		c := coins[i.Base]
		if i.Quote == x.cfg.Asset {
			c.symbols = append([]trading.Instrument{i}, c.symbols...)
		} else {
			c.symbols = append(c.symbols, i)
		}
		coins[i.Base] = c
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.coins = reading[map[string]coin]{coins, x.cfg.Now()}
	return coins
}

// spotOf is the instrument of a spot symbol.
func (x *Exchange) spotOf(ctx context.Context, symbol string) (trading.Instrument, error) {
	coins, err := x.coinList(ctx)
	if err != nil {
		return trading.Instrument{}, err
	}
	for _, c := range coins {
		if i := c.market(symbol); i.Symbol == symbol {
			return i, nil
		}
	}
	return trading.Instrument{}, trading.Errorf(trading.Rejected, "bybit: %s is not listed", symbol)
}

// baseOf is the coin of a spot symbol, by its spelling.
func baseOf(symbol string) string { return strings.TrimSuffix(symbol, quoteOf(symbol)) }

// coinPositions are the coins on the account that one of the listed symbols can sell, under the symbol that was traded last
// or the one priced in Config.Asset.
func (x *Exchange) coinPositions(ctx context.Context) ([]trading.Position, error) {
	purse, err := x.wallet(ctx, "")
	if err != nil {
		return nil, err
	}
	var list []trading.Position
	for _, held := range purse {
		if slices.Contains(settled, held.Coin) || !held.Wallet.IsPositive() {
			continue
		}
		coins, err := x.coinList(ctx)
		if err != nil {
			return nil, err
		}
		c, listed := coins[held.Coin]
		if !listed {
			continue
		}
		x.mu.Lock()
		i := c.market(x.listed[held.Coin])
		x.mu.Unlock()
		qty := trading.AsQty(held.Wallet)
		tooSmall := held.Worth.IsPositive() && held.Worth.Less(i.MinNotional)
		if sell := qty.Floor(i.StepSize); !sell.IsPositive() || sell.Less(i.MinQty) || tooSmall {
			continue
		}
		now := x.cfg.Now().UTC()
		list = append(list, trading.Position{
			Account: x.cfg.Account, Product: trading.Spot, Symbol: i.Symbol, Slot: trading.SlotBoth, Qty: qty, Leverage: 1,
			UpdatedAt: now, ReconciledAt: now,
		})
	}
	if len(list) == 0 {
		return nil, nil
	}
	waiting, err := x.waiting(ctx, values{"category", "spot"})
	if err != nil {
		return nil, err
	}
	for i := range list {
		p := &list[i]
		for _, r := range waiting {
			switch _, mark := parentOf(r.LinkID); {
			case r.Symbol != p.Symbol:
			case mark == stopMark:
				p.Protection.StopLoss = r.Trigger
			case mark == targetMark:
				p.Protection.TakeProfit = append(p.Protection.TakeProfit, trading.TakeProfitAt{Price: r.Trigger, Qty: r.Qty})
			}
		}
		nearestFirst(p.Protection.TakeProfit, trading.Long)
	}
	return list, nil
}

// purseRow is one coin of the wallet.
type purseRow struct {
	Coin   string        `json:"coin"`
	Wallet trading.Money `json:"walletBalance"`
	Worth  trading.Money `json:"usdValue"`
}

// wallet reads the unified wallet, of one coin or of all; a coin of which there is nothing is not listed.
func (x *Exchange) wallet(ctx context.Context, of string) ([]purseRow, error) {
	type account struct {
		Coins []purseRow `json:"coin"`
	}
	rows, err := exchange.Patient(ctx, func() ([]account, error) {
		return readAll[account](ctx, x.line, holding, "read the balance", "/v5/account/wallet-balance", values{"accountType", "UNIFIED", "coin", of}, true)
	})
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, trading.Errorf(trading.Unavailable, "bybit: read the balance: no unified account in the answer")
	}
	return rows[0].Coins, nil
}

// Balance is the wallet balance of Config.Asset, without open profit, and the asset. A coin that is not listed is zero.
func (x *Exchange) Balance(ctx context.Context) (trading.Money, string, error) {
	purse, err := x.wallet(ctx, x.cfg.Asset)
	if err != nil {
		return trading.Money{}, "", err
	}
	for _, c := range purse {
		if c.Coin == x.cfg.Asset {
			return c.Wallet, x.cfg.Asset, nil
		}
	}
	return trading.Money{}, x.cfg.Asset, nil
}
