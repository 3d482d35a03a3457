package mexcsim_test

import (
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// fields is a protobuf message read by nobody's code but this test's: texts and nested messages as bytes, numbers as they are.
type fields map[int]any

// parse reads a message; the test fails on anything that is not the wire format.
func parse(t *testing.T, raw []byte) fields {
	t.Helper()
	varint := func() (v uint64) {
		for shift := 0; ; shift += 7 {
			if len(raw) == 0 || shift > 63 {
				t.Fatal("a number has no end")
			}
			b := raw[0]
			raw = raw[1:]
			v |= uint64(b&0x7f) << shift
			if b < 0x80 {
				return v
			}
		}
	}
	m := fields{}
	for len(raw) > 0 {
		tag := varint()
		switch tag & 7 {
		case 0:
			m[int(tag>>3)] = int64(varint())
		case 2:
			n := varint()
			if n > uint64(len(raw)) {
				t.Fatal("a text is longer than its message")
			}
			m[int(tag>>3)] = raw[:n]
			raw = raw[n:]
		default:
			t.Fatalf("wire type %d", tag&7)
		}
	}
	return m
}

func (f fields) text(n int) string {
	b, _ := f[n].([]byte)
	return string(b)
}

// next is the next binary frame of a channel with the message in a field of it.
func next(t *testing.T, c *websocket.Conn, channel string, field int) (frame, body fields) {
	t.Helper()
	for {
		kind, raw, err := c.ReadMessage()
		if err != nil {
			t.Fatalf("waiting for %s: %v", channel, err)
		}
		if kind != websocket.BinaryMessage {
			continue
		}
		frame = parse(t, raw)
		if frame.text(1) != channel {
			continue
		}
		inner, ok := frame[field].([]byte)
		if !ok {
			t.Fatalf("%s: want its message in field %d, had %v", channel, field, frame)
		}
		return frame, parse(t, inner)
	}
}

func (f fields) want(t *testing.T, texts map[int]string, numbers map[int]int64) {
	t.Helper()
	for n, want := range texts {
		if f.text(n) != want {
			t.Errorf("field %d: want %q, had %q", n, want, f.text(n))
		}
	}
	for n, want := range numbers {
		if had, _ := f[n].(int64); had != want {
			t.Errorf("field %d: want %d, had %d", n, want, had)
		}
	}
}

const (
	orders  = "spot@private.orders.v3.api.pb"
	deals   = "spot@private.deals.v3.api.pb"
	account = "spot@private.account.v3.api.pb"
)

func (w *world) listen() *websocket.Conn {
	w.t.Helper()
	_, made := w.call("POST", "userDataStream", "")
	c := w.dial("/ws?listenKey=" + strings.Trim(made.at("listenKey"), `"`))
	tell(w.t, c, `{"method":"SUBSCRIPTION","params":["`+orders+`","`+deals+`","`+account+`"]}`)
	hear(w.t, c, "").want(w.t, `"`+orders+","+deals+","+account+`"`, "msg")
	return c
}

func TestSpotStreamTellsOrdersDealsAndMoneyInProtobuf(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65012.29")
	c := w.listen()
	if n := w.spot.Streams(); n != 1 {
		t.Errorf("want one private stream, had %d", n)
	}
	w.call("POST", "order", "newClientOrderId=hx-1-e&quoteOrderQty=50&side=BUY&symbol=BTCUSDT&type=MARKET")

	frame, o := next(t, c, orders, 304)
	frame.want(t, map[int]string{3: "BTCUSDT"}, map[int]int64{5: 1700000000000, 6: 1700000000000})
	o.want(t, map[int]string{1: "C02__468615423963070466", 2: "hx-1-e", 4: "0.000769", 5: "50", 10: "50", 11: "0.000769", 13: "0", 14: "0"},
		map[int]int64{7: 5, 8: 1, 9: 0, 15: 1, 16: 1700000000000})
	_, d := next(t, c, deals, 306)
	d.want(t, map[int]string{1: "65012.3", 2: "0.000769", 3: "49.9944587", 7: "468615423979847682X1", 8: "hx-1-e", 9: "C02__468615423963070466", 10: "0.02499722935", 11: "USDT"},
		map[int]int64{4: 1, 5: 0, 6: 0, 12: 1700000000000})
	_, o = next(t, c, orders, 304)
	o.want(t, map[int]string{3: "65012.3", 6: "65012.3", 11: "0", 13: "0.000769", 14: "49.9944587"}, map[int]int64{15: 2})
	_, btc := next(t, c, account, 307)
	btc.want(t, map[int]string{1: "BTC", 3: "0.000769", 4: "0.000769", 5: "0", 7: "ENTRUST_DEAL"}, map[int]int64{8: 1700000000000})
	_, usdt := next(t, c, account, 307)
	usdt.want(t, map[int]string{1: "USDT", 3: "9949.98054407065", 4: "-50.01945592935"}, nil)
}

func TestSpotStreamTellsCancelsWithTheirNumbers(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	c := w.listen()
	w.call("POST", "order", "newClientOrderId=a&price=60000&quantity=0.01&side=BUY&symbol=BTCUSDT&type=LIMIT")
	_, o := next(t, c, orders, 304)
	o.want(t, map[int]string{3: "60000", 5: "600"}, map[int]int64{7: 1, 15: 1})
	_, locked := next(t, c, account, 307)
	locked.want(t, map[int]string{1: "USDT", 3: "9400", 4: "-600", 5: "600", 6: "600", 7: "ENTRUST_PLACE"}, nil)
	w.call("DELETE", "order", "origClientOrderId=a&symbol=BTCUSDT")
	_, o = next(t, c, orders, 304)
	o.want(t, nil, map[int]int64{15: 4})
	_, back := next(t, c, account, 307)
	back.want(t, map[int]string{3: "10000", 5: "0", 7: "ENTRUST_CANCEL"}, nil)
}

func TestSpotPublicTopicsAreProtobufToo(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	c := w.dial("/ws")
	book, mini, kline := "spot@public.aggre.bookTicker.v3.api.pb@100ms@BTCUSDT", "spot@public.miniTicker.v3.api.pb@BTCUSDT@UTC+8", "spot@public.kline.v3.api.pb@BTCUSDT@Min1"
	for _, topic := range []string{book, mini, kline} {
		tell(t, c, `{"method":"SUBSCRIPTION","params":["`+topic+`"]}`)
	}
	for topic, r := range map[string]struct {
		field   int
		texts   map[int]string
		numbers map[int]int64
	}{
		book:  {315, map[int]string{1: "65000", 3: "65000.01"}, nil},
		mini:  {309, map[int]string{1: "BTCUSDT", 2: "65000"}, nil},
		kline: {308, map[int]string{1: "Min1", 3: "65000", 4: "65000", 5: "65000", 6: "65000"}, map[int]int64{2: 1699999980, 9: 1700000040}},
	} {
		d := w.dial("/ws")
		tell(t, d, `{"method":"SUBSCRIPTION","params":["`+topic+`"]}`)
		_, body := next(t, d, topic, r.field)
		body.want(t, r.texts, r.numbers)
	}
	tell(t, c, `{"method":"SUBSCRIPTION","params":["`+orders+`"]}`)
	for {
		kind, raw, err := c.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if kind == websocket.TextMessage && strings.Contains(string(raw), "Not Subscribed successfully") {
			break
		}
	}
}
