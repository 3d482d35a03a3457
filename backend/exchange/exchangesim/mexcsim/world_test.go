package mexcsim_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/mexcsim"
	"hoox/backend/exchange/exchangetest"
	"hoox/backend/trading"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	futuresKey, futuresSecret = "mxvectorkey0001", "mxvectorsecret0001"
	spotKey, spotSecret       = "mx0aBYs33eIilxBWC5", "45d0b3c26f2644f19bfb98b07741b2f5"
)

// world is both façades behind one origin.
type world struct {
	t               *testing.T
	clock           *exchangetest.Clock
	futures         *mexcsim.Futures
	spot            *mexcsim.Spot
	perps, holdings *exchangesim.Core
	url             string
}

func perpetual() trading.Instrument {
	return trading.Instrument{
		Exchange: trading.MEXC, Product: trading.Linear, Symbol: "BTC_USDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.1"),
		StepSize: trading.MustQty("0.0001"), MinQty: trading.MustQty("0.0001"), MaxQty: trading.MustQty("100"), MaxLeverage: 500,
		MakerFee: trading.MustRatio("0"), TakerFee: trading.MustRatio("0.0002"), Maintenance: trading.MustRatio("0.004"),
	}
}

func coin() trading.Instrument {
	return trading.Instrument{
		Exchange: trading.MEXC, Product: trading.Spot, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.01"),
		StepSize: trading.MustQty("0.000001"), MinQty: trading.MustQty("0.000001"), MaxQty: trading.MustQty("1000"), MinNotional: trading.MustMoney("1"),
		MaxLeverage: 1, TakerFee: trading.MustRatio("0.0005"),
	}
}

// setting is what a test wants another way.
type setting struct {
	at      int64
	ids     exchangesim.IDRule
	options mexcsim.Options
	oneWay  bool
}

func newWorld(t *testing.T, s setting) *world {
	t.Helper()
	if s.at == 0 {
		s.at = 1_700_000_000_000
	}
	if s.ids == "" {
		s.ids = exchangesim.UniqueForever
	}
	w := &world{t: t, clock: exchangetest.NewClock(time.UnixMilli(s.at).UTC())}
	open := func(name, key, secret string, i trading.Instrument, ids exchangesim.IDRule, newID func(string, int) string) *exchangesim.Core {
		c, err := exchangesim.Open(exchangesim.Config{
			Key: key, Secret: secret, Log: filepath.Join(t.TempDir(), name), Now: w.clock.Now, Instruments: []trading.Instrument{i},
			Deposit: map[string]trading.Money{"USDT": trading.MustMoney("10000")}, IDs: ids, NewID: newID, CancelPostOnly: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
		return c
	}
	w.perps = open("perps", futuresKey, futuresSecret, perpetual(), s.ids, mexcsim.FuturesID)
	w.holdings = open("holdings", spotKey, spotSecret, coin(), exchangesim.Free, mexcsim.SpotID)
	if !s.oneWay {
		w.perps.SetHedge(true)
	}
	w.futures, w.spot = mexcsim.NewFutures(w.perps, s.options), mexcsim.NewSpot(w.holdings, s.options)
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", w.futures)
	mux.Handle("/edge", w.futures)
	mux.Handle("/api/v3/", w.spot)
	mux.Handle("/ws", w.spot)
	server := httptest.NewServer(mux)
	w.url = server.URL
	t.Cleanup(func() {
		w.futures.Close()
		w.spot.Close()
		server.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return w
}

// serve puts the futures façade alone on an origin.
func (w *world) serve() {
	server := httptest.NewServer(w.futures)
	w.url = server.URL
	w.t.Cleanup(server.Close)
}

func (w *world) price(p string) {
	w.perps.SetPrice("BTC_USDT", trading.MustPrice(p))
	w.holdings.SetPrice("BTCUSDT", trading.MustPrice(p))
}

func mac(secret, target string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(target))
	return hex.EncodeToString(h.Sum(nil))
}

// send makes a request exactly as it is given.
func (w *world) send(method, path, body string, header map[string]string) (int, string, error) {
	r, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(raw), err
}

// reply is an answer that keeps the digits of its numbers.
type reply map[string]any

func read(t *testing.T, raw string) reply {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("answer is no JSON: %v: %.200s", err, raw)
	}
	if list, ok := v.([]any); ok {
		return reply{"list": list}
	}
	return reply(v.(map[string]any))
}

// at follows names and indices into an answer and gives what is there as JSON.
func (r reply) at(path ...any) string {
	var v any = map[string]any(r)
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return "absent"
			}
			v = l[p]
		}
	}
	if v == nil {
		return "absent"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return "unreadable"
	}
	return strings.TrimSpace(b.String())
}

// want holds one place of an answer against JSON text.
func (r reply) want(t *testing.T, json string, path ...any) {
	t.Helper()
	if had := r.at(path...); had != json {
		t.Errorf("%v: want %s, had %s", path, json, had)
	}
}

// ask signs a futures request and reads the answer; params are the query of a GET, already sorted, and the body of a POST.
func (w *world) ask(method, path, params string) reply {
	w.t.Helper()
	_, raw, err := w.try(method, path, params)
	if err != nil {
		w.t.Fatal(err)
	}
	return read(w.t, raw)
}

func (w *world) try(method, path, params string) (int, string, error) {
	at := fmt.Sprint(w.clock.Now().UnixMilli())
	header := map[string]string{"ApiKey": futuresKey, "Request-Time": at, "Signature": mac(futuresSecret, futuresKey+at+params), "Content-Type": "application/json"}
	path = "/api/v1/private/" + path
	if method == "POST" {
		return w.send(method, path, params, header)
	}
	if params != "" {
		path += "?" + params
	}
	return w.send(method, path, "", header)
}

// call signs a spot request and reads the answer.
func (w *world) call(method, path, params string) (int, reply) {
	w.t.Helper()
	if params != "" {
		params += "&"
	}
	params += "timestamp=" + fmt.Sprint(w.clock.Now().UnixMilli())
	status, raw, err := w.send(method, "/api/v3/"+path+"?"+params+"&signature="+mac(spotSecret, params), "", map[string]string{"X-MEXC-APIKEY": spotKey})
	if err != nil {
		w.t.Fatal(err)
	}
	return status, read(w.t, raw)
}

// dial opens a WebSocket.
func (w *world) dial(path string) *websocket.Conn {
	w.t.Helper()
	c, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.url, "http")+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	return c
}

// hear reads text frames until one of a channel comes.
func hear(t *testing.T, c *websocket.Conn, channel string) reply {
	t.Helper()
	for {
		_, raw, err := c.ReadMessage()
		if err != nil {
			t.Fatalf("waiting for %s: %v", channel, err)
		}
		if r := read(t, string(raw)); r["channel"] == channel || channel == "" {
			return r
		}
	}
}

func tell(t *testing.T, c *websocket.Conn, text string) {
	t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
}
