package market

import (
	"strings"

	"hoox/backend/trading"
)

// ticker is a symbol taken apart.
type ticker struct {
	written string
	// prefix is the exchange as TradingView names it, "" without one.
	prefix string
	// symbol is what follows the prefix, body the same without the perpetual suffix and separators.
	symbol, body string
	// base and quote are set when the writing itself separates them.
	base, quote string
	// settle is the currency after the second colon of "BTC/USDT:USDT".
	settle    string
	perpetual bool
	product   trading.Product
}

func (t *ticker) read(written string) {
	text := strings.ToUpper(strings.TrimSpace(written))
	t.written = text
	if head, rest, ok := strings.Cut(text, ":"); ok && !strings.Contains(head, "/") {
		t.prefix, text = strings.TrimSpace(head), strings.TrimSpace(rest)
	}
	text, t.settle, _ = strings.Cut(text, ":")
	t.symbol, t.body = text, text
	for _, suffix := range []string{".P", "PERP"} {
		if body, ok := strings.CutSuffix(t.body, suffix); ok && body != "" {
			t.body, t.perpetual = strings.TrimRight(body, "-_/"), true
			break
		}
	}
	t.perpetual = t.perpetual || t.settle != ""
	for _, separator := range []string{"/", "_"} {
		if base, quote, ok := strings.Cut(t.body, separator); ok {
			t.base, t.quote = base, quote
			break
		}
	}
}

// mean settles which product the writing means on an exchange.
func (t *ticker) mean(on trading.Exchange) {
	// MEXC writes only its futures with an underscore.
	future := on == trading.MEXC && strings.Contains(t.body, "_")
	switch {
	case t.perpetual || future:
		t.product = trading.Linear
	case t.prefix != "":
		t.product = trading.Spot
	}
}

// exchange settles where the ticker trades, with a warning about delayed charts.
func (t *ticker) exchange(asked trading.Exchange) (trading.Exchange, []string, error) {
	if t.prefix == "" {
		if asked == "" {
			return "", nil, trading.FieldError("exchange", "none given and %s names none; want one of %s", t.written, exchangeWords())
		}
		return asked, nil, known(asked)
	}
	var warnings []string
	name := t.prefix
	for _, delayed := range []string{"_DLY", "_DL"} {
		if plain, ok := strings.CutSuffix(name, delayed); ok {
			name = plain
			warnings = append(warnings, "the chart of "+t.written+" shows delayed data ("+t.prefix+"): its alerts come late")
			break
		}
	}
	named := trading.Exchange(strings.ToLower(name))
	if !named.Known() {
		return "", warnings, trading.FieldError("symbol", "%s names the exchange %s, which is not one of %s", t.written, name, exchangeWords())
	}
	switch {
	case asked == "" || asked == named:
		return named, warnings, nil
	case asked == trading.Paper:
		// The general paper account has no charts of its own; somebody else's is all there can be.
		return asked, append(warnings, "the chart is "+string(named)+"'s; the paper account trades at its own prices"), nil
	}
	return "", warnings, trading.FieldError("symbol", "%s is a symbol of %s, but the alert is for %s: make the two agree", t.written, named, asked)
}

func known(e trading.Exchange) error {
	if e.Known() {
		return nil
	}
	return trading.FieldError("exchange", "%q is not one of %s", string(e), exchangeWords())
}

func exchangeWords() string {
	words := make([]string, 0, len(trading.Exchanges()))
	for _, e := range trading.Exchanges() {
		words = append(words, string(e))
	}
	return strings.Join(words, ", ")
}

// unsupported names the kind of contract we do not trade, "" for one that we may.
func (t *ticker) unsupported() string {
	_, delivery, dated := strings.Cut(t.settle, "-")
	switch {
	case dated && delivery != "":
		return "a dated future"
	case t.settle != "" && t.settle != t.quote:
		return "an inverse (coin-margined) contract"
	case strings.HasSuffix(t.symbol, "!"):
		return "a continuous future"
	case isOption(t.symbol):
		return "an option"
	case isDated(t.symbol):
		return "a dated future"
	}
	return ""
}

// quotes are the currencies a pair may end in, longest first, because they overlap.
var quotes = []string{"FDUSD", "USDT", "USDC", "USD", "EUR", "TRY", "BTC", "ETH", "BNB"}

// pairs are the ways to read the body as base and quote, likeliest first.
func (t *ticker) pairs() [][2]string {
	if t.quote != "" {
		return [][2]string{{t.base, t.quote}}
	}
	var pairs [][2]string
	for _, quote := range quotes {
		if base, ok := strings.CutSuffix(t.body, quote); ok && base != "" {
			pairs = append(pairs, [2]string{base, quote})
		}
	}
	return pairs
}

// isDated recognises BTCUSDT_251226, BTCUSDTZ2025, BTCUSDTZ25 and BTC-26DEC25.
func isDated(symbol string) bool {
	if _, date, ok := strings.Cut(symbol, "_"); ok && len(date) >= 6 && digits(date) {
		return true
	}
	if _, date, ok := strings.Cut(symbol, "-"); ok && len(date) >= 6 && digits(date[len(date)-2:]) {
		return true
	}
	plain := strings.TrimRight(symbol, "0123456789")
	year := symbol[len(plain):]
	if plain == "" || (len(year) != 2 && len(year) != 4) || !strings.ContainsAny(plain[len(plain)-1:], "FGHJKMNQUVXZ") {
		return false
	}
	for _, quote := range quotes {
		if strings.HasSuffix(plain[:len(plain)-1], quote) {
			return true
		}
	}
	return false
}

// isOption recognises BTC-26DEC25-70000-C and its put.
func isOption(symbol string) bool {
	return strings.Count(symbol, "-") >= 3 && (strings.HasSuffix(symbol, "-C") || strings.HasSuffix(symbol, "-P") ||
		strings.HasSuffix(symbol, "-USDT"))
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
