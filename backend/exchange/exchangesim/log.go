package exchangesim

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"hoox/backend/trading"
)

// Event is one line of the log. Exactly one of Placed, Filled and Ended is set.
type Event struct {
	At     time.Time
	Placed *Order     `json:",omitempty"`
	Filled *Execution `json:",omitempty"`
	Ended  *End       `json:",omitempty"`
}

// Order is an order as the exchange has it.
type Order struct {
	ID, Link, Parent string
	Product          trading.Product
	Symbol           string
	Side             trading.Side
	Idx              int
	Limit            bool
	Price            trading.Price
	Qty, Filled      trading.Qty
	Cost             trading.Money
	ReduceOnly       bool
	TakeProfit, Stop trading.Price
	// StopType is set on an order that the exchange made.
	StopType string
	// Status is Bybit's word; Reason says why it ended early.
	Status, Reason string
	// Shown is from when on lists show the order.
	Shown, CreatedAt, UpdatedAt time.Time
}

// Execution is one fill.
type Execution struct {
	ID, OrderID string
	Price       trading.Price
	Qty         trading.Qty
	Fee, PnL    trading.Money
	Maker       bool
	At          time.Time
}

// End is how an order ended without being filled.
type End struct{ OrderID, Status, Reason string }

// record is the append-only file.
type record struct{ file *os.File }

// openRecord reads what an earlier exchange wrote and goes on behind it.
func openRecord(path string) (*record, []Event, error) {
	var past []Event
	if old, err := os.Open(path); err == nil {
		lines := bufio.NewScanner(old)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var e Event
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				old.Close()
				return nil, nil, fmt.Errorf("read line %d of the exchange's log: %w", len(past)+1, err)
			}
			past = append(past, e)
		}
		old.Close()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	return &record{file}, past, nil
}

// add writes one line; it is with the system when add returns, so it outlives the process.
func (r *record) add(e Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = r.file.Write(append(line, '\n'))
	return err
}

// ReadLog is everything that an exchange wrote to path.
func ReadLog(path string) ([]Event, error) {
	r, past, err := openRecord(path)
	if err != nil {
		return nil, err
	}
	return past, r.file.Close()
}
