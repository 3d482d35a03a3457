package admission_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/admission"
	"hoox/backend/market"
	"hoox/backend/risk"
	"hoox/backend/settings"
	"hoox/backend/strategy"
	"hoox/backend/trading"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// paperwork remembers what the desk wanted written down.
type paperwork struct {
	book     risk.Book
	intake   trading.Intake
	decision risk.Decision
	cancels  []trading.OrderID
	// all is everything since the desk was made, books what an account has when it is not book.
	all        []entry
	books      map[trading.AccountID]risk.Book
	strategies map[string]strategy.Strategy
	known      map[string]trading.Receipt
}

type entry struct {
	in       trading.Intake
	decision risk.Decision
}

func (p *paperwork) Seen(_ context.Context, in trading.Intake) (trading.Receipt, bool, error) {
	r, ok := p.known[in.Scope+" "+in.Key]
	r.Duplicate = ok
	return r, ok, nil
}

func (p *paperwork) AdmitAll(ctx context.Context, all []trading.Intake, decide func(int, risk.Book) risk.Decision) ([]trading.Receipt, error) {
	var receipts []trading.Receipt
	for n, in := range all {
		r, err := p.Admit(ctx, in, func(b risk.Book) risk.Decision { return decide(n, b) })
		if err != nil {
			return nil, err
		}
		receipts = append(receipts, r)
	}
	return receipts, nil
}

func (p *paperwork) Book(_ context.Context, in trading.Intake) (risk.Book, error) {
	if b, ok := p.books[in.Account]; ok {
		return b, nil
	}
	return p.book, nil
}

func (p *paperwork) Strategy(_ context.Context, name string) (strategy.Record, error) {
	s, ok := p.strategies[name]
	if !ok {
		return strategy.Record{}, trading.Errorf(trading.NotFound, "no strategy %s", name)
	}
	return strategy.Record{Strategy: s, Version: 1}, nil
}

func (p *paperwork) Admit(_ context.Context, in trading.Intake, decide func(risk.Book) risk.Decision) (trading.Receipt, error) {
	book, ok := p.books[in.Account]
	if !ok {
		book = p.book
	}
	p.intake, p.decision = in, decide(book)
	p.cancels = p.decision.Cancel
	p.all = append(p.all, entry{in, p.decision})
	if first, again := inWords(p.decision), inWords(decide(book)); first != again {
		return trading.Receipt{}, fmt.Errorf("deciding twice gave %s, then %s", first, again)
	}
	return trading.Receipt{Signal: in.Signal.ID, Status: p.decision.Status, Reason: p.decision.Reason, Account: in.Account, Parent: in.Signal.Parent}, nil
}

func inWords(d risk.Decision) string {
	var orders []trading.Order
	for _, a := range d.Approved {
		orders = append(orders, a.Order())
	}
	text, err := json.Marshal(map[string]any{"status": d.Status, "reason": d.Reason, "orders": orders, "denied": d.Denied, "checks": d.Checks})
	if err != nil {
		return err.Error()
	}
	return string(text)
}

type noLine struct{}

func (noLine) Take([]trading.Order) {}
func (noLine) Wake()                {}

// fixed is a market in which BTCUSDT is 60000 bid, 60001 ask, unless an account has another ask.
type fixed struct {
	*market.Catalogue
	stale bool
	asks  map[trading.AccountID]string
}

func (f fixed) Resolve(e trading.Exchange, written string, fallback trading.Product, _ func(trading.Exchange) trading.Mode) (trading.Instrument, []string, error) {
	return f.Catalogue.Resolve(e, written, fallback)
}

func (f fixed) Quote(a trading.AccountID, k trading.InstrumentKey) (trading.Quote, bool) {
	at, ask := noon, "60001"
	if f.stale {
		at = noon.Add(-time.Minute)
	}
	if own, ok := f.asks[a]; ok {
		ask = own
	}
	return trading.Quote{Exchange: a.Exchange(), Product: k.Product, Symbol: k.Symbol, Bid: trading.MustPrice("60000"), Ask: trading.MustPrice(ask), Mark: trading.MustPrice("60000"), At: at}, true
}

func (f fixed) Await(context.Context, trading.AccountID, trading.InstrumentKey, time.Time) bool {
	return !f.stale
}

type desk struct {
	*admission.Desk
	*paperwork
	t   *testing.T
	set *settings.Live
	mem risk.Standing
}

func newDesk(t *testing.T) *desk {
	d := &desk{paperwork: &paperwork{}, t: t, set: settings.NewLive(), mem: risk.Standing{State: risk.Active}}
	d.book = risk.Book{Standing: risk.Standing{State: risk.Active}, Balance: trading.MustMoney("10000")}
	d.Desk = admission.New(admission.Parts{
		Store: d.paperwork, Market: fixed{Catalogue: market.NewCatalogue(market.Standard())}, Line: noLine{}, Settings: d.set,
		Mode:     func(trading.Exchange, bool) trading.Mode { return trading.ModePaper },
		Standing: func() risk.Standing { return d.mem }, Ready: func(trading.AccountID, trading.InstrumentKey) error { return nil },
		InstallKey: []byte("install"), Now: func() time.Time { return noon },
	})
	return d
}

func (d *desk) hold(slot trading.Slot, qty string) {
	q := trading.MustQty(qty)
	d.book.Positions = append(d.book.Positions, trading.Position{Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Slot: slot,
		Qty: q, Cost: trading.Notional(trading.MustPrice("60000"), q.Abs()), Leverage: 5})
}

func alert(action trading.Action, size trading.SizeMode, value string) trading.Signal {
	s := trading.Signal{ID: trading.NewSignalID(), Source: trading.FromWebhook, Credential: "k", Key: "key", ReceivedAt: noon,
		Exchange: trading.Bybit, Symbol: "BTCUSDT", Action: action, Type: trading.Market, Leverage: 5}
	if size != trading.SizeNone {
		s.Size = trading.Size{Mode: size, Value: trading.MustRatio(value)}
	}
	return s
}

// legs admits a signal and tells its approved legs as "side qty [reduce]".
func (d *desk) legs(s trading.Signal) string {
	d.t.Helper()
	receipt, err := d.Desk.Admit(d.t.Context(), s)
	if err != nil {
		d.t.Fatal(err)
	}
	var words []string
	for _, a := range d.decision.Approved {
		o := a.Order()
		w := string(o.Side) + " " + o.Qty.String()
		if o.ReduceOnly {
			w += " reduce"
		}
		if o.Slot != trading.SlotBoth {
			w += " " + string(o.Slot)
		}
		words = append(words, w)
	}
	if len(words) == 0 {
		return string(receipt.Status)
	}
	return strings.Join(words, ", ")
}

func target(d trading.Direction, qty string) trading.Signal {
	s := alert(trading.ActTarget, trading.SizeNone, "")
	s.Target = &trading.Target{Direction: d, Quantity: trading.MustQty(qty)}
	return s
}

func TestAlertsBecomeLegsAgainstTheActualPosition(t *testing.T) {
	const hedge = "hedge"
	for name, c := range map[string]struct {
		mode, held string
		signal     trading.Signal
		want       string
	}{
		"entry from flat":             {"", "", alert(trading.ActLong, trading.SizeBase, "0.02"), "buy 0.02"},
		"entry adds":                  {"", "0.02", alert(trading.ActLong, trading.SizeBase, "0.02"), "buy 0.02"},
		"entry against, larger":       {"", "-0.01", alert(trading.ActLong, trading.SizeBase, "0.03"), "buy 0.01 reduce, buy 0.02"},
		"entry against, smaller":      {"", "-0.05", alert(trading.ActLong, trading.SizeBase, "0.03"), "buy 0.03 reduce"},
		"entry against in hedge mode": {hedge, "-0.01", alert(trading.ActLong, trading.SizeBase, "0.03"), "buy 0.03 long"},
		"quote size":                  {"", "", alert(trading.ActLong, trading.SizeQuote, "1000"), "buy 0.016"},
		"percent of equity":           {"", "", alert(trading.ActShort, trading.SizePercent, "10"), "sell 0.016"},
		"close without size":          {"", "0.03", alert(trading.ActClose, trading.SizeNone, ""), "sell 0.03 reduce"},
		"close part":                  {"", "0.03", alert(trading.ActCloseLong, trading.SizeBase, "0.01"), "sell 0.01 reduce"},
		"close half":                  {"", "0.03", alert(trading.ActCloseLong, trading.SizePercent, "50"), "sell 0.015 reduce"},
		"close more than there is":    {"", "0.03", alert(trading.ActCloseLong, trading.SizeBase, "1"), "sell 0.03 reduce"},
		"close the other side":        {"", "0.03", alert(trading.ActCloseShort, trading.SizeNone, ""), "no_op"},
		"close when flat":             {"", "", alert(trading.ActClose, trading.SizeNone, ""), "no_op"},
		"flat in hedge mode":          {hedge, "-0.02", alert(trading.ActFlat, trading.SizeNone, ""), "buy 0.02 reduce short"},
		"strategy entry":              {"", "", target(trading.Long, "0.02"), "buy 0.02"},
		"strategy adds":               {"", "0.02", target(trading.Long, "0.03"), "buy 0.01"},
		"strategy reduces":            {"", "0.03", target(trading.Long, "0.01"), "sell 0.02 reduce"},
		"strategy flips":              {"", "0.03", target(trading.Short, "0.01"), "sell 0.03 reduce, sell 0.01"},
		"strategy exits":              {"", "-0.03", target(trading.Flat, "0"), "buy 0.03 reduce"},
		"strategy is there already":   {"", "0.03", target(trading.Long, "0.03"), "no_op"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			slot := trading.SlotBoth
			if c.mode == hedge {
				d.set.Put("exchange:bybit:position_mode", hedge)
				slot = trading.SlotShort
			}
			if c.held != "" {
				d.hold(slot, c.held)
			}
			if got := d.legs(c.signal); got != c.want {
				t.Errorf("had %q, want %q", got, c.want)
			}
		})
	}
}

func TestRiskSizeLosesTheAskedShareAtTheStop(t *testing.T) {
	d := newDesk(t)
	s := alert(trading.ActLong, trading.SizeRisk, "1")
	s.StopLoss = trading.Level{Price: trading.MustPrice("58001")}
	// 1 % of 10000 is 100; the stop is 2000 away; 100 / 2000 = 0.05.
	if got := d.legs(s); got != "buy 0.05" {
		t.Fatalf("had %q, want buy 0.05", got)
	}
	if p := d.decision.Approved[0].Order().Protection; p.StopLoss.String() != "58001" {
		t.Fatalf("stop %s, want 58001", p.StopLoss)
	}
}

func TestWhatCannotBeTradedIsRefusedInWords(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*trading.Signal)
		want string
	}{
		"below a step":           {func(s *trading.Signal) { s.Size.Value = trading.MustRatio("0.0004") }, "below the smallest"},
		"stop on the wrong side": {func(s *trading.Signal) { s.StopLoss = trading.Level{Price: trading.MustPrice("61000")} }, "not on the losing side"},
		"target on the wrong side": {func(s *trading.Signal) {
			s.TakeProfit = []trading.TakeProfit{{Level: trading.Level{Price: trading.MustPrice("59000")}}}
		}, "not on the winning side"},
		"above the leverage cap": {func(s *trading.Signal) { s.Leverage = 50 }, "max leverage: asked 50x, allowed 20x"},
		"above the order cap":    {func(s *trading.Signal) { s.Size.Value = trading.MustRatio("0.1") }, "max order"},
	} {
		d := newDesk(t)
		s := alert(trading.ActLong, trading.SizeBase, "0.01")
		c.edit(&s)
		if got := d.legs(s); got != "refused" || !strings.Contains(d.decision.Reason, c.want) {
			t.Errorf("%s: had %s %q, want refused with %q", name, got, d.decision.Reason, c.want)
		}
	}
}

func TestNothingIsSizedWithoutAFreshPrice(t *testing.T) {
	d := newDesk(t)
	d.Desk.Market = fixed{Catalogue: market.NewCatalogue(market.Standard()), stale: true}
	if got := d.legs(alert(trading.ActLong, trading.SizeQuote, "100")); got != "refused" {
		t.Fatalf("had %s, want refused: an old price is a guess", got)
	}
	d.hold(trading.SlotBoth, "0.02")
	if got := d.legs(alert(trading.ActClose, trading.SizeNone, "")); got != "sell 0.02 reduce" {
		t.Fatalf("had %s, want the close to go: it needs no price", got)
	}
}

func TestMemoryHaltBeatsAnActiveRow(t *testing.T) {
	d := newDesk(t)
	d.mem = risk.Standing{State: risk.Halted, Reason: "pressed a moment ago"}
	if got := d.legs(alert(trading.ActLong, trading.SizeBase, "0.01")); got != "blocked" {
		t.Fatalf("had %s, want blocked: the row may be a moment behind", got)
	}
}

func TestAgeDecidesBeforeAnythingElse(t *testing.T) {
	d := newDesk(t)
	s := alert(trading.ActLong, trading.SizeBase, "0.01")
	s.SentAt = noon.Add(-61 * time.Second)
	if got := d.legs(s); got != "expired" {
		t.Fatalf("had %s, want expired after 60 s", got)
	}
	s.Action, s.Size = trading.ActClose, trading.Size{}
	d.hold(trading.SlotBoth, "0.02")
	if got := d.legs(s); got != "sell 0.02 reduce" {
		t.Fatalf("had %s, want the close to go: it lives 15 minutes", got)
	}
}

func TestFlatCancelsRestingEntriesToo(t *testing.T) {
	d := newDesk(t)
	d.hold(trading.SlotBoth, "0.02")
	d.book.Open = []trading.Order{
		{ID: "entry", Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Status: trading.OrderAccepted, Type: trading.Limit},
		{ID: "exit", Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Status: trading.OrderAccepted, ReduceOnly: true},
		{ID: "other", Account: "bybit:paper", Product: trading.Linear, Symbol: "ETHUSDT", Status: trading.OrderAccepted},
	}
	if got := d.legs(alert(trading.ActFlat, trading.SizeNone, "")); got != "sell 0.02 reduce" || fmt.Sprint(d.cancels) != "[entry]" {
		t.Fatalf("had %s and cancels %v, want the close and the cancel of the resting entry only", got, d.cancels)
	}
}

func TestSymbolsKeepTheirMarket(t *testing.T) {
	for written, want := range map[string]string{
		"BTCUSDT": "bybit linear BTCUSDT", "BYBIT:BTCUSDT.P": "bybit linear BTCUSDT", "BYBIT:BTCUSDT": "bybit spot BTCUSDT",
		"MEXC:BTCUSDT.P": "mexc linear BTC_USDT", "btc/usdt": "bybit linear BTCUSDT",
	} {
		d := newDesk(t)
		s := alert(trading.ActLong, trading.SizeBase, "0.01")
		s.Symbol, s.Leverage = written, 0
		if strings.HasPrefix(written, "MEXC") {
			s.Exchange = ""
		}
		d.legs(s)
		i := d.intake.Instrument
		if got := fmt.Sprintf("%s %s %s", i.Exchange, i.Product, i.Symbol); got != want {
			t.Errorf("%s: had %s, want %s: spot and perpetual must never be confused", written, got, want)
		}
	}
}

func TestSameAlertHasTheSameNameAndAnythingElseAnother(t *testing.T) {
	base := alert(trading.ActLong, trading.SizeBase, "0.01")
	base.Key, base.SentAt = "", noon
	name := func(edit func(*trading.Signal)) string {
		d := newDesk(t)
		s := base
		s.ID = trading.NewSignalID()
		edit(&s)
		d.legs(s)
		return d.intake.Key
	}
	same := name(func(*trading.Signal) {})
	if again := name(func(s *trading.Signal) { s.Raw = "other transport"; s.ReceivedAt = noon.Add(time.Second) }); again != same {
		t.Error("a resend of the same alert got another key")
	}
	for what, edit := range map[string]func(*trading.Signal){
		"size":     func(s *trading.Signal) { s.Size.Value = trading.MustRatio("0.02") },
		"time":     func(s *trading.Signal) { s.SentAt = noon.Add(time.Second) },
		"strategy": func(s *trading.Signal) { s.Strategy = "b" },
		"action":   func(s *trading.Signal) { s.Action = trading.ActShort },
		"leverage": func(s *trading.Signal) { s.Leverage = 6 },
		"stop":     func(s *trading.Signal) { s.StopLoss = trading.Level{Percent: trading.MustRatio("1")} },
	} {
		if name(edit) == same {
			t.Errorf("another %s has the same key: a real order would be swallowed as a duplicate", what)
		}
	}
}

func TestKeyInUseAgainGivesOtherOrderIDsThanBefore(t *testing.T) {
	d := newDesk(t)
	id := func(before string, s trading.Signal) trading.OrderID {
		t.Helper()
		d.book.Before = before
		if got := d.legs(s); got != "buy 0.02" {
			t.Fatalf("had %s, want one order", got)
		}
		return d.decision.Approved[0].Order().ID
	}
	s := alert(trading.ActLong, trading.SizeBase, "0.02")
	redelivered := s
	redelivered.ID = trading.NewSignalID()
	first := id("", s)
	if again := id("", redelivered); again != first {
		t.Errorf("had %s and %s for one key, want the same: after a lost ledger the exchange is asked by it", first, again)
	}
	second := id("!5:=k:key@1.1", s)
	if again := id("!5:=k:key@1.1", redelivered); again != second {
		t.Errorf("had %s and %s for the second use of a key, want the same: it may be redelivered too", second, again)
	}
	third := id("!5:=k:key@9.2", s)
	if first == second || second == third || first == third {
		t.Errorf("had %s, %s and %s for three uses of one key: an exchange would refuse the later ones, or answer with the first order", first, second, third)
	}
	if n := len(d.decision.Checks); n == 0 || d.decision.Checks[0].Rule != "idempotency key" {
		t.Errorf("had %+v, want the story to tell that the key was in use before", d.decision.Checks)
	}
}

func TestWhatIsCutToWhatIsHeldSaysSo(t *testing.T) {
	spot := target(trading.Short, "1")
	spot.Symbol = "BYBIT:BTCUSDT"
	for name, c := range map[string]struct {
		signal trading.Signal
		want   []trading.Check
	}{
		"a close of more than is held":  {alert(trading.ActCloseLong, trading.SizeBase, "1"), []trading.Check{{Rule: "close size", Asked: "close 1 BTC", Allowed: "all that is held: 0.03 BTC", OK: true}}},
		"a close of just what is held":  {alert(trading.ActCloseLong, trading.SizeBase, "0.03"), nil},
		"a strategy that is short spot": {spot, []trading.Check{{Rule: "spot", Asked: "a short position", Allowed: "flat: spot cannot be short", OK: true}}},
	} {
		d := newDesk(t)
		d.hold(trading.SlotBoth, "0.03")
		d.legs(c.signal)
		var had []trading.Check
		for _, check := range d.decision.Checks {
			if check.Rule == "close size" || check.Rule == "spot" {
				had = append(had, check)
			}
		}
		if !slices.Equal(had, c.want) {
			t.Errorf("%s: had %+v, want %+v: nothing is cut in silence", name, had, c.want)
		}
	}
}
