package gateway

import (
	"strings"
	"time"

	"hoox/backend/trading"
)

// cutMark stands where a secret was.
const cutMark = "•••"

// Decode reads an alert as it came from the network. headerKey is the Idempotency-Key header, "" for none; the body's
// own key wins. The signal has no ID and no Credential yet; its Raw and every text in it are free of the key, which is
// handed back beside it. It fails with Invalid, naming the field and what would be right; the key is then returned if
// the body was JSON at all. Decode keeps nothing and looks at no clock but now.
func Decode(body []byte, headerKey string, now time.Time) (trading.Signal, string, error) {
	root, err := parse(body)
	if err != nil {
		return trading.Signal{}, "", err
	}
	a := alert{root: root, now: now}
	key := a.key()
	s, err := a.signal(body, headerKey, func(s string) bool { return s == key })
	return s, key, err
}

// alert is a parsed body on its way to a signal.
type alert struct {
	root value
	now  time.Time
	out  trading.Signal
}

// key is the text under apiKey, "" when there is none.
func (a *alert) key() string {
	v, _ := a.root.find("apiKey")
	if v.shape != text {
		return ""
	}
	return v.text
}

// closes tells, before anything else is read, whether the alert only wants out; such alerts have a budget of their own.
func (a *alert) closes() bool {
	if v, _ := a.root.find("reduceOnly"); v.text == "true" {
		return true
	}
	if v, ok := a.root.find("marketPosition"); ok {
		return strings.EqualFold(v.text, string(trading.Flat))
	}
	v, _ := a.root.find("action")
	return actions[strings.ToUpper(v.text)].Closes()
}

// signal reads every field. secret tells the texts that must not be kept or repeated.
func (a *alert) signal(body []byte, headerKey string, secret func(string) bool) (trading.Signal, error) {
	key := a.key()
	a.out = trading.Signal{Source: trading.FromWebhook, ReceivedAt: a.now.UTC(), Type: trading.Market}
	a.out.Raw = a.root.cut(body, func(s string) string { return clean(s, key, secret) })
	if clean(headerKey, key, secret) != headerKey {
		return trading.Signal{}, trading.FieldError("Idempotency-Key", "must not be the apiKey: use a text that names this one alert")
	}
	steps := []func() error{
		a.names, a.kind, a.place, a.target, a.size, a.price, a.levels, a.terms, a.texts, a.times, a.notify, a.complete,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return trading.Signal{}, err
		}
	}
	if err := a.idempotency(headerKey); err != nil {
		return trading.Signal{}, err
	}
	return a.out, nil
}

// minCut is the shortest key that is also cut out of the middle of other texts; a shorter one would garble words.
const minCut = 8

// clean is a text without secrets.
func clean(s, key string, secret func(string) bool) string {
	if s == "" {
		return s
	}
	if (key != "" && s == key) || secret(s) {
		return cutMark
	}
	if len(key) >= minCut {
		return strings.ReplaceAll(s, key, cutMark)
	}
	return s
}

func (a *alert) warn(words string) { a.out.Warnings = append(a.out.Warnings, words) }

// actions are the words an alert may use.
var actions = map[string]trading.Action{
	"LONG": trading.ActLong, "BUY": trading.ActLong,
	"SHORT": trading.ActShort, "SELL": trading.ActShort,
	"CLOSE_LONG": trading.ActCloseLong, "CLOSE_SHORT": trading.ActCloseShort,
	"CLOSE": trading.ActClose, "FLAT": trading.ActFlat,
}

// kind reads action; an alert without any trade field only notifies.
func (a *alert) kind() error {
	v, ok := a.root.find("action")
	if !ok {
		if a.trades() {
			return nil
		}
		if _, wants := a.root.find("notify"); !wants {
			return trading.Errorf(trading.Invalid, "nothing to do: give action, symbol and a size, or notify")
		}
		a.out.Action = trading.ActNone
		return nil
	}
	word, err := a.word("action", v)
	if err != nil {
		return err
	}
	action, known := actions[strings.ToUpper(word)]
	if !known {
		return trading.FieldError("action", "must be LONG, SHORT, BUY, SELL, CLOSE_LONG, CLOSE_SHORT, CLOSE or FLAT")
	}
	a.out.Action = action
	return nil
}

// trades tells whether any field of the alert is about a trade.
func (a *alert) trades() bool {
	for _, f := range a.root.fields {
		if tradeFields[f.name] && f.value.shape != null {
			return true
		}
	}
	return false
}

// place reads exchange and symbol as far as they can be judged without knowing any instrument.
func (a *alert) place() error {
	if v, ok := a.root.find("exchange"); ok {
		if err := a.exchange(v); err != nil {
			return err
		}
	}
	v, ok := a.root.find("symbol")
	if !ok {
		return nil
	}
	word, err := a.word("symbol", v)
	if err != nil {
		return err
	}
	if len(word) > maxSymbol || !onlySymbol(word) {
		return trading.FieldError("symbol", "must be 1 to 32 of the characters A-Z a-z 0-9 : / . _ - such as BTCUSDT or BYBIT:BTCUSDT.P")
	}
	a.out.Symbol = word
	return nil
}

const maxSymbol = 32

const symbolLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:/._-"

func onlySymbol(s string) bool {
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(symbolLetters, s[i]) < 0 {
			return false
		}
	}
	return !strings.Contains(s, "..") && !strings.HasPrefix(s, "/")
}

func (a *alert) exchange(v value) error {
	word, err := a.word("exchange", v)
	if err != nil {
		return err
	}
	name := strings.ToLower(word)
	// TradingView marks delayed data feeds in the exchange's name.
	for _, mark := range []string{"_dly", "_dl"} {
		if short, delayed := strings.CutSuffix(name, mark); delayed {
			name = short
			a.warn("exchange " + strings.ToUpper(short) + " is a delayed data feed: its prices are old")
		}
	}
	if !trading.Exchange(name).Known() {
		return trading.FieldError("exchange", "must be one of bybit, binance, mexc, paper")
	}
	a.out.Exchange = trading.Exchange(name)
	return nil
}

// complete holds the whole alert against what its kind needs.
func (a *alert) complete() error {
	s := &a.out
	if s.Action == trading.ActNone {
		return nil
	}
	if s.Action == "" {
		return trading.FieldError("action", "missing: add LONG, SHORT, CLOSE_LONG, CLOSE_SHORT, CLOSE or FLAT, or marketPosition")
	}
	if s.Symbol == "" {
		return trading.FieldError("symbol", "missing: add it, such as BTCUSDT or {{ticker}}")
	}
	// A reduce-only order is a close in other words, and a close may do without a size.
	entry := (s.Action == trading.ActLong || s.Action == trading.ActShort) && !s.ReduceOnly
	if entry && s.Size.Mode == trading.SizeNone {
		return trading.FieldError("quantity", `missing: an entry needs a size; add "quantity" (base units), "quoteQuantity", "percent" (of equity), or "riskPercent" with "stopLoss"`)
	}
	if s.Size.Mode == trading.SizeRisk && s.StopLoss.IsZero() {
		return trading.FieldError("stopLoss", "missing: riskPercent needs it to know what is at risk")
	}
	if s.Size.Mode == trading.SizeRisk && (s.Action.Closes() || s.ReduceOnly) {
		return trading.FieldError("riskPercent", "sizes entries only: close with quantity, or without a size to close all")
	}
	return nil
}
