package app

import (
	"fmt"
	"slices"
	"strings"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// ticket is an entry that is being put together.
type ticket struct {
	side, symbol, exchange string
	size                   trading.Size
}

// trade puts an entry together from what was written behind the command, and asks for the rest.
func (b *bot) trade(a *asking) (reply, error) {
	var t ticket
	words := slices.Clone(a.command.Args)
	if side, ok := strings.CutPrefix(a.command.Name, "force"); ok {
		words = append([]string{side}, words...)
	}
	for _, word := range words {
		if err := t.read(word); err != nil {
			return reply{}, err
		}
	}
	return b.nextStep(a, t)
}

// read takes one word in. What was said before is not replaced: of two sides or sizes nobody knows which was meant.
func (t *ticket) read(word string) error {
	lower := strings.ToLower(word)
	known, twice := true, false
	switch {
	case lower == "long" || lower == "short":
		twice, t.side = t.side != "", lower
	case trading.Exchange(lower).Known():
		twice, t.exchange = t.exchange != "", lower
	case word[0] >= '0' && word[0] <= '9' || word[0] == '.':
		size, err := sizeOf(word)
		if err != nil {
			return err
		}
		twice, t.size = t.size.Mode != trading.SizeNone, size
	case t.symbol == "":
		t.symbol = strings.ToUpper(word)
	case t.size.Mode == trading.SizeBase && len(word) >= 3 && len(word) < len(t.symbol) && strings.HasSuffix(t.symbol, strings.ToUpper(word)):
		t.size.Mode = trading.SizeQuote // "100 USDT"
	default:
		known = false
	}
	if !known || twice {
		return trading.FieldError("trade", "what is %q%s? For example: /trade long BTCUSDT 0.01 bybit", chat.Line(word, 40), either(twice, ", beside what was said before it", ""))
	}
	return nil
}

// sizeOf reads "0.01" in base units, "100USDT" in quote units, "5%" of the equity.
func sizeOf(word string) (trading.Size, error) {
	mode, text := trading.SizeBase, strings.ToUpper(strings.TrimSpace(word))
	if cut, ok := strings.CutSuffix(text, "%"); ok {
		mode, text = trading.SizePercent, cut
	}
	for _, quote := range []string{"USDT", "USDC", "USD"} {
		if cut, ok := strings.CutSuffix(text, quote); ok && mode == trading.SizeBase {
			mode, text = trading.SizeQuote, cut
			break
		}
	}
	n, err := trading.ParseRatio(strings.TrimSpace(text))
	if err != nil || !n.IsPositive() {
		return trading.Size{}, trading.FieldError("size", "%q is no size: want 0.01, or 100 USDT, or 5%% of the equity", word)
	}
	return trading.Size{Mode: mode, Value: n}, nil
}

// nextStep asks for the next thing that is missing.
func (b *bot) nextStep(a *asking, t ticket) (reply, error) {
	switch {
	case t.symbol == "":
		return b.askSymbol(a, t)
	case t.side == "":
		r := reply{html: chat.Bold(t.symbol) + ": which way?"}
		way := func(label, side string) choice {
			return choice{label, func(a *asking) (reply, error) {
				t := t
				t.side = side
				return b.nextStep(a, t)
			}}
		}
		r.buttons = b.pending.ask(a, chat.Operator, []choice{way("▲ LONG", "long"), way("▼ SHORT", "short")})
		return r, nil
	case t.size.Mode == trading.SizeNone:
		b.waiting.expect(a, a.now.Add(confirmWithin), func(a *asking, words string) (reply, error) {
			size, err := sizeOf(words)
			if err != nil {
				return reply{}, err
			}
			t := t
			t.size = size
			return b.nextStep(a, t)
		})
		return reply{html: chat.Bold(strings.ToUpper(t.side)+" "+t.symbol) + ": how much? Send " + chat.Code("0.01") + ", or " + chat.Code("100 USDT") + ", or " + chat.Code("5%") + " of the equity."}, nil
	}
	return b.askTrade(a, t)
}

// askSymbol offers what was traded lately.
func (b *bot) askSymbol(a *asking, t ticket) (reply, error) {
	page, err := a.services.signals.List(PageRequest{Limit: 100})
	if err != nil {
		return reply{}, err
	}
	var rows [][]choice
	seen := map[string]bool{"": true}
	for _, s := range page.Items {
		symbol := strings.ToUpper(s.Symbol)
		if seen[symbol] || len(rows) == 6 {
			continue
		}
		seen[symbol] = true
		rows = append(rows, []choice{{symbol, func(a *asking) (reply, error) {
			t := t
			t.symbol = symbol
			return b.nextStep(a, t)
		}}})
	}
	b.waiting.expect(a, a.now.Add(confirmWithin), func(a *asking, words string) (reply, error) {
		t := t
		t.symbol = strings.ToUpper(strings.TrimSpace(words))
		return b.nextStep(a, t)
	})
	return reply{html: "Which symbol? Choose, or send its name, such as " + chat.Code("BTCUSDT") + ".", buttons: b.pending.ask(a, chat.Operator, rows...)}, nil
}

// signal is the entry as admission takes it: the same desk, gate and deadline as an alert.
func (b *bot) signal(a *asking, t ticket) trading.Signal {
	action := trading.ActLong
	if t.side == "short" {
		action = trading.ActShort
	}
	return trading.Signal{
		ID: trading.NewSignalID(), Source: trading.FromTelegram, Credential: "telegram", Key: a.key(), ReceivedAt: a.now,
		Exchange: trading.Exchange(t.exchange), Symbol: t.symbol, Action: action, Size: t.size, Type: trading.Market,
		Comment: fmt.Sprintf("telegram %d", a.person.User),
	}
}

// course is what an entry would do now, on every account that it would go to.
type course struct {
	lines []string
	// goes is false when it would go nowhere; mode is the one with the most at stake.
	goes bool
	mode trading.Mode
	// marks tell two courses apart. A quantity that follows the price is not in them.
	marks []string
}

func (b *bot) courseOf(a *asking, t ticket) (course, error) {
	preview, err := b.in.desk.Preview(a.ctx, b.signal(a, t))
	if err != nil {
		return course{}, err
	}
	c := course{mode: trading.ModePaper, lines: []string{chat.Bold(fmt.Sprintf("%s %s %s", strings.ToUpper(t.side), t.symbol, sizeWords(t)))}}
	for _, f := range preview.Accounts {
		line := fmt.Sprintf("%s (%s): ", f.Account, modeWord(f.Account.Mode()))
		if f.Status != trading.SignalExecuting {
			c.lines = append(c.lines, chat.Escape(line+"would be "+string(f.Status)+", "+f.Reason))
			continue
		}
		c.goes = true
		if f.Account.Mode() == trading.ModeLive || c.mode == trading.ModePaper {
			c.mode = f.Account.Mode()
		}
		for _, leg := range f.Legs {
			c.lines = append(c.lines, chat.Escape(fmt.Sprintf("%s%s %s %s at the market%s", line, leg.Side, leg.Qty, leg.Symbol, either(leg.ReduceOnly, ", which closes what is held", ""))))
			mark := fmt.Sprint(f.Account, leg.Product, leg.Symbol, leg.Side, leg.ReduceOnly)
			if t.size.Mode == trading.SizeBase {
				mark += leg.Qty.String()
			}
			c.marks = append(c.marks, mark)
		}
		if len(f.Cancel) > 0 {
			c.lines = append(c.lines, chat.Escape(fmt.Sprintf("%s%d open entries are cancelled", line, len(f.Cancel))))
			c.marks = append(c.marks, fmt.Sprint(f.Account, f.Cancel))
		}
	}
	return c, nil
}

// askTrade says what the entry would do, and does it only while it would still do that.
func (b *bot) askTrade(a *asking, t ticket) (reply, error) {
	asked, err := b.courseOf(a, t)
	if err != nil {
		return reply{}, err
	}
	summary := strings.Join(asked.lines, "\n")
	if !asked.goes {
		return no(summary + "\n<b>Nothing was done.</b>"), nil
	}
	verb := fmt.Sprintf("%s %s %s", strings.ToUpper(t.side), t.symbol, modeWord(asked.mode))
	return b.confirm(a, chat.Operator, summary, verb, func(a *asking) (reply, error) {
		now, err := b.courseOf(a, t)
		switch {
		case err != nil:
			return reply{}, err
		case !slices.Equal(now.marks, asked.marks):
			return changed(summary, "Now it would be:\n"+strings.Join(now.lines[1:], "\n")), nil
		}
		done, err := a.services.orders.enter(b.signal(a, t))
		if err != nil {
			return reply{}, err
		}
		return became(summary, done), nil
	}), nil
}

func sizeWords(t ticket) string {
	switch t.size.Mode {
	case trading.SizePercent, trading.SizeRisk:
		return t.size.Value.String() + " % of the equity"
	case trading.SizeQuote:
		return "for " + t.size.Value.String() + " in its quote currency"
	case trading.SizeBase, trading.SizeNone:
	}
	return t.size.Value.String()
}
