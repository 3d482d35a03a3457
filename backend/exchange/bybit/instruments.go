package bybit

import (
	"context"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

type instrumentRow struct {
	Symbol   string `json:"symbol"`
	Contract string `json:"contractType"`
	Status   string `json:"status"`
	Base     string `json:"baseCoin"`
	Quote    string `json:"quoteCoin"`
	Leverage struct {
		Max trading.Ratio `json:"maxLeverage"`
	} `json:"leverageFilter"`
	Price struct {
		Tick trading.Price `json:"tickSize"`
	} `json:"priceFilter"`
	Lot struct {
		Min         trading.Qty   `json:"minOrderQty"`
		Step        trading.Qty   `json:"qtyStep"`
		Max         trading.Qty   `json:"maxOrderQty"`
		MaxMarket   trading.Qty   `json:"maxMktOrderQty"`
		MinNotional trading.Money `json:"minNotionalValue"`
		BaseStep    trading.Qty   `json:"basePrecision"`
		MinAmount   trading.Money `json:"minOrderAmt"`
		SpotLimit   trading.Qty   `json:"maxLimitOrderQty"`
		SpotMarket  trading.Qty   `json:"maxMarketOrderQty"`
	} `json:"lotSizeFilter"`
}

type feeRow struct {
	Symbol string        `json:"symbol"`
	Taker  trading.Ratio `json:"takerFeeRate"`
	Maker  trading.Ratio `json:"makerFeeRate"`
}

// Instruments lists what can be traded now, with Bybit's filters; the largest quantity is what both a limit and a market
// order may have. Fees are the account's own, or those of a new account when there is no key. Maintenance is left zero.
func (x *Exchange) Instruments(ctx context.Context) ([]trading.Instrument, error) {
	var out []trading.Instrument
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		listed, err := x.listing(ctx, product)
		if err != nil {
			return nil, err
		}
		if product == trading.Spot {
			x.noteCoins(listed)
		}
		fees, err := x.fees(ctx, product)
		if err != nil {
			return nil, err
		}
		for i := range listed {
			if fee, known := fees[listed[i].Symbol]; known {
				listed[i].MakerFee, listed[i].TakerFee = fee.Maker, fee.Taker
			}
		}
		out = append(out, listed...)
	}
	return out, nil
}

// listing is what can be traded of a product, with the fees of a new account.
func (x *line) listing(ctx context.Context, product trading.Product) ([]trading.Instrument, error) {
	rows, err := exchange.Patient(ctx, func() ([]instrumentRow, error) {
		// 500 a page stay well below the largest answer that is read.
		return readAll[instrumentRow](ctx, x, watching, "list instruments", "/v5/market/instruments-info", values{"category", string(product), "limit", "500"}, false)
	})
	if err != nil {
		return nil, err
	}
	var out []trading.Instrument
	fee := standardFee(product)
	for _, r := range rows {
		if i, ok := r.instrument(product); ok {
			i.MakerFee, i.TakerFee = fee.Maker, fee.Taker
			out = append(out, i)
		}
	}
	return out, nil
}

func (r instrumentRow) instrument(product trading.Product) (trading.Instrument, bool) {
	if r.Status != "Trading" || r.Price.Tick.IsZero() || (product == trading.Linear && r.Contract != "LinearPerpetual") {
		return trading.Instrument{}, false
	}
	i := trading.Instrument{
		Exchange: trading.Bybit, Product: product, Symbol: r.Symbol, Base: r.Base, Quote: r.Quote, TickSize: r.Price.Tick,
		StepSize: r.Lot.Step, MinQty: r.Lot.Min, MaxQty: smaller(r.Lot.Max, r.Lot.MaxMarket), MinNotional: r.Lot.MinNotional,
		MaxLeverage: whole(r.Leverage.Max),
	}
	if product == trading.Spot {
		i.StepSize, i.MinNotional, i.MaxLeverage = r.Lot.BaseStep, r.Lot.MinAmount, 1
		i.MaxQty = smaller(r.Lot.SpotLimit, r.Lot.SpotMarket)
		i.MinQty = i.MinQty.Max(i.StepSize)
	}
	return i, i.StepSize.IsPositive()
}

// smaller is the smaller of two limits of which either may be missing.
func smaller(a, b trading.Qty) trading.Qty {
	if a.IsZero() || b.IsZero() {
		return a.Max(b)
	}
	return a.Min(b)
}

func standardFee(product trading.Product) feeRow {
	if product == trading.Spot {
		return feeRow{Maker: trading.MustRatio("0.001"), Taker: trading.MustRatio("0.001")}
	}
	return feeRow{Maker: trading.MustRatio("0.0002"), Taker: trading.MustRatio("0.00055")}
}

func (x *Exchange) fees(ctx context.Context, product trading.Product) (map[string]feeRow, error) {
	fees := map[string]feeRow{}
	if x.cfg.Key() == "" {
		return fees, nil
	}
	rows, err := exchange.Patient(ctx, func() ([]feeRow, error) {
		return readAll[feeRow](ctx, x.line, feeing, "read the fees", "/v5/account/fee-rate", values{"category", string(product)}, true)
	})
	for _, r := range rows {
		fees[r.Symbol] = r
	}
	return fees, err
}
