package mexcsim

// The fields of PushDataV3ApiWrapper that carry a body.
const (
	framePrivateOrders  = 304
	framePrivateDeals   = 306
	framePrivateAccount = 307
	frameKline          = 308
	frameMiniTicker     = 309
	frameBookTicker     = 315
)

// frame is a protobuf message under construction. Empty texts are left out, as proto3 does.
type frame struct{ raw []byte }

// varint writes seven bits a byte, lowest first, with the high bit on all but the last.
func (f *frame) varint(v uint64) {
	for v >= 0x80 {
		f.raw = append(f.raw, byte(v)|0x80)
		v >>= 7
	}
	f.raw = append(f.raw, byte(v))
}

func (f *frame) text(field int, s string) *frame {
	if s == "" {
		return f
	}
	f.varint(uint64(field)<<3 | 2)
	f.varint(uint64(len(s)))
	f.raw = append(f.raw, s...)
	return f
}

func (f *frame) number(field int, n int64) *frame {
	if n == 0 {
		return f
	}
	f.varint(uint64(field) << 3)
	f.varint(uint64(n))
	return f
}

func (f *frame) flag(field int, yes bool) *frame {
	if !yes {
		return f
	}
	return f.number(field, 1)
}

func (f *frame) inner(field int, body *frame) *frame {
	f.varint(uint64(field)<<3 | 2)
	f.varint(uint64(len(body.raw)))
	f.raw = append(f.raw, body.raw...)
	return f
}

// wrap is a whole frame: channel and times around a body.
func wrap(channel, symbol string, created, sent int64, field int, body *frame) []byte {
	f := &frame{}
	f.text(1, channel).text(3, symbol).number(5, created).number(6, sent).inner(field, body)
	return f.raw
}
