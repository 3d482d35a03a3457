package mexc

import (
	"errors"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/tape"
	"hoox/backend/trading"
)

// errFrame is a frame that is none.
var errFrame = errors.New("a frame that cannot be read")

// reader reads a protobuf message; it never reads beyond its end.
type reader struct{ rest []byte }

// The ways in which a field is written.
const (
	asNumber = 0
	asEight  = 1
	asBytes  = 2
	asFour   = 5
)

// varint reads seven bits a byte, lowest first; at most ten bytes.
func (r *reader) varint() (uint64, error) {
	var v uint64
	for i := range 10 {
		if i >= len(r.rest) {
			return 0, errFrame
		}
		b := r.rest[i]
		if i == 9 && b > 1 {
			return 0, errFrame
		}
		v |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.rest = r.rest[i+1:]
			return v, nil
		}
	}
	return 0, errFrame
}

func (r *reader) bytes(n uint64) ([]byte, error) {
	if n > uint64(len(r.rest)) {
		return nil, errFrame
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b, nil
}

// each calls take for every field that is a number or bytes; others are skipped.
func each(message []byte, take func(field uint64, number uint64, data []byte)) error {
	r := &reader{message}
	for len(r.rest) > 0 {
		tag, err := r.varint()
		if err != nil {
			return err
		}
		var number uint64
		var data []byte
		switch field := tag >> 3; tag & 7 {
		case asNumber:
			if number, err = r.varint(); err == nil {
				take(field, number, nil)
			}
		case asBytes:
			if number, err = r.varint(); err == nil {
				if data, err = r.bytes(number); err == nil {
					take(field, 0, data)
				}
			}
		case asEight:
			_, err = r.bytes(8)
		case asFour:
			_, err = r.bytes(4)
		default:
			err = errFrame
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// The fields of the wrapper, and those of its bodies that we read.
const (
	bodyOrder  = 304
	bodyDeal   = 306
	bodyTicker = 309
	bodyBook   = 315
	// bodyLimit is where the bodies end.
	bodyFirst, bodyLast = 301, 399
)

// frame is one message of the spot stream.
type frame struct {
	channel, symbol string
	at              time.Time
	kind            uint64
	body            []byte
}

// openFrame reads the wrapper.
func openFrame(data []byte) (frame, error) {
	var f frame
	err := each(data, func(field, number uint64, data []byte) {
		switch {
		case field == 1:
			f.channel = string(data)
		case field == 3:
			f.symbol = string(data)
		case field == 5 && f.at.IsZero() || field == 6 && number != 0:
			f.at = moment(number)
		case field >= bodyFirst && field <= bodyLast && data != nil:
			f.kind, f.body = field, data
		}
	})
	return f, err
}

// moment is a time in milliseconds; one that cannot be is none.
func moment(ms uint64) time.Time {
	if ms == 0 || ms > 1<<46 {
		return time.Time{}
	}
	return time.UnixMilli(int64(ms)).UTC()
}

// fields are the fields of a body by their number, the last one of each.
type fields struct {
	texts   map[uint64]string
	numbers map[uint64]uint64
}

func openBody(body []byte) (fields, error) {
	f := fields{map[uint64]string{}, map[uint64]uint64{}}
	err := each(body, func(field, number uint64, data []byte) {
		if data != nil {
			f.texts[field] = string(data)
		} else {
			f.numbers[field] = number
		}
	})
	return f, err
}

// amount reads a number that is written as text.
func (f fields) amount(field uint64) (amount, error) {
	var a amount
	err := a.UnmarshalJSON([]byte(f.texts[field]))
	return a, err
}

// amounts reads several numbers; an error when one of them is none.
func (f fields) amounts(list ...uint64) ([]amount, error) {
	out := make([]amount, len(list))
	for i, n := range list {
		a, err := f.amount(n)
		if err != nil {
			return nil, errFrame
		}
		out[i] = a
	}
	return out, nil
}

// streamStates are the numbers of a spot order's status.
var streamStates = map[uint64]string{1: "NEW", 2: "FILLED", 3: "PARTIALLY_FILLED", 4: "CANCELED", 5: "PARTIALLY_CANCELED"}

// orderOf reads an order; false for a status that we do not know.
func (f frame) orderOf() (tape.Row, bool, error) {
	b, err := openBody(f.body)
	if err != nil {
		return tape.Row{}, false, err
	}
	n, err := b.amounts(4, 13)
	if err != nil {
		return tape.Row{}, false, err
	}
	r := spotOrder{Symbol: f.symbol, ID: text(b.texts[1]), Link: b.texts[2], OrigQty: n[0], Filled: n[1], Status: streamStates[b.numbers[15]],
		UpdatedAt: exchange.Millis{Time: f.at}, CreatedAt: exchange.Millis{Time: moment(b.numbers[16])}}
	if b.numbers[7] == 3 {
		r.Type = atOnce
	}
	row, known := r.row()
	return row, known, nil
}

// dealOf reads an execution.
func (f frame) dealOf() (trade, error) {
	b, err := openBody(f.body)
	if err != nil {
		return trade{}, err
	}
	n, err := b.amounts(1, 2, 10)
	if err != nil {
		return trade{}, err
	}
	at := moment(b.numbers[12])
	if at.IsZero() {
		at = f.at
	}
	return trade{Symbol: f.symbol, ID: text(b.texts[7]), OrderID: text(b.texts[9]), Link: b.texts[8], Price: n[0], Qty: n[1], Fee: n[2],
		FeeAsset: b.texts[11], Buyer: b.numbers[4] == 1, Maker: b.numbers[5] == 1, At: exchange.Millis{Time: at}}, nil
}

// bestOf reads the best bid and ask.
func (f frame) bestOf() (bid, ask trading.Price, err error) {
	b, err := openBody(f.body)
	if err != nil {
		return bid, ask, err
	}
	n, err := b.amounts(1, 3)
	if err != nil {
		return bid, ask, err
	}
	return n[0].price(), n[1].price(), nil
}

// lastOf reads the last price.
func (f frame) lastOf() (trading.Price, error) {
	b, err := openBody(f.body)
	if err != nil {
		return trading.Price{}, err
	}
	a, err := b.amount(2)
	if err != nil {
		return trading.Price{}, errFrame
	}
	return a.price(), nil
}
