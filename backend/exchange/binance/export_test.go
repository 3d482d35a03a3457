package binance

import (
	"context"
	"encoding/json"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/tape"
	"hoox/backend/trading"
)

// Sign, SignedQuery and SignedParams open the signer to the published vectors.
var Sign = sign

// SignedQuery signs a query as a request does.
func SignedQuery(secret string, pairs []string, at time.Time, window time.Duration) string {
	return signedQuery(secret, pairs, at, window)
}

// SignedParams signs parameters as the WebSocket API wants them.
func SignedParams(secret string, params map[string]string) string {
	return signedParams(secret, params)["signature"]
}

// Encode writes parameters as they are signed.
func Encode(pairs ...string) string { return values(pairs).encode() }

// KindOfError is the kind of error of a code on a submit.
func KindOfError(p trading.Product, code int, text string) trading.Kind {
	if c := classOf(p, code, text); c != absent {
		return kindOf(c)
	}
	return trading.Unknown
}

// Codes are all codes that prove something about a product.
func Codes(p trading.Product) []int {
	var all []int
	for _, table := range []map[int]class{both, pick(p == trading.Spot, spotOnly, futuresOnly)} {
		for code := range table {
			all = append(all, code)
		}
	}
	return all
}

// ProtectionID and ParentOf open the ids of protections.
var ProtectionID = protectionID

// ParentOf is what a client order id says.
func ParentOf(text string) (order, parent trading.OrderID, kind trading.OrderType) {
	f := readID(text)
	return f.order, f.parent, f.kind
}

// ReadOrder reads one order row and one execution as a report.
func (x *Exchange) ReadOrder(p trading.Product, order, execution string) (trading.Report, error) {
	s, err := x.side(p)
	if err != nil {
		return trading.Report{}, err
	}
	var row orderRow
	var t tradeRow
	if err := json.Unmarshal([]byte(order), &row); err != nil {
		return trading.Report{}, err
	}
	if err := json.Unmarshal([]byte(execution), &t); err != nil {
		return trading.Report{}, err
	}
	r, _ := x.tapeRow(s, row)
	f, _ := x.fillOf(s, t, r.OrderID)
	return tape.Assemble(r.OrderID, &r, []trading.Fill{f}), nil
}

// ReadInstrument reads one instrument row.
func ReadInstrument(p trading.Product, text string) (trading.Instrument, bool, error) {
	var row symbolRow
	err := json.Unmarshal([]byte(text), &row)
	i, ok := row.instrument(p)
	return i, ok, err
}

// ReadPosition reads one position row.
func ReadPosition(account trading.AccountID, text string) (trading.Position, error) {
	var row positionRow
	err := json.Unmarshal([]byte(text), &row)
	return row.position(account, row.UpdatedAt.Time), err
}

// HearFutures and HearSpot take a whole message of a private stream and tell a sink.
func HearFutures(x *Exchange, s exchange.Sink, text []byte) error {
	return x.futuresMessage(exchange.Telling(context.Background(), s), text)
}

// HearSpot: see HearFutures.
func HearSpot(x *Exchange, s exchange.Sink, text []byte) error {
	return x.spotMessage(exchange.Telling(context.Background(), s), text)
}

// Hosts are where the exchange is in a mode.
var Hosts = hosts
