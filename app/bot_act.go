package app

import (
	"fmt"
	"slices"
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
	// "50 %" is 50%: read as a size of 50 it would close something else.
	share := strings.Join(a.command.Args[1:], " ")
	if number, ok := strings.CutSuffix(share, " %"); ok {
		share = number + "%"
	}
	if len(held) == 1 {
		return b.askClose(a, held[0], share)
	}
	r := reply{html: fmt.Sprintf("%d positions in %s. Which?", len(held), chat.Escape(strings.ToUpper(a.command.Arg(0))))}
	r.buttons = b.pending.ask(a, chat.Operator, each(held, func(p PositionRow) []choice {
		return []choice{{p.Account + " " + p.Product + " " + p.Side + " " + p.Quantity, func(a *asking) (reply, error) { return b.askClose(a, p, share) }}}
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
		return []choice{{fmt.Sprintf("%s %s %s %s", p.Symbol, p.Side, p.Quantity, p.Account), func(a *asking) (reply, error) { return b.askClose(a, p, "") }}}
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
		now, err := b.held(a, p.Symbol)
		if err != nil {
			return reply{}, err
		}
		if i := slices.IndexFunc(now, func(n PositionRow) bool { return n.Account == p.Account && n.Product == p.Product && n.Side == p.Side }); i < 0 || now[i].Quantity != p.Quantity {
			held := "no such position is open"
			if i >= 0 {
				held = now[i].Quantity + " is held"
			}
			return changed(summary, chat.Escape("Now "+held+".")), nil
		}
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

// exposed is what a flatten would reach, and the mode with the most at stake among it.
type exposed struct {
	positions PositionPage
	orders    OrderPage
	mode      trading.Mode
}

func (b *bot) exposed(a *asking, exchange string) (e exposed, err error) {
	if e.positions, err = a.services.positions.List(PageRequest{Limit: largestPage, Filter: Filter{Exchange: exchange}}); err != nil {
		return e, err
	}
	if e.orders, err = a.services.orders.List(PageRequest{Limit: largestPage, Filter: Filter{Exchange: exchange, OpenOnly: true}}); err != nil {
		return e, err
	}
	e.mode = trading.ModePaper
	reached := slices.Concat(each(e.positions.Items, func(p PositionRow) string { return p.Mode }), each(e.orders.Items, func(o OrderRow) string { return o.Mode }))
	for _, mode := range reached {
		if trading.Mode(mode) == trading.ModeLive || e.mode == trading.ModePaper {
			e.mode = trading.Mode(mode)
		}
	}
	return e, nil
}

func (b *bot) flatten(a *asking) (reply, error) {
	exchange := strings.ToLower(a.command.Rest)
	if exchange != "" && !trading.Exchange(exchange).Known() {
		return reply{}, trading.FieldError("exchange", "%q is not one of bybit, binance, mexc, paper; /flatten alone means all of them", chat.Line(exchange, 40))
	}
	asked, err := b.exposed(a, exchange)
	if err != nil {
		return reply{}, err
	}
	mode := modeWord(asked.mode)
	where := "every exchange"
	if exchange != "" {
		where = exchange
	}
	more := either(asked.positions.Next != "" || asked.orders.Next != "", "at least ", "")
	summary := chat.Bold("FLATTEN "+where+", "+mode) + "\n" +
		fmt.Sprintf("Cancel %s%d orders, close %s%d positions with reduce-only market orders.", more, len(asked.orders.Items), more, len(asked.positions.Items))
	if rows := asked.positions.Items; len(rows) > 0 {
		summary += "\n" + heldSheets(rows[:min(len(rows), 20)])
		if len(rows) > 20 {
			summary += fmt.Sprintf("\nand %d more", len(rows)-20)
		}
	}
	return b.confirm(a, chat.Operator, summary, fmt.Sprintf("FLATTEN %d positions %s", len(asked.positions.Items), mode), func(a *asking) (reply, error) {
		now, err := b.exposed(a, exchange)
		if err != nil {
			return reply{}, err
		}
		if now.mode != asked.mode {
			return changed(summary, "Now it would reach "+modeWord(now.mode)+"."), nil
		}
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
