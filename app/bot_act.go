package app

import (
	"fmt"
	"strings"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// actCommands move money, within the limits.
func (b *bot) actCommands() []botCommand {
	return []botCommand{
		{name: "close", usage: "<symbol> [percent or size]", help: "close a position, or a part of it", also: []string{"forceexit", "fx"}, needs: chat.Operator, run: b.closing},
		{name: "flatten", usage: "[exchange]", help: "cancel everything and close everything", needs: chat.Operator, run: b.flatten},
		{name: "retry", usage: "[id]", help: "try work again that was given up, within its deadline", needs: chat.Operator, run: b.retry},
		{name: "trade", usage: "[long|short] [symbol] [size] [exchange]", help: "a market entry, step by step", also: []string{"forcelong", "forceshort"}, needs: chat.Operator, run: b.trade},
	}
}

// closing asks which position, then whether.
func (b *bot) closing(a *asking) (reply, error) {
	if a.command.Arg(0) == "" {
		return b.pick(a)
	}
	held, err := b.held(a, a.command.Arg(0))
	if err != nil {
		return reply{}, err
	}
	if len(held) == 1 {
		return b.askClose(a, held[0], a.command.Arg(1))
	}
	share := a.command.Arg(1)
	r := reply{html: fmt.Sprintf("%d positions in %s. Which?", len(held), chat.Escape(strings.ToUpper(a.command.Arg(0))))}
	r.buttons = b.pending.ask(a, chat.Operator, each(held, func(p PositionRow) []choice {
		return []choice{{p.Account + " " + p.Side + " " + p.Quantity, func(a *asking) (reply, error) { return b.askClose(a, p, share) }}}
	})...)
	return r, nil
}

// pick lists what is held as buttons.
func (b *bot) pick(a *asking) (reply, error) {
	page, err := a.services.positions.List(PageRequest{Limit: 20})
	if err != nil {
		return reply{}, err
	}
	if len(page.Items) == 0 {
		return reply{html: "Nothing is held."}, nil
	}
	r := reply{html: "Which position?"}
	if page.Next != "" {
		r.html += " These are the first 20; name another one: /close &lt;symbol&gt;."
	}
	r.buttons = b.pending.ask(a, chat.Operator, each(page.Items, func(p PositionRow) []choice {
		return []choice{{fmt.Sprintf("%s %s %s", p.Symbol, p.Side, p.Quantity), func(a *asking) (reply, error) { return b.askClose(a, p, "") }}}
	})...)
	return r, nil
}

// askClose says what a close would do.
func (b *bot) askClose(a *asking, p PositionRow, share string) (reply, error) {
	quantity, err := b.partOf(p, share)
	if err != nil {
		return reply{}, err
	}
	mode := strings.ToUpper(p.Mode)
	size := quantity
	if size == "" {
		size = p.Quantity
	}
	summary := chat.Bold(fmt.Sprintf("Close %s %s %s", size, p.Symbol, p.Side)) + "\n" + chat.Escape(fmt.Sprintf("on %s (%s), of %s held, entry %s, now %s, PnL %s %s. A reduce-only market order.",
		p.Account, mode, p.Quantity, p.EntryPrice, known2(p.MarkPrice), signed(places(p.UnrealizedPnl, 2)), p.QuoteAsset))
	return b.confirm(a, chat.Operator, summary, fmt.Sprintf("Close %s %s %s", size, p.Symbol, mode), func(a *asking) (reply, error) {
		done, err := a.services.positions.Close(ClosePosition{Account: p.Account, Symbol: p.Symbol, Product: p.Product, Side: p.Side, Quantity: quantity, Key: a.key()})
		if err != nil {
			return reply{}, err
		}
		return became(summary, done), nil
	}), nil
}

// known2 is a value, or that it is not known.
func known2(text string) string {
	if text == "" {
		return "not known"
	}
	return text
}

// partOf reads how much of a position: "" for all of it, "50%" for a part, "0.01" for a size. A part is rounded down to what the
// exchange trades, so that the question names what will be sent.
func (b *bot) partOf(p PositionRow, share string) (string, error) {
	if share == "" || share == "100%" {
		return "", nil
	}
	text, percent := strings.CutSuffix(share, "%")
	part, err := trading.ParseRatio(text)
	held, bad := trading.ParseQty(p.Quantity)
	if err != nil || bad != nil || !part.IsPositive() {
		return "", trading.FieldError("size", "%q is neither a part such as 50%% nor a size such as 0.01", share)
	}
	size := trading.Qty(part)
	if percent {
		if part.More(trading.RatioUnits(100, 0)) {
			return "", trading.FieldError("size", "%s is more than all of it", share)
		}
		size = held.Times(part).Times(trading.RatioUnits(1, -2))
		if i, ok := b.in.prices.Instrument(trading.AccountID(p.Account), trading.InstrumentKey{Product: trading.Product(p.Product), Symbol: p.Symbol}); ok {
			size = i.RoundQty(size)
		}
	}
	switch {
	case size.More(held):
		return "", trading.FieldError("size", "%s is more than the %s held", share, p.Quantity)
	case size.IsZero():
		return "", trading.FieldError("size", "%s of %s is less than the exchange trades", share, p.Quantity)
	}
	return size.String(), nil
}

// became tells what an act led to, under what was asked.
func became(summary string, done Receipt) reply {
	words := strings.ReplaceAll(done.Status, "_", " ")
	if done.Reason != "" {
		words += ": " + done.Reason
	}
	return reply{html: summary + "\n\n" + chat.Bold(words) + "\n" + chat.Code(done.RequestID), detail: words}
}

func (b *bot) flatten(a *asking) (reply, error) {
	exchange := strings.ToLower(a.command.Arg(0))
	if exchange != "" && !trading.Exchange(exchange).Known() {
		return reply{}, trading.FieldError("exchange", "%q is not one of bybit, binance, mexc, paper", exchange)
	}
	page, err := a.services.positions.List(PageRequest{Limit: largestPage, Filter: Filter{Exchange: exchange}})
	if err != nil {
		return reply{}, err
	}
	orders, err := a.services.orders.List(PageRequest{Limit: largestPage, Filter: Filter{Exchange: exchange, OpenOnly: true}})
	if err != nil {
		return reply{}, err
	}
	t := chat.NewSheet("symbol", "", "qty>", "PnL>")
	for _, p := range page.Items[:min(len(page.Items), 20)] {
		t.Add(p.Symbol, p.Side, p.Quantity, signed(places(p.UnrealizedPnl, 2)))
	}
	where := "every exchange"
	if exchange != "" {
		where = exchange
	}
	summary := chat.Bold("FLATTEN "+where+", "+modeWord(b.in.overall())) + "\n" +
		fmt.Sprintf("Cancel %d orders, close %d positions with reduce-only market orders.", len(orders.Items), len(page.Items))
	if !t.Empty() {
		summary += "\n" + t.HTML()
	}
	return b.confirm(a, chat.Operator, summary, fmt.Sprintf("FLATTEN %d positions %s", len(page.Items), modeWord(b.in.overall())), func(a *asking) (reply, error) {
		report, err := a.services.positions.Flatten(Flatten{Exchange: exchange, Confirm: "FLATTEN", Key: a.key()})
		if err != nil {
			return reply{}, err
		}
		marks := map[string]string{"proven": "●", "asked": "◐", "failed": "■"}
		lines := []string{summary, ""}
		for _, step := range report.Items {
			line := marks[step.State] + " " + chat.Escape(step.What+": "+step.State)
			if step.Detail != "" {
				line += chat.Escape(" – " + step.Detail)
			}
			lines = append(lines, line)
		}
		if len(report.Items) == 0 {
			lines = append(lines, "There was nothing to cancel or close.")
		}
		return reply{html: strings.Join(lines, "\n")}, nil
	}), nil
}
