package trading

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// Num is an exact decimal number of one unit. Numbers of different units do not mix: a Price cannot be added to a Qty.
// The zero value is 0. Text in and out is plain decimal notation, never an exponent, never a float.
type Num[U any] struct{ d decimal.Decimal }

type (
	priceUnit struct{}
	qtyUnit   struct{}
	moneyUnit struct{}
	ratioUnit struct{}
)

type (
	// Price is quote currency per one base unit.
	Price = Num[priceUnit]
	// Qty is an amount of the base asset (contracts are converted by the adapter).
	Qty = Num[qtyUnit]
	// Money is an amount of a currency, signed.
	Money = Num[moneyUnit]
	// Ratio is a plain number: 0.01 is one percent.
	Ratio = Num[ratioUnit]
)

// maxNumberText bounds the text of one number; nothing real is longer, and unbounded text is a way to exhaust memory.
const maxNumberText = 40

// divisionDigits is the number of fractional digits a quotient keeps. Products and sums are exact.
const divisionDigits = 18

var errNumber = errors.New("want a plain decimal number such as 12.5")

// ParseNum reads plain decimal text: an optional minus, digits, optionally a point and digits; at most 40 bytes, also as it is
// written again.
// Exponents, NaN, infinity, signs other than "-", spaces and separators are refused.
func ParseNum[U any](text string) (Num[U], error) {
	if len(text) == 0 || len(text) > maxNumberText {
		return Num[U]{}, errNumber
	}
	digits, points := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			points++
		case c == '-' && i == 0:
		default:
			return Num[U]{}, errNumber
		}
	}
	// Written again, a number that begins with its point is one digit longer.
	if digits == 0 || points > 1 || len(text) == maxNumberText && strings.HasPrefix(strings.TrimPrefix(text, "-"), ".") {
		return Num[U]{}, errNumber
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return Num[U]{}, errNumber
	}
	return Num[U]{d}, nil
}

// ParsePrice reads a price; see ParseNum.
func ParsePrice(text string) (Price, error) { return ParseNum[priceUnit](text) }

// ParseQty reads a quantity; see ParseNum.
func ParseQty(text string) (Qty, error) { return ParseNum[qtyUnit](text) }

// ParseMoney reads an amount of money; see ParseNum.
func ParseMoney(text string) (Money, error) { return ParseNum[moneyUnit](text) }

// ParseRatio reads a plain number; see ParseNum.
func ParseRatio(text string) (Ratio, error) { return ParseNum[ratioUnit](text) }

// MustPrice, MustQty, MustMoney and MustRatio read constants of the program and panic on anything else.
func MustPrice(text string) Price { return must(ParsePrice(text)) }

// MustQty reads a constant; see MustPrice.
func MustQty(text string) Qty { return must(ParseQty(text)) }

// MustMoney reads a constant; see MustPrice.
func MustMoney(text string) Money { return must(ParseMoney(text)) }

// MustRatio reads a constant; see MustPrice.
func MustRatio(text string) Ratio { return must(ParseRatio(text)) }

func must[U any](n Num[U], err error) Num[U] {
	if err != nil {
		panic("trading: bad constant: " + err.Error())
	}
	return n
}

// Units makes a number from value × 10^exponent, for arithmetic that is done in whole ticks or steps.
func Units[U any](value int64, exponent int32) Num[U] {
	return Num[U]{decimal.New(value, exponent)}
}

// PriceUnits makes a price from value × 10^exponent.
func PriceUnits(value int64, exponent int32) Price { return Units[priceUnit](value, exponent) }

// QtyUnits makes a quantity from value × 10^exponent.
func QtyUnits(value int64, exponent int32) Qty { return Units[qtyUnit](value, exponent) }

// MoneyUnits makes an amount from value × 10^exponent.
func MoneyUnits(value int64, exponent int32) Money { return Units[moneyUnit](value, exponent) }

// RatioUnits makes a ratio from value × 10^exponent.
func RatioUnits(value int64, exponent int32) Ratio { return Units[ratioUnit](value, exponent) }

// String is the canonical text: no exponent, no trailing zeros after the point, "0" for zero, never "-0".
func (n Num[U]) String() string {
	s := n.d.String()
	if strings.IndexByte(s, '.') >= 0 {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

// Fixed is the text with exactly places fractional digits, rounded half away from zero; for display only.
func (n Num[U]) Fixed(places int32) string { return n.d.StringFixed(places) }

func (n Num[U]) Add(m Num[U]) Num[U]  { return Num[U]{n.d.Add(m.d)} }
func (n Num[U]) Sub(m Num[U]) Num[U]  { return Num[U]{n.d.Sub(m.d)} }
func (n Num[U]) Neg() Num[U]          { return Num[U]{n.d.Neg()} }
func (n Num[U]) Abs() Num[U]          { return Num[U]{n.d.Abs()} }
func (n Num[U]) Cmp(m Num[U]) int     { return n.d.Cmp(m.d) }
func (n Num[U]) Less(m Num[U]) bool   { return n.d.Cmp(m.d) < 0 }
func (n Num[U]) More(m Num[U]) bool   { return n.d.Cmp(m.d) > 0 }
func (n Num[U]) Equal(m Num[U]) bool  { return n.d.Cmp(m.d) == 0 }
func (n Num[U]) Sign() int            { return n.d.Sign() }
func (n Num[U]) IsZero() bool         { return n.d.IsZero() }
func (n Num[U]) IsPositive() bool     { return n.d.Sign() > 0 }
func (n Num[U]) IsNegative() bool     { return n.d.Sign() < 0 }
func (n Num[U]) Min(m Num[U]) Num[U]  { return pick(n.Less(m), n, m) }
func (n Num[U]) Max(m Num[U]) Num[U]  { return pick(n.More(m), n, m) }
func (n Num[U]) Times(r Ratio) Num[U] { return Num[U]{n.d.Mul(r.d)} }

func pick[U any](first bool, a, b Num[U]) Num[U] {
	if first {
		return a
	}
	return b
}

// Over divides by a ratio, keeping 18 fractional digits. It panics on zero: dividing by zero is our bug.
func (n Num[U]) Over(r Ratio) Num[U] { return Num[U]{n.d.DivRound(r.d, divisionDigits)} }

// Part is n divided by m of the same unit, a plain number with 18 fractional digits. It panics when m is zero.
func (n Num[U]) Part(m Num[U]) Ratio { return Ratio{n.d.DivRound(m.d, divisionDigits)} }

// Floor rounds towards zero to a multiple of step; a zero step leaves n as it is.
func (n Num[U]) Floor(step Num[U]) Num[U] {
	if step.IsZero() {
		return n
	}
	return Num[U]{n.d.Div(step.d).Truncate(0).Mul(step.d)}
}

// Ceil rounds away from zero to a multiple of step; a zero step leaves n as it is.
func (n Num[U]) Ceil(step Num[U]) Num[U] {
	low := n.Floor(step)
	if low.Equal(n) || step.IsZero() {
		return n
	}
	if n.IsNegative() {
		return low.Sub(step)
	}
	return low.Add(step)
}

// Places is the number of fractional digits of the canonical text, for showing numbers at an instrument's precision.
func (n Num[U]) Places() int {
	s := n.String()
	point := strings.IndexByte(s, '.')
	if point < 0 {
		return 0
	}
	return len(s) - point - 1
}

// Notional is price × quantity.
func Notional(p Price, q Qty) Money { return Money{p.d.Mul(q.d)} }

// UnitPrice is money ÷ quantity with 18 fractional digits, zero when the quantity is zero.
func UnitPrice(m Money, q Qty) Price {
	if q.IsZero() {
		return Price{}
	}
	return Price{m.d.DivRound(q.d, divisionDigits)}
}

// QtyFor is the quantity that an amount of money buys at a price, with 18 fractional digits, zero when the price is.
func QtyFor(m Money, p Price) Qty {
	if p.IsZero() {
		return Qty{}
	}
	return Qty{m.d.DivRound(p.d, divisionDigits)}
}

// AsRatio drops the unit.
func (n Num[U]) AsRatio() Ratio { return Ratio(n) }

// AsMoney gives a plain number the unit money ("quoteQuantity": 100).
func AsMoney[U any](n Num[U]) Money { return Money(n) }

// AsQty gives a plain number the unit quantity.
func AsQty[U any](n Num[U]) Qty { return Qty(n) }

// AsPrice gives a plain number the unit price.
func AsPrice[U any](n Num[U]) Price { return Price(n) }

// MarshalJSON writes decimal text in quotes.
func (n Num[U]) MarshalJSON() ([]byte, error) { return []byte(`"` + n.String() + `"`), nil }

// UnmarshalJSON reads decimal text in quotes, or a JSON number without an exponent.
func (n *Num[U]) UnmarshalJSON(data []byte) error {
	text := string(bytes.Trim(data, `"`))
	if text == "" || text == "null" {
		*n = Num[U]{}
		return nil
	}
	v, err := ParseNum[U](text)
	if err != nil {
		return err
	}
	*n = v
	return nil
}

// Scan reads the stored text; any other storage class means damage and is refused.
func (n *Num[U]) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("stored number is %T, want text", src)
	}
	v, err := decimal.NewFromString(text)
	if err != nil {
		return fmt.Errorf("stored number %q: %w", text, err)
	}
	n.d = v
	return nil
}
