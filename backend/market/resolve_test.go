package market_test

import (
	"strings"
	"testing"

	"hoox/backend/market"
	"hoox/backend/trading"
)

func TestSymbolsResolveAsTradersWriteThem(t *testing.T) {
	c := market.NewCatalogue(market.Standard())
	const none = trading.Exchange("")
	for _, test := range []struct {
		exchange trading.Exchange
		written  string
		fallback trading.Product

		on      trading.Exchange
		product trading.Product
		symbol  string
	}{
		// The rows of the mapping table.
		{none, "BYBIT:BTCUSDT.P", trading.Linear, trading.Bybit, trading.Linear, "BTCUSDT"},
		{none, "BYBIT:BTCUSDT", trading.Linear, trading.Bybit, trading.Spot, "BTCUSDT"},
		{none, "BYBIT:BTCUSDC.P", trading.Linear, trading.Bybit, trading.Linear, "BTCPERP"},
		{none, "BINANCE:BTCUSDT.P", trading.Spot, trading.Binance, trading.Linear, "BTCUSDT"},
		{none, "BINANCE:BTCUSDTPERP", trading.Spot, trading.Binance, trading.Linear, "BTCUSDT"},
		{none, "BINANCE:BTCUSDC.P", trading.Linear, trading.Binance, trading.Linear, "BTCUSDC"},
		{none, "BINANCE:BTCUSDT", trading.Linear, trading.Binance, trading.Spot, "BTCUSDT"},
		{none, "MEXC:BTCUSDT.P", trading.Linear, trading.MEXC, trading.Linear, "BTC_USDT"},
		{none, "MEXC:BTCUSDT", trading.Linear, trading.MEXC, trading.Spot, "BTCUSDT"},

		// Without a prefix the product is the account's, unless the writing says perpetual.
		{trading.Bybit, "BTCUSDT", trading.Linear, trading.Bybit, trading.Linear, "BTCUSDT"},
		{trading.Bybit, "BTCUSDT", trading.Spot, trading.Bybit, trading.Spot, "BTCUSDT"},
		{trading.Bybit, "BTCUSDT.P", trading.Spot, trading.Bybit, trading.Linear, "BTCUSDT"},
		{trading.Bybit, "BTCPERP", trading.Linear, trading.Bybit, trading.Linear, "BTCPERP"},
		{trading.Binance, "BTCUSDTPERP", trading.Spot, trading.Binance, trading.Linear, "BTCUSDT"},
		{trading.MEXC, "BTCUSDT", trading.Linear, trading.MEXC, trading.Linear, "BTC_USDT"},
		{trading.MEXC, "BTC_USDT", trading.Linear, trading.MEXC, trading.Linear, "BTC_USDT"},
		{trading.MEXC, "BTC_USDT", trading.Spot, trading.MEXC, trading.Linear, "BTC_USDT"},
		{trading.Bybit, "BTC_USDT", trading.Spot, trading.Bybit, trading.Spot, "BTCUSDT"},
		{trading.Paper, "BTCUSDT", trading.Linear, trading.Paper, trading.Linear, "BTCUSDT"},

		// Pairs, lower case, spaces, a prefix that agrees.
		{trading.Bybit, "BTC/USDT", trading.Linear, trading.Bybit, trading.Linear, "BTCUSDT"},
		{trading.Bybit, "BTC/USDT", trading.Spot, trading.Bybit, trading.Spot, "BTCUSDT"},
		{trading.Bybit, "BTC/USDT:USDT", trading.Spot, trading.Bybit, trading.Linear, "BTCUSDT"},
		{trading.MEXC, "btc/usdt:usdt", trading.Spot, trading.MEXC, trading.Linear, "BTC_USDT"},
		{trading.Bybit, " bybit:btcusdt.p ", trading.Spot, trading.Bybit, trading.Linear, "BTCUSDT"},
		{trading.Bybit, "ethusdt", trading.Linear, trading.Bybit, trading.Linear, "ETHUSDT"},

		// A multiplier is part of the name.
		{trading.Bybit, "1000PEPEUSDT.P", trading.Spot, trading.Bybit, trading.Linear, "1000PEPEUSDT"},
		{trading.MEXC, "PEPEUSDT.P", trading.Spot, trading.MEXC, trading.Linear, "PEPE_USDT"},
	} {
		i, warnings, err := c.Resolve(test.exchange, test.written, test.fallback)
		if err != nil {
			t.Errorf("%q on %q: %v", test.written, test.exchange, err)
			continue
		}
		if i.Exchange != test.on || i.Product != test.product || i.Symbol != test.symbol {
			t.Errorf("%q on %q by default %s is %s %s %s, want %s %s %s: another instrument is another trade",
				test.written, test.exchange, test.fallback, i.Exchange, i.Product, i.Symbol, test.on, test.product, test.symbol)
		}
		if len(warnings) != 0 {
			t.Errorf("%q warns %q, want nothing", test.written, warnings)
		}
	}
}

func TestSymbolsThatAreNotOursAreRefusedWithTheReason(t *testing.T) {
	c := market.NewCatalogue(market.Standard())
	for _, test := range []struct {
		exchange trading.Exchange
		written  string
		fallback trading.Product
		reason   string
	}{
		{"", "BYBIT:BTCUSD.P", trading.Linear, "inverse"},
		{"", "BINANCE:BTCUSD.P", trading.Linear, "inverse"},
		{"", "BINANCE:BTCUSDPERP", trading.Linear, "inverse"},
		{trading.Bybit, "BTCUSD", trading.Linear, "inverse"},
		{trading.Bybit, "BTC/USD:BTC", trading.Linear, "inverse"},
		{trading.Bybit, "BTC/USDT:USDT-251226", trading.Linear, "dated"},
		{trading.Bybit, "BTCUSDTZ2025", trading.Linear, "dated"},
		{trading.Bybit, "BYBIT:BTCUSDTZ25", trading.Linear, "dated"},
		{trading.Binance, "BTCUSDT_251226", trading.Linear, "dated"},
		{trading.Bybit, "BTC-26DEC25", trading.Linear, "dated"},
		{trading.Bybit, "BTC-26DEC25-70000-C", trading.Linear, "option"},
		{"", "BYBIT:BTC1!", trading.Linear, "future"},
		{trading.Bybit, "BINANCE:BTCUSDT.P", trading.Linear, "make the two agree"},
		{"", "KRAKEN:BTCUSDT", trading.Linear, "not one of bybit, binance, mexc, paper"},
		{"", "BTCUSDT", trading.Linear, "exchange: none given"},
		{"kraken", "BTCUSDT", trading.Linear, "not one of"},
		{trading.Bybit, "", trading.Linear, "empty"},
		{trading.Bybit, "BYBIT:", trading.Linear, "empty"},
		{trading.Bybit, "NOSUCHUSDT.P", trading.Linear, "not a linear instrument"},
		{trading.Bybit, "BYBIT:BTCUSD", trading.Linear, "not a spot instrument"},
		{trading.Bybit, "PEPEUSDT.P", trading.Linear, "1000PEPEUSDT"},
		{trading.MEXC, "1000PEPEUSDT.P", trading.Linear, "PEPE_USDT"},
		{trading.Bybit, "1000PEPEUSDT", trading.Spot, "not a spot instrument"},
		{trading.Bybit, "BTCUSDT;DROP", trading.Linear, "not a linear instrument"},
	} {
		i, _, err := c.Resolve(test.exchange, test.written, test.fallback)
		if trading.KindOf(err) != trading.Invalid || !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%q on %q is %s, error %v; want Invalid with %q", test.written, test.exchange, i.Symbol, err, test.reason)
		}
	}
}

func TestDelayedChartsWarn(t *testing.T) {
	c := market.NewCatalogue(market.Standard())
	for _, written := range []string{"BYBIT_DL:BTCUSDT.P", "bybit_dly:BTCUSDT.P"} {
		i, warnings, err := c.Resolve("", written, trading.Linear)
		if err != nil || i.Exchange != trading.Bybit || i.Product != trading.Linear {
			t.Errorf("%q is %+v (%v), want Bybit's perpetual", written, i, err)
		}
		if len(warnings) != 1 || !strings.Contains(warnings[0], "delayed") {
			t.Errorf("%q warns %q, want that the data are delayed", written, warnings)
		}
	}
}

func TestPaperTakesAnybodysChartWithAWarning(t *testing.T) {
	c := market.NewCatalogue(market.Standard())
	i, warnings, err := c.Resolve(trading.Paper, "BYBIT:BTCUSDT.P", trading.Linear)
	if err != nil || i.Exchange != trading.Paper || len(warnings) != 1 {
		t.Errorf("symbol is %+v, warnings %q, error %v; want paper's own and one warning", i, warnings, err)
	}
}

func FuzzResolveNeverPanics(f *testing.F) {
	c := market.NewCatalogue(market.Standard())
	for _, seed := range []string{"BYBIT:BTCUSDT.P", "BTC/USDT:USDT", "::", ".P", "PERP", "-", "_", "/:", "Z25"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		for _, e := range append(trading.Exchanges(), "") {
			i, _, err := c.Resolve(e, written, trading.Linear)
			if err == nil && i.Symbol == "" {
				t.Errorf("%q resolves to nothing without an error", written)
			}
			if err == nil && e != "" && i.Exchange != e {
				t.Errorf("%q for %s resolves to %s", written, e, i.Exchange)
			}
		}
	})
}
