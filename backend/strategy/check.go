package strategy

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"hoox/backend/trading"
)

const (
	// maxName is what a webhook lets through.
	maxName   = 128
	maxRoutes = 20
	maxRows   = 100
	maxLevels = 10
	longest   = 24 * time.Hour
)

var (
	accountName   = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
	symbolPattern = regexp.MustCompile(`^[A-Za-z0-9*._:/-]{1,64}$`)
)

// Check tells what is wrong with a strategy as a field error (Invalid), or nil. Whether its accounts and symbols exist is
// seen when an alert follows it.
func (s Strategy) Check() error {
	if s.Name == "" || len(s.Name) > maxName || strings.TrimSpace(s.Name) != s.Name || strings.ContainsFunc(s.Name, unicode.IsControl) {
		return trading.FieldError("name", "want 1 to %d characters without spaces around them: it is what alerts say in \"strategy\"", maxName)
	}
	if len(s.Routes) > maxRoutes {
		return trading.FieldError("routes", "had %d, want at most %d", len(s.Routes), maxRoutes)
	}
	seen := map[trading.AccountID]bool{}
	for i, r := range s.Routes {
		at := fmt.Sprintf("routes[%d]", i)
		if err := r.check(at); err != nil {
			return err
		}
		if seen[r.Account] {
			return trading.FieldError(at+".account", "%s has a route already: one alert may trade once on an account", r.Account)
		}
		seen[r.Account] = true
	}
	if len(s.Symbols) > maxRows {
		return trading.FieldError("symbols", "had %d, want at most %d", len(s.Symbols), maxRows)
	}
	for i, m := range s.Symbols {
		if err := m.check(fmt.Sprintf("symbols[%d]", i)); err != nil {
			return err
		}
	}
	if err := s.Pyramiding.check(); err != nil {
		return err
	}
	if s.MaxAge != 0 && (s.MaxAge < time.Second || s.MaxAge > longest || s.MaxAge%time.Second != 0) {
		return trading.FieldError("maxAge", "want whole seconds from 1 to %d, or 0 for the setting", int(longest/time.Second))
	}
	if s.Expect < 0 || s.Expect > maxMinutes*time.Minute || s.Expect%time.Minute != 0 {
		return trading.FieldError("expectMinutes", "want whole minutes from 1 to %d, or 0 to expect nothing", maxMinutes)
	}
	return s.checkLevels()
}

func (p Pyramiding) check() error {
	switch p.Mode {
	case "", PyramidAdd:
		if p.MaxAdds < 0 || p.MaxAdds > 100 {
			return trading.FieldError("pyramiding.maxAdds", "want 0 (any number) to 100")
		}
		return nil
	case PyramidIgnore, PyramidReplace:
		if p.MaxAdds != 0 {
			return trading.FieldError("pyramiding.maxAdds", "counts only with mode add")
		}
		return nil
	}
	return trading.FieldError("pyramiding.mode", "%q is not one of add, ignore, replace", p.Mode)
}

func (r Route) check(at string) error {
	if err := checkAccount(at+".account", r.Account); err != nil {
		return err
	}
	switch r.Size.Mode {
	case trading.SizeNone:
		if !r.Size.Value.IsZero() {
			return trading.FieldError(at+".size.mode", "missing: say what %s counts", r.Size.Value)
		}
	case trading.SizeBase, trading.SizeQuote, trading.SizePercent, trading.SizeRisk:
		if !r.Size.Value.IsPositive() {
			return trading.FieldError(at+".size.value", "want more than 0")
		}
		if !r.Multiplier.IsZero() {
			return trading.FieldError(at+".multiplier", "scales the alert's own size: leave it out beside size")
		}
	default:
		return trading.FieldError(at+".size.mode", "%q is not one of quantity, quoteQuantity, percent, riskPercent", r.Size.Mode)
	}
	if r.Multiplier.IsNegative() || r.Multiplier.More(trading.RatioUnits(1000, 0)) {
		return trading.FieldError(at+".multiplier", "want more than 0 and at most 1000")
	}
	if r.MaxOrder.IsNegative() {
		return trading.FieldError(at+".maxOrder", "want 0 (no cap) or more")
	}
	if r.MaxPosition.IsNegative() {
		return trading.FieldError(at+".maxPosition", "want 0 (no cap) or more")
	}
	if r.Leverage < 0 || r.Leverage > 125 {
		return trading.FieldError(at+".leverage", "want 1 to 125, or 0 for the alert's own")
	}
	switch r.MarginMode {
	case "", trading.Cross, trading.Isolated:
		return nil
	}
	return trading.FieldError(at+".marginMode", "%q is not one of cross, isolated", r.MarginMode)
}

// checkAccount wants exchange and mode, and a plain name if there is one.
func checkAccount(field string, id trading.AccountID) error {
	mode := id.Mode()
	known := id.Exchange().Known() && (mode == trading.ModePaper || mode == trading.ModeTestnet || mode == trading.ModeLive)
	if id.Exchange() == trading.Paper && mode != trading.ModePaper {
		known = false
	}
	named := strings.Count(string(id), ":") == 1 || accountName.MatchString(id.Name())
	if !known || !named {
		return trading.FieldError(field, "%q is no account: want exchange and mode such as bybit:paper, with a name for a further one (bybit:live:swing)", id)
	}
	return nil
}

func (m Mapping) check(at string) error {
	if !symbolPattern.MatchString(m.Pattern) {
		return trading.FieldError(at+".pattern", "want a symbol such as BTCUSD, with * for anything")
	}
	if !symbolPattern.MatchString(m.To) || strings.HasSuffix(m.To, ":") {
		return trading.FieldError(at+".to", "want a symbol such as BTCUSDT or BYBIT:BTCUSDT.P")
	}
	if n := strings.Count(m.To, "*"); n > 1 || n == 1 && strings.Count(m.Pattern, "*") != 1 {
		return trading.FieldError(at+".to", "a * stands for what the one * of the pattern met: write exactly one in both")
	}
	if m.Account == "" {
		return nil
	}
	return checkAccount(at+".account", m.Account)
}

func (s Strategy) checkLevels() error {
	hundred := trading.RatioUnits(100, 0)
	for field, l := range map[string]trading.Level{"stopLoss": s.StopLoss, "trailingStop": s.TrailingStop} {
		if l.Price.IsNegative() || l.Percent.IsNegative() || !l.Percent.Less(hundred) || !l.Price.IsZero() && !l.Percent.IsZero() {
			return trading.FieldError(field, "want a price such as \"58000\", or a percent of the entry below 100 such as \"2%%\"")
		}
	}
	if len(s.TakeProfit) > maxLevels {
		return trading.FieldError("takeProfit", "had %d, want at most %d", len(s.TakeProfit), maxLevels)
	}
	one, sum := trading.RatioUnits(1, 0), trading.Ratio{}
	for i, t := range s.TakeProfit {
		at := fmt.Sprintf("takeProfit[%d]", i)
		if !t.Price.IsPositive() && !t.Percent.IsPositive() || !t.Price.IsZero() && !t.Percent.IsZero() || t.Price.IsNegative() || t.Percent.IsNegative() {
			return trading.FieldError(at+".at", "want a price such as \"64000\", or a percent of the entry such as \"3%%\"")
		}
		share := t.Share
		if share.IsZero() {
			share = one
		}
		if sum = sum.Add(share); share.IsNegative() || sum.More(one) {
			return trading.FieldError(at+".share", "the shares add up to more than 1, which is the whole position")
		}
	}
	return nil
}
