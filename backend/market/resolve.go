package market

import (
	"hoox/backend/trading"
)

// Resolve reads a symbol as an alert writes it: the exchange's form ("BTCUSDT", "BTC_USDT"), "BTC/USDT",
// "BTC/USDT:USDT", or a TradingView ticker ("BYBIT:BTCUSDT.P", "BINANCE:BTCUSDTPERP"), in any case. A suffix .P or PERP
// means the perpetual; an exchange prefix without it means spot; neither means fallback.
//
// exchange may be "" when the symbol names one. The warnings are for the trader (delayed data, another exchange's
// chart). It fails with Invalid, and the reason in words, for what is not listed, is inverse or dated, and for a prefix
// that names another exchange than the alert.
func (c *Catalogue) Resolve(exchange trading.Exchange, written string, fallback trading.Product) (trading.Instrument, []string, error) {
	t := ticker{product: fallback}
	t.read(written)
	if t.body == "" {
		return trading.Instrument{}, nil, trading.FieldError("symbol", "empty; write for example BTCUSDT")
	}
	on, warnings, err := t.exchange(exchange)
	if err != nil {
		return trading.Instrument{}, nil, err
	}
	t.mean(on)
	if why := t.unsupported(); why != "" {
		return trading.Instrument{}, warnings, trading.FieldError("symbol", "%s is %s, which is not supported: use a USDT perpetual such as BTCUSDT.P", t.written, why)
	}
	if i, ok := c.find(on, t); ok {
		return i, warnings, nil
	}
	return trading.Instrument{}, warnings, c.missing(on, t)
}

// find looks the ticker up by the exchange's spelling first, then by its assets; never by string surgery alone.
func (c *Catalogue) find(on trading.Exchange, t ticker) (trading.Instrument, bool) {
	for _, symbol := range []string{t.symbol, t.body} {
		if i, ok := c.bySymbol[listing{on, trading.InstrumentKey{Product: t.product, Symbol: symbol}}]; ok {
			return i, true
		}
	}
	for _, pair := range t.pairs() {
		if i, ok := c.byAssets[assets{on, t.product, pair[0], pair[1]}]; ok {
			return i, true
		}
	}
	return trading.Instrument{}, false
}

// missing says what is wrong with a symbol that is not listed.
func (c *Catalogue) missing(on trading.Exchange, t ticker) error {
	for _, pair := range t.pairs() {
		if pair[1] == "USD" && t.product == trading.Linear {
			return trading.FieldError("symbol", "%s is an inverse (coin-margined) contract, which is not supported: use %sUSDT.P", t.written, pair[0])
		}
		if i, ok := c.multiplied(on, t.product, pair[0], pair[1]); ok {
			return trading.FieldError("symbol", "%s is not listed on %s; %s is, but counts another multiple of the coin: write it exactly", t.written, on, i.Symbol)
		}
	}
	return trading.FieldError("symbol", "%s is not a %s instrument that is known on %s", t.written, t.product, on)
}
