package trading

import (
	"regexp"
	"slices"
	"strings"
)

// Entries are the entries that a credential may ask for. What closes it may always ask for.
type Entries string

// The choices; "" is both.
const (
	EntriesBoth  Entries = "both"
	EntriesLong  Entries = "long"
	EntriesShort Entries = "short"
	EntriesNone  Entries = "none"
)

// Allow tells whether an entry in a direction is among them.
func (e Entries) Allow(d Direction) bool {
	switch e {
	case "", EntriesBoth:
		return true
	case EntriesLong:
		return d == Long
	case EntriesShort:
		return d == Short
	case EntriesNone:
	}
	return false
}

// Bounds are what the credential of a signal may ask for. The zero Bounds forbid nothing.
type Bounds struct {
	// Strategy is the only strategy that its alerts may follow, and the one that they follow when they name none. It must be
	// stored.
	Strategy string
	// Accounts are the only ones that it trades on, none is all. The paper twin that a strategy runs beside an account is no
	// account of its own here.
	Accounts []AccountID
	// Symbols are the only ones that it trades, none is all. BTCUSDT is the symbol on every exchange, spot and perpetual;
	// BTCUSDT.P the perpetual on every exchange; BYBIT:BTCUSDT spot and BYBIT:BTCUSDT.P the perpetual of one.
	Symbols []string
	Entries Entries
	// MaxOrder is the largest entry in quote currency, zero for any.
	MaxOrder Money
}

// Trades tells whether an account is within the bounds.
func (b Bounds) Trades(id AccountID) bool {
	return len(b.Accounts) == 0 || slices.Contains(b.Accounts, id)
}

// Holds tells whether an instrument is within the bounds.
func (b Bounds) Holds(i Instrument) bool {
	return len(b.Symbols) == 0 || slices.ContainsFunc(b.Symbols, func(s string) bool { return names(s, i) })
}

// names tells whether a symbol as bounds hold it means an instrument.
func names(symbol string, i Instrument) bool {
	exchange, body, prefixed := strings.Cut(symbol, ":")
	if !prefixed {
		exchange, body = "", symbol
	}
	body, perpetual := strings.CutSuffix(body, ".P")
	switch {
	case prefixed && exchange != strings.ToUpper(string(i.Exchange)):
		return false
	case perpetual && i.Product != Linear:
		return false
	case prefixed && !perpetual && i.Product != Spot:
		return false
	}
	return body == joined(i.Symbol)
}

// joined is a symbol without what exchanges put between its two assets.
func joined(symbol string) string {
	return strings.NewReplacer("_", "", "-", "", "/", "").Replace(strings.ToUpper(symbol))
}

var boundSymbol = regexp.MustCompile(`^([A-Z]+:)?[A-Z0-9]{2,30}(\.P)?$`)

// symbolBound is a symbol as bounds hold it, false for what is no symbol.
func symbolBound(written string) (string, bool) {
	symbol := joined(strings.TrimSpace(written))
	if !boundSymbol.MatchString(symbol) {
		return "", false
	}
	exchange, _, prefixed := strings.Cut(symbol, ":")
	if prefixed && !Exchange(strings.ToLower(exchange)).Known() {
		return "", false
	}
	return symbol, true
}

// maxListed is how many accounts or symbols bounds list.
const maxListed = 100

// Checked are the bounds in the form in which they are kept. It fails with a field error (Invalid) for what cannot be;
// whether accounts and strategy exist is not known here.
func (b Bounds) Checked() (Bounds, error) {
	if len(b.Accounts) > maxListed {
		return b, FieldError("accounts", "had %d, want at most %d", len(b.Accounts), maxListed)
	}
	if len(b.Symbols) > maxListed {
		return b, FieldError("symbols", "had %d, want at most %d", len(b.Symbols), maxListed)
	}
	var symbols []string
	for _, written := range b.Symbols {
		symbol, ok := symbolBound(written)
		if !ok {
			return b, FieldError("symbols", "%q is no symbol: want BTCUSDT, BTCUSDT.P for the perpetual only, BYBIT:BTCUSDT or BYBIT:BTCUSDT.P for one exchange", written)
		}
		if !slices.Contains(symbols, symbol) {
			symbols = append(symbols, symbol)
		}
	}
	b.Symbols = symbols
	var accounts []AccountID
	for _, id := range b.Accounts {
		if !slices.Contains(accounts, id) {
			accounts = append(accounts, id)
		}
	}
	b.Accounts = accounts
	switch b.Entries {
	case "":
		b.Entries = EntriesBoth
	case EntriesBoth, EntriesLong, EntriesShort, EntriesNone:
	default:
		return b, FieldError("entries", "%q is not one of both, long, short, none", b.Entries)
	}
	if b.MaxOrder.IsNegative() {
		return b, FieldError("maxOrder", "want more than 0, or nothing for any size")
	}
	return b, nil
}
