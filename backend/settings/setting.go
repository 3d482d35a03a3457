package settings

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"hoox/backend/trading"
)

// Type is the shape of a value.
type Type string

// The types. A list is comma separated on its way in and a JSON array of strings in canonical form.
const (
	Boolean Type = "boolean"
	Integer Type = "integer"
	Decimal Type = "decimal"
	Text    Type = "text"
	Enum    Type = "enum"
	List    Type = "list"
	JSON    Type = "json"
)

// Setting is one key of the manifest.
type Setting struct {
	Key     string
	Type    Type
	Default string
	// Min and Max bound integers and decimals, inclusive; "" is unbounded. For text Max is the longest length.
	Min, Max string
	// Options lists the values of an enum, or those that the fields of a JSON object may have.
	Options []string
	// Unit is shown behind the value: "%", "s", "USDT".
	Unit  string
	Group string
	Help  string
	// Addresses makes every element of a list an IP address or a CIDR range.
	Addresses bool
	// Chats makes every element of a list the number of a chat.
	Chats bool
	// Locks makes every element of a list a locked symbol, each symbol once.
	Locks bool
	// Hours makes a text a span of the day, "22:30-07:00", and Clock a time of it, "08:00"; both may be empty.
	Hours, Clock bool
	// Tighter says which way is safe to go from afar.
	Tighter Tighter
	// ReadOnly keys are shown but changed elsewhere.
	ReadOnly bool
	// Alias is the key that this one is another name of, "" for none.
	Alias string
}

// Bounds says in words what is allowed.
func (s Setting) Bounds() string {
	switch s.Type {
	case Boolean:
		return "true or false"
	case Enum:
		return strings.Join(s.Options, " | ")
	case List:
		if s.Addresses {
			return "addresses or ranges, separated by commas"
		}
		if s.Chats {
			return "numbers of chats such as 123456789 or -1001234567890, separated by commas"
		}
		if s.Locks {
			return "symbols such as BTCUSDT or BTCUSDT@2026-11-23T10:00:00Z, each once, separated by commas"
		}
		return "values separated by commas"
	case JSON:
		if len(s.Options) > 0 {
			return `a JSON object such as {"*": "` + s.Options[0] + `"} with the values ` + strings.Join(s.Options, " | ")
		}
		return "a JSON object"
	case Text:
		if s.Hours {
			return "a span such as 22:30-07:00, or empty"
		}
		if s.Clock {
			return "a time such as 08:00, or empty"
		}
		return "at most " + s.Max + " characters"
	case Integer, Decimal:
		switch {
		case s.Min != "" && s.Max != "":
			return s.Min + " to " + s.Max
		case s.Min != "":
			return "at least " + s.Min
		}
	}
	return "any number"
}

// Canonical checks a value as a person wrote it and returns how it is stored. It fails with Invalid and says what is
// allowed; nothing is clamped.
func (s Setting) Canonical(value string) (string, error) {
	value = strings.TrimSpace(value)
	switch s.Type {
	case Boolean:
		return s.boolean(value)
	case Integer:
		return s.integer(value)
	case Decimal:
		return s.decimal(value)
	case Enum:
		for _, o := range s.Options {
			if strings.EqualFold(o, value) {
				return o, nil
			}
		}
		return "", s.wrong(value)
	case List:
		return s.list(value)
	case JSON:
		return s.object(value)
	case Text:
		if limit, _ := strconv.Atoi(s.Max); len(value) > limit {
			return "", s.wrong(value)
		}
		return value, s.clocked(value)
	}
	return "", trading.Errorf(trading.Internal, "setting %s has no type", s.Key)
}

func (s Setting) wrong(value string) error {
	if len(value) > 60 {
		value = value[:60] + "…"
	}
	return trading.FieldError(s.Key, "%q is not allowed; allowed is %s", value, s.Bounds())
}

// clocked checks a text that names times of the day.
func (s Setting) clocked(value string) error {
	if value == "" || !s.Hours && !s.Clock {
		return nil
	}
	times := []string{value}
	if s.Hours {
		from, to, ok := strings.Cut(value, "-")
		if times = []string{from, to}; !ok || from == to {
			return s.wrong(value)
		}
	}
	for _, text := range times {
		if at, err := time.Parse("15:04", text); err != nil || at.Format("15:04") != text {
			return s.wrong(value)
		}
	}
	return nil
}

func (s Setting) boolean(value string) (string, error) {
	switch strings.ToLower(value) {
	case "true", "1", "yes", "on":
		return "true", nil
	case "false", "0", "no", "off":
		return "false", nil
	}
	return "", s.wrong(value)
}

func (s Setting) integer(value string) (string, error) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return "", s.wrong(value)
	}
	if !s.within(strconv.FormatInt(n, 10)) {
		return "", s.wrong(value)
	}
	return strconv.FormatInt(n, 10), nil
}

func (s Setting) decimal(value string) (string, error) {
	n, err := trading.ParseRatio(value)
	if err != nil || !s.within(n.String()) {
		return "", s.wrong(value)
	}
	return n.String(), nil
}

func (s Setting) within(value string) bool {
	n, err := trading.ParseRatio(value)
	if err != nil {
		return false
	}
	if s.Min != "" && n.Less(trading.MustRatio(s.Min)) {
		return false
	}
	return s.Max == "" || !n.More(trading.MustRatio(s.Max))
}

func (s Setting) list(value string) (string, error) {
	items := []string{}
	if strings.HasPrefix(value, "[") {
		if err := json.Unmarshal([]byte(value), &items); err != nil {
			return "", s.wrong(value)
		}
	} else if value != "" {
		items = strings.Split(value, ",")
	}
	if len(items) > 500 {
		return "", s.wrong(strconv.Itoa(len(items)) + " values")
	}
	for i, item := range items {
		items[i] = strings.TrimSpace(item)
		if items[i] == "" || len(items[i]) > 64 {
			return "", s.wrong(item)
		}
		if s.Addresses {
			if _, err := ParsePrefix(items[i]); err != nil {
				return "", s.wrong(item)
			}
		}
		if s.Chats {
			if n, err := strconv.ParseInt(items[i], 10, 64); err != nil || n == 0 || strconv.FormatInt(n, 10) != items[i] {
				return "", s.wrong(item)
			}
		}
		if s.Locks {
			lock, err := trading.ParseLock(items[i])
			if err != nil || slices.ContainsFunc(items[:i], func(before string) bool { return symbolOf(before) == lock.Symbol }) {
				return "", s.wrong(item)
			}
			items[i] = lock.String()
		}
	}
	text, err := json.Marshal(items)
	return string(text), err
}

func symbolOf(lock string) string {
	symbol, _, _ := strings.Cut(lock, "@")
	return symbol
}

func (s Setting) object(value string) (string, error) {
	if value == "" {
		value = "{}"
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(value), &fields); err != nil || fields == nil {
		return "", s.wrong(value)
	}
	if len(s.Options) > 0 && !s.chosen(value) {
		return "", s.wrong(value)
	}
	return value, nil
}

// chosen tells whether every field of an object is there once and has one of the options. What is not would be passed over
// when it is used, and an alert would go where nobody sent it.
func (s Setting) chosen(object string) bool {
	d := json.NewDecoder(strings.NewReader(object))
	if _, err := d.Token(); err != nil {
		return false
	}
	seen := map[string]bool{}
	for d.More() {
		name, err := d.Token()
		text, ok := name.(string)
		if err != nil || !ok || seen[strings.ToUpper(text)] {
			return false
		}
		seen[strings.ToUpper(text)] = true
		var option string
		if d.Decode(&option) != nil || !slices.ContainsFunc(s.Options, func(o string) bool { return strings.EqualFold(o, option) }) {
			return false
		}
	}
	return true
}

// ParsePrefix reads an address ("52.89.214.238") or a range ("10.0.0.0/8") as a range.
func ParsePrefix(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		p, err := netip.ParsePrefix(text)
		if err == nil && p.Addr().Is4In6() && p.Bits() >= 96 {
			// Callers are compared by their IPv4 address.
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		return p.Masked(), err
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen()), nil
}
