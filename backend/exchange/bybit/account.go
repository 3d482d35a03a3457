package bybit

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

func pause(ctx context.Context) error { return wire.Pause(ctx, 100*time.Millisecond) }

func (x *Exchange) positionRows(ctx context.Context, v values) ([]positionRow, error) {
	return readAll[positionRow](ctx, x, holding, "read positions", "/v5/position/list", v, true)
}

// Positions is what the account holds in linear perpetuals, Bybit's own view, by symbol and slot. Flat ones are not
// listed, and coins are none: Bybit keeps no entry price for them. It fails rather than leave one out.
func (x *Exchange) Positions(ctx context.Context) ([]trading.Position, error) {
	list := []trading.Position{}
	for _, coin := range []string{"USDT", "USDC"} {
		rows, err := patient(ctx, func() ([]positionRow, error) {
			return x.positionRows(ctx, values{"category", "linear", "settleCoin", coin, "limit", "200"})
		})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Size.IsPositive() {
				list = append(list, r.position(x.cfg.Account, x.cfg.Now().UTC()))
			}
		}
	}
	slices.SortFunc(list, func(a, b trading.Position) int {
		return strings.Compare(a.Symbol+"/"+string(a.Slot), b.Symbol+"/"+string(b.Slot))
	})
	return list, nil
}

func (r positionRow) position(account trading.AccountID, now time.Time) trading.Position {
	p := trading.Position{
		Account: account, Product: trading.Linear, Symbol: r.Symbol, Slot: slotOf(r.Idx), Qty: r.Size, Cost: r.Value,
		Realized: r.Realized, Leverage: whole(r.Leverage), Liquidation: r.Liquidation, OpenedAt: r.CreatedAt.UTC(),
		UpdatedAt: r.UpdatedAt.UTC(), ReconciledAt: now,
		Protection: trading.Protection{StopLoss: r.StopLoss, TrailingStop: r.TrailingStop},
	}
	if p.Cost.IsZero() {
		p.Cost = trading.Notional(r.Average, r.Size)
	}
	if r.TakeProfit.IsPositive() {
		p.Protection.TakeProfit = []trading.TakeProfitAt{{Price: r.TakeProfit, Qty: r.Size}}
	}
	if r.Side == "Sell" {
		p.Qty = p.Qty.Neg()
	}
	return p
}

// Balance is the wallet balance of Config.Asset, without open profit, and the asset. A coin that is not listed is zero.
func (x *Exchange) Balance(ctx context.Context) (trading.Money, string, error) {
	type wallet struct {
		Coins []struct {
			Coin   string        `json:"coin"`
			Wallet trading.Money `json:"walletBalance"`
		} `json:"coin"`
	}
	rows, err := patient(ctx, func() ([]wallet, error) {
		return readAll[wallet](ctx, x, holding, "read the balance", "/v5/account/wallet-balance", values{"accountType", "UNIFIED", "coin", x.cfg.Asset}, true)
	})
	if err != nil {
		return trading.Money{}, "", err
	}
	if len(rows) == 0 {
		return trading.Money{}, "", trading.Errorf(trading.Unavailable, "bybit: read the balance: no unified account in the answer")
	}
	for _, c := range rows[0].Coins {
		if c.Coin == x.cfg.Asset {
			return c.Wallet, x.cfg.Asset, nil
		}
	}
	return trading.Money{}, x.cfg.Asset, nil
}

// marginWords are Bybit's names of the margin modes; portfolio margin is none of ours.
var marginWords = map[trading.MarginMode]string{trading.Cross: "REGULAR_MARGIN", trading.Isolated: "ISOLATED_MARGIN"}

// MarginMode is the margin mode of the whole account; "" for portfolio margin.
func (x *Exchange) MarginMode(ctx context.Context) (trading.MarginMode, error) {
	var info struct {
		Mode string `json:"marginMode"`
	}
	if _, err := x.read(ctx, holding, "read the margin mode", "/v5/account/info", nil, true, &info); err != nil {
		return "", err
	}
	for mode, word := range marginWords {
		if word == info.Mode {
			return mode, nil
		}
	}
	return "", nil
}

// SetMarginMode changes the margin mode of the whole account, which moves every position; only a person may ask for it.
// It holds when it returns nil: the mode was read back.
func (x *Exchange) SetMarginMode(ctx context.Context, mode trading.MarginMode) error {
	word, ok := marginWords[mode]
	if !ok {
		return trading.FieldError("mode", "%q is neither cross nor isolated", string(mode))
	}
	if err := x.adjust(ctx, "set the margin mode", "/v5/account/set-margin-mode", map[string]string{"setMarginMode": word}); err != nil {
		return err
	}
	had, err := x.MarginMode(ctx)
	if err == nil && had != mode {
		return trading.Errorf(trading.Unknown, "bybit: the margin mode is %q after it was set to %s", string(had), mode)
	}
	return err
}

// SetPositionMode changes how a symbol nets opposite positions; Bybit refuses while anything of it is open. It holds when
// it returns nil: the mode was read back.
func (x *Exchange) SetPositionMode(ctx context.Context, symbol string, mode trading.PositionMode) error {
	code := 0
	if mode == trading.Hedge {
		code = 3
	}
	body := struct {
		Category string `json:"category"`
		Symbol   string `json:"symbol"`
		Mode     int    `json:"mode"`
	}{"linear", symbol, code}
	if err := x.adjust(ctx, "set the position mode of "+symbol, "/v5/position/switch-mode", body); err != nil {
		return err
	}
	rows, err := x.positionRows(ctx, values{"category", "linear", "symbol", symbol})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if (r.Idx != 0) != (mode == trading.Hedge) {
			return trading.Errorf(trading.Unknown, "bybit: the position mode of %s did not change", symbol)
		}
	}
	return nil
}

func (x *Exchange) adjust(ctx context.Context, what, path string, body any) error {
	if err := x.onTime(ctx); err != nil {
		return err
	}
	e, err := x.write(ctx, adjusting, what, path, body, longestWindow, false)
	if err != nil {
		return err
	}
	if c := e.class(); c != done && c != already {
		return failure(kindOf(c), what, e)
	}
	return nil
}

// Permissions is what the API key may do.
type Permissions struct {
	ReadOnly bool
	// TradeLinear and TradeSpot are what trading needs; Withdraw and Transfer are rights that no trading key should have.
	TradeLinear, TradeSpot, Withdraw, Transfer bool
	// BoundToAddress tells that the key works from listed addresses only.
	BoundToAddress bool
	// ExpiresAt is zero for a key that does not expire.
	ExpiresAt time.Time
	Unified   bool
}

// Permissions asks what the key may do.
func (x *Exchange) Permissions(ctx context.Context) (Permissions, error) {
	var key struct {
		ReadOnly    int                        `json:"readOnly"`
		Permissions map[string]json.RawMessage `json:"permissions"`
		Addresses   []string                   `json:"ips"`
		ExpiredAt   string                     `json:"expiredAt"`
		UTA         int                        `json:"uta"`
	}
	if _, err := x.read(ctx, feeing, "read the key's permissions", "/v5/user/query-api", nil, true, &key); err != nil {
		return Permissions{}, err
	}
	may := func(group string, right string) bool {
		var rights []string
		return json.Unmarshal(key.Permissions[group], &rights) == nil && slices.Contains(rights, right)
	}
	p := Permissions{
		ReadOnly: key.ReadOnly == 1, TradeLinear: may("ContractTrade", "Order") && may("ContractTrade", "Position"),
		TradeSpot: may("Spot", "SpotTrade"), Withdraw: may("Wallet", "Withdraw"), Unified: key.UTA == 1,
		Transfer:       may("Wallet", "AccountTransfer") || may("Wallet", "SubMemberTransfer"),
		BoundToAddress: len(key.Addresses) > 0 && !slices.Contains(key.Addresses, "*"),
	}
	if at, err := time.Parse(time.RFC3339, key.ExpiredAt); err == nil && at.Year() > 1971 {
		p.ExpiresAt = at.UTC()
	}
	return p, nil
}
