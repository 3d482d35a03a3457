package app

import (
	"context"
	"slices"
	"time"

	"hoox/backend/node"
	"hoox/backend/trading"
)

// money is what the accounts are worth, now and before.
type money interface {
	Equity(ctx context.Context) ([]node.AccountMoney, error)
	Curve(ctx context.Context, since time.Time, most int) ([]trading.EquityPoint, error)
	Day(ctx context.Context, since time.Time) (map[trading.AccountID]trading.DayTotals, error)
}

// Analytics is the numbers of the first page.
type Analytics struct{ in *house }

const (
	// currency is what totals are in; an account in another one is shown, but not added up.
	currency = "USDT"
	// curvePoints is how many points a curve of all accounts together may have.
	curvePoints = 1200
	// mostTicks bounds the fills that are marked on the curve.
	mostTicks = 200
)

// spans are the lengths of the curve; zero is everything.
var spans = map[string]time.Duration{"": 24 * time.Hour, "1d": 24 * time.Hour, "1w": 7 * 24 * time.Hour, "1m": 30 * 24 * time.Hour, "all": 0}

// Overview is money now, today and over a span: that of one mode, the house's, because paper money added to real money is no
// sum. It fails with Invalid for an unknown span.
func (s *Analytics) Overview(req GetOverview) (Overview, error) {
	return answer(s.in, "read overview", func(ctx context.Context) (Overview, error) {
		span, ok := spans[req.Span]
		if !ok {
			return Overview{}, trading.FieldError("span", "%q is not one of 1d, 1w, 1m, all", req.Span)
		}
		now := s.in.now()
		var since time.Time
		if span > 0 {
			since = now.Add(-span)
		}
		view := Overview{Mode: string(s.in.overall()), Currency: currency}
		mode := s.in.overall()
		if err := s.today(ctx, &view, mode, now); err != nil {
			return Overview{}, err
		}
		points, err := s.curve(ctx, mode, since, curvePoints)
		if err != nil {
			return Overview{}, err
		}
		view.Curve = curve(points)
		ticks, _, err := s.in.book.Fills(ctx, trading.Page{Limit: mostTicks, SinceTime: since})
		ticks = slices.DeleteFunc(ticks, func(f trading.Fill) bool { return f.Account.Mode() != mode })
		view.Ticks = each(ticks, s.in.fillRow)
		return view, err
	})
}

// today fills in the money now and what became of it since midnight UTC.
func (s *Analytics) today(ctx context.Context, view *Overview, mode trading.Mode, now time.Time) error {
	accounts, err := s.in.money.Equity(ctx)
	if err != nil {
		return err
	}
	var equity, balance, unrealized trading.Money
	view.Accounts = []AccountRow{}
	for _, m := range accounts {
		view.Accounts = append(view.Accounts, accountRow(m))
		if m.Currency == currency && m.Account.Mode() == mode {
			equity, balance, unrealized = equity.Add(m.Equity), balance.Add(m.Balance), unrealized.Add(m.Unrealized)
		}
	}
	view.Equity, view.Balance, view.UnrealizedPnl = shown(equity, moneyPlaces), shown(balance, moneyPlaces), shown(unrealized, moneyPlaces)
	midnight := now.UTC().Truncate(24 * time.Hour)
	days, err := s.in.money.Day(ctx, midnight)
	if err != nil {
		return err
	}
	var day trading.DayTotals
	for account, d := range days {
		// Alerts that were refused before they had an account count for every mode.
		if account != "" && account.Mode() != mode {
			continue
		}
		day.Realized, day.Fees, day.Funding = day.Realized.Add(d.Realized), day.Fees.Add(d.Fees), day.Funding.Add(d.Funding)
		day.Fills, day.Signals, day.Refused = day.Fills+d.Fills, day.Signals+d.Signals, day.Refused+d.Refused
	}
	before, err := s.openBefore(ctx, mode, midnight)
	if err != nil {
		return err
	}
	realized := day.Realized.Sub(day.Fees).Add(day.Funding)
	made := realized.Add(unrealized).Sub(before)
	view.TodayPnl, view.TodayRealized, view.TodayFees = shown(made, moneyPlaces), shown(realized, moneyPlaces), shown(day.Fees, moneyPlaces)
	view.TodayFills, view.TodaySignals, view.TodayRefused = day.Fills, day.Signals, day.Refused
	// What was there at midnight, with what was paid in since counted as if it had been there: a deposit is no profit.
	if start := equity.Sub(made); start.IsPositive() {
		view.TodayPercent = made.Part(start).Times(trading.RatioUnits(100, 0)).Fixed(2)
	}
	return nil
}

// curve is the equity curve of the accounts of one mode.
func (s *Analytics) curve(ctx context.Context, mode trading.Mode, since time.Time, most int) ([]trading.EquityPoint, error) {
	points, err := s.in.money.Curve(ctx, since, most)
	return slices.DeleteFunc(points, func(p trading.EquityPoint) bool { return p.Account.Mode() != mode }), err
}

// openBefore is the open profit of all accounts at midnight: from the last sample before it, else the first after it.
func (s *Analytics) openBefore(ctx context.Context, mode trading.Mode, midnight time.Time) (trading.Money, error) {
	points, err := s.curve(ctx, mode, midnight.Add(-2*time.Hour), 0)
	if err != nil {
		return trading.Money{}, err
	}
	if len(points) == 0 || !points[0].At.Before(midnight) {
		older, err := s.curve(ctx, mode, midnight.AddDate(0, 0, -30), curvePoints)
		if err != nil {
			return trading.Money{}, err
		}
		if len(older) > 0 && older[0].At.Before(midnight) {
			points = older
		}
	}
	last := map[trading.AccountID]trading.EquityPoint{}
	for _, p := range points {
		if _, seen := last[p.Account]; p.At.Before(midnight) || !seen {
			last[p.Account] = p
		}
	}
	var open trading.Money
	for _, p := range last {
		open = open.Add(p.Equity.Sub(p.Balance))
	}
	return open, nil
}

// curve adds the accounts up. Samples of one moment belong together; an account without a sample at a moment counts with
// its last one.
func curve(points []trading.EquityPoint) []EquityPoint {
	out := []EquityPoint{}
	last := map[trading.AccountID]trading.Money{}
	for i, p := range points {
		last[p.Account] = p.Equity
		if i+1 < len(points) && points[i+1].At.Equal(p.At) {
			continue
		}
		var sum trading.Money
		for _, equity := range last {
			sum = sum.Add(equity)
		}
		out = append(out, EquityPoint{At: when(p.At), Equity: shown(sum, moneyPlaces)})
	}
	return whole(out, points, len(last))
}

// whole drops the beginning of a curve in which not every account has a sample yet: it would show money appearing.
func whole(out []EquityPoint, points []trading.EquityPoint, accounts int) []EquityPoint {
	seen := map[trading.AccountID]bool{}
	drop := 0
	for i, p := range points {
		seen[p.Account] = true
		if len(seen) == accounts {
			break
		}
		if i+1 < len(points) && !points[i+1].At.Equal(p.At) {
			drop++
		}
	}
	return out[min(drop, len(out)):]
}

func accountRow(m node.AccountMoney) AccountRow {
	return AccountRow{
		Account: string(m.Account), Exchange: string(m.Account.Exchange()), Mode: string(m.Account.Mode()), Currency: m.Currency,
		Balance: shown(m.Balance, moneyPlaces), Equity: shown(m.Equity, moneyPlaces), UnrealizedPnl: shown(m.Unrealized, moneyPlaces),
		Margin: shown(m.Margin, moneyPlaces),
	}
}
