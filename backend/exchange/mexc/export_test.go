package mexc

import (
	"context"
	"encoding/json"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// Sign, FuturesHeader and SpotQuery open the signers to the published vectors.
var (
	Sign          = sign
	FuturesHeader = futuresHeader
	SpotQuery     = func(secret string, at time.Time, window time.Duration, v ...string) string {
		return spotQuery(secret, at, window, values(v))
	}
	Sorted = func(v ...string) string { return values(v).sorted() }
)

// FuturesListed and SpotListed tell whether a code is one that proves something.
func FuturesListed(code int) bool { _, ok := futuresCodes[code]; return ok }

// SpotListed: see FuturesListed.
func SpotListed(code int) bool { _, ok := spotCodes[code]; return ok }

// FuturesKind and SpotKind are the kinds of error of a code on a submit.
func FuturesKind(code int) trading.Kind { return kindOf(futuresClass(envelope{number: code})) }

// SpotKind: see FuturesKind.
func SpotKind(code int) trading.Kind { return kindOf(spotClass(envelope{number: code})) }

// ClockKind is the kind of 513 with a text.
func ClockKind(words string) trading.Kind {
	return kindOf(futuresClass(envelope{number: 513, Message: words}))
}

// Plain writes a number without an exponent.
var Plain = plain

func data[T any](answer string) (T, error) {
	var e envelope
	var v T
	if err := json.Unmarshal([]byte(answer), &e); err != nil {
		return v, err
	}
	return v, json.Unmarshal(e.Data, &v)
}

// ReadContract reads the answer of contract/detail.
func ReadContract(answer string) (trading.Instrument, error) {
	c, err := data[contract](answer)
	return c.instrument(), err
}

// ReadPosition reads the answer of open_positions.
func ReadPosition(size, answer string) (trading.Position, error) {
	list, err := data[rows[position]](answer)
	if err != nil || len(list.list) == 0 {
		return trading.Position{}, err
	}
	return list.list[0].held("mexc:live", contract{Size: amount{trading.MustRatio(size)}}, trading.OneWay, time.Time{}), nil
}

// ReadDeal reads the answer of order_deals.
func ReadDeal(size, answer string) (trading.Fill, error) {
	list, err := data[rows[deal]](answer)
	if err != nil || len(list.list) == 0 {
		return trading.Fill{}, err
	}
	f, _ := list.list[0].fill("mexc:live", contract{Size: amount{trading.MustRatio(size)}}, "hx1a", trading.OneWay)
	return f, nil
}

// ReadCoin reads the answer of exchangeInfo.
func ReadCoin(answer string) (trading.Instrument, error) {
	var info struct {
		Symbols []coin `json:"symbols"`
	}
	err := json.Unmarshal([]byte(answer), &info)
	if err != nil || len(info.Symbols) == 0 {
		return trading.Instrument{}, err
	}
	return info.Symbols[0].instrument(), nil
}

// ReadSpot reads an order and a list of executions of spot.
func ReadSpot(order, trades string) (status trading.OrderStatus, qty trading.Qty, f trading.Fill, err error) {
	var o spotOrder
	var list []trade
	if err = json.Unmarshal([]byte(order), &o); err != nil {
		return
	}
	if err = json.Unmarshal([]byte(trades), &list); err != nil {
		return
	}
	row, _ := o.row()
	f, _ = list[0].fill("mexc:live", row.OrderID)
	return row.Status, row.Qty, f, nil
}

// CreatedID reads both shapes of an acknowledgement.
func CreatedID(data string) (string, int) { return createdID(json.RawMessage(data)) }

// ReadFrame reads a whole frame with whatever is in it; it must never panic.
func ReadFrame(raw []byte) error {
	f, err := openFrame(raw)
	if err != nil {
		return err
	}
	_, _, err1 := f.orderOf()
	_, err2 := f.dealOf()
	_, _, err3 := f.bestOf()
	_, err4 := f.lastOf()
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			return err
		}
	}
	return nil
}

// ReadDealFrame reads an execution from a frame.
func ReadDealFrame(raw []byte) (trading.Fill, error) {
	f, err := openFrame(raw)
	if err != nil {
		return trading.Fill{}, err
	}
	t, err := f.dealOf()
	if err != nil {
		return trading.Fill{}, err
	}
	fill, _ := t.fill("mexc:live", ourID(t.Link))
	return fill, nil
}

// ReadSpotReason is why a spot order ended.
func ReadSpotReason(order string) (string, error) {
	var o spotOrder
	err := json.Unmarshal([]byte(order), &o)
	row, _ := o.row()
	return row.Reason, err
}

// StopID is the protection that an order names as where it came from.
var StopID = stopID

// HearFutures and HearSpot take a whole message of a private stream and tell a sink.
func HearFutures(x *Exchange, s exchange.Sink, text []byte) error {
	return x.message(exchange.Telling(context.Background(), s), text)
}

// HearSpot: see HearFutures.
func HearSpot(x *Exchange, s exchange.Sink, text []byte) error {
	return x.spotMessage(exchange.Telling(context.Background(), s), text)
}

// Listed are the instruments of both public lists that can be traded.
func Listed(contracts, coins string) []trading.Instrument {
	var c []contract
	var s []coin
	_, _ = json.Unmarshal([]byte(contracts), &c), json.Unmarshal([]byte(coins), &s)
	return listed(c, s)
}
