package app

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// moneyCommands show what became of the money.
func (b *bot) moneyCommands() []botCommand {
	return []botCommand{
		{name: "balance", help: "what is on each account", needs: chat.Viewer, run: b.balance},
		{name: "profit", help: "today, 7 days, 30 days", needs: chat.Viewer, run: b.profit},
		{name: "daily", help: "the last 7 days one by one", needs: chat.Viewer, run: b.spansOf(7, dayBefore)},
		{name: "weekly", help: "the last 4 weeks one by one", needs: chat.Viewer, run: b.spansOf(4, weekBefore)},
		{name: "monthly", help: "the last 3 months one by one", needs: chat.Viewer, run: b.spansOf(3, monthBefore)},
		{name: "performance", help: "what each symbol made in 30 days", needs: chat.Viewer, run: b.performance},
	}
}

// signed shows a gain with its plus.
func signed(n string) string {
	if n == "" || strings.HasPrefix(n, "-") || strings.Trim(n, "0.") == "" {
		return n
	}
	return "+" + n
}

// places is an amount cut to what a phone has room for: rounded, never recomputed.
func places(n string, digits int) string {
	amount, err := trading.ParseMoney(n)
	if err != nil {
		return n
	}
	return amount.Fixed(int32(digits))
}

// hidden leaves an amount out where it is nobody's business: in a group, and everywhere when privacy is on.
func (b *bot) hidden(a *asking, amount string) string {
	if a.update.Where != chat.Private || b.in.settings.Now().Bool("telegram:privacy") {
		return "•••"
	}
	return cmp.Or(amount, "–")
}

func (b *bot) balance(a *asking) (reply, error) {
	view, err := a.services.analytics.Overview(GetOverview{})
	if err != nil {
		return reply{}, err
	}
	lines := []string{chat.Bold("Balance")}
	for _, m := range view.Accounts {
		free := ""
		if equity, err := trading.ParseMoney(m.Equity); err == nil {
			if margin, err := trading.ParseMoney(m.Margin); err == nil {
				free = equity.Sub(margin).Fixed(2)
			}
		}
		t := chat.NewSheet("", m.Currency+">")
		t.Add("equity", b.hidden(a, places(m.Equity, 2)))
		t.Add("free", b.hidden(a, free))
		lines = append(lines, chat.Escape(m.Account), t.HTML())
	}
	if len(view.Accounts) == 0 {
		lines = append(lines, "No account is connected: Accounts in the window adds one.")
	}
	return looked(a, strings.Join(lines, "\n")), nil
}

// made is what the accounts of the house's mode realised since a moment, after fees and funding.
func (b *bot) made(a *asking, since time.Time) (total trading.Money, fills int, err error) {
	days, err := b.in.money.Day(a.ctx, since)
	if err != nil {
		return total, 0, err
	}
	for account, d := range days {
		if account != "" && account.Mode() == b.in.overall() {
			total, fills = total.Add(d.Realized).Sub(d.Fees).Add(d.Funding), fills+d.Fills
		}
	}
	return total, fills, nil
}

func (b *bot) profit(a *asking) (reply, error) {
	today := a.now.UTC().Truncate(24 * time.Hour)
	t := chat.NewSheet("", "realised>", "fills>")
	for _, span := range []struct {
		name  string
		since time.Time
	}{{"today", today}, {"7 days", today.AddDate(0, 0, -6)}, {"30 days", today.AddDate(0, 0, -29)}} {
		total, fills, err := b.made(a, span.since)
		if err != nil {
			return reply{}, err
		}
		t.Add(span.name, b.hidden(a, signed(total.Fixed(2))), fmt.Sprint(fills))
	}
	return looked(a, chat.Bold("Profit, "+modeWord(b.in.overall())+", "+currency)+"\n"+t.HTML()+"\nAfter fees and funding; days end at midnight UTC. What is open is not in it."), nil
}

// dayBefore, weekBefore and monthBefore are when the span began that is n spans before the one that runs.
func dayBefore(now time.Time, n int) time.Time {
	return now.Truncate(24*time.Hour).AddDate(0, 0, -n)
}

func weekBefore(now time.Time, n int) time.Time {
	monday := (int(now.Weekday()) + 6) % 7
	return now.Truncate(24*time.Hour).AddDate(0, 0, -monday-7*n)
}

func monthBefore(now time.Time, n int) time.Time {
	return time.Date(now.Year(), now.Month()-time.Month(n), 1, 0, 0, 0, 0, time.UTC)
}

// spansOf shows the last spans one by one: what was made since the beginning of each, less what was since that of the next.
func (b *bot) spansOf(spans int, begin func(now time.Time, n int) time.Time) func(*asking) (reply, error) {
	return func(a *asking) (reply, error) {
		t := chat.NewSheet("from", "realised>", "fills>")
		var later trading.Money
		laterFills := 0
		for n := range spans {
			since := begin(a.now.UTC(), n)
			total, fills, err := b.made(a, since)
			if err != nil {
				return reply{}, err
			}
			t.Add(since.Format("Mon 02 Jan"), b.hidden(a, signed(total.Sub(later).Fixed(2))), fmt.Sprint(fills-laterFills))
			later, laterFills = total, fills
		}
		return looked(a, chat.Bold("/"+a.command.Name+", "+modeWord(b.in.overall())+", "+currency)+"\n"+t.HTML()+"\nAfter fees and funding; days end at midnight UTC."), nil
	}
}

// mostFills bounds how many fills are looked at for one answer.
const mostFills = 10_000

func (b *bot) performance(a *asking) (reply, error) {
	sums, counts := map[string]trading.Money{}, map[string]int{}
	page := trading.Page{Limit: largestPage, SinceTime: a.now.AddDate(0, 0, -30)}
	seen := 0
	for {
		fills, next, err := b.in.book.Fills(a.ctx, page)
		if err != nil {
			return reply{}, err
		}
		for _, f := range fills {
			if f.Account.Mode() == b.in.overall() && !f.RealizedPnL.IsZero() {
				sums[f.Symbol] = sums[f.Symbol].Add(f.RealizedPnL)
				counts[f.Symbol]++
			}
		}
		if seen += len(fills); next == "" || seen >= mostFills {
			page.Cursor = next
			break
		}
		page.Cursor = next
	}
	if len(sums) == 0 {
		return looked(a, "Nothing was closed in the last 30 days."), nil
	}
	symbols := slices.SortedFunc(maps.Keys(sums), func(x, y string) int {
		if sums[x].More(sums[y]) {
			return -1
		}
		if sums[y].More(sums[x]) {
			return 1
		}
		return strings.Compare(x, y)
	})
	t := chat.NewSheet("symbol", "realised>", "closes>")
	for _, symbol := range symbols[:min(len(symbols), 30)] {
		t.Add(symbol, b.hidden(a, signed(sums[symbol].Fixed(2))), fmt.Sprint(counts[symbol]))
	}
	text := chat.Bold("30 days, "+modeWord(b.in.overall())) + "\n" + t.HTML() + "\nBefore fees, in each symbol's own currency."
	if page.Cursor != "" {
		text += fmt.Sprintf("\nOnly the newest %d fills were counted.", seen)
	}
	return looked(a, text), nil
}
