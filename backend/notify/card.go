package notify

import (
	"context"
	"fmt"
	"strings"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// notice is what is told of one line of the journal.
func (t *Teller) notice(ctx context.Context, kind chat.NoticeKind, e trading.Entry, r trading.SignalRecord) notice {
	n := notice{kind: kind, key: keyOf(e), alarm: e.To == trading.OrderNeedsReview}
	o, found := orderOf(e, r)
	switch {
	case found && (kind == chat.NoticeFill || kind == chat.NoticePartial):
		t.fill(ctx, &n, e, o, r)
	case found:
		t.trouble(&n, e, fmt.Sprintf("%s %s %s on %s (%s)", strings.ToUpper(string(o.Side)), o.Qty, o.Symbol, o.Account, modeOf(o.Account)), r)
	default:
		t.trouble(&n, e, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Action, r.Quantity, r.Symbol, place(r.Account))), r)
	}
	return n
}

// keyOf names one line of the journal for ever: a ledger that was restored gives its numbers a second time.
func keyOf(e trading.Entry) string { return fmt.Sprintf("journal %d at %d", e.Seq, e.At.UnixMilli()) }

func place(a trading.AccountID) string {
	if a == "" {
		return ""
	}
	return fmt.Sprintf("on %s (%s)", a, modeOf(a))
}

func modeOf(a trading.AccountID) string { return strings.ToUpper(string(a.Mode())) }

func orderOf(e trading.Entry, r trading.SignalRecord) (trading.Order, bool) {
	for _, o := range r.Orders {
		if o.ID == e.OrderID {
			return o, true
		}
	}
	return trading.Order{}, false
}

// outrun tells whether a line says that an order filled in part of which all filled since: the line that says so tells it.
func outrun(kind chat.NoticeKind, e trading.Entry, r trading.SignalRecord) bool {
	o, found := orderOf(e, r)
	return kind == chat.NoticePartial && found && !o.Filled.Less(o.Qty)
}

// fill is the card of an order that filled: what, where, at what price, at what cost, what it made, and what protects it.
func (t *Teller) fill(ctx context.Context, n *notice, e trading.Entry, o trading.Order, r trading.SignalRecord) {
	fills, made := []trading.Fill{}, trading.Money{}
	fees := map[string]trading.Money{}
	var coins []string
	for _, f := range r.Fills {
		if f.OrderID != o.ID {
			continue
		}
		fills, made = append(fills, f), made.Add(f.RealizedPnL)
		if _, seen := fees[f.FeeAsset]; !seen {
			coins = append(coins, f.FeeAsset)
		}
		fees[f.FeeAsset] = fees[f.FeeAsset].Add(f.Fee)
	}
	word, mark := "filled", "●"
	if n.kind == chat.NoticePartial {
		word, mark = fmt.Sprintf("filled in part, %s of %s", o.Filled, o.Qty), "◐"
	}
	n.title = fmt.Sprintf("%s %s %s %s %s", mark, strings.ToUpper(string(o.Side)), o.Filled, o.Symbol, word)
	lines := []string{chat.Bold(n.title), chat.Escape(fmt.Sprintf("%s (%s)", o.Account, modeOf(o.Account)))}
	t2 := chat.NewSheet("", ">")
	t2.Add("price", averageOf(o, fills))
	for _, coin := range coins {
		t2.Add("fee", fees[coin].String()+" "+coin)
	}
	if o.ReduceOnly || !made.IsZero() {
		t2.Add("realised", plus(made.Fixed(2)))
	}
	if !o.Protection.StopLoss.IsZero() {
		t2.Add("stop", o.Protection.StopLoss.String())
	}
	for _, target := range o.Protection.TakeProfit {
		t2.Add("target", target.Price.String())
	}
	lines = append(lines, t2.HTML())
	if r.Strategy != "" {
		lines = append(lines, "strategy "+chat.Escape(r.Strategy))
	}
	lines = append(lines, chat.Escape(e.At.In(t.parts.Zone).Format("15:04:05"))+" "+chat.Code(string(r.ID)))
	n.html = strings.Join(lines, "\n")
	if t.parts.Draw == nil || n.kind != chat.NoticeFill {
		return
	}
	picture, err := t.parts.Draw(ctx, o, fills)
	if err != nil {
		t.parts.Log.Warn("draw the picture of a fill", "order", o.ID, "error", err)
		return
	}
	n.picture = picture
}

// averageOf is the average price, two digits finer than what was traded. Some exchanges tell the fills after the order: until then it
// is as fine as it is known.
func averageOf(o trading.Order, fills []trading.Fill) string {
	if len(fills) == 0 {
		return o.AveragePrice().String()
	}
	digits := 0
	for _, f := range fills {
		digits = max(digits, f.Price.Places())
	}
	return o.AveragePrice().Fixed(int32(digits) + 2)
}

func plus(n string) string {
	if strings.HasPrefix(n, "-") || strings.Trim(n, "0.") == "" {
		return n
	}
	return "+" + n
}

// trouble is a notice in words: what it is about, what happened to it, and what a person can do.
func (t *Teller) trouble(n *notice, e trading.Entry, about string, r trading.SignalRecord) {
	word := strings.ReplaceAll(e.Stage, "_", " ")
	if e.OrderID != "" && e.To != "" {
		word = strings.ReplaceAll(string(e.To), "_", " ")
	}
	mark := map[chat.NoticeKind]string{chat.NoticeSignal: "○", chat.NoticeUnknown: "◌", chat.NoticeProtection: "◇"}[n.kind]
	if mark == "" {
		mark = "■"
	}
	n.title = fmt.Sprintf("%s %s: %s", mark, word, about)
	lines := []string{chat.Bold(n.title)}
	reason := e.Detail
	if reason == "" {
		reason = r.Reason
	}
	if reason != "" {
		lines = append(lines, chat.Escape(t.parts.Clean(reason)))
	}
	if fix := fixOf(e); fix != "" {
		lines = append(lines, fix)
	}
	lines = append(lines, chat.Escape(e.At.In(t.parts.Zone).Format("15:04:05"))+" "+chat.Code(string(r.ID)))
	n.html = strings.Join(lines, "\n")
}

// fixOf is what a person can do, in words of ours.
func fixOf(e trading.Entry) string {
	switch {
	case e.To == trading.OrderUnknown:
		return "The exchange is being asked. Do not send it again: nothing is sent twice, and nothing is guessed."
	case e.To == trading.OrderNeedsReview:
		return "Look at the exchange whether the order is there, then settle it on the page <b>Orders</b>."
	case e.To == trading.OrderExpired || e.Stage == string(trading.SignalExpired):
		return "It will not be sent any more. If you still want it, send a new one."
	case e.Stage == string(trading.SignalBlocked) || e.To == trading.OrderBlocked:
		return "Trading is halted or paused: /status. What was blocked never fires later."
	case e.Stage == string(trading.SignalRefused) || e.To == trading.OrderDenied:
		return "/trace and the id below shows the rule with its numbers; limits are changed on the page <b>Settings</b>."
	case e.To == trading.OrderRejected || e.To == trading.OrderNotPlaced:
		return "Nothing stands at the exchange from it. /trace and the id below tells the story."
	}
	return ""
}
