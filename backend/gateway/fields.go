package gateway

import (
	"strconv"
	"strings"
	"time"

	"hoox/backend/trading"
)

// The bounds of an alert's words about itself.
const (
	maxStrategy = 128
	maxKey      = 128
	maxChat     = 32
	maxAhead    = 120 * time.Second
	minAge      = 5
	maxAge      = 86400
	maxLeverage = 125
	// maxPercent of equity is a whole account at the largest leverage.
	maxPercent = 100 * maxLeverage
	maxTargets = 10
)

// size reads how much. A target position brings its own size, so quantity and contracts, which a strategy fills with
// the order's size, count for nothing then.
func (a *alert) size() error {
	modes := []struct {
		name string
		mode trading.SizeMode
	}{
		{"quantity", trading.SizeBase}, {"contracts", trading.SizeBase}, {"quoteQuantity", trading.SizeQuote},
		{"percent", trading.SizePercent}, {"riskPercent", trading.SizeRisk},
	}
	given := ""
	for _, m := range modes {
		v, ok := a.root.find(m.name)
		if !ok || (a.out.Target != nil && m.mode == trading.SizeBase) {
			continue
		}
		if given != "" {
			return trading.FieldError(m.name, "give one size only: %s or %s", given, m.name)
		}
		given = m.name
		n, err := sized(m.name, m.mode, v)
		if err != nil {
			return err
		}
		a.out.Size = trading.Size{Mode: m.mode, Value: n}
	}
	return nil
}

func sized(name string, mode trading.SizeMode, v value) (trading.Ratio, error) {
	switch mode {
	case trading.SizePercent:
		return percent(name, v, maxPercent)
	case trading.SizeRisk:
		return percent(name, v, 100)
	case trading.SizeNone, trading.SizeBase, trading.SizeQuote:
	}
	return positive(name, v, trading.ParseRatio)
}

// price reads orderType and price. A price without a limit is only noted: templates often carry {{close}}.
func (a *alert) price() error {
	v, typed := a.root.find("orderType")
	if typed {
		word, err := a.oneOf("orderType", v, string(trading.Market), string(trading.Limit))
		if err != nil {
			return err
		}
		a.out.Type = trading.OrderType(word)
	}
	p, priced := a.root.find("price")
	if !priced {
		if a.out.Type == trading.Limit {
			return trading.FieldError("price", "missing: a limit order needs it")
		}
		return nil
	}
	n, err := positive("price", p, trading.ParsePrice)
	if err != nil {
		return err
	}
	a.out.Price = n
	if !typed {
		a.warn(`price was only noted: add "orderType": "limit" to make it the order's limit`)
	}
	return nil
}

// terms reads leverage, margin mode and the two flags.
func (a *alert) terms() error {
	var err error
	if v, ok := a.root.find("leverage"); ok {
		if a.out.Leverage, err = whole("leverage", v, 1, maxLeverage); err != nil {
			return err
		}
	}
	if v, ok := a.root.find("marginMode"); ok {
		word, err := a.oneOf("marginMode", v, string(trading.Cross), string(trading.Isolated))
		if err != nil {
			return err
		}
		a.out.MarginMode = trading.MarginMode(word)
	}
	if a.out.ReduceOnly, err = a.flag("reduceOnly"); err != nil {
		return err
	}
	a.out.Test, err = a.flag("test")
	return err
}

// texts reads strategy and comment, which stay as they are.
func (a *alert) texts() error {
	if v, ok := a.root.find("strategy"); ok {
		s, err := a.line("strategy", v, maxStrategy)
		if err != nil {
			return err
		}
		a.out.Strategy = s
		a.unfilled("strategy", s)
	}
	if v, ok := a.root.find("comment"); ok {
		if v.shape != text {
			return trading.FieldError("comment", "must be a text in quotes, not %s", v.shape)
		}
		a.out.Comment = v.text
		a.unfilled("comment", v.text)
	}
	return nil
}

func (a *alert) unfilled(name, s string) {
	if p := placeholder(s); p != "" {
		a.warn(name + ": TradingView left " + p + " unfilled")
	}
}

// times reads when the alert was sent and how old it may get.
func (a *alert) times() error {
	if v, ok := a.root.find("time"); ok {
		at, err := moment(v)
		if err != nil {
			return err
		}
		if ahead := at.Sub(a.now); ahead > maxAhead {
			return trading.FieldError("time", "is %s ahead of this computer's clock (at most 120 s): set the clock, or use {{timenow}}", ahead.Round(time.Second))
		}
		a.out.SentAt = at
	}
	if v, ok := a.root.find("maxAge"); ok {
		seconds, err := whole("maxAge", v, minAge, maxAge)
		if err != nil {
			return err
		}
		a.out.MaxAge = time.Duration(seconds) * time.Second
	}
	return nil
}

// moment reads RFC 3339, which {{timenow}} is, or unix seconds or milliseconds.
func moment(v value) (time.Time, error) {
	bad := trading.FieldError("time", `must look like "2026-05-20T07:10:50Z" ({{timenow}}), or be unix seconds or milliseconds`)
	if v.shape != text && v.shape != number {
		return time.Time{}, bad
	}
	if at, err := time.Parse(time.RFC3339Nano, v.text); err == nil && v.shape == text {
		return bounded(at, bad)
	}
	if strings.Trim(v.text, "0123456789") != "" {
		return time.Time{}, bad
	}
	n, err := strconv.ParseInt(v.text, 10, 64)
	switch {
	case err != nil:
		return time.Time{}, bad
	case len(v.text) == 10:
		return bounded(time.Unix(n, 0), bad)
	case len(v.text) == 13:
		return bounded(time.UnixMilli(n), bad)
	}
	return time.Time{}, bad
}

// bounded refuses years that no clock shows: they would not survive arithmetic.
func bounded(at time.Time, bad error) (time.Time, error) {
	at = at.UTC()
	if at.Year() < 2000 || at.Year() > 2200 {
		return time.Time{}, bad
	}
	return at, nil
}

// idempotency reads the key: the body's own, else the header's.
func (a *alert) idempotency(header string) error {
	name, key := "Idempotency-Key", header
	if v, ok := a.root.find("idempotencyKey"); ok {
		s, err := a.word("idempotencyKey", v)
		if err != nil {
			return err
		}
		name, key = "idempotencyKey", s
	}
	if len(key) > maxKey {
		return trading.FieldError(name, "is longer than %d characters", maxKey)
	}
	for i := 0; i < len(key); i++ {
		if key[i] < ' ' || key[i] > '~' {
			return trading.FieldError(name, "must be plain ASCII text")
		}
	}
	a.out.Key = key
	return nil
}

// notify reads the message that the alert wants sent.
func (a *alert) notify() error {
	v, ok := a.root.find("notify")
	if !ok {
		return nil
	}
	if v.shape != object {
		return trading.FieldError("notify", `must be {"chatId": "…", "message": "…"}, not %s`, v.shape)
	}
	for _, f := range v.fields {
		if _, err := a.name("notify.", f.name, notifyNames); err != nil {
			return err
		}
	}
	chat, given := v.find("chatId")
	if !given || (chat.shape != text && chat.shape != number) || !isChat(chat.text) {
		return trading.FieldError("notify.chatId", "must be a numeric Telegram chat id")
	}
	n := trading.Notify{ChatID: chat.text}
	if m, given := v.find("message"); given {
		if m.shape != text {
			return trading.FieldError("notify.message", "must be a text in quotes, not %s", m.shape)
		}
		n.Message = m.text
		a.unfilled("notify.message", m.text)
	}
	a.out.Notify = &n
	return nil
}

func isChat(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return digits != "" && len(s) <= maxChat && strings.Trim(digits, "0123456789") == ""
}
