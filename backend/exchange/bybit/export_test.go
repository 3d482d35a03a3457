package bybit

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/tape"
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

// Codes is the table, by the kind of error of a submit and, for what is no error, the class.
func Codes() map[int]string {
	table := map[int]string{}
	for code, c := range codes {
		switch c {
		case done, already:
			table[code] = "done"
		case repeated:
			table[code] = "duplicate"
		case unclear, busy, clock, refused, barred:
			table[code] = string(kindOf(c))
		}
	}
	return table
}

// ReadWallet reads one account of a wallet answer and tells the balance of a coin.
func ReadWallet(text, coin string) (trading.Money, error) {
	var a struct {
		Coins []purseRow `json:"coin"`
	}
	err := json.Unmarshal([]byte(text), &a)
	for _, c := range a.Coins {
		if c.Coin == coin {
			return c.Wallet, err
		}
	}
	return trading.Money{}, err
}

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
	b := NewBook(account)
	row.Category = x.Category
	known, _ := b.x.rowOf(row)
	f, _ := fillOf(account, x)
	return tape.Assemble(trading.OrderID(row.LinkID), &known, []trading.Fill{f}), nil
}

// ReadInstrument reads one row of the list of instruments; false for one that is left out.
func ReadInstrument(product trading.Product, text string) (trading.Instrument, bool) {
	var row instrumentRow
	if json.Unmarshal([]byte(text), &row) != nil {
		return trading.Instrument{}, false
	}
	return row.instrument(product)
}

// ReadPosition reads one position row.
func ReadPosition(account trading.AccountID, text string) (trading.Position, error) {
	var row positionRow
	err := json.Unmarshal([]byte(text), &row)
	return row.position(account, row.UpdatedAt.Time), err
}

// Book puts rows and executions together as the stream does.
type Book struct {
	x    *Exchange
	desk *desk
}

type desk struct{ told []trading.Report }

func (d *desk) Record(_ context.Context, r trading.Report) error {
	d.told = append(d.told, r)
	return nil
}

func (d *desk) BookCash(context.Context, trading.Cash) error { return nil }

// NewBook makes an empty one.
func NewBook(account trading.AccountID) Book {
	none := func() string { return "" }
	x, err := New(exchange.Config{Account: account, Key: none, Secret: none, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	return Book{x, &desk{}}
}

// Hear takes an order row ("o") or an execution ("x") as text and tells what would be reported.
func (b Book) Hear(kind, text string) (r trading.Report, news bool, err error) {
	topic := map[string]string{"o": "order", "x": "execution"}[kind]
	ctx := exchange.Telling(context.Background(), b.desk)
	before := len(b.desk.told)
	err = b.x.message(ctx, []byte(`{"topic":"`+topic+`","data":[`+text+`]}`))
	if news = len(b.desk.told) > before; news {
		r = b.desk.told[before]
	}
	return r, news, err
}

// BookOf is a book over an account.
func BookOf(x *Exchange) Book { return Book{x, &desk{}} }

// Doubts is how many orders are remembered for a look-up.
func Doubts(x *Exchange) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.before)
}

// HearPrice takes a message of a price stream.
func HearPrice(p *Prices, product trading.Product, text string) error {
	return p.message(product, []byte(text))
}

// Reopen does what a new connection of a price stream does.
func Reopen(p *Prices, product trading.Product) error { return p.reopen(product, nil) }

// HearAll takes a whole message of the private stream and tells what would be reported.
func (b Book) HearAll(text []byte) ([]trading.Report, error) {
	before := len(b.desk.told)
	err := b.x.message(exchange.Telling(context.Background(), b.desk), text)
	return b.desk.told[before:], err
}

// Hosts are where the exchange is in a mode.
var Hosts = hosts
