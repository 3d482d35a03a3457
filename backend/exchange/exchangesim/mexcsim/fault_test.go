package mexcsim_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/mexcsim"
	"hoox/backend/exchange/exchangetest"
	"hoox/backend/trading"
)

// faulty gives one fault to every order that is placed.
func (w *world) faulty(f exchangesim.Fault) {
	decide := func(path, _ string) exchangesim.Fault {
		if path == "/api/v1/private/order/create" || path == "/api/v3/order" {
			return f
		}
		return exchangesim.Fault{}
	}
	w.perps.SetFaults(decide)
	w.holdings.SetFaults(decide)
}

func TestFaultsHappenOnTheSideTheyAreSaidTo(t *testing.T) {
	empty := ""
	for name, r := range map[string]struct {
		fault  exchangesim.Fault
		orders int
		check  func(status int, raw string, err error) bool
	}{
		"request lost":      {exchangesim.Fault{LoseRequest: true}, 0, func(_ int, _ string, err error) bool { return err != nil }},
		"answer lost":       {exchangesim.Fault{LoseAnswer: true}, 1, func(_ int, _ string, err error) bool { return err != nil }},
		"502 after":         {exchangesim.Fault{Status: 502}, 1, func(s int, raw string, _ error) bool { return s == 502 && strings.Contains(raw, "<html>") }},
		"503 before":        {exchangesim.Fault{Status: 503, Refuse: true}, 0, func(s int, _ string, _ error) bool { return s == 503 }},
		"code after":        {exchangesim.Fault{Code: 500}, 1, func(_ int, raw string, _ error) bool { return strings.Contains(raw, `"code":500`) }},
		"code before":       {exchangesim.Fault{Code: 510, Refuse: true}, 0, func(_ int, raw string, _ error) bool { return strings.Contains(raw, `"code":510`) }},
		"nothing":           {exchangesim.Fault{Body: &empty}, 1, func(s int, raw string, _ error) bool { return s == 200 && raw == "" }},
		"too much":          {exchangesim.Fault{Huge: true}, 1, func(_ int, raw string, _ error) bool { return len(raw) > 1<<20 }},
		"banned":            {exchangesim.Fault{Banned: true, Refuse: true, RetryAfter: time.Minute}, 0, func(s int, _ string, _ error) bool { return s == 418 }},
		"seen by two":       {exchangesim.Fault{Twice: true}, 1, func(_ int, raw string, _ error) bool { return strings.Contains(raw, `"code":2042`) }},
		"rejected later":    {exchangesim.Fault{RejectLater: true}, 1, func(_ int, raw string, _ error) bool { return strings.Contains(raw, `"success":true`) }},
		"in several pieces": {exchangesim.Fault{Slices: 5}, 1, func(_ int, raw string, _ error) bool { return strings.Contains(raw, `"success":true`) }},
	} {
		w := newWorld(t, setting{})
		w.price("65000")
		w.faulty(r.fault)
		status, raw, err := w.try("POST", "order/create", opening("hx-1", 10, ""))
		if !r.check(status, raw, err) {
			t.Errorf("%s: had %d %.100q %v", name, status, raw, err)
		}
		if n := len(w.perps.Orders()); n != r.orders {
			t.Errorf("%s: want %d orders on the exchange, had %d", name, r.orders, n)
		}
		if n := w.perps.Creates("hx-1"); n != 1 {
			t.Errorf("%s: want one request counted, had %d", name, n)
		}
	}
}

func TestHiddenOrderIsFoundLaterOnly(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	w.faulty(exchangesim.Fault{Hide: 2 * time.Second})
	w.ask("POST", "order/create", opening("hx-1", 10, "")).want(t, "true", "success")
	w.ask("GET", "order/external/BTC_USDT/hx-1", "").want(t, "absent", "data")
	w.ask("GET", "order/list/order_deals/v3", "page_num=1&page_size=20&symbol=BTC_USDT").want(t, "[]", "data")
	w.clock.Pass(2 * time.Second)
	w.ask("GET", "order/external/BTC_USDT/hx-1", "").want(t, "3", "data", "state")
	w.ask("GET", "order/list/order_deals/v3", "page_num=1&page_size=20&symbol=BTC_USDT").want(t, "10", "data", 0, "vol")
}

func TestPartOfAMarketOrderIsCompleteWithLess(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	w.faulty(exchangesim.Fault{Slices: 5, FillOnly: true})
	w.ask("POST", "order/create", opening("hx-1", 10, ""))
	o := w.ask("GET", "order/external/BTC_USDT/hx-1", "")
	o.want(t, "3", "data", "state")
	o.want(t, "2", "data", "dealVol")
	_, made := w.call("POST", "order", "newClientOrderId=hx-1&quoteOrderQty=650&side=BUY&symbol=BTCUSDT&type=MARKET")
	made.want(t, "absent", "status")
	_, q := w.call("GET", "order", "origClientOrderId=hx-1&symbol=BTCUSDT")
	q.want(t, `"PARTIALLY_CANCELED"`, "status")
}

func TestExchangeThatIsStartedAgainTellsTheSame(t *testing.T) {
	now := func() time.Time { return time.UnixMilli(1_700_000_000_000).UTC() }
	cfg := exchangesim.Config{
		Key: futuresKey, Secret: futuresSecret, Log: filepath.Join(t.TempDir(), "log"), Now: now, Instruments: []trading.Instrument{perpetual()},
		Deposit: map[string]trading.Money{"USDT": trading.MustMoney("10000")}, IDs: exchangesim.UniqueForever, NewID: mexcsim.FuturesID,
	}
	rows := map[int]string{}
	for start := range 2 {
		core, err := exchangesim.Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if start == 0 {
			core.SetHedge(true)
			core.SetLeverage("BTC_USDT", 10)
			core.SetPrice("BTC_USDT", trading.MustPrice("65000"))
		}
		w := &world{t: t, clock: exchangetest.NewClock(now()), futures: mexcsim.NewFutures(core, mexcsim.Options{}), perps: core}
		w.serve()
		if start == 0 {
			w.ask("POST", "order/create", opening("hx-1", 10, `,"stopLossPrice":64000`)).want(t, "true", "success")
		}
		for _, path := range []string{"position/open_positions", "stoporder/open_orders", "order/external/BTC_USDT/hx-1"} {
			rows[start] += w.ask("GET", path, "").at("data") + "\n"
		}
		_, raw, _ := w.send("GET", "/api/v1/contract/kline/BTC_USDT", "", nil)
		rows[start] += raw
		w.futures.Close()
		if err := core.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if rows[0] != rows[1] {
		t.Errorf("want the same after a start\n%s\nhad\n%s", rows[0], rows[1])
	}
}
