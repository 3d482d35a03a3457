package app

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"hoox/backend/node"
	"hoox/backend/queue"
	"hoox/backend/trading"
)

// board is a market with one instrument and one price.
type board struct{}

func (board) Instrument(e trading.AccountID, key trading.InstrumentKey) (trading.Instrument, bool) {
	return trading.Instrument{Exchange: e.Exchange(), Product: key.Product, Symbol: key.Symbol, Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.1")}, key.Symbol == "BTCUSDT"
}

func (board) Quote(_ trading.AccountID, key trading.InstrumentKey) (trading.Quote, bool) {
	return trading.Quote{Mark: trading.MustPrice("65000"), At: noon}, key.Symbol == "BTCUSDT"
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 123_000_000, time.UTC)

const noonText = "2026-11-22T12:00:00.123Z"

// noNull fails when a value would cross the glass with a null in it.
func noNull(t *testing.T, v any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "null") {
		t.Errorf("%T has a null: %s", v, text)
	}
}

func TestOrdersAreShownExactly(t *testing.T) {
	h := &house{prices: board{}, keyLabel: func(string) string { return "" }}
	o := trading.Order{
		ID: "hx1a", SignalID: "s1", Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Side: trading.Buy, Type: trading.Limit,
		Qty: trading.MustQty("0.03"), Price: trading.MustPrice("64000.5"), Filled: trading.MustQty("0.03"), FilledCost: trading.MustMoney("1920.005"),
		Protection: trading.Protection{StopLoss: trading.MustPrice("63000"), TakeProfit: []trading.TakeProfitAt{{Price: trading.MustPrice("66000")}, {Price: trading.MustPrice("67000")}}},
		Status:     trading.OrderFilled, ExchangeID: "77", CreatedAt: noon, UpdatedAt: noon,
	}
	want := OrderRow{
		ID: "hx1a", RequestID: "s1", Exchange: "bybit", Account: "bybit:paper", Symbol: "BTCUSDT", Side: "buy", Type: "limit", Quantity: "0.03",
		Price: "64000.5", TakeProfit: "66000", StopLoss: "63000", FilledQuantity: "0.03", AveragePrice: "64000.167", Status: "filled",
		ClientOrderID: "hx1a", ExchangeOrderID: "77", Mode: "paper", CreatedAt: noonText, UpdatedAt: noonText,
	}
	if had := h.orderRow(o); had != want {
		t.Errorf("had  %+v\nwant %+v", had, want)
	}
	market := trading.Order{Account: "paper:paper", Symbol: "NOPE", Status: trading.OrderCreated}
	if had := h.orderRow(market); had.Price != "" || had.AveragePrice != "" || had.StopLoss != "" || had.TakeProfit != "" || had.FilledQuantity != "0" || had.CreatedAt != "" {
		t.Errorf("had %+v, want unknown numbers empty and a real zero as 0", had)
	}
}

func TestPositionsAreValuedAtTheMark(t *testing.T) {
	h := &house{prices: board{}, keyLabel: func(string) string { return "" }}
	p := trading.Position{
		Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Qty: trading.MustQty("-0.03"), Cost: trading.MustMoney("1980"),
		Realized: trading.MustMoney("1.123456789123456789"), Leverage: 10, Liquidation: trading.MustPrice("71000.123456789"), OpenedAt: noon,
	}
	want := PositionRow{
		Exchange: "bybit", Account: "bybit:paper", Symbol: "BTCUSDT", Product: "linear", Side: "short", Quantity: "0.03", BaseAsset: "BTC",
		QuoteAsset: "USDT", EntryPrice: "66000", MarkPrice: "65000", MarkAt: noonText, Notional: "1950", UnrealizedPnl: "30",
		RealizedPnl: "1.12345679", Leverage: "10", LiquidationPrice: "71000.123", Mode: "paper", OpenedAt: noonText,
	}
	if had := h.positionRow(p); had != want {
		t.Errorf("had  %+v\nwant %+v", had, want)
	}
	p.Symbol = "NOPE"
	if had := h.positionRow(p); had.MarkPrice != "" || had.UnrealizedPnl != "" || had.Notional != "" || had.MarkAt != "" {
		t.Errorf("had %+v, want nothing where there is no price: a 0 would look like a fact", had)
	}
}

func TestFillsAreShownExactly(t *testing.T) {
	f := trading.Fill{
		ID: "f1", OrderID: "hx1a", SignalID: "s1", Account: "mexc:paper", Symbol: "BTC_USDT", Side: trading.Sell, Qty: trading.MustQty("0.01"),
		Price: trading.MustPrice("64000"), Fee: trading.MustMoney("0.128"), FeeAsset: "USDT", Maker: true, RealizedPnL: trading.MustMoney("-1.5"), At: noon,
	}
	want := FillRow{
		ID: "f1", OrderID: "hx1a", RequestID: "s1", Exchange: "mexc", Account: "mexc:paper", Symbol: "BTC_USDT", Side: "sell", Quantity: "0.01",
		Price: "64000", Fee: "0.128", FeeAsset: "USDT", Liquidity: "maker", RealizedPnl: "-1.5", Mode: "paper", At: noonText,
	}
	if had := (&house{}).fillRow(f); had != want {
		t.Errorf("had  %+v\nwant %+v", had, want)
	}
	f.Maker = false
	if had := (&house{}).fillRow(f); had.Liquidity != "taker" {
		t.Errorf("had %q, want taker", had.Liquidity)
	}
}

func TestASignalTellsItsStationsInThePagesWords(t *testing.T) {
	h := &house{prices: board{}, keyLabel: func(string) string { return "" }}
	r := trading.SignalRecord{
		ID: "s1", Source: trading.FromWebhook, ReceivedAt: noon, Deadline: noon.Add(time.Minute), Status: trading.SignalRefused, Reason: "too large",
		Deliveries: 2, Account: "bybit:paper", Symbol: "BTCUSDT", Action: trading.ActLong, Quantity: "5 %", Strategy: "s", Comment: "c", Raw: "{}",
		Parent: "s0", Children: []trading.Receipt{{Signal: "s2", Parent: "s1", Account: "mexc:paper", Status: trading.SignalRefused, Reason: "no"}},
		Checks: []trading.Check{{Rule: "max order", Asked: "2", Allowed: "1"}},
		Journal: []trading.Entry{
			{Stage: "admitted", At: noon, Since: 41 * time.Microsecond},
			{Stage: "created", OrderID: "o", At: noon, Since: time.Millisecond},
			{Stage: "denied", OrderID: "o", Detail: "too large"}, {To: trading.OrderExpired},
		},
	}
	story := h.story(r)
	var stations []string
	for _, s := range story.Timeline {
		stations = append(stations, s.Stage)
	}
	if want := []string{"received", "admitted", "queued", "refused", "expired"}; !reflect.DeepEqual(stations, want) {
		t.Errorf("stations %v, want %v", stations, want)
	}
	if story.Timeline[1].Micros != 41 || story.Timeline[2].OrderID != "o" || story.Decision[0] != (Numbers{Rule: "max order", Asked: "2", Allowed: "1"}) {
		t.Errorf("story %+v", story)
	}
	if len(story.Children) != 1 || story.Parent != "s0" || story.Children[0] != (SignalChild{RequestID: "s2", Account: "mexc:paper", Status: "refused", Reason: "no"}) {
		t.Errorf("children %+v of %q, want the same alert on every account", story.Children, story.Parent)
	}
	if story.Deadline != "2026-11-22T12:01:00.123Z" || story.Deliveries != 2 || story.Quantity != "5 %" || story.Mode != "paper" || story.Exchange != "bybit" {
		t.Errorf("story %+v", story)
	}
	noNull(t, story)
	noNull(t, h.signalRow(trading.SignalRecord{}))
	noNull(t, SignalPage{Items: each[trading.SignalRecord](nil, h.signalRow)})
}

func TestJobsAndAccountsAreShown(t *testing.T) {
	j := queue.Job{ID: "j", Kind: queue.Submit, Lane: "l", SignalID: "s", OrderID: "o", State: queue.Dead, Attempts: 3, RunAt: noon, LastError: "no", CreatedAt: noon}
	if had := jobRow(j); had != (JobRow{ID: "j", Kind: "submit", Lane: "l", RequestID: "s", OrderID: "o", State: "dead", Attempts: 3, RunAt: noonText, LastError: "no", CreatedAt: noonText}) {
		t.Errorf("had %+v", had)
	}
	m := node.AccountMoney{Account: "bybit:paper", Currency: "USDT", Balance: trading.MustMoney("10"), Equity: trading.MustMoney("12"), Unrealized: trading.MustMoney("2"), Margin: trading.MustMoney("0.5")}
	if had := accountRow(m); had != (AccountRow{Account: "bybit:paper", Exchange: "bybit", Mode: "paper", Currency: "USDT", Balance: "10", Equity: "12", UnrealizedPnl: "2", Margin: "0.5"}) {
		t.Errorf("had %+v", had)
	}
}

func TestTheCurveAddsAccountsUp(t *testing.T) {
	at := func(minute int, account, equity string) trading.EquityPoint {
		return trading.EquityPoint{Account: trading.AccountID(account), At: noon.Add(time.Duration(minute) * time.Minute), Equity: trading.MustMoney(equity)}
	}
	had := curve([]trading.EquityPoint{at(0, "a:paper", "1"), at(1, "a:paper", "2"), at(1, "b:paper", "10"), at(2, "b:paper", "11"), at(3, "a:paper", "3"), at(3, "b:paper", "12")})
	want := []EquityPoint{{"2026-11-22T12:01:00.123Z", "12"}, {"2026-11-22T12:02:00.123Z", "13"}, {"2026-11-22T12:03:00.123Z", "15"}}
	if !reflect.DeepEqual(had, want) {
		t.Errorf("had %v, want %v: it begins where every account is known", had, want)
	}
	if len(curve(nil)) != 0 || curve(nil) == nil {
		t.Error("an empty curve is an empty list")
	}
}

func TestKindsHaveTheirStatusAndExitCode(t *testing.T) {
	for kind, want := range map[trading.Kind][2]int{
		trading.Invalid: {400, 2}, trading.Unauthorized: {403, 1}, trading.NotFound: {404, 1}, trading.Duplicate: {409, 4}, trading.Conflict: {409, 1},
		trading.Refused: {422, 4}, trading.Rejected: {422, 4}, trading.Limited: {429, 4}, trading.Halted: {503, 4}, trading.Unavailable: {503, 1},
		trading.Unknown: {504, 5}, trading.Internal: {500, 1}, "odd": {500, 1},
	} {
		if had := [2]int{statusOf(string(kind)), exitOf(string(kind))}; had != want {
			t.Errorf("%s: had %v, want %v", kind, had, want)
		}
	}
}

func TestAnErrorCrossesAsItsMessageOnly(t *testing.T) {
	inner := trading.Wrap(trading.Unavailable, &trading.Error{Kind: trading.Internal, Message: "m", Field: "f"}, "op")
	if had := faultOf(inner, "e-1"); had != (Fault{Kind: "internal", Message: "op: m", Ref: "e-1", Field: "f"}) {
		t.Errorf("had %+v", had)
	}
	plain := faultOf(errTest{}, "e-2")
	if plain.Kind != "internal" || strings.Contains(plain.Message, "/etc/hoox/secret") || !strings.Contains(plain.Message, "e-2") {
		t.Errorf("had %+v, want a reference instead of the inside", plain)
	}
	var back Fault
	if err := json.Unmarshal([]byte((&failure{plain}).Error()), &back); err != nil || back != plain {
		t.Errorf("the window reads %v %v, want the same fault", back, err)
	}
}

type errTest struct{}

func (errTest) Error() string { return "open /etc/hoox/secret: no" }
