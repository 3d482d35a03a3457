package gateway

import (
	"strconv"
	"strings"
	"unicode"

	"hoox/backend/trading"
)

// maxDigits bounds each side of the decimal point: no exchange knows more, and the rest is a mistake.
const maxDigits = 18

// word reads a short text without control characters; empty is refused.
func (a *alert) word(name string, v value) (string, error) {
	s, err := a.line(name, v, maxText)
	if err == nil && s == "" {
		return "", trading.FieldError(name, "is empty: give it a value or leave the field out")
	}
	return s, err
}

// line reads a text of one line.
func (a *alert) line(name string, v value, most int) (string, error) {
	if v.shape != text {
		return "", trading.FieldError(name, "must be a text in quotes, not %s", v.shape)
	}
	if len(v.text) > most {
		return "", trading.FieldError(name, "is longer than %d bytes", most)
	}
	for _, r := range v.text {
		if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) {
			return "", trading.FieldError(name, "has the invisible character U+%04X: remove it", r)
		}
	}
	return v.text, nil
}

// oneOf reads a word of a list, any case.
func (a *alert) oneOf(name string, v value, words ...string) (string, error) {
	s, err := a.word(name, v)
	if err != nil {
		return "", err
	}
	for _, w := range words {
		if strings.EqualFold(s, w) {
			return w, nil
		}
	}
	return "", trading.FieldError(name, "must be one of %s", strings.Join(words, ", "))
}

// flag reads true or false; templates can only write them in quotes, so that form counts too.
func (a *alert) flag(name string) (bool, error) {
	v, ok := a.root.find(name)
	if !ok {
		return false, nil
	}
	if (v.shape == boolean || v.shape == text) && (v.text == "true" || v.text == "false") {
		return v.text == "true", nil
	}
	return false, trading.FieldError(name, "must be true or false")
}

// digits is the text of a number, checked so that what fails gets a reason.
func digits(name string, v value) (string, error) {
	if v.shape != number && v.shape != text {
		return "", trading.FieldError(name, "must be a number such as 12.5, not %s", v.shape)
	}
	s := v.text
	switch {
	case s == "":
		return "", trading.FieldError(name, "is empty: give a number or leave the field out")
	case notNumber(s):
		return "", trading.FieldError(name, "%s is not a number: the indicator had no value when the alert fired", s)
	case strings.Contains(s, ","):
		return "", trading.FieldError(name, "write the number with a point and no thousands separators, such as 1234.5")
	case strings.ContainsAny(s, "eE") && strings.Trim(s, "0123456789+-.eE") == "":
		return "", trading.FieldError(name, "write the number without an exponent, such as 0.00001")
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if strings.Trim(s, "-0123456789.") == "" && (len(whole) > maxDigits || len(fraction) > maxDigits) {
		return "", trading.FieldError(name, "has more than %d digits on one side of the point", maxDigits)
	}
	return s, nil
}

// decimal is what the number types of the house have in common.
type decimal interface {
	IsPositive() bool
	IsNegative() bool
}

// exact reads a number through its text; it is never a float on the way.
func exact[N decimal](name string, v value, read func(string) (N, error)) (N, error) {
	var none N
	s, err := digits(name, v)
	if err != nil {
		return none, err
	}
	n, err := read(s)
	if err != nil {
		return none, trading.FieldError(name, "must be a plain decimal number such as 12.5")
	}
	return n, nil
}

// positive reads a number above zero.
func positive[N decimal](name string, v value, read func(string) (N, error)) (N, error) {
	n, err := exact(name, v, read)
	if err == nil && !n.IsPositive() {
		var none N
		return none, trading.FieldError(name, "must be above 0")
	}
	return n, err
}

// percent reads a number above zero and at most the bound, with or without a percent sign.
func percent(name string, v value, most int64) (trading.Ratio, error) {
	if v.shape == text {
		v.text = strings.TrimSpace(strings.TrimSuffix(v.text, "%"))
	}
	n, err := positive(name, v, trading.ParseRatio)
	if err == nil && n.More(trading.RatioUnits(most, 0)) {
		return trading.Ratio{}, trading.FieldError(name, "must be at most %d percent", most)
	}
	return n, err
}

// whole reads a whole number within bounds.
func whole(name string, v value, least, most int) (int, error) {
	s, err := digits(name, v)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most || strings.HasPrefix(s, "+") {
		return 0, trading.FieldError(name, "must be a whole number from %d to %d", least, most)
	}
	return n, nil
}
