package node_test

import (
	"slices"
	"strings"
	"testing"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/node"
	"hoox/backend/trading"
)

// arrive starts a program on an exchange of our own and turns to bitcoin of a product.
func arrive(t *testing.T, x *elsewhere, p trading.Product) *visit {
	t.Helper()
	v := &visit{house: startOn(t, x, t.TempDir()), x: x, product: p}
	v.written, v.symbol = symbolOf(x.exchange, p)
	return v
}

func TestAnEntryWhoseStopCannotBePlacedIsClosed(t *testing.T) {
	x := openExchange(t, trading.Binance)
	x.linear.SetFaults(func(path, _ string) exchangesim.Fault {
		if strings.Contains(path, "algo") {
			return exchangesim.Fault{Status: 500, Refuse: true}
		}
		return exchangesim.Fault{}
	})
	v := arrive(t, x, trading.Linear)
	if err := v.ChangeSetting(t.Context(), "protect:within", "2", "test"); err != nil {
		t.Fatal(err)
	}

	answer := v.say("LONG", `,"quantity":"0.01","stopLoss":"59000"`, "Filled")

	v.agree("0")
	id, _ := answer.json["requestId"].(string)
	story, err := v.Store.Signal(t.Context(), trading.SignalID(id))
	if err != nil {
		t.Fatal(err)
	}
	told := false
	for _, e := range story.Journal {
		told = told || strings.Contains(e.Stage+" "+e.Detail, "protect")
	}
	if !told {
		t.Errorf("the story of the signal says nothing of the stop that could not be placed: %+v", story.Journal)
	}
	v.oneOrderEach()
}

func TestAPositionChangedElsewhereKeepsEntriesOutUntilAPersonDecides(t *testing.T) {
	x := openExchange(t, trading.Bybit)
	v := arrive(t, x, trading.Linear)
	v.say("LONG", `,"quantity":"0.01"`, "Filled")
	v.agree("0.01")

	if _, no := x.linear.External(exchangesim.Request{Product: trading.Linear, Symbol: v.symbol, Side: trading.Sell, Kind: exchangesim.Market, Qty: trading.MustQty("0.004"), ReduceOnly: true}); no != nil {
		t.Fatalf("the website refused: %+v", no)
	}
	var found trading.Drift
	v.until("the difference is on the board", func() bool {
		v.Engine.Look(x.account())
		list, err := v.Engine.Drift(t.Context())
		for _, d := range list {
			if d.Kind == trading.DriftSize {
				found = d
			}
		}
		barred := v.Engine.Admits(x.account(), trading.InstrumentKey{Product: trading.Linear, Symbol: v.symbol}) != nil
		return err == nil && found.ID != "" && barred
	})
	refused := v.post(`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"` + v.written + `","quantity":"0.01","idempotencyKey":"while-it-differs"}`)
	if refused.status != 422 {
		t.Errorf("an entry while ledger and exchange differ: had %d %s, want 422", refused.status, refused.body)
	}
	if err := v.Engine.Fix(t.Context(), found.ID, trading.FixAdopt, "test"); err != nil {
		t.Fatal(err)
	}
	v.agree("0.006")
	v.say("LONG", `,"quantity":"0.01"`, "Filled")
	v.agree("0.016")
	v.say("CLOSE", "", "Filled")
	v.agree("0")
	if found, err := v.Store.Verify(t.Context()); err != nil {
		t.Fatal(err)
	} else {
		for _, f := range found {
			if !f.OK {
				t.Errorf("the ledger does not add up after the takeover: %s: %s", f.Check, f.Detail)
			}
		}
	}
}

func TestAFillWhileTheStreamsAreDownIsCaughtUpOnce(t *testing.T) {
	for _, e := range realExchanges() {
		t.Run(string(e), func(t *testing.T) {
			x := openExchange(t, e)
			v := arrive(t, x, trading.Linear)
			v.say("LONG", `,"quantity":"0.01","orderType":"limit","price":"59000"`, "Accepted")

			x.drop()
			x.price(v.product, v.symbol, "58990")
			x.drop()

			v.agree("0.01")
			fills, _, err := v.Store.Fills(t.Context(), trading.Page{Limit: 10})
			if err != nil || len(fills) != 1 {
				t.Errorf("the ledger has %d fills (%v), want one: it came by stream, catch-up or look-up", len(fills), err)
			}
		})
	}
}

// tellsRights is an exchange that tells what a key may do, which testnets do not.
func tellsRights(t *testing.T) *elsewhere {
	t.Helper()
	x := openExchange(t, trading.Binance)
	x.mode = trading.ModeLive
	x.config.Mode = "live"
	setenv(t, "HOOX_SECRET_BINANCE_API_KEY", "key-of-a-test")
	setenv(t, "HOOX_SECRET_BINANCE_API_SECRET", "secret-of-a-test")
	return x
}

func TestAKeyThatIsRefusedSaysWhichSecretsToSet(t *testing.T) {
	x := tellsRights(t)
	x.permit(binancesim.Permissions{Revoked: true})
	h := runOn(t, x, t.TempDir())
	if p := h.part("binance"); p.State != node.StateDown || !strings.Contains(p.Fix, "BINANCE_API_KEY and BINANCE_API_SECRET") {
		t.Errorf("had %+v, want it down and which secrets to set", p)
	}
}

func TestAConnectionTestIsTheLastWordOnWhatTheKeyMayDo(t *testing.T) {
	x := tellsRights(t)
	h := startOn(t, x, t.TempDir())
	rights := func() trading.KeyRights {
		cards, err := h.Cards(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return cards[slices.IndexFunc(cards, func(c node.Card) bool { return c.ID == x.account() })].Rights
	}
	if r := rights(); r.Linear != trading.Yes {
		t.Fatalf("the key's rights are %+v, want it to trade", r)
	}
	x.permit(binancesim.Permissions{NoFutures: true})
	if _, err := h.TestAccount(t.Context(), x.account()); err != nil {
		t.Fatal(err)
	}
	if r := rights(); r.Linear != trading.No {
		t.Errorf("the key's rights are %+v after a test, want those of now: whoever changed a key would be told the old ones for an hour", r)
	}
}

func TestAKeyThatMayWithdrawOpensNothing(t *testing.T) {
	x := tellsRights(t)
	x.permit(binancesim.Permissions{Withdrawals: true})

	h := runOn(t, x, t.TempDir())

	r := h.post(`{"apiKey":"KEY","exchange":"binance","action":"LONG","symbol":"BINANCE:BTCUSDT.P","quantity":"0.01","idempotencyKey":"dangerous"}`)
	if r.status != 422 || !strings.Contains(r.body, "withdraw") {
		t.Errorf("had %d %s, want 422 that names the right to withdraw", r.status, r.body)
	}
	if n := len(x.linear.Orders()); n != 0 {
		t.Errorf("the exchange has %d orders, want none", n)
	}
}

func TestATestAlertNeverTouchesTheLiveAccount(t *testing.T) {
	x := openExchange(t, trading.MEXC) // live
	v := arrive(t, x, trading.Linear)

	r := v.post(`{"apiKey":"KEY","exchange":"mexc","action":"LONG","symbol":"` + v.written + `","quantity":"0.01","test":true,"idempotencyKey":"only-a-test"}`)

	if r.status != 200 {
		t.Errorf("had %d %s, want it filled on the paper twin", r.status, r.body)
	}
	if n := len(x.linear.Orders()); n != 0 {
		t.Errorf("the live account has %d orders after a test alert, want none", n)
	}
	if q := v.holds(trading.MakeAccountID(trading.MEXC, trading.ModePaper), trading.Linear, v.symbol); q.IsZero() {
		t.Error("the paper twin holds nothing after a test alert")
	}
}

func TestAConnectionTestOfAnAccountInOrderFindsNothing(t *testing.T) {
	for _, e := range realExchanges() {
		t.Run(string(e), func(t *testing.T) {
			x := openExchange(t, e)
			h := startOn(t, x, t.TempDir())
			list, err := h.TestAccount(t.Context(), x.account())
			if err != nil || len(list) < 6 {
				t.Fatalf("had %+v %v, want every line asked", list, err)
			}
			for _, c := range list {
				if !c.OK {
					t.Errorf("%s: %s", c.Name, c.Detail)
				}
			}
		})
	}
}
