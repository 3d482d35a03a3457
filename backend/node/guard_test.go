package node_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/alarm"
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

// alarmed counts the alarms with some words.
func (h *house) alarmed(words string) (n int64) {
	h.t.Helper()
	// An alarm is written with the next commit.
	if err := h.Store.SetMeta(h.t.Context(), "test", words); err != nil {
		h.t.Fatal(err)
	}
	list, _, err := h.Store.Alarms(h.t.Context(), alarm.Page{Limit: 50})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, a := range list {
		if strings.Contains(a.Text, words) {
			n += a.Count
		}
	}
	return n
}

func TestX1_AKeyThatGetsTheRightToMoveMoneyEntersNothingAndCloses(t *testing.T) {
	for right, p := range map[string]binancesim.Permissions{"withdraw": {Withdrawals: true}, "transfer": {Transfers: true}} {
		t.Run(right, func(t *testing.T) {
			x := openExchange(t, trading.Binance)
			x.mode = trading.ModeLive
			x.config.Mode = "live"
			setenv(t, "HOOX_SECRET_BINANCE_API_KEY", "key-of-a-test")
			setenv(t, "HOOX_SECRET_BINANCE_API_SECRET", "secret-of-a-test")
			h := runOn(t, x, t.TempDir())
			alert := func(what, key string, status int) reply {
				t.Helper()
				r := h.post(`{"apiKey":"KEY","exchange":"binance","action":"` + what + `","symbol":"BINANCE:BTCUSDT.P","quantity":"0.01","idempotencyKey":"` + key + `"}`)
				if r.status != status {
					t.Errorf("%s: had %d %s, want %d", what, r.status, r.body, status)
				}
				return r
			}
			alert("LONG", "before", 200)

			x.permit(p)
			h.LookAtKey(t.Context(), "binance:live")

			if r := alert("LONG", "after", 422); !strings.Contains(r.body, right) {
				t.Errorf("had %s, want the right named", r.body)
			}
			alert("CLOSE", "out", 200)
			if part := h.part("binance"); part.State != node.StateDown || !strings.Contains(part.Detail, right) {
				t.Errorf("health says %+v, want it down with the right named", part)
			}
			if n := h.alarmed(right); n != 1 {
				t.Errorf("%d alarms about the right, want one: somebody else may have the account", n)
			}

			x.permit(binancesim.Permissions{})
			h.LookAtKey(t.Context(), "binance:live")
			alert("LONG", "again", 200)
		})
	}
}

func TestX2_AKeyThatEndsSoonIsAnAlarmOnceADay(t *testing.T) {
	x := openExchange(t, trading.Binance)
	x.mode = trading.ModeLive
	x.config.Mode = "live"
	setenv(t, "HOOX_SECRET_BINANCE_API_KEY", "key-of-a-test")
	setenv(t, "HOOX_SECRET_BINANCE_API_SECRET", "secret-of-a-test")
	h := runOn(t, x, t.TempDir())
	for _, step := range []struct {
		ends time.Duration
		want int64
	}{{15 * 24 * time.Hour, 0}, {13 * 24 * time.Hour, 1}, {13 * 24 * time.Hour, 1}} {
		x.permit(binancesim.Permissions{Expires: time.Now().Add(step.ends)})
		h.LookAtKey(t.Context(), "binance:live")
		if had := h.alarmed("stops trading on"); had != step.want {
			t.Errorf("a key that ends in %s: %d alarms, want %d", step.ends, had, step.want)
		}
	}
}

func TestX4_NoKeyOfOneModeIsThatOfAnother(t *testing.T) {
	owner := map[string]trading.AccountID{}
	for _, e := range []trading.Exchange{trading.Bybit, trading.Binance, trading.MEXC} {
		for _, m := range []trading.Mode{trading.ModeTestnet, trading.ModeLive} {
			for _, name := range []string{"", "swing", "testnet"} {
				id := trading.NamedAccountID(e, m, name)
				key, secret := node.KeyNames(id)
				for _, n := range []string{key, secret} {
					if before, taken := owner[n]; taken {
						t.Errorf("%s and %s have the same %s: a test would trade with real money", id, before, n)
					}
					owner[n] = id
				}
				if !strings.Contains(string(id), string(m)) {
					t.Errorf("%s does not say its mode", id)
				}
			}
		}
	}
}

func TestX3_AnAddressOfTheConfigurationIsShownInHealth(t *testing.T) {
	x := openExchange(t, trading.Bybit)
	h := startOn(t, x, t.TempDir())
	if part := h.part("bybit"); !strings.Contains(part.Detail, x.config.RestURL) || !strings.Contains(part.Detail, "config") {
		t.Errorf("health says %q, want where the exchange is by the configuration: %s", part.Detail, x.config.RestURL)
	}
	if _, err := h.Settings.Find("exchange:bybit:rest_url"); err == nil {
		t.Error("the address of an exchange is a setting: whoever gets at the settings could have every order sent to himself")
	}
}
