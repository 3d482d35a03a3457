package binance

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// symbolRow is an instrument as exchangeInfo lists it.
type symbolRow struct {
	Symbol   string      `json:"symbol"`
	Contract string      `json:"contractType"`
	Status   string      `json:"status"`
	Base     string      `json:"baseAsset"`
	Quote    string      `json:"quoteAsset"`
	Margin   string      `json:"marginAsset"`
	SpotOK   *bool       `json:"isSpotTradingAllowed"`
	Filters  []filterRow `json:"filters"`
}

type filterRow struct {
	Type        string        `json:"filterType"`
	Tick        trading.Price `json:"tickSize"`
	Step        trading.Qty   `json:"stepSize"`
	MinQty      trading.Qty   `json:"minQty"`
	MaxQty      trading.Qty   `json:"maxQty"`
	MinNotional trading.Money `json:"minNotional"`
	Notional    trading.Money `json:"notional"`
}

// instrument is a row in our words; false for what cannot be traded now. A zero in a filter means that the rule is off.
func (r symbolRow) instrument(p trading.Product) (trading.Instrument, bool) {
	switch {
	case r.Status != "TRADING":
		return trading.Instrument{}, false
	case p == trading.Linear && (r.Contract != "PERPETUAL" || r.Margin != r.Quote):
		return trading.Instrument{}, false
	case p == trading.Spot && r.SpotOK != nil && !*r.SpotOK:
		return trading.Instrument{}, false
	}
	fee := standardFee(p)
	i := trading.Instrument{
		Exchange: trading.Binance, Product: p, Symbol: r.Symbol, Base: r.Base, Quote: r.Quote, MaxLeverage: 1, MakerFee: fee.Maker, TakerFee: fee.Taker,
	}
	for _, f := range r.Filters {
		switch f.Type {
		case "PRICE_FILTER":
			i.TickSize = f.Tick
		case "LOT_SIZE":
			i.StepSize, i.MinQty, i.MaxQty = i.StepSize.Max(f.Step), i.MinQty.Max(f.MinQty), smaller(i.MaxQty, f.MaxQty)
		case "MARKET_LOT_SIZE":
			// A market order keeps both filters, so the tighter of the two holds for all.
			i.StepSize, i.MinQty, i.MaxQty = i.StepSize.Max(f.Step), i.MinQty.Max(f.MinQty), smaller(i.MaxQty, f.MaxQty)
		case "NOTIONAL", "MIN_NOTIONAL":
			i.MinNotional = i.MinNotional.Max(f.MinNotional).Max(f.Notional)
		}
	}
	i.MinQty = i.MinQty.Max(i.StepSize)
	return i, exchange.Sound(i)
}

// smaller is the smaller of two limits of which either may be missing.
func smaller(a, b trading.Qty) trading.Qty {
	if a.IsZero() || b.IsZero() {
		return a.Max(b)
	}
	return a.Min(b)
}

// feeRow is what one side of a trade pays.
type feeRow struct {
	Maker trading.Ratio
	Taker trading.Ratio
}

func standardFee(p trading.Product) feeRow {
	if p == trading.Spot {
		return feeRow{trading.MustRatio("0.001"), trading.MustRatio("0.001")}
	}
	return feeRow{trading.MustRatio("0.0002"), trading.MustRatio("0.0005")}
}

// listingCall asks for all instruments of a product. Spot leaves out who may trade them, which is most of the answer.
func listingCall(p paths, product trading.Product) call {
	c := call{path: p.info, what: "list instruments", weight: 1, access: open, large: true}
	if product == trading.Spot {
		c.weight, c.v = 20, values{"showPermissionSets", "false", "symbolStatus", "TRADING"}
	}
	return c
}

func readListing(product trading.Product, body []byte) ([]trading.Instrument, error) {
	var info struct {
		Symbols *[]symbolRow `json:"symbols"`
	}
	if err := json.Unmarshal(body, &info); err != nil || info.Symbols == nil {
		return nil, trading.Errorf(trading.Unavailable, "binance: list instruments: an answer without symbols")
	}
	var list []trading.Instrument
	for _, r := range *info.Symbols {
		if i, ok := r.instrument(product); ok {
			list = append(list, i)
		}
	}
	return list, nil
}

// instruments is what a product lists, by symbol; read anew after an hour.
func (x *Exchange) instruments(ctx context.Context, s *side) (map[string]trading.Instrument, error) {
	s.mu.Lock()
	listing, at := s.listing, s.listed
	s.mu.Unlock()
	if listing != nil && x.cfg.Now().Sub(at) < listingTrusted {
		return listing, nil
	}
	return x.list(ctx, s)
}

func (x *Exchange) list(ctx context.Context, s *side) (map[string]trading.Instrument, error) {
	raw, err := exchange.Patient(ctx, func() (json.RawMessage, error) {
		var raw json.RawMessage
		err := x.read(ctx, s, listingCall(s.paths, s.product), &raw)
		return raw, err
	})
	if err != nil {
		return nil, err
	}
	rows, err := readListing(s.product, raw)
	if err != nil {
		return nil, err
	}
	listing := map[string]trading.Instrument{}
	for _, i := range rows {
		listing[i.Symbol] = i
	}
	s.mu.Lock()
	for symbol := range s.listing {
		s.former[symbol] = true
	}
	s.listing, s.listed = listing, x.cfg.Now()
	s.mu.Unlock()
	return listing, nil
}

// Instruments lists what can be traded now on both products, with Binance's filters; the largest quantity is what both a
// limit and a market order may have. With a key the fees are the account's standard, and perpetuals have their largest
// leverage and maintenance; without one the fees are those of a new account and the leverage is 20, which all have.
func (x *Exchange) Instruments(ctx context.Context) ([]trading.Instrument, error) {
	var all []trading.Instrument
	for _, s := range x.sides() {
		listing, err := x.list(ctx, s)
		if err != nil {
			return nil, err
		}
		fee, brackets, err := x.terms(ctx, s)
		if err != nil {
			return nil, err
		}
		for _, i := range listing {
			i.MakerFee, i.TakerFee = fee.Maker, fee.Taker
			if s.product == trading.Linear {
				i.MaxLeverage = openLeverage
				if b, ok := brackets[i.Symbol]; ok {
					i.MaxLeverage, i.Maintenance = b.Leverage, b.Maintenance
				}
			}
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(a, b trading.Instrument) int {
		return strings.Compare(string(a.Product)+a.Symbol, string(b.Product)+b.Symbol)
	})
	return all, nil
}

// openLeverage is the largest leverage that is told without a key: what every account may have.
const openLeverage = 20

// bracketRow is the first tier of a perpetual.
type bracketRow struct {
	Leverage    int           `json:"initialLeverage"`
	Maintenance trading.Ratio `json:"maintMarginRatio"`
	Floor       trading.Money `json:"notionalFloor"`
}

// terms are the standard fees of the account and the tiers of perpetuals; those of anybody without a key, or for a product
// that the key is none of.
func (x *Exchange) terms(ctx context.Context, s *side) (feeRow, map[string]bracketRow, error) {
	fee := standardFee(s.product)
	if x.cfg.Key() == "" || x.left(s) {
		return fee, nil, nil
	}
	if s.product == trading.Spot {
		a, err := exchange.Patient(ctx, func() (accountRow, error) { return x.spotAccount(ctx) })
		if x.leave(s, err) {
			return fee, nil, nil
		}
		if err == nil && a.Rates.Taker.IsPositive() {
			fee = feeRow{a.Rates.Maker, a.Rates.Taker}
		}
		return fee, nil, err
	}
	type bracketsRow struct {
		Symbol   string       `json:"symbol"`
		Brackets []bracketRow `json:"brackets"`
	}
	rows, err := exchange.Patient(ctx, func() ([]bracketsRow, error) {
		var rows []bracketsRow
		err := x.read(ctx, s, call{path: "/fapi/v1/leverageBracket", what: "read the leverage tiers", weight: 1, large: true}, &rows)
		return rows, err
	})
	if trading.KindOf(err) == trading.Unauthorized {
		// The key may be spot's alone: instruments are shown all the same.
		return fee, nil, nil
	}
	if err != nil {
		return fee, nil, err
	}
	brackets := map[string]bracketRow{}
	for _, r := range rows {
		if len(r.Brackets) > 0 {
			brackets[r.Symbol] = slices.MinFunc(r.Brackets, func(a, b bracketRow) int { return a.Floor.Cmp(b.Floor) })
		}
	}
	if maker, taker, err := x.Fees(ctx, trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"}); err == nil {
		fee = feeRow{maker, taker}
	}
	return fee, brackets, nil
}

// Fees are what the account pays for one instrument, by Binance's word.
func (x *Exchange) Fees(ctx context.Context, key trading.InstrumentKey) (maker, taker trading.Ratio, err error) {
	s, err := x.side(key.Product)
	if err != nil {
		return maker, taker, err
	}
	what := "read the fees of " + key.Symbol
	if s.product == trading.Linear {
		var row struct {
			Maker trading.Ratio `json:"makerCommissionRate"`
			Taker trading.Ratio `json:"takerCommissionRate"`
		}
		err = x.read(ctx, s, call{path: "/fapi/v1/commissionRate", v: values{"symbol", key.Symbol}, what: what, weight: 20}, &row)
		return row.Maker, row.Taker, err
	}
	var row struct {
		Standard struct {
			Maker trading.Ratio `json:"maker"`
			Taker trading.Ratio `json:"taker"`
		} `json:"standardCommission"`
	}
	err = x.read(ctx, s, call{path: "/api/v3/account/commission", v: values{"symbol", key.Symbol}, what: what, weight: 20}, &row)
	return row.Standard.Maker, row.Standard.Taker, err
}
