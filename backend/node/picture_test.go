package node_test

import (
	"bytes"
	"image/png"
	"testing"
	"time"

	"hoox/backend/chart"
	"hoox/backend/trading"
)

// bought has the paper twin of Bybit buy with a stop and a target, and returns the order and its fills.
func (h *house) bought() (trading.Order, []trading.Fill) {
	h.t.Helper()
	r := h.post(`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"stopLoss":"2%","takeProfit":"3%"}`)
	orders, _, err := h.Store.Orders(h.t.Context(), trading.Page{Limit: 1})
	if err != nil || len(orders) != 1 || orders[0].Status != trading.OrderFilled {
		h.t.Fatalf("had %s and the orders %+v (%v), want a fill", r.body, orders, err)
	}
	fills, _, err := h.Store.Fills(h.t.Context(), trading.Page{Limit: 10})
	if err != nil || len(fills) == 0 {
		h.t.Fatalf("had %+v (%v)", fills, err)
	}
	return orders[0], fills
}

func (h *house) drawn(o trading.Order, fills []trading.Fill) []byte {
	h.t.Helper()
	raw, err := h.DrawFill(h.t.Context(), o, fills)
	if err != nil {
		h.t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		h.t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X != chart.Width || size.Y != chart.Height {
		h.t.Errorf("had a picture of %v", size)
	}
	return raw
}

func TestAFillOnPaperIsDrawnOverItsCandles(t *testing.T) {
	clock := &turned{now: time.Date(2026, 5, 1, 12, 0, 30, 0, time.UTC)}
	h := startAt(t, clock)
	o, fills := h.bought()

	whole := h.drawn(o, fills)

	bare := o
	bare.Protection = trading.Protection{}
	if bytes.Equal(whole, h.drawn(bare, fills)) {
		t.Error("the picture is the same without stop and target")
	}
	// A message may come late: the program was off meanwhile.
	clock.to(clock.Now().Add(48 * time.Hour))
	if bytes.Equal(whole, h.drawn(o, fills)) {
		t.Error("what the price did since is not drawn")
	}
	exit := o
	exit.ReduceOnly, exit.Protection = true, trading.Protection{}
	if bytes.Equal(h.drawn(bare, fills), h.drawn(exit, fills)) {
		t.Error("an entry and an exit are the same picture")
	}
	if _, err := h.DrawFill(t.Context(), o, nil); trading.KindOf(err) != trading.Invalid {
		t.Errorf("without fills: had %v, want Invalid", err)
	}
	if _, err := h.DrawFill(t.Context(), trading.Order{}, fills); trading.KindOf(err) != trading.Invalid {
		t.Errorf("an order without a filled quantity: had %v, want Invalid", err)
	}
}

func TestWhereNoCandlesAreKeptOnlyTheLevelsAreDrawn(t *testing.T) {
	h := startAt(t, &turned{now: time.Date(2026, 5, 1, 12, 0, 30, 0, time.UTC)})
	paper, fills := h.bought()
	live := paper
	live.Account = "bybit:live"
	bare := func(o trading.Order) []byte {
		raw, err := chart.Draw(chart.Card{Symbol: "BTCUSDT", Account: o.Account, Side: trading.Buy, At: fills[0].At, Zone: time.Local, Levels: []chart.Level{
			{Kind: chart.Entry, Price: o.AveragePrice()}, {Kind: chart.Stop, Price: o.Protection.StopLoss}, {Kind: chart.Target, Price: o.Protection.TakeProfit[0].Price},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}

	if !bytes.Equal(h.drawn(live, fills), bare(live)) {
		t.Error("an order on a real exchange is drawn over the candles of the synthetic market")
	}
	h.LoseCandles()
	if !bytes.Equal(h.drawn(paper, fills), bare(paper)) {
		t.Error("there are candles without a market that keeps any")
	}
}
