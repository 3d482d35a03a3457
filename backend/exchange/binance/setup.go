package binance

import (
	"context"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// positionMode is how the futures account nets opposite positions; read anew when asked or when what is known is old.
func (x *Exchange) positionMode(ctx context.Context, anew bool) (trading.PositionMode, error) {
	x.mu.Lock()
	mode, at := x.mode, x.modeAt
	x.mu.Unlock()
	if !anew && mode != "" && x.cfg.Now().Sub(at) < modeTrusted {
		return mode, nil
	}
	var answer struct {
		Dual *bool `json:"dualSidePosition"`
	}
	if err := x.read(ctx, x.futures, call{path: "/fapi/v1/positionSide/dual", what: "read the position mode", weight: 30}, &answer); err != nil {
		return "", err
	}
	if answer.Dual == nil {
		return "", trading.Errorf(trading.Unavailable, "binance: read the position mode: an answer without it")
	}
	mode = pick(*answer.Dual, trading.Hedge, trading.OneWay)
	x.mu.Lock()
	x.mode, x.modeAt = mode, x.cfg.Now()
	x.mu.Unlock()
	return mode, nil
}

func (x *Exchange) forgetMode() {
	x.mu.Lock()
	x.modeAt = time.Time{}
	x.mu.Unlock()
}

// Setup is how the account is set up: the position mode, read anew. Every symbol has a margin mode of its own.
func (x *Exchange) Setup(ctx context.Context) (trading.AccountSetup, error) {
	mode, err := exchange.Patient(ctx, func() (trading.PositionMode, error) { return x.positionMode(ctx, true) })
	if x.leave(x.futures, err) {
		return trading.AccountSetup{PositionMode: trading.OneWay}, nil
	}
	return trading.AccountSetup{PositionMode: mode}, err
}

// SetPositionMode changes how all futures net opposite positions; Binance refuses while anything is open. Only a person may
// ask for it. It holds when it returns nil: the mode was read back.
func (x *Exchange) SetPositionMode(ctx context.Context, mode trading.PositionMode) error {
	if mode != trading.Hedge && mode != trading.OneWay {
		return trading.FieldError("mode", "%q is neither one_way nor hedge", string(mode))
	}
	v := values{"dualSidePosition", pick(mode == trading.Hedge, "true", "false")}
	x.forgetMode()
	if err := x.adjust(ctx, x.futures, "set the position mode", "/fapi/v1/positionSide/dual", v); err != nil {
		return err
	}
	had, err := x.positionMode(ctx, true)
	if err == nil && had != mode {
		return trading.Errorf(trading.Unknown, "binance: the position mode is %s after it was set to %s", had, mode)
	}
	return err
}

// SetMarginMode is refused: at Binance every symbol has a margin mode of its own, which an entry sets.
func (x *Exchange) SetMarginMode(_ context.Context, mode trading.MarginMode) error {
	if _, ok := marginWords[mode]; !ok {
		return trading.FieldError("mode", "%q is neither cross nor isolated", string(mode))
	}
	return trading.Errorf(trading.Refused, "binance: there is no margin mode of the whole account: each symbol has its own, which is set with the entry that asks for it")
}

// Rights asks what the key may do. Demo trading does not tell; a note says so.
func (x *Exchange) Rights(ctx context.Context) (trading.KeyRights, error) {
	if x.cfg.Account.Mode() != trading.ModeLive {
		return x.testnetRights(ctx)
	}
	var key struct {
		Bound    bool            `json:"ipRestrict"`
		Read     bool            `json:"enableReading"`
		Spot     bool            `json:"enableSpotAndMarginTrading"`
		Futures  bool            `json:"enableFutures"`
		Withdraw bool            `json:"enableWithdrawals"`
		Internal bool            `json:"enableInternalTransfer"`
		Transfer bool            `json:"permitsUniversalTransfer"`
		Margin   bool            `json:"enableMargin"`
		Expires  exchange.Millis `json:"tradingAuthorityExpirationTime"`
	}
	_, err := exchange.Patient(ctx, func() (struct{}, error) {
		c := call{path: "/sapi/v1/account/apiRestrictions", what: "read the key's rights", weight: 1}
		return struct{}{}, x.read(ctx, x.spot, c, &key)
	})
	if err != nil {
		return trading.KeyRights{}, err
	}
	r := trading.KeyRights{
		Linear: trading.Tell(key.Futures), Spot: trading.Tell(key.Spot), Withdraw: trading.Tell(key.Withdraw),
		Transfer: trading.Tell(key.Internal || key.Transfer), Bound: trading.Tell(key.Bound), ExpiresAt: key.Expires.UTC(),
	}
	if key.Expires.IsZero() {
		r.ExpiresAt = time.Time{}
	}
	if !key.Read {
		r.Notes = append(r.Notes, "The key may not read: the app cannot see what became of its orders.")
	}
	if !key.Bound {
		r.Notes = append(r.Notes, "The key is bound to no address: Binance takes the right to trade away from such keys after a while.")
	}
	return r, nil
}

// testnetRights tells only which of both products takes the key.
func (x *Exchange) testnetRights(ctx context.Context) (trading.KeyRights, error) {
	r := trading.KeyRights{Notes: []string{"Demo trading does not tell what a key may do."}}
	_, err := x.positionMode(ctx, true)
	if trading.KindOf(err) == trading.Unauthorized {
		r.Linear, r.Notes = trading.No, append(r.Notes, "Futures do not take this key.")
		err = nil
	}
	if err != nil {
		return trading.KeyRights{}, err
	}
	_, err = x.spotAccount(ctx)
	if trading.KindOf(err) == trading.Unauthorized {
		r.Spot, r.Notes = trading.No, append(r.Notes, "Spot does not take this key.")
		err = nil
	}
	if err != nil {
		return trading.KeyRights{}, err
	}
	if r.Linear == trading.No && r.Spot == trading.No {
		return trading.KeyRights{}, trading.Errorf(trading.Unauthorized, "binance: neither spot nor futures take this key; a key of demo trading is needed")
	}
	return r, nil
}
