package bybitsim_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/bybitsim"
	"hoox/backend/exchange/exchangetest"
	"hoox/backend/trading"
)

// world is an exchange on loopback and a client of its own.
type world struct {
	t      *testing.T
	core   *exchangesim.Core
	sim    *bybitsim.Server
	clock  *exchangetest.Clock
	origin string
}

type object = map[string]any

func newWorld(t *testing.T, o bybitsim.Options, change ...func(*exchangesim.Config)) *world {
	t.Helper()
	w := &world{t: t, clock: exchangetest.NewClock(time.UnixMilli(1700000000000).UTC())}
	cfg := bybitsim.Account(exchangesim.Config{
		Key: "test_api_key", Secret: "test_secret", Log: filepath.Join(t.TempDir(), "exchange.log"), Now: w.clock.Now,
		Deposit: map[string]trading.Money{"USDT": trading.MustMoney("10000")},
		Instruments: []trading.Instrument{{
			Exchange: trading.Bybit, Product: trading.Linear, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.1"),
			StepSize: trading.MustQty("0.001"), MinQty: trading.MustQty("0.001"), MaxQty: trading.MustQty("100"), MinNotional: trading.MustMoney("5"),
			MaxLeverage: 100, MakerFee: trading.MustRatio("0.0002"), TakerFee: trading.MustRatio("0.00055"), Maintenance: trading.MustRatio("0.005"),
		}, {
			Exchange: trading.Bybit, Product: trading.Linear, Symbol: "ETHUSDT", Base: "ETH", Quote: "USDT", TickSize: trading.MustPrice("0.01"),
			StepSize: trading.MustQty("0.01"), MinQty: trading.MustQty("0.01"), MaxQty: trading.MustQty("1000"), MinNotional: trading.MustMoney("5"), MaxLeverage: 50,
		}, {
			Exchange: trading.Bybit, Product: trading.Linear, Symbol: "SOLUSDT", Base: "SOL", Quote: "USDT", TickSize: trading.MustPrice("0.01"),
			StepSize: trading.MustQty("0.1"), MinQty: trading.MustQty("0.1"), MaxQty: trading.MustQty("1000"), MinNotional: trading.MustMoney("5"), MaxLeverage: 50,
		}, {
			Exchange: trading.Bybit, Product: trading.Spot, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.01"),
			StepSize: trading.MustQty("0.000001"), MinQty: trading.MustQty("0.000048"), MaxQty: trading.MustQty("50"), MinNotional: trading.MustMoney("5"),
			MaxLeverage: 1, MakerFee: trading.MustRatio("0.001"), TakerFee: trading.MustRatio("0.001"),
		}},
	})
	for _, f := range change {
		f(&cfg)
	}
	core, err := exchangesim.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.core, w.sim = core, bybitsim.New(core, o)
	core.SetPrice("BTCUSDT", trading.MustPrice("60000"))
	server := httptest.NewServer(w.sim)
	w.origin = server.URL
	t.Cleanup(func() {
		w.sim.Close()
		server.Close()
		if err := core.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// sign is the test's own reading of the rules.
func sign(text string) string {
	m := hmac.New(sha256.New, []byte("test_secret"))
	io.WriteString(m, text)
	return hex.EncodeToString(m.Sum(nil))
}

// ask sends one request with a signature made of these parts and returns status, headers and body.
func (w *world) ask(method, target, body, signature string, header ...string) (*http.Response, []byte, error) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.origin+target, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("X-BAPI-API-KEY", "test_api_key")
	r.Header.Set("X-BAPI-TIMESTAMP", strconv.FormatInt(w.clock.Now().UnixMilli(), 10))
	r.Header.Set("X-BAPI-RECV-WINDOW", "5000")
	r.Header.Set("X-BAPI-SIGN", signature)
	for n := 0; n+1 < len(header); n += 2 {
		r.Header.Set(header[n], header[n+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return resp, raw, err
}

type envelope struct {
	Code   int            `json:"retCode"`
	Text   string         `json:"retMsg"`
	Result object         `json:"result"`
	Header http.Header    `json:"-"`
	Raw    map[string]any `json:"-"`
}

func (e envelope) rows() []any { list, _ := e.Result["list"].([]any); return list }

func (e envelope) row(n int) object { return e.rows()[n].(object) }

func (w *world) get(path, query string) envelope {
	w.t.Helper()
	at := strconv.FormatInt(w.clock.Now().UnixMilli(), 10)
	resp, raw, err := w.ask("GET", path+"?"+query, "", sign(at+"test_api_key5000"+query))
	return w.read(resp, raw, err)
}

func (w *world) post(path string, body object) envelope {
	w.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	at := strconv.FormatInt(w.clock.Now().UnixMilli(), 10)
	resp, answer, err := w.ask("POST", path, string(raw), sign(at+"test_api_key5000"+string(raw)))
	return w.read(resp, answer, err)
}

func (w *world) read(resp *http.Response, raw []byte, err error) envelope {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	e := envelope{Code: -1, Header: resp.Header}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&e); err != nil || resp.StatusCode != http.StatusOK {
		w.t.Fatalf("answered %d %q (%v)", resp.StatusCode, raw, err)
	}
	return e
}

// place sends a linear market order changed by the pairs that follow; a nil value takes a field away.
func (w *world) place(link string, pairs ...any) envelope {
	w.t.Helper()
	body := object{"category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "0.010", "positionIdx": 0, "orderLinkId": link}
	for n := 0; n < len(pairs); n += 2 {
		body[pairs[n].(string)] = pairs[n+1]
		if pairs[n+1] == nil {
			delete(body, pairs[n].(string))
		}
	}
	return w.post("/v5/order/create", body)
}

func (w *world) must(e envelope) envelope {
	w.t.Helper()
	if e.Code != 0 {
		w.t.Fatalf("answered %d %s", e.Code, e.Text)
	}
	return e
}

// stream is one stream with its frames.
type stream struct {
	t  *testing.T
	ws *websocket.Conn
}

func (w *world) dial(path string) *stream {
	w.t.Helper()
	ws, _, err := websocket.DefaultDialer.DialContext(w.t.Context(), "ws"+strings.TrimPrefix(w.origin, "http")+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { ws.Close() })
	return &stream{w.t, ws}
}

func (s *stream) send(frame any) {
	s.t.Helper()
	if err := s.ws.WriteJSON(frame); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stream) next() object {
	s.t.Helper()
	s.ws.SetReadDeadline(time.Now().Add(5 * time.Second))
	var frame object
	if err := s.ws.ReadJSON(&frame); err != nil {
		s.t.Fatalf("no frame: %v", err)
	}
	return frame
}

// login opens the private stream with all topics.
func (w *world) login(topics ...string) *stream {
	w.t.Helper()
	s := w.dial("/v5/private")
	expires := w.clock.Now().UnixMilli() + 1000
	s.send(object{"op": "auth", "args": []any{"test_api_key", expires, sign("GET/realtime" + strconv.FormatInt(expires, 10))}})
	if f := s.next(); f["success"] != true || f["op"] != "auth" {
		w.t.Fatalf("login: %v", f)
	}
	s.send(object{"op": "subscribe", "args": topics})
	if f := s.next(); f["success"] != true {
		w.t.Fatalf("subscribe: %v", f)
	}
	return s
}
