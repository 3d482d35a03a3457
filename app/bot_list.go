package app

import (
	"fmt"
	"strings"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

func (b *bot) latest(a *asking) (reply, error) {
	page, err := a.services.signals.List(PageRequest{Limit: 1})
	if err != nil {
		return reply{}, err
	}
	if len(page.Items) == 0 {
		return looked(a, "No alert came yet."), nil
	}
	return b.story(a, page.Items[0].RequestID)
}

func (b *bot) trace(a *asking) (reply, error) {
	if a.command.Arg(0) == "" {
		return reply{}, trading.FieldError("request", "say which: /trace and the request's id, as /signals lists them")
	}
	return b.story(a, a.command.Arg(0))
}

// story is one alert with its stations.
func (b *bot) story(a *asking, id string) (reply, error) {
	s, err := a.services.signals.Get(GetSignal{RequestID: id})
	if err != nil && b.in.fault(err, "").Kind == string(trading.NotFound) {
		return reply{}, trading.Errorf(trading.NotFound, "no alert has the id %q; /signals lists the newest with theirs", chat.Line(id, 40))
	}
	if err != nil {
		return reply{}, err
	}
	lines := []string{
		chat.Bold(strings.TrimSpace(fmt.Sprintf("%s %s %s on %s (%s)", s.Action, s.Quantity, s.Symbol, s.Account, strings.ToUpper(s.Mode)))),
		chat.Escape(signalWords(s.SignalRow)),
		chat.Code(s.RequestID) + " " + chat.Escape(b.clock(a, s.ReceivedAt)+" from "+s.Source),
	}
	t := chat.NewSheet("µs>", "station")
	for _, stage := range s.Timeline {
		t.Add(fmt.Sprint(stage.Micros), stage.Stage)
	}
	if !t.Empty() {
		lines = append(lines, t.HTML())
	}
	for _, n := range s.Decision {
		if !n.OK {
			lines = append(lines, chat.Escape(fmt.Sprintf("%s: asked %s, allowed %s", n.Rule, n.Asked, n.Allowed)))
		}
	}
	for _, f := range s.Fills {
		lines = append(lines, chat.Escape(fmt.Sprintf("%s %s at %s, fee %s %s", f.Side, f.Quantity, f.Price, f.Fee, f.FeeAsset)))
	}
	return looked(a, strings.Join(lines, "\n")), nil
}

// signalWords are what became of an alert by shape and word.
func signalWords(s SignalRow) string {
	mark := "○"
	switch trading.SignalStatus(s.Status) {
	case trading.SignalFilled:
		mark = "●"
	case trading.SignalRejected, trading.SignalRefused, trading.SignalBlocked, trading.SignalExpired, trading.SignalNotPlaced, trading.SignalNeedsReview:
		mark = "■"
	case trading.SignalPartial:
		mark = "◐"
	case trading.SignalAccepted, trading.SignalEnqueued, trading.SignalExecuting, trading.SignalNoOp:
	}
	words := mark + " " + strings.ReplaceAll(s.Status, "_", " ")
	if s.Reason != "" {
		words += ": " + s.Reason
	}
	return words
}

func (b *bot) signals(a *asking) (reply, error) {
	n, err := count(a, 5)
	if err != nil {
		return reply{}, err
	}
	page, err := a.services.signals.List(PageRequest{Limit: n})
	if err != nil {
		return reply{}, err
	}
	if len(page.Items) == 0 {
		return looked(a, "No alert came yet."), nil
	}
	var lines []string
	for _, s := range page.Items {
		lines = append(lines,
			chat.Bold(b.clock(a, s.ReceivedAt))+" "+chat.Escape(strings.TrimSpace(fmt.Sprintf("%s %s %s on %s", s.Action, s.Quantity, s.Symbol, s.Account))),
			chat.Escape(chat.Line(signalWords(s), 160)), chat.Code(s.RequestID))
	}
	return looked(a, strings.Join(lines, "\n")), nil
}

func (b *bot) trades(a *asking) (reply, error) {
	n, err := count(a, 8)
	if err != nil {
		return reply{}, err
	}
	page, err := a.services.fills.List(PageRequest{Limit: n})
	if err != nil {
		return reply{}, err
	}
	if len(page.Items) == 0 {
		return looked(a, "No order has filled yet."), nil
	}
	// In lines: five columns do not fit a phone.
	lines := []string{chat.Bold("Fills")}
	for _, f := range page.Items {
		lines = append(lines, chat.Escape(fmt.Sprintf("%s  %s %s %s at %s on %s", b.clock(a, f.At), f.Side, f.Quantity, f.Symbol, f.Price, f.Account)))
	}
	return looked(a, strings.Join(lines, "\n")), nil
}

func (b *bot) positions(a *asking) (reply, error) {
	page, err := a.services.positions.List(PageRequest{})
	if err != nil {
		return reply{}, err
	}
	if len(page.Items) == 0 {
		return looked(a, "Nothing is held."), nil
	}
	text := chat.Bold(fmt.Sprintf("%d open", len(page.Items))) + "\n" + heldSheets(page.Items)
	if page.Next != "" {
		text += "\nThere are more: the window shows them all."
	}
	r := looked(a, text)
	for _, p := range page.Items[:min(len(page.Items), 8)] {
		if data := viewPrefix + "/position " + p.Symbol; len(data) <= 64 {
			r.buttons = append(r.buttons, []chat.Button{{Label: p.Symbol + " " + p.Side, Data: data}})
		}
	}
	return r, nil
}

// heldSheets are positions as tables, one for each account: the same symbol on two of them is told apart, and paper from live.
func heldSheets(rows []PositionRow) string {
	var parts []string
	var t *chat.Sheet
	for i, p := range rows {
		if i == 0 || rows[i-1].Account != p.Account {
			t = chat.NewSheet("symbol", "", "qty>", "PnL>")
		}
		t.Add(p.Symbol, p.Side, p.Quantity, signed(places(p.UnrealizedPnl, 2)))
		if i == len(rows)-1 || rows[i+1].Account != p.Account {
			parts = append(parts, chat.Escape(fmt.Sprintf("%s (%s)", p.Account, strings.ToUpper(p.Mode)))+"\n"+t.HTML())
		}
	}
	return strings.Join(parts, "\n")
}

func (b *bot) position(a *asking) (reply, error) {
	if a.command.Arg(0) == "" {
		return b.positions(a) // its buttons say which
	}
	held, err := b.held(a, a.command.Arg(0))
	if err != nil {
		return reply{}, err
	}
	var parts []string
	for _, p := range held {
		t := chat.NewSheet("", ">")
		for _, row := range [][2]string{
			{"size", p.Quantity}, {"entry", p.EntryPrice}, {"mark", p.MarkPrice}, {"PnL", signed(places(p.UnrealizedPnl, 2))},
			{"stop", p.StopLoss}, {"target", p.TakeProfit}, {"trailing", p.TrailingStop}, {"liquidation", p.LiquidationPrice}, {"leverage", p.Leverage},
		} {
			t.Add(row[0], row[1])
		}
		parts = append(parts, chat.Bold(fmt.Sprintf("%s %s on %s (%s)", p.Symbol, p.Side, p.Account, strings.ToUpper(p.Mode)))+
			"\n"+t.HTML()+"\n"+chat.Escape("since "+b.clock(a, p.OpenedAt)))
	}
	return looked(a, strings.Join(parts, "\n")), nil
}

// held are the open positions of a symbol, at least one.
// An exchange may write it in another way: BTC_USDT is BTCUSDT.
func (b *bot) held(a *asking, symbol string) (rows []PositionRow, err error) {
	if symbol == "" {
		return nil, trading.FieldError("symbol", "say which: for example BTCUSDT; /positions lists what is held")
	}
	plain, perpetual := strings.CutSuffix(trading.PlainSymbol(symbol), ".P")
	ask := PageRequest{Limit: largestPage}
	for {
		page, err := a.services.positions.List(ask)
		if err != nil {
			return nil, err
		}
		for _, p := range page.Items {
			if trading.PlainSymbol(p.Symbol) == plain && !(perpetual && p.Product == string(trading.Spot)) {
				rows = append(rows, p)
			}
		}
		if ask.Cursor = page.Next; ask.Cursor == "" {
			break
		}
	}
	if len(rows) == 0 {
		return nil, trading.Errorf(trading.NotFound, "no position in %s is open; /positions lists what is held", strings.ToUpper(chat.Line(symbol, 40)))
	}
	return rows, nil
}

func (b *bot) orders(a *asking) (reply, error) {
	page, err := a.services.orders.List(PageRequest{Limit: 20, Filter: Filter{OpenOnly: true}})
	if err != nil {
		return reply{}, err
	}
	if len(page.Items) == 0 {
		return looked(a, "No order rests or is on its way."), nil
	}
	lines := []string{chat.Bold("Orders")}
	for _, o := range page.Items {
		at := "at the market"
		if o.Price != "" {
			at = "at " + o.Price
		}
		lines = append(lines, chat.Escape(fmt.Sprintf("%s %s %s %s: %s, %s filled, on %s (%s)",
			o.Side, o.Quantity, o.Symbol, at, strings.ReplaceAll(o.Status, "_", " "), o.FilledQuantity, o.Account, strings.ToUpper(o.Mode))))
	}
	text := strings.Join(lines, "\n")
	if page.Next != "" {
		text += "\nThere are more: the window shows them all."
	}
	return looked(a, text), nil
}
