package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/exchange/exchangesim/bybitsim"
	"hoox/backend/exchange/exchangesim/mexcsim"
	"hoox/backend/trading"
)

// The keys of every simulated account. They open nothing anywhere else.
const (
	simulatedKey    = "simulated-key-0001"
	simulatedSecret = "simulated-secret-0001"
)

// facade is one exchange's way to speak; each simulated one has it.
type facade interface {
	http.Handler
	DropStreams()
	Streams() int
	SetSilent(silent bool)
	Close()
}

// exchange is one account with its façade.
type exchange struct {
	name string
	core *exchangesim.Core
	facade
	script *script
}

// house is every simulated exchange.
type house struct{ exchanges []*exchange }

// coins are what can be traded, with the smallest steps of price, spot quantity and contracts.
type coin struct{ base, tick, spotStep, step, most string }

func coins() []coin {
	return []coin{{"BTC", "0.1", "0.00001", "0.001", "100"}, {"ETH", "0.01", "0.0001", "0.01", "1000"}, {"SOL", "0.01", "0.001", "0.1", "10000"}}
}

// instruments are the same coins in an exchange's spelling: sep stands between base and quote of a perpetual.
func instruments(on trading.Exchange, sep string, products ...trading.Product) []trading.Instrument {
	var list []trading.Instrument
	for _, product := range products {
		for _, c := range coins() {
			i := trading.Instrument{
				Exchange: on, Product: product, Symbol: c.base + "USDT", Base: c.base, Quote: "USDT", TickSize: trading.MustPrice(c.tick),
				StepSize: trading.MustQty(c.spotStep), MinQty: trading.MustQty(c.spotStep), MaxQty: trading.MustQty(c.most), MinNotional: trading.MustMoney("5"),
				MaxLeverage: 1, MakerFee: trading.MustRatio("0.001"), TakerFee: trading.MustRatio("0.001"),
			}
			if product == trading.Linear {
				i.Symbol, i.StepSize, i.MinQty, i.MaxLeverage = c.base+sep+"USDT", trading.MustQty(c.step), trading.MustQty(c.step), 100
				i.MakerFee, i.TakerFee, i.Maintenance = trading.MustRatio("0.0002"), trading.MustRatio("0.0005"), trading.MustRatio("0.005")
			}
			list = append(list, i)
		}
	}
	return list
}

// open makes or continues every account in dir and sets the first prices.
func open(dir string, now func() time.Time, first map[string]trading.Price) (*house, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	h := &house{}
	for _, e := range []struct {
		name   string
		config exchangesim.Config
		face   func(*exchangesim.Core) facade
	}{
		{"bybit", bybitsim.Account(exchangesim.Config{Instruments: instruments(trading.Bybit, "", trading.Linear, trading.Spot)}),
			func(c *exchangesim.Core) facade { return bybitsim.New(c, bybitsim.Options{Limits: true, Async: true}) }},
		{"binance_spot", exchangesim.Config{IDs: exchangesim.UniqueWhileOpen, OwnSpotFee: true, Instruments: instruments(trading.Binance, "", trading.Spot)},
			func(c *exchangesim.Core) facade { return binancesim.NewSpot(c, binancesim.Options{}) }},
		{"binance_futures", exchangesim.Config{IDs: exchangesim.UniqueWhileOpen, Instruments: instruments(trading.Binance, "", trading.Linear)},
			func(c *exchangesim.Core) facade { return binancesim.NewFutures(c, binancesim.Options{}) }},
		{"mexc_spot", exchangesim.Config{IDs: exchangesim.Free, CancelPostOnly: true, NewID: mexcsim.SpotID, Instruments: instruments(trading.MEXC, "", trading.Spot)},
			func(c *exchangesim.Core) facade { return mexcsim.NewSpot(c, mexcsim.Options{Limits: true}) }},
		{"mexc_futures", exchangesim.Config{IDs: exchangesim.UniqueForever, CancelPostOnly: true, NewID: mexcsim.FuturesID, Instruments: instruments(trading.MEXC, "_", trading.Linear)},
			func(c *exchangesim.Core) facade { return mexcsim.NewFutures(c, mexcsim.Options{Limits: true}) }},
	} {
		cfg := e.config
		cfg.Key, cfg.Secret, cfg.Now, cfg.Log = simulatedKey, simulatedSecret, now, filepath.Join(dir, e.name+".log")
		cfg.Deposit = map[string]trading.Money{"USDT": trading.MustMoney("10000")}
		core, err := exchangesim.Open(cfg)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open %s: %w", e.name, err), h.close())
		}
		x := &exchange{name: e.name, core: core, script: &script{}}
		core.SetFaults(x.script.fault)
		x.facade = e.face(core)
		h.exchanges = append(h.exchanges, x)
	}
	for _, c := range coins() {
		h.price(c.base+"USDT", first[c.base+"USDT"])
	}
	return h, nil
}

// price moves a symbol on every exchange that has it, however it is spelled, and tells on how many.
func (h *house) price(symbol string, mark trading.Price) int {
	plain := strings.ReplaceAll(symbol, "_", "")
	n := 0
	for _, x := range h.exchanges {
		// One account of both products has one mark for a symbol.
		var moved []string
		for _, i := range append(x.core.Instruments(trading.Linear), x.core.Instruments(trading.Spot)...) {
			if strings.ReplaceAll(i.Symbol, "_", "") == plain && !slices.Contains(moved, i.Symbol) {
				x.core.SetPrice(i.Symbol, mark)
				moved = append(moved, i.Symbol)
				n++
			}
		}
	}
	return n
}

func (h *house) find(name string) *exchange {
	for _, x := range h.exchanges {
		if x.name == name {
			return x
		}
	}
	return nil
}

// close ends the streams and closes the logs.
func (h *house) close() error {
	var errs []error
	for _, x := range h.exchanges {
		x.facade.Close()
		errs = append(errs, x.core.Close())
	}
	return errors.Join(errs...)
}
