package mexc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"hoox/backend/trading"
)

// amount is a number as MEXC writes it: a JSON number, with an exponent now and then, or text. It is never a float.
type amount struct{ trading.Ratio }

// UnmarshalJSON reads it; "" and null are zero.
func (a *amount) UnmarshalJSON(data []byte) error {
	text, err := plain(string(bytes.Trim(data, `"`)))
	if err != nil {
		return err
	}
	if text == "" {
		*a = amount{}
		return nil
	}
	r, err := trading.ParseRatio(text)
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	*a = amount{r}
	return nil
}

func (a amount) price() trading.Price { return trading.AsPrice(a.Ratio) }
func (a amount) qty() trading.Qty     { return trading.AsQty(a.Ratio) }
func (a amount) money() trading.Money { return trading.AsMoney(a.Ratio) }

// whole is the whole part, zero for one that is too large to be a count.
func (a amount) whole() int {
	n, err := strconv.Atoi(a.Floor(trading.RatioUnits(1, 0)).String())
	if err != nil {
		return 0
	}
	return n
}

// mostExponent bounds how far a point is moved.
const mostExponent = 40

// plain writes a number without an exponent, digit for digit.
func plain(text string) (string, error) {
	if text == "null" {
		return "", nil
	}
	at := strings.IndexAny(text, "eE")
	if at < 0 {
		return text, nil
	}
	shift, err := strconv.Atoi(text[at+1:])
	if err != nil || shift > mostExponent || shift < -mostExponent {
		return "", fmt.Errorf("%q is no number", text)
	}
	sign, digits := "", text[:at]
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	whole, rest, _ := strings.Cut(digits, ".")
	point := len(whole) + shift
	digits = whole + rest
	if point <= 0 {
		return sign + "0." + strings.Repeat("0", -point) + digits, nil
	}
	if point >= len(digits) {
		return sign + digits + strings.Repeat("0", point-len(digits)), nil
	}
	return sign + digits[:point] + "." + digits[point:], nil
}

// text is an id or a code that comes in quotes or as a number.
type text string

// UnmarshalJSON reads it; null is "".
func (t *text) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*t = ""
		return nil
	}
	if len(data) > 0 && data[0] == '"' {
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*t = text(s)
		return nil
	}
	*t = text(data)
	return nil
}

// id is the text of an id, "" for the zero that stands for none.
func (t text) id() string {
	if t == "0" {
		return ""
	}
	return string(t)
}

// code is the number, false for a text that is none.
func (t text) code() (int, bool) {
	n, err := strconv.Atoi(string(t))
	return n, err == nil
}

// rows is a list, or a page that wraps one.
type rows[T any] struct {
	list []T
	// told is false for an answer that had no list at all.
	told bool
}

// UnmarshalJSON reads either shape.
func (r *rows[T]) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	if len(data) > 0 && data[0] == '[' {
		r.told = true
		return json.Unmarshal(data, &r.list)
	}
	var page struct {
		List *[]T `json:"resultList"`
	}
	if err := json.Unmarshal(data, &page); err != nil {
		return err
	}
	if page.List != nil {
		r.list, r.told = *page.List, true
	}
	return nil
}
