package app

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"hoox/backend/trading"
)

func TestATradeShowsOnEveryPage(t *testing.T) {
	p := start(t)
	p.buy()

	signals := must[SignalPage](p, "Signals/List", PageRequest{})
	orders := must[OrderPage](p, "Orders/List", PageRequest{})
	fills := must[FillPage](p, "Fills/List", PageRequest{})
	positions := must[PositionPage](p, "Positions/List", PageRequest{})

	if len(signals.Items) != 1 || len(orders.Items) != 1 || len(fills.Items) != 1 || len(positions.Items) != 1 {
		t.Fatalf("had %d signals, %d orders, %d fills, %d positions, want one each", len(signals.Items), len(orders.Items), len(fills.Items), len(positions.Items))
	}
	s, o, f, pos := signals.Items[0], orders.Items[0], fills.Items[0], positions.Items[0]
	if s.Status != "filled" || s.Source != "webhook" || s.Account != "paper:paper" || s.Mode != "paper" || s.Symbol != "BTCUSDT" || s.Action != "LONG" {
		t.Errorf("signal %+v", s)
	}
	if o.RequestID != s.RequestID || o.Side != "buy" || o.Quantity != "0.01" || o.FilledQuantity != "0.01" || o.Status != "filled" || o.AveragePrice != f.Price || o.ClientOrderID != o.ID {
		t.Errorf("order %+v of fill %+v", o, f)
	}
	if f.OrderID != o.ID || f.RequestID != s.RequestID || f.FeeAsset != "USDT" || f.Fee == "" || f.RealizedPnl != "0" {
		t.Errorf("fill %+v", f)
	}
	if pos.Side != "long" || pos.Quantity != "0.01" || pos.EntryPrice != f.Price || pos.BaseAsset != "BTC" || pos.QuoteAsset != "USDT" || pos.MarkPrice == "" || pos.Product != "linear" {
		t.Errorf("position %+v", pos)
	}
	for _, at := range []string{s.ReceivedAt, o.CreatedAt, f.At, pos.OpenedAt} {
		if _, err := time.Parse("2006-01-02T15:04:05.000Z", at); err != nil {
			t.Errorf("time %q is not RFC 3339 in UTC with milliseconds", at)
		}
	}
	story := must[SignalStory](p, "Signals/Get", GetSignal{s.RequestID})
	var stages []string
	for _, stage := range story.Timeline {
		stages = append(stages, stage.Stage)
	}
	if got := strings.Join(stages, " "); got != "received admitted submitted filled" {
		t.Errorf("stations %q, want received admitted submitted filled", got)
	}
	if len(story.Fills) != 1 || len(story.Decision) == 0 || strings.Contains(story.Raw, testKey) || story.Deadline == "" {
		t.Errorf("story %+v", story)
	}
}

func TestListsAreNarrowedAndPaged(t *testing.T) {
	p := start(t)
	for range 3 {
		p.buy()
	}
	p.alert(`"exchange":"bybit","action":"SHORT","symbol":"ETHUSDT","quantity":0.1,"idempotencyKey":"eth"`)

	if got := must[OrderPage](p, "Orders/List", PageRequest{Filter: Filter{Exchange: "bybit"}}); len(got.Items) != 1 || got.Items[0].Symbol != "ETHUSDT" {
		t.Errorf("orders of bybit: %+v", got.Items)
	}
	if got := must[FillPage](p, "Fills/List", PageRequest{Filter: Filter{Side: "buy"}}); len(got.Items) != 3 {
		t.Errorf("%d buys, want 3", len(got.Items))
	}
	if got := must[PositionPage](p, "Positions/List", PageRequest{Filter: Filter{Symbol: "ethusdt"}}); len(got.Items) != 1 || got.Items[0].Side != "short" {
		t.Errorf("positions of ETHUSDT: %+v", got.Items)
	}
	held, next := []string{}, ""
	for range 3 {
		page := must[PositionPage](p, "Positions/List", PageRequest{Limit: 1, Cursor: next})
		for _, row := range page.Items {
			held = append(held, row.Account+" "+row.Symbol)
		}
		if next = page.Next; next == "" {
			break
		}
	}
	if len(held) != 2 || held[0] == held[1] {
		t.Errorf("paging showed the positions %v, want both once", held)
	}
	for field, request := range map[string]PageRequest{"limit": {Limit: 501}, "cursor": {Cursor: "nonsense"}, "filter.exchange": {Filter: Filter{Exchange: "nyse"}}} {
		if _, fault := call[PositionPage](p, "Positions/List", request); fault.Kind != "invalid" || fault.Field != field {
			t.Errorf("positions of %+v: had %+v, want %s refused", request, fault, field)
		}
	}
	seen, request := map[string]bool{}, PageRequest{Limit: 3}
	for range 3 {
		page := must[SignalPage](p, "Signals/List", request)
		for _, s := range page.Items {
			seen[s.RequestID] = true
		}
		if request.Cursor = page.Next; request.Cursor == "" {
			break
		}
	}
	if len(seen) != 4 {
		t.Errorf("paging showed %d of 4 signals", len(seen))
	}
}

func TestClosingTwiceUnderOneKeyIsOneClose(t *testing.T) {
	p := start(t)
	p.buy()
	part := ClosePosition{Account: "paper:paper", Symbol: "BTCUSDT", Product: "linear", Side: "long", Quantity: "0.004", Key: "dialog-1"}

	first := must[Receipt](p, "Positions/Close", part)
	again := must[Receipt](p, "Positions/Close", part)

	if first.Status != "filled" || again.RequestID != first.RequestID {
		t.Errorf("had %+v then %+v, want the same filled close", first, again)
	}
	if left := must[PositionPage](p, "Positions/List", PageRequest{}).Items; len(left) != 1 || left[0].Quantity != "0.006" {
		t.Errorf("positions %+v, want 0.006 left: a second click must not sell twice", left)
	}
	part.Quantity = "0.002"
	if _, fault := call[Receipt](p, "Positions/Close", part); fault.Kind != "conflict" {
		t.Errorf("other content under the key: had %+v, want conflict", fault)
	}
	whole := ClosePosition{Account: "paper:paper", Symbol: "BTCUSDT", Product: "linear", Side: "long", Key: "dialog-2"}
	if got := must[Receipt](p, "Positions/Close", whole); got.Status != "filled" {
		t.Errorf("close of all: %+v", got)
	}
	whole.Key = "dialog-3"
	if got := must[Receipt](p, "Positions/Close", whole); got.Status != "no_op" {
		t.Errorf("close of nothing: had %+v, want no_op", got)
	}
	if source := must[SignalPage](p, "Signals/List", PageRequest{Limit: 1}).Items[0].Source; source != "cli" {
		t.Errorf("the close is written down under %q, want cli: the token is the command line's", source)
	}
}

func TestACloseThatCannotBeMeantIsRefused(t *testing.T) {
	p := start(t)
	fine := ClosePosition{Account: "paper:paper", Symbol: "BTCUSDT", Product: "linear", Side: "long", Key: "k"}
	for _, c := range []struct {
		change func(*ClosePosition)
		kind   string
		field  string
	}{
		{func(r *ClosePosition) { r.Key = "" }, "invalid", "key"},
		{func(r *ClosePosition) { r.Account = "nyse:paper" }, "invalid", "account"},
		{func(r *ClosePosition) { r.Account = "paper:live" }, "invalid", "symbol"},
		{func(r *ClosePosition) { r.Symbol = "NOPE" }, "invalid", "symbol"},
		{func(r *ClosePosition) { r.Product = "option" }, "invalid", "symbol"},
		{func(r *ClosePosition) { r.Side = "flat" }, "invalid", "side"},
		{func(r *ClosePosition) { r.Quantity = "-1" }, "invalid", "quantity"},
		{func(r *ClosePosition) { r.Quantity = "1e3" }, "invalid", "quantity"},
	} {
		request := fine
		c.change(&request)
		if _, fault := call[Receipt](p, "Positions/Close", request); fault.Kind != c.kind || fault.Field != c.field {
			t.Errorf("%+v: had %+v, want %s about %q", request, fault, c.kind, c.field)
		}
	}
}

func TestFlattenClosesEverythingAndProvesIt(t *testing.T) {
	p := start(t)
	p.buy()
	p.alert(`"exchange":"bybit","action":"SHORT","symbol":"ETHUSDT","quantity":0.1,"idempotencyKey":"eth"`)
	if _, fault := call[FlattenReport](p, "Positions/Flatten", Flatten{Confirm: "yes", Key: "f"}); fault.Field != "confirm" {
		t.Errorf("without the word: had %+v", fault)
	}

	report := must[FlattenReport](p, "Positions/Flatten", Flatten{Confirm: "FLATTEN", Key: "f"})

	if len(report.Items) != 2 {
		t.Fatalf("had %+v, want two closes", report.Items)
	}
	for _, step := range report.Items {
		if step.State != "proven" {
			t.Errorf("step %+v, want proven", step)
		}
	}
	if left := must[PositionPage](p, "Positions/List", PageRequest{}).Items; len(left) != 0 {
		t.Errorf("still open: %+v", left)
	}
}

func TestARestingOrderIsCancelledOnce(t *testing.T) {
	p := start(t)
	p.alert(`"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"orderType":"limit","price":1000,"idempotencyKey":"rest"`)
	open := must[OrderPage](p, "Orders/List", PageRequest{Filter: Filter{OpenOnly: true}}).Items
	if len(open) != 1 || open[0].Status != "accepted" || open[0].Price != "1000" {
		t.Fatalf("open orders %+v, want one that rests", open)
	}
	if got := must[Receipt](p, "Orders/Cancel", CancelOrder{open[0].ID}); got.Status != "canceled" {
		t.Errorf("had %+v, want canceled", got)
	}
	if _, fault := call[Receipt](p, "Orders/Cancel", CancelOrder{open[0].ID}); fault.Kind != "conflict" {
		t.Errorf("again: had %+v, want conflict", fault)
	}
	if _, fault := call[Receipt](p, "Orders/Cancel", CancelOrder{"hx1nothing"}); fault.Kind != "not_found" {
		t.Errorf("unknown: had %+v, want not_found", fault)
	}
}

func TestHaltNeedsNoReasonAndResumeDoes(t *testing.T) {
	p := start(t)
	halted := must[TradingState](p, "Kill/Set", SetKill{State: "HALTED"})
	if halted.State != "halted" || halted.Actor != "cli" || halted.Since == "" {
		t.Errorf("had %+v", halted)
	}
	if status, answer := p.alert(`"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"idempotencyKey":"late"`); status != 503 || answer.Code != "KILL_SWITCH" {
		t.Errorf("an entry while halted: had %d %+v", status, answer)
	}
	list := must[Checklist](p, "Kill/Checklist", Empty{}).Items
	if len(list) < 6 || !strings.Contains(list[0].Detail, "cli") {
		t.Errorf("checklist %+v, want why, ledger, cancels, doubts, positions, parts, mode", list)
	}
	for _, row := range must[SettingList](p, "Settings/List", ListSettings{}).Items {
		if row.Key == killKey && (row.Value != "true" || !row.ReadOnly || row.Actor != "cli") {
			t.Errorf("setting %+v, want the real state", row)
		}
	}
	long := strings.Repeat("停", longestReason)
	if got := must[TradingState](p, "Kill/Set", SetKill{State: "halted", Reason: long}); len(got.Reason) > longestReason || !strings.HasPrefix(got.Reason, "停") || !strings.HasSuffix(got.Reason, "停…") {
		t.Errorf("had %q, want a halt in force whatever was written beside it, and its words cut", got.Reason)
	}
	if _, fault := call[TradingState](p, "Kill/Set", SetKill{State: "active", Reason: long}); fault.Field != "reason" {
		t.Errorf("resume for a reason that cannot be kept whole: had %+v", fault)
	}
	if _, fault := call[TradingState](p, "Kill/Set", SetKill{State: "active"}); fault.Field != "reason" {
		t.Errorf("resume without a reason: had %+v", fault)
	}
	if _, fault := call[TradingState](p, "Kill/Set", SetKill{State: "asleep", Reason: "x"}); fault.Field != "state" {
		t.Errorf("an unknown state: had %+v", fault)
	}
	if got := must[TradingState](p, "Kill/Set", SetKill{State: "active", Reason: "looked at it"}); got.State != "active" || got.Reason != "looked at it" {
		t.Errorf("had %+v", got)
	}
}

func TestSettingsAreAListLikeEveryOther(t *testing.T) {
	p := start(t)
	whole := must[SettingList](p, "Settings/List", ListSettings{})
	var paged []SettingRow
	for cursor, more := "", true; more; more = cursor != "" {
		page := must[SettingList](p, "Settings/List", ListSettings{Limit: 50, Cursor: cursor})
		paged, cursor = append(paged, page.Items...), page.Next
		if len(page.Items) > 50 {
			t.Fatalf("a page of 50 had %d rows", len(page.Items))
		}
	}
	if len(whole.Items) <= 50 || whole.Next != "" || !reflect.DeepEqual(paged, whole.Items) {
		t.Errorf("%d rows page by page, %d at once (next %q), want the same: a client reads every list in one way", len(paged), len(whole.Items), whole.Next)
	}
	for field, req := range map[string]ListSettings{"limit": {Limit: 501}, "cursor": {Cursor: "no:such:key"}} {
		if _, fault := call[SettingList](p, "Settings/List", req); fault.Field != field {
			t.Errorf("%+v: had %+v, want a refusal of %s", req, fault, field)
		}
	}
	if got := must[SettingList](p, "Settings/List", ListSettings{Limit: len(whole.Items)}); got.Next != "" || len(got.Items) != len(whole.Items) {
		t.Errorf("a page of exactly all: had %d rows and next %q, want no page after it", len(got.Items), got.Next)
	}
}

func TestSettingsAreBoundedAndRemembered(t *testing.T) {
	p := start(t)
	if _, fault := call[SettingRow](p, "Settings/Set", SetSetting{"trade:default_leverage", "500"}); fault.Kind != "invalid" || !strings.Contains(fault.Message, "1 to 125") {
		t.Errorf("had %+v, want the bounds in words", fault)
	}
	if _, fault := call[SettingRow](p, "Settings/Set", SetSetting{killKey, "true"}); fault.Kind != "refused" {
		t.Errorf("the mirror of the kill switch: had %+v, want refused", fault)
	}
	if _, fault := call[SettingRow](p, "Settings/Set", SetSetting{"no:such", "1"}); fault.Kind != "not_found" {
		t.Errorf("an unknown key: had %+v", fault)
	}
	must[SettingRow](p, "Settings/Set", SetSetting{"trade:default_leverage", "7"})
	row := must[SettingRow](p, "Settings/Set", SetSetting{"trade:default_leverage", " 9 "})
	if row.Value != "9" || row.Default != "1" || row.Actor != "cli" || row.UpdatedAt == "" || row.Type != "integer" {
		t.Errorf("row %+v", row)
	}
	history := must[SettingHistory](p, "Settings/History", GetSetting{"trade:default_leverage"}).Items
	if len(history) != 2 || history[0].From != "7" || history[0].To != "9" || history[1].From != "1" {
		t.Errorf("history %+v, want 1 to 7 to 9, newest first", history)
	}
	alias := must[SettingRow](p, "Settings/Set", SetSetting{"webhook:allowed_ips", "10.0.0.1"})
	if alias.Key != "webhook:tradingview:allowed_ips" || alias.Value != `["10.0.0.1"]` {
		t.Errorf("alias %+v", alias)
	}
}

func TestAnAlertIsBuiltSentAndCounted(t *testing.T) {
	p := start(t)
	address := must[WebhookAddress](p, "Alerts/Address", Empty{})
	if !strings.HasSuffix(address.URL, p.node.GatewayAddr()+"/webhook") || address.Public || address.KeyHint != "cdef" {
		t.Errorf("address %+v", address)
	}
	if key := must[RevealedKey](p, "Alerts/Reveal", Empty{}).Key; key != testKey {
		t.Errorf("had the key %q", key)
	}
	built := must[AlertText](p, "Alerts/Build", BuildAlert{Kind: "strategy", Exchange: "paper", SizeMode: "quoteQuantity", Size: "100", Strategy: "breakout"})
	if strings.Contains(built.JSON, testKey) || !strings.Contains(built.JSON, keyMask) {
		t.Errorf("the key has to stay masked: %s", built.JSON)
	}
	sent := must[AlertAnswer](p, "Alerts/Send", SendAlert{strings.ReplaceAll(built.JSON, "{{ticker}}", "BTCUSDT")})
	if sent.Status != 200 || sent.RequestID == "" || sent.Micros <= 0 || strings.Contains(sent.Body, testKey) {
		t.Errorf("answer %+v", sent)
	}
	if wrong := must[AlertAnswer](p, "Alerts/Send", SendAlert{`{"apiKey":"nonsense"}`}); wrong.Status != 403 {
		t.Errorf("a wrong key: had %+v, want the gateway's 403", wrong)
	}
	setup := must[SetupState](p, "Setup/Get", Empty{})
	if setup.FirstRun || setup.Market != "synthetic" || setup.DataDir != p.dir || setup.VaultSeal == "" || len(setup.Steps) != 6 {
		t.Errorf("setup %+v", setup)
	}
	health := must[HealthReport](p, "Health/Get", Empty{})
	if health.LastAlertAt == "" || health.AnswerMicros == 0 || health.Mode != "paper" || len(health.Items) < 10 {
		t.Errorf("health %+v", health)
	}
}

func TestTodayAddsUp(t *testing.T) {
	p := start(t)
	p.buy()
	must[Receipt](p, "Positions/Close", ClosePosition{Account: "paper:paper", Symbol: "BTCUSDT", Product: "linear", Side: "long", Key: "k"})
	p.alert(`"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":100000,"idempotencyKey":"huge"`)

	view := must[Overview](p, "Analytics/Overview", GetOverview{Span: "1w"})

	if view.TodayFills != 2 || view.TodaySignals != 3 || view.TodayRefused != 1 || len(view.Accounts) != 4 || len(view.Ticks) != 2 {
		t.Errorf("overview %+v", view)
	}
	equity, fees, made := money2(t, view.Equity), money2(t, view.TodayFees), money2(t, view.TodayPnl)
	if want := trading.MustMoney("40000").Add(made); !equity.Equal(want) {
		t.Errorf("equity %s, want the four deposits and today's %s", equity, made)
	}
	if !fees.IsPositive() || made.More(trading.MustMoney("100")) || view.TodayRealized != view.TodayPnl || view.UnrealizedPnl != "0" {
		t.Errorf("overview %+v, want fees in what was realised and nothing open", view)
	}
	if _, fault := call[Overview](p, "Analytics/Overview", GetOverview{Span: "1y"}); fault.Field != "span" {
		t.Errorf("an unknown span: had %+v", fault)
	}
	if page := must[JobPage](p, "Queue/List", PageRequest{}); len(page.Items) != 0 || page.Waiting != 0 {
		t.Errorf("jobs %+v, want none", page)
	}
	for _, method := range []string{"Queue/Retry", "Queue/Discard"} {
		if _, fault := call[Receipt](p, method, JobID{"nothing"}); fault.Kind != "not_found" {
			t.Errorf("%s of nothing: had %+v", method, fault)
		}
	}
}

func money2(t *testing.T, text string) trading.Money {
	t.Helper()
	m, err := trading.ParseMoney(text)
	if err != nil {
		t.Fatalf("%q is no money", text)
	}
	return m
}

func TestAPanicIsAFaultWithAReference(t *testing.T) {
	log := &lockedBuffer{}
	h := &house{base: t.Context(), log: newLogbook(log, "info").log}
	_, err := (&Signals{in: h}).List(PageRequest{})
	var fault Fault
	if json.Unmarshal([]byte(err.Error()), &fault) != nil || fault.Kind != "internal" || fault.Ref == "" {
		t.Fatalf("had %v, want the JSON of an internal fault", err)
	}
	if strings.Contains(fault.Message, "nil pointer") || !strings.Contains(log.String(), fault.Ref) {
		t.Errorf("message %q, want the cause in the log only, under its reference", fault.Message)
	}
}

func TestRightsThatWereNeverAskedAreNotInOrder(t *testing.T) {
	p := start(t)
	for _, item := range must[Checklist](p, "Accounts/Checklist", ModeQuestion{Exchange: "bybit", Mode: "live"}).Items {
		if item.Name == "Rights of the key" && (item.OK || !strings.Contains(item.Detail, "not asked yet")) {
			t.Errorf("had %+v: whoever reads a tick there goes live with a key that may withdraw", item)
		}
	}
}
