package bybit

import (
	"encoding/json"

	"hoox/backend/trading"
)

// Sign, SignedHeader and SignedLogin open the signer to the published vectors.
var (
	Sign         = sign
	SignedHeader = signedHeader
	SignedLogin  = signedLogin
)

// KindOfCode is the kind of error of a return code on a submit.
func KindOfCode(code int) trading.Kind { return kindOf(codes[code]) }

// Listed tells whether a return code is in the table.
func Listed(code int) bool { _, ok := codes[code]; return ok }

// ReadOrder reads one order row and one list of executions as a report.
func ReadOrder(account trading.AccountID, order, execution string) (trading.Report, error) {
	var row orderRow
	var x executionRow
	if err := json.Unmarshal([]byte(order), &row); err != nil {
		return trading.Report{}, err
	}
	if err := json.Unmarshal([]byte(execution), &x); err != nil {
		return trading.Report{}, err
	}
	f, _ := fillOf(account, x)
	return assemble(trading.OrderID(row.LinkID), &row, []trading.Fill{f}), nil
}

// ReadPosition reads one position row.
func ReadPosition(account trading.AccountID, text string) (trading.Position, error) {
	var row positionRow
	err := json.Unmarshal([]byte(text), &row)
	return row.position(account, row.UpdatedAt.Time), err
}

// Book puts rows and executions together as the stream does.
type Book struct{ orders *orders }

// NewBook makes an empty one.
func NewBook(account trading.AccountID) Book { return Book{newOrders(account)} }

// Hear takes an order row ("o") or an execution ("x") as text and tells what would be reported.
func (b Book) Hear(kind, text string) (r trading.Report, news bool, err error) {
	if kind == "o" {
		var row orderRow
		if err = json.Unmarshal([]byte(text), &row); err == nil {
			r, news = b.orders.addRow(row)
		}
	} else {
		var row executionRow
		if err = json.Unmarshal([]byte(text), &row); err == nil {
			r, news = b.orders.addExecution(row)
		}
	}
	if news {
		b.orders.tell(r)
	}
	return r, news, err
}
