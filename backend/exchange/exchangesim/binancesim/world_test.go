package binancesim_test

import (
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
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/trading"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testKey    = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
	testSecret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
)

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(ms int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = time.UnixMilli(ms).UTC()
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// facade is what both products can do.
type facade interface {
	http.Handler
	Close()
	Streams() int
	Topics() int
	DropStreams()
	SetSilent(bool)
	Tick()
	SetEvents(func(map[string]any) []any)
}

// world is one façade on a real listener with a client that signs by itself.
type world struct {
	t       *testing.T
	core    *exchangesim.Core
	sim     facade
	web     *httptest.Server
	clock   *clock
	client  *http.Client
	key     string
	secret  string
	headers http.Header
	log     string
}

func spotBTC() trading.Instrument {
	return trading.Instrument{
		Exchange: trading.Binance, Product: trading.Spot, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.01"),
		StepSize: trading.MustQty("0.00001"), MinQty: trading.MustQty("0.00001"), MaxQty: trading.MustQty("9000"), MinNotional: trading.MustMoney("5"),
		MaxLeverage: 1, MakerFee: trading.MustRatio("0.001"), TakerFee: trading.MustRatio("0.001"),
	}
}

func linearBTC() trading.Instrument {
	return trading.Instrument{
		Exchange: trading.Binance, Product: trading.Linear, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.1"),
		StepSize: trading.MustQty("0.001"), MinQty: trading.MustQty("0.001"), MaxQty: trading.MustQty("1000"), MinNotional: trading.MustMoney("100"),
		MaxLeverage: 125, MakerFee: trading.MustRatio("0.0002"), TakerFee: trading.MustRatio("0.0004"), Maintenance: trading.MustRatio("0.004"),
	}
}

func newWorld(t *testing.T, instruments []trading.Instrument, deposit map[string]trading.Money, build func(*exchangesim.Core) facade) *world {
	t.Helper()
	w := &world{clock: &clock{}, log: filepath.Join(t.TempDir(), "exchange.log")}
	w.clock.set(1760000000000)
	core, err := exchangesim.Open(exchangesim.Config{
		Key: testKey, Secret: testSecret, Log: w.log, Now: w.clock.now, Instruments: instruments, Deposit: deposit,
		IDs: exchangesim.UniqueWhileOpen, OwnSpotFee: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	log := w.log
	w = serve(t, core, build(core), w.clock)
	w.log = log
	return w
}

// serve puts a façade on a listener.
func serve(t *testing.T, core *exchangesim.Core, sim facade, at *clock) *world {
	t.Helper()
	w := &world{t: t, core: core, sim: sim, clock: at, key: testKey, secret: testSecret}
	w.web = httptest.NewServer(w.sim)
	w.client = &http.Client{Transport: &http.Transport{}}
	t.Cleanup(func() {
		w.client.CloseIdleConnections()
		w.sim.Close()
		w.web.Close()
		if err := core.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func newSpot(t *testing.T, o binancesim.Options) *world {
	w := newWorld(t, []trading.Instrument{spotBTC()}, map[string]trading.Money{"USDT": trading.MustMoney("10000"), "BTC": trading.MustMoney("1")},
		func(c *exchangesim.Core) facade { return binancesim.NewSpot(c, o) })
	w.core.SetPrice("BTCUSDT", trading.MustPrice("65000"))
	return w
}

func newFutures(t *testing.T, o binancesim.Options) *world {
	w := newWorld(t, []trading.Instrument{linearBTC()}, map[string]trading.Money{"USDT": trading.MustMoney("10000")},
		func(c *exchangesim.Core) facade { return binancesim.NewFutures(c, o) })
	w.core.SetPrice("BTCUSDT", trading.MustPrice("65000"))
	return w
}

func hexMAC(secret, payload string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(payload))
	return hex.EncodeToString(mac.Sum(nil))
}

// answer is one HTTP answer.
type answer struct {
	status int
	body   string
	row    map[string]any
	list   []any
}

func (a answer) code() int {
	n, _ := a.row["code"].(json.Number)
	i, _ := n.Int64()
	return int(i)
}

// send sends exactly these bytes.
func (w *world) send(method, path, query, body string) (answer, error) {
	w.t.Helper()
	target := w.web.URL + path
	if query != "" {
		target += "?" + query
	}
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("X-MBX-APIKEY", w.key)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := w.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	w.headers = res.Header
	a := answer{status: res.StatusCode, body: string(raw)}
	d := json.NewDecoder(strings.NewReader(a.body))
	d.UseNumber()
	var v any
	if d.Decode(&v) == nil {
		a.row, _ = v.(map[string]any)
		a.list, _ = v.([]any)
	}
	return a, nil
}

// call signs and sends parameters in the query.
func (w *world) call(method, path, params string) answer {
	w.t.Helper()
	a, err := w.trial(method, path, params)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (w *world) trial(method, path, params string) (answer, error) {
	if params != "" {
		params += "&"
	}
	params += fmt.Sprintf("timestamp=%d", w.clock.now().UnixMilli())
	return w.send(method, path, params+"&signature="+hexMAC(w.secret, params), "")
}

// good is call for what must succeed.
func (w *world) good(method, path, params string) answer {
	w.t.Helper()
	a := w.call(method, path, params)
	if a.status != http.StatusOK {
		w.t.Fatalf("%s %s %s: want success, had %d %s", method, path, params, a.status, a.body)
	}
	return a
}

// bad is call for what must be refused with a code and text.
func (w *world) bad(code int, text, method, path, params string) {
	w.t.Helper()
	a := w.call(method, path, params)
	if a.code() != code || !strings.Contains(a.body, text) {
		w.t.Errorf("%s %s %s: want %d %q, had %d %s", method, path, params, code, text, a.status, a.body)
	}
}

// wants compares fields of a row as they stand in JSON text.
func wants(t *testing.T, what string, row map[string]any, want string) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(want), &fields); err != nil {
		t.Fatal(err)
	}
	for name, raw := range fields {
		had, err := json.Marshal(row[name])
		_, there := row[name]
		var compact strings.Builder
		if err != nil || !there {
			t.Errorf("%s: want field %s, had none", what, name)
			continue
		}
		var v any
		d := json.NewDecoder(strings.NewReader(string(raw)))
		d.UseNumber()
		if d.Decode(&v) != nil {
			t.Fatal(string(raw))
		}
		again, _ := json.Marshal(v)
		compact.Write(again)
		if compact.String() != string(had) {
			t.Errorf("%s: field %s: want %s, had %s", what, name, compact.String(), had)
		}
	}
}

// stream is a WebSocket whose frames are read one after the other.
type stream struct {
	t    *testing.T
	conn *websocket.Conn
}

func (w *world) dial(path string) *stream {
	w.t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.web.URL, "http")+path, nil)
	if err != nil {
		w.t.Fatalf("dial %s: %v", path, err)
	}
	w.t.Cleanup(func() { conn.Close() })
	return &stream{w.t, conn}
}

func (s *stream) say(row any) {
	s.t.Helper()
	if err := s.conn.WriteJSON(row); err != nil {
		s.t.Fatal(err)
	}
}

// next is the next frame.
func (s *stream) next() map[string]any {
	s.t.Helper()
	s.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, raw, err := s.conn.ReadMessage()
	if err != nil {
		s.t.Fatalf("read frame: %v", err)
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	row := map[string]any{}
	if err := d.Decode(&row); err != nil {
		s.t.Fatalf("frame %s: %v", raw, err)
	}
	return row
}

// until reads frames until one of this event kind comes, unwrapped.
func (s *stream) until(kind string) map[string]any {
	s.t.Helper()
	for range 50 {
		row := s.next()
		if event, ok := row["event"].(map[string]any); ok {
			row = event
		}
		if data, ok := row["data"].(map[string]any); ok {
			row = data
		}
		if row["e"] == kind {
			return row
		}
	}
	s.t.Fatalf("no %s came", kind)
	return nil
}

func (s *stream) quiet(d time.Duration) {
	s.t.Helper()
	s.conn.SetReadDeadline(time.Now().Add(d))
	if _, raw, err := s.conn.ReadMessage(); err == nil {
		s.t.Errorf("want silence, had %s", raw)
	}
}

func sub(row map[string]any, name string) map[string]any {
	inner, _ := row[name].(map[string]any)
	return inner
}

// eventually waits for what another goroutine does.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("waited in vain: %s", what)
		case <-tick.C:
		}
	}
}
