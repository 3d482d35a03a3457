package app

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/events"
	"hoox/backend/node"
	"hoox/backend/risk"
	"hoox/backend/settings"
	"hoox/backend/trading"
)

// standing is a kill switch that stands as it is told.
type standing struct {
	killSwitch
	state risk.State
	actor string
}

func (s *standing) Standing() risk.Standing {
	return risk.Standing{State: s.state, Actor: s.actor, Reason: "a test"}
}

// doubts is a keeper of orders in doubt, and of how often it was asked for them.
type doubts struct {
	keeper
	list  []trading.Order
	asked atomic.Int64
}

func (d *doubts) InDoubt(context.Context) ([]trading.Order, error) {
	d.asked.Add(1)
	return d.list, nil
}

func quietHouse() *house {
	return &house{
		log: slog.New(slog.DiscardHandler), now: func() time.Time { return noon }, settings: settings.NewLive(), kill: &standing{state: risk.Active, actor: "cli"},
		keeper: &doubts{}, compared: func() []node.Comparison { return nil },
	}
}

func TestTheComputerStaysAwakeOnlyWhileAnOrderCouldBeLost(t *testing.T) {
	live := func(h *house) {
		h.compared = func() []node.Comparison { return []node.Comparison{{Account: "bybit:live"}} }
	}
	doubt := func(account trading.AccountID) func(*house) {
		return func(h *house) { h.keeper.(*doubts).list = []trading.Order{{Account: account}} }
	}
	halted := func(h *house) { h.kill.(*standing).state = risk.Halted }
	off := func(h *house) { h.settings.Put(awakeKey, "false") }
	tests := []struct {
		name   string
		change []func(*house)
		want   string
	}{
		{"paper only", nil, ""},
		{"a live account", []func(*house){live}, "trading is active on bybit:live"},
		{"a live account, halted", []func(*house){live, halted}, ""},
		{"halted, and an order in doubt", []func(*house){halted, doubt("mexc:live")}, "an order on mexc:live is on its way or in doubt"},
		{"a paper order in doubt", []func(*house){doubt("mexc:paper")}, ""},
		{"switched off", []func(*house){live, doubt("mexc:live"), off}, ""},
	}
	for _, test := range tests {
		h := quietHouse()
		for _, change := range test.change {
			change(h)
		}
		if had := (&awake{in: h}).needed(t.Context()); had != test.want {
			t.Errorf("%s: had %q, want %q", test.name, had, test.want)
		}
	}
}

func TestTheLedgerIsNotAskedForDoubtsBecausePricesMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := quietHouse()
		h.hub = events.New()
		ctx, stop := context.WithCancel(t.Context())
		go (&awake{in: h}).serve(ctx)
		synctest.Wait()
		asked := h.keeper.(*doubts).asked.Load
		if asked() != 1 {
			t.Fatalf("asked %d times at the start, want 1", asked())
		}

		h.hub.Publish(events.Market)
		synctest.Wait()
		if asked() != 1 {
			t.Errorf("asked %d times after prices moved, want 1: they move all day, and start no order", asked())
		}
		h.hub.Publish(events.Orders)
		synctest.Wait()
		if asked() != 2 {
			t.Errorf("asked %d times after an order moved, want 2: it may be lost by sleep", asked())
		}
		<-time.After(awakePause)
		synctest.Wait()
		if asked() != 3 {
			t.Errorf("asked %d times after the pause, want 3: a hint may be lost", asked())
		}
		stop()
		synctest.Wait()
	})
}

func TestHealthSaysWhatHoldsTheComputerAwake(t *testing.T) {
	held, released := 0, 0
	fault := errors.New("no logind")
	a := &awake{in: quietHouse(), hold: func(string) (func(), string, error) {
		if fault != nil {
			return nil, "", fault
		}
		held++
		return func() { released++ }, "logind", nil
	}}

	a.settle("trading is active on bybit:live")
	if p := a.health(); p.State != node.StateDegraded || p.Detail != "this computer may sleep although trading is active on bybit:live: no logind" || p.Fix == "" {
		t.Errorf("had %+v, want a refusal told with what to do", p)
	}
	fault = nil
	a.settle("trading is active on bybit:live")
	a.settle("trading is active on bybit:live")
	if p := a.health(); held != 1 || p.State != node.StateOK || p.Detail != "kept awake by logind, because trading is active on bybit:live" {
		t.Errorf("held %d times, had %+v, want it held once and told", held, p)
	}
	a.settle("")
	a.settle("")
	if p := a.health(); released != 1 || p.State != node.StateOK {
		t.Errorf("released %d times, had %+v, want it let go once", released, p)
	}
	a.in.settings.Put(awakeKey, "false")
	if p := a.health(); p.State != node.StateOff {
		t.Errorf("had %+v, want it shown as switched off", p)
	}
}
