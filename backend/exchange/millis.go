package exchange

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// Millis is a time that an exchange writes as milliseconds, in quotes or not; "", "0" and null are none.
type Millis struct{ time.Time }

// UnmarshalJSON reads it.
func (m *Millis) UnmarshalJSON(data []byte) error {
	text := string(bytes.Trim(data, `"`))
	if text == "" || text == "0" || text == "null" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("read a time: %w", err)
	}
	m.Time = time.UnixMilli(n).UTC()
	return nil
}
