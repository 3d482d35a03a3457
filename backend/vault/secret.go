package vault

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"

	"hoox/backend/trading"
)

// dots are what a secret looks like wherever it is printed.
const dots = "••••"

// Secret is a text that prints as dots, whatever prints it. Two are compared with Equal; == does not compile. The zero
// Secret is empty.
type Secret struct {
	// A function, because fmt calls no method of a field that is unexported, and looks behind pointers when a verb does not
	// fit: of a function it prints the address. It is also what makes == not compile.
	text func() *[]byte
}

// NewSecret hides a text.
func NewSecret(text string) Secret { return hide([]byte(text)) }

// hide takes the bytes over.
func hide(text []byte) Secret { return Secret{func() *[]byte { return &text }} }

// Reveal is the text itself. Only the rooms that hand it on to where it belongs may ask; see the laws of the house.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return string(*s.text())
}

// Empty tells that there is no text.
func (s Secret) Empty() bool { return s.text == nil || len(*s.text()) == 0 }

// Equal compares in constant time, whatever the lengths. An empty secret equals nothing.
func (s Secret) Equal(other Secret) bool {
	a, b := sha256.Sum256([]byte(s.Reveal())), sha256.Sum256([]byte(other.Reveal()))
	return !s.Empty() && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// LastFour are the last four characters, to tell one key from another; see trading.KeyHint.
func (s Secret) LastFour() string { return trading.KeyHint(s.Reveal()) }

// Wipe overwrites the text, also for everybody who has a copy of the Secret.
func (s Secret) Wipe() {
	if s.text != nil {
		clear(*s.text())
		*s.text() = nil
	}
}

// String is dots.
func (Secret) String() string { return dots }

// GoString is dots.
func (Secret) GoString() string { return dots }

// Format prints dots for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, dots) } // fmt itself ignores it

// MarshalJSON is dots as a JSON string.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + dots + `"`), nil }

// MarshalText is dots.
func (Secret) MarshalText() ([]byte, error) { return []byte(dots), nil }

// LogValue is dots.
func (Secret) LogValue() slog.Value { return slog.StringValue(dots) }
