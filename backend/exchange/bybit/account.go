package bybit

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

func pause(ctx context.Context) error { return wire.Pause(ctx, 100*time.Millisecond) }

// modeSymbol is the symbol by which the position mode of the account is told: Bybit keeps the mode by symbol and sets it
// for all of a currency.
const modeSymbol = "BTCUSDT"

// marginWords are Bybit's names of the margin modes; portfolio margin is none of ours.
var marginWords = map[trading.MarginMode]string{trading.Cross: "REGULAR_MARGIN", trading.Isolated: "ISOLATED_MARGIN"}

func marginName(m trading.MarginMode) string { return cmp.Or(string(m), "portfolio") }

// marginMode reads the margin mode of the whole account; "" for portfolio margin.
func (x *Exchange) marginMode(ctx context.Context) (trading.MarginMode, error) {
	var info struct {
		Mode string `json:"marginMode"`
	}
	if _, err := x.read(ctx, holding, "read the margin mode", "/v5/account/info", nil, true, &info); err != nil {
		return "", err
	}
	had := trading.MarginMode("")
	for mode, word := range marginWords {
		if word == info.Mode {
			had = mode
		}
	}
	x.mu.Lock()
	x.margin = reading[trading.MarginMode]{had, x.cfg.Now()}
	x.mu.Unlock()
	return had, nil
}

// Setup is how the account is set up. The position mode is that of BTCUSDT, and of whatever is open where that is not told.
func (x *Exchange) Setup(ctx context.Context) (trading.AccountSetup, error) {
	setup := trading.AccountSetup{PositionMode: trading.OneWay}
	var err error
	if setup.MarginMode, err = x.marginMode(ctx); err != nil {
		return trading.AccountSetup{}, err
	}
	rows, err := x.positionRows(ctx, values{"category", "linear", "symbol", modeSymbol})
	if err == nil && len(rows) == 0 {
		rows, err = x.positionRows(ctx, values{"category", "linear", "settleCoin", settled[0], "limit", "200"})
	}
	if err != nil {
		return trading.AccountSetup{}, err
	}
	for _, r := range rows {
		if r.Idx != 0 {
			setup.PositionMode = trading.Hedge
		}
	}
	return setup, nil
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
	had, err := x.marginMode(ctx)
	if err == nil && had != mode {
		return trading.Errorf(trading.Unknown, "bybit: the margin mode is %s after it was set to %s", marginName(had), mode)
	}
	return err
}

// SetPositionMode changes how the perpetuals priced in USDT net opposite positions; those in USDC are one-way always.
// Bybit refuses while anything of them is open, which is Rejected. It holds when it returns nil: the mode was read back.
func (x *Exchange) SetPositionMode(ctx context.Context, mode trading.PositionMode) error {
	code := 0
	switch mode {
	case trading.OneWay:
	case trading.Hedge:
		code = 3
	default:
		return trading.FieldError("mode", "%q is neither one_way nor hedge", string(mode))
	}
	body := struct {
		Category string `json:"category"`
		Coin     string `json:"coin"`
		Mode     int    `json:"mode"`
	}{"linear", settled[0], code}
	if err := x.adjust(ctx, "set the position mode", "/v5/position/switch-mode", body); err != nil {
		return err
	}
	x.mu.Lock()
	clear(x.seats)
	x.mu.Unlock()
	had, err := x.Setup(ctx)
	if err == nil && had.PositionMode != mode {
		return trading.Errorf(trading.Unknown, "bybit: the position mode is %s after it was set to %s", had.PositionMode, mode)
	}
	return err
}

// adjust changes a setting; what is so already is success.
func (x *Exchange) adjust(ctx context.Context, what, path string, body any) error {
	if err := x.clockRead(ctx); err != nil {
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

// Rights is what the key may do. A key that can only read is a key without the right to trade.
func (x *Exchange) Rights(ctx context.Context) (trading.KeyRights, error) {
	var key struct {
		ReadOnly    int                        `json:"readOnly"`
		Permissions map[string]json.RawMessage `json:"permissions"`
		Addresses   []string                   `json:"ips"`
		ExpiredAt   string                     `json:"expiredAt"`
		UTA         *int                       `json:"uta"`
	}
	if _, err := x.read(ctx, feeing, "read the key's permissions", "/v5/user/query-api", nil, true, &key); err != nil {
		return trading.KeyRights{}, err
	}
	may := func(group string, right string) bool {
		var rights []string
		return json.Unmarshal(key.Permissions[group], &rights) == nil && slices.Contains(rights, right)
	}
	writes := key.ReadOnly != 1
	r := trading.KeyRights{
		Linear: trading.Tell(writes && (may("ContractTrade", "Order") && may("ContractTrade", "Position") ||
			may("Derivatives", "DerivativesTrade"))),
		Spot:     trading.Tell(writes && may("Spot", "SpotTrade")),
		Withdraw: trading.Tell(may("Wallet", "Withdraw")),
		Transfer: trading.Tell(may("Wallet", "AccountTransfer") || may("Wallet", "SubMemberTransfer")),
		Bound:    trading.Tell(len(key.Addresses) > 0 && !slices.Contains(key.Addresses, "*")),
	}
	if at, err := time.Parse(time.RFC3339, key.ExpiredAt); err == nil && at.Year() > 1971 {
		r.ExpiresAt = at.UTC()
	}
	if !writes {
		r.Notes = append(r.Notes, "the key can only read: make one that may write")
	}
	if key.UTA != nil && *key.UTA != 1 {
		r.Notes = append(r.Notes, "the account is no unified trading account: upgrade it at Bybit, or orders are refused")
	}
	return r, nil
}
