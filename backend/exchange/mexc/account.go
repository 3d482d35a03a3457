package mexc

import (
	"context"
	"slices"
	"strings"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

const positionsPath = "/api/v1/private/position/open_positions"

// positionRows are the open positions of a contract, or of all when symbol is "".
func (x *Exchange) positionRows(ctx context.Context, symbol string) ([]position, error) {
	var got rows[position]
	_, err := x.futuresRead(ctx, holding, "read positions", positionsPath, values{"symbol", symbol}, true, &got)
	if err != nil {
		return nil, err
	}
	if !got.told {
		// Missing is not flat.
		return nil, trading.Errorf(trading.Unavailable, "mexc: read positions: an answer without a list")
	}
	return slices.DeleteFunc(got.list, func(p position) bool { return p.State == 3 || !p.Vol.IsPositive() }), nil
}

// Positions is what the account holds, MEXC's own view, by symbol and slot: perpetuals with what watches over them, and
// the coins that can be sold for Config.Asset, whose entry price MEXC does not tell. It fails rather than leave one out,
// except for a product that the key is not for at all.
func (x *Exchange) Positions(ctx context.Context) ([]trading.Position, error) {
	list := []trading.Position{}
	add := func(read func(context.Context) ([]trading.Position, error)) func() error {
		return func() error {
			part, err := exchange.Patient(ctx, func() ([]trading.Position, error) { return read(ctx) })
			list = append(list, part...)
			return err
		}
	}
	if err := x.readBoth(add(x.perpetuals), add(x.holdings)); err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b trading.Position) int {
		return strings.Compare(a.Symbol+"/"+string(a.Slot), b.Symbol+"/"+string(b.Slot))
	})
	return list, nil
}

func (x *Exchange) perpetuals(ctx context.Context) ([]trading.Position, error) {
	list := []trading.Position{}
	held, err := x.positionRows(ctx, "")
	if err != nil || len(held) == 0 {
		return list, err
	}
	mode, err := x.positionMode(ctx)
	if err != nil {
		return nil, err
	}
	stops, err := x.stopRows(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, p := range held {
		c, err := x.contract(ctx, p.Symbol)
		if err != nil {
			return nil, trading.Errorf(trading.Unavailable, "%s", err.Error())
		}
		out := p.held(x.cfg.Account, c, mode, x.cfg.Now().UTC())
		for _, s := range stops {
			if s.Symbol == p.Symbol && (s.PositionID.id() == p.ID.id() || s.PositionID.id() == "" && s.Type == p.Type) {
				watch(&out.Protection, s, p, c)
			}
		}
		list = append(list, out)
	}
	return list, nil
}

// watch adds what a record watches for: of several stops the one that is met first, and every target.
func watch(to *trading.Protection, s stopRow, p position, c contract) {
	for _, l := range s.legs(p.Vol.qty()) {
		qty := c.base(p.Vol)
		if l.vol.IsPositive() {
			qty = l.vol.Times(c.Size.Ratio)
		}
		switch {
		case l.target:
			to.TakeProfit = append(to.TakeProfit, trading.TakeProfitAt{Price: l.price, Qty: qty})
		case to.StopLoss.IsZero() || p.Type == longType && l.price.More(to.StopLoss) || p.Type == shortType && l.price.Less(to.StopLoss):
			to.StopLoss = l.price
		}
	}
}

// spotAccount is what account tells.
type spotAccount struct {
	CanTrade    *bool `json:"canTrade"`
	CanWithdraw *bool `json:"canWithdraw"`
	// Balances is a pointer, so that an answer without a list is no empty account.
	Balances *[]struct {
		Asset  string `json:"asset"`
		Free   amount `json:"free"`
		Locked amount `json:"locked"`
	} `json:"balances"`
}

func (x *Exchange) spotAccount(ctx context.Context) (spotAccount, error) {
	var a spotAccount
	err := x.spotRead(ctx, holding, "read the spot account", "/api/v3/account", nil, true, &a)
	if err == nil && a.Balances == nil {
		err = trading.Errorf(trading.Unavailable, "mexc: read the spot account: an answer without balances")
	}
	return a, err
}

// holdings are the coins that can be sold for the account's asset.
func (x *Exchange) holdings(ctx context.Context) ([]trading.Position, error) {
	account, err := x.spotAccount(ctx)
	if err != nil {
		return nil, err
	}
	var list []trading.Position
	for _, b := range *account.Balances {
		qty := b.Free.Add(b.Locked.Ratio)
		if b.Asset == x.cfg.Asset || !qty.IsPositive() {
			continue
		}
		if x.isUnlisted(b.Asset + x.cfg.Asset) {
			continue
		}
		c, err := x.coin(ctx, b.Asset+x.cfg.Asset)
		if trading.KindOf(err) == trading.Rejected || err == nil && c.closed(trading.Sell) != "" {
			continue
		}
		if err != nil {
			return nil, err
		}
		now := x.cfg.Now().UTC()
		list = append(list, trading.Position{
			Account: x.cfg.Account, Product: trading.Spot, Symbol: c.Symbol, Slot: trading.SlotBoth, Qty: trading.AsQty(qty), Leverage: 1,
			UpdatedAt: now, ReconciledAt: now,
		})
	}
	return list, nil
}

// Balance is what the account has of Config.Asset in both wallets, without open profit, and the asset. One wallet cannot
// pay for the other: MEXC rejects an order that its own wallet does not cover.
func (x *Exchange) Balance(ctx context.Context) (trading.Money, string, error) {
	total, err := exchange.Patient(ctx, func() (trading.Money, error) { return x.balance(ctx) })
	if err != nil {
		return trading.Money{}, "", err
	}
	return total, x.cfg.Asset, nil
}

func (x *Exchange) balance(ctx context.Context) (trading.Money, error) {
	type asset struct {
		Currency string `json:"currency"`
		Equity   amount `json:"equity"`
		Open     amount `json:"unrealized"`
	}
	var total trading.Money
	err := x.readBoth(func() error {
		var got rows[asset]
		if _, err := x.futuresRead(ctx, holding, "read the balance", "/api/v1/private/account/assets", nil, true, &got); err != nil {
			return err
		}
		if !got.told {
			return trading.Errorf(trading.Unavailable, "mexc: read the balance: an answer without a list")
		}
		for _, a := range got.list {
			if a.Currency == x.cfg.Asset {
				total = total.Add(a.Equity.money()).Sub(a.Open.money())
			}
		}
		return nil
	}, func() error {
		spot, err := x.spotAccount(ctx)
		if err != nil {
			return err
		}
		for _, b := range *spot.Balances {
			if b.Asset == x.cfg.Asset {
				total = total.Add(b.Free.money()).Add(b.Locked.money())
			}
		}
		return nil
	})
	return total, err
}

// Setup is how the account is set up; every position has a margin mode of its own.
func (x *Exchange) Setup(ctx context.Context) (trading.AccountSetup, error) {
	mode, err := x.readMode(ctx)
	if trading.KindOf(err) == trading.Unauthorized && x.left(x.futures) {
		return trading.AccountSetup{}, nil
	}
	return trading.AccountSetup{PositionMode: mode}, err
}

// SetPositionMode changes how futures net opposite positions; MEXC refuses while anything is open. It holds when it
// returns nil: the mode was read back.
func (x *Exchange) SetPositionMode(ctx context.Context, mode trading.PositionMode) error {
	if mode != trading.Hedge && mode != trading.OneWay {
		return trading.FieldError("mode", "%q is neither one_way nor hedge", string(mode))
	}
	if now, err := x.readMode(ctx); err != nil || now == mode {
		return err
	}
	x.forgetMode()
	body := map[string]int{"positionMode": modeCode(mode)}
	if _, err := x.adjust(ctx, accounting, "set the position mode", "/api/v1/private/position/change_position_mode", body, false); err != nil {
		return err
	}
	now, err := x.readMode(ctx)
	if err == nil && now != mode {
		return trading.Errorf(trading.Unknown, "mexc: the account is in %s mode after it was set to %s", spoken(now), spoken(mode))
	}
	return err
}

// SetMarginMode is rejected: at MEXC every order carries its margin mode, there is none of the account.
func (x *Exchange) SetMarginMode(context.Context, trading.MarginMode) error {
	return trading.Errorf(trading.Rejected, "mexc: there is no margin mode of the account: each order carries its own")
}

// Rights is what the API key may do, as far as MEXC tells. Whether it may place futures orders is found out by canceling
// one that does not exist, never by an order.
func (x *Exchange) Rights(ctx context.Context) (trading.KeyRights, error) {
	r := trading.KeyRights{Notes: []string{"MEXC ends a key that is not bound to an address after 90 days, and does not tell which keys are."}}
	var err error
	if r.Linear, err = x.mayCancel(ctx); err != nil {
		return trading.KeyRights{}, err
	}
	account, err := x.spotAccount(ctx)
	switch {
	case trading.KindOf(err) == trading.Unauthorized:
		r.Spot = trading.No
		r.Notes = append(r.Notes, "Spot: "+err.Error())
	case err != nil:
		return trading.KeyRights{}, err
	default:
		if account.CanTrade != nil {
			r.Spot = trading.Tell(*account.CanTrade)
		}
		if account.CanWithdraw != nil {
			r.Withdraw = trading.Tell(*account.CanWithdraw)
		}
	}
	return r, nil
}

// mayCancel tells whether the key may place and cancel futures orders.
func (x *Exchange) mayCancel(ctx context.Context) (trading.Told, error) {
	const what = "find out the key's futures permission"
	if err := x.clockRead(ctx, trading.Linear); err != nil {
		return trading.NotTold, err
	}
	body := map[string]string{"symbol": "BTC_USDT", "externalOid": trading.OrderPrefix + "-no-such-order"}
	e, err := x.futuresPost(ctx, canceling, what, "/api/v1/private/order/cancel_with_external", body, false)
	if err != nil {
		return trading.NotTold, err
	}
	switch e = itemCode(e); futuresClass(e) {
	case already, done:
		return trading.Yes, nil
	case barred:
		x.futures.judge(barred)
		return trading.No, nil
	default:
		return trading.NotTold, nil
	}
}

// Fees are the account's own rates for an instrument.
func (x *Exchange) Fees(ctx context.Context, key trading.InstrumentKey) (maker, taker trading.Ratio, err error) {
	if key.Product == trading.Spot {
		var fee struct {
			Data struct {
				Maker *amount `json:"makerCommission"`
				Taker *amount `json:"takerCommission"`
			} `json:"data"`
		}
		if err = x.spotRead(ctx, recalling, "read the fees", "/api/v3/tradeFee", values{"symbol", key.Symbol}, true, &fee); err != nil {
			return maker, taker, err
		}
		if fee.Data.Maker == nil || fee.Data.Taker == nil {
			return maker, taker, trading.Errorf(trading.Unavailable, "mexc: read the fees: an answer without rates")
		}
		return fee.Data.Maker.Ratio, fee.Data.Taker.Ratio, nil
	}
	var fee struct {
		Maker *amount `json:"realMakerFee"`
		Taker *amount `json:"realTakerFee"`
	}
	if _, err = x.futuresRead(ctx, accounting, "read the fees", "/api/v1/private/account/tiered_fee_rate/v2", values{"symbol", key.Symbol}, true, &fee); err != nil {
		return maker, taker, err
	}
	if fee.Maker == nil || fee.Taker == nil {
		return maker, taker, trading.Errorf(trading.Unavailable, "mexc: read the fees: an answer without rates")
	}
	return fee.Maker.Ratio, fee.Taker.Ratio, nil
}

// Instruments lists what can be traded now, with MEXC's filters in base units. The fees are those of the lists; Fees tells
// the account's own.
func (x *Exchange) Instruments(ctx context.Context) ([]trading.Instrument, error) {
	contracts, err := exchange.Patient(ctx, func() ([]contract, error) {
		return readContracts(ctx, func(v values, into any) (envelope, error) {
			return x.futuresRead(ctx, cataloguing, "list contracts", detailPath, v, false, into)
		}, "")
	})
	if err != nil {
		return nil, err
	}
	coins, err := exchange.Patient(ctx, func() ([]coin, error) {
		return readCoins(ctx, func(v values, into any) error {
			return x.spotRead(ctx, cataloguing, "list spot symbols", infoPath, v, false, into)
		}, "")
	})
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	for _, c := range contracts {
		x.contracts[c.Symbol] = c
	}
	for _, c := range coins {
		x.coins[c.Symbol] = c
	}
	x.mu.Unlock()
	return listed(contracts, coins), nil
}

// listed are the instruments that can be traded.
func listed(contracts []contract, coins []coin) []trading.Instrument {
	var list []trading.Instrument
	for _, c := range contracts {
		if i := c.instrument(); c.closed() == "" && exchange.Sound(i) {
			list = append(list, i)
		}
	}
	for _, c := range coins {
		// A coin that can only be sold is still something to get out of.
		if i := c.instrument(); (c.closed(trading.Sell) == "" || c.closed(trading.Buy) == "") && exchange.Sound(i) {
			list = append(list, i)
		}
	}
	return list
}
