package strategy

import (
	"strings"

	"hoox/backend/trading"
)

// A symbol as an alert writes it may name its product: an exchange in front means spot, and .P or PERP behind means the
// perpetual. Nothing here may lose or invent such a word.

// apart takes a symbol apart: the exchange in front, "" without one, and the rest. Upper case.
func apart(written string) (prefix, body string) {
	text := strings.ToUpper(strings.TrimSpace(written))
	if head, rest, ok := strings.Cut(text, ":"); ok && !strings.Contains(head, "/") {
		return strings.TrimSpace(head), strings.TrimSpace(rest)
	}
	return "", text
}

// perpetual cuts the word for a perpetual off.
func perpetual(body string) (string, bool) {
	if bare, ok := strings.CutSuffix(body, ".P"); ok && bare != "" {
		return bare, true
	}
	return body, false
}

// ProductOf is the product that a writing means, fallback when it says nothing.
func ProductOf(written string, fallback trading.Product) trading.Product {
	prefix, body := apart(written)
	switch {
	case strings.HasSuffix(body, ".P"), strings.HasSuffix(body, "PERP"), strings.Contains(body, ":"):
		// "BTC/USDT:USDT" names what it settles in, as only a perpetual does.
		return trading.Linear
	case prefix != "":
		return trading.Spot
	}
	return fallback
}

// meets compares a symbol with the pattern and tells what its first "*" stands for. A pattern that does not say .P meets
// the perpetual and the spot symbol alike, and the mapping keeps them apart.
func (m Mapping) meets(written string) (met string, ok bool) {
	pattern := strings.ToUpper(strings.TrimSpace(m.Pattern))
	prefix, body := apart(written)
	if _, says := perpetual(pattern); !says {
		body, _ = perpetual(body)
	}
	if strings.Contains(pattern, ":") {
		body = prefix + ":" + body
	}
	return match(pattern, body)
}

// match tells whether text fits a pattern in which "*" is anything, and what the first "*" met at its shortest.
func match(pattern, text string) (string, bool) {
	head, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return "", pattern == text
	}
	text, ok := strings.CutPrefix(text, head)
	if !ok {
		return "", false
	}
	for n := 0; n <= len(text); n++ {
		if fits(rest, text[n:]) {
			return text[:n], true
		}
	}
	return "", false
}

// fits tells whether text fits a pattern. What stands between two stars is taken where it comes first: later is never better, so
// that nothing has to be tried twice.
func fits(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, parts[last])
}

// to is the symbol that the mapping gives, and whether it names its product itself.
func (m Mapping) to(met string) (string, bool) {
	to := strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(m.To)), "*", met)
	prefix, body := apart(to)
	_, says := perpetual(body)
	return to, says || prefix != "" || ProductOf(to, "") != ""
}

// dressed gives a plain symbol the words for the product that another one has.
func dressed(plain, like string) string {
	prefix, body := apart(like)
	if _, says := perpetual(body); says || ProductOf(like, trading.Spot) == trading.Linear {
		plain += ".P"
	}
	if prefix != "" {
		plain = prefix + ":" + plain
	}
	return plain
}

// moved names another exchange in front of a symbol that names one: the chart is where it is, and the account trades the
// instrument of the same name at home. The general paper account takes everybody's.
func moved(written string, on trading.Exchange) string {
	prefix, body := apart(written)
	if prefix == "" || on == "" || on == trading.Paper {
		return written
	}
	plain, _, _ := strings.Cut(prefix, "_DL")
	if trading.Exchange(strings.ToLower(plain)) == on || !trading.Exchange(strings.ToLower(plain)).Known() {
		return written
	}
	return strings.ToUpper(string(on)) + ":" + body
}

// home names the account's exchange in front of a mapped symbol that names any: somebody wrote down what the chart's symbol
// is there, whosever chart it was.
func home(written string, on trading.Exchange) string {
	prefix, body := apart(written)
	if prefix == "" || on == "" {
		return written
	}
	return strings.ToUpper(string(on)) + ":" + body
}
