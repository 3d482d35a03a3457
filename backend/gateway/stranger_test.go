package gateway_test

import (
	"io"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

// inside is what no stranger may read in an answer: versions, languages, paths, stacks and the names of our parts.
var inside = regexp.MustCompile(`(?i)go1\.|golang|goroutine|\.go:|hoox/|sqlite|panic|runtime error|/home/|/tmp/|/root/|127\.0\.0\.1|\bversion\b|0\.1\.0`)

func TestA17_NoAnswerTellsOfTheInside(t *testing.T) {
	h := newHouse()
	h.rules.RateLimit = 3
	h.rules.Keys = gateway.NewKeys(gateway.Key{Credential: "default", Digest: trading.DigestKey(key)}, gateway.Key{Credential: "busy", Digest: trading.DigestKey(otherKey), RateLimit: 1})
	base := open(t, h)
	answers := map[string]said{
		"filled": send(t, "POST", base+"/webhook", with(long)),
		"health": send(t, "GET", base+"/health", ""),
		"method": send(t, "TRACE", base+"/webhook", ""),
		"field":  send(t, "POST", base+"/webhook", with(`"action":"NO"`)),
		"json":   send(t, "POST", base+"/webhook", `{{{`),
		"key":    send(t, "POST", base+"/webhook", `{"apiKey":"x"}`),
		"size":   send(t, "POST", base+"/webhook", strings.Repeat(" ", 70<<10)),
		"type":   send(t, "POST", base+"/webhook", with(long), "Content-Type", "", "Content-Type", "text/html"),
		"header": send(t, "GET", base+"/health", "", "X-Long", strings.Repeat("a", 16<<10)),
	}
	send(t, "POST", base+"/webhook", by(otherKey, long))
	answers["rate"] = send(t, "POST", base+"/webhook", by(otherKey, long))
	for _, path := range []string{"/.git/config", "/debug/pprof/", "/debug/vars", "/api/Kill/Get", "/webhook/../api", "/index.html", "/" + strings.Repeat("a", 4000), "/%00", "/probe/" + strings.Repeat("a", 200)} {
		answers[path] = send(t, "GET", base+path, "")
		if had := answers[path]; had.status != 404 || had.body != "" {
			t.Errorf("%.40s: had %d %q, want an empty 404", path, had.status, had.body)
		}
	}
	h.mu.Lock()
	h.admit = func(*house, trading.Signal) (trading.Receipt, error) { panic("nil map in /home/me/hoox/desk.go:12") }
	h.mu.Unlock()
	answers["panic"] = send(t, "POST", base+"/webhook", with(long))
	for name, had := range answers {
		var head strings.Builder
		if err := had.header.Write(&head); err != nil {
			t.Fatal(err)
		}
		if found := inside.FindString(had.body + "\n" + head.String()); found != "" {
			t.Errorf("%s: the answer says %q: %d %s\n%s", name, found, had.status, had.body, head.String())
		}
		for _, header := range []string{"Server", "X-Powered-By", "Via", "Etag", "Last-Modified"} {
			if had.header.Get(header) != "" {
				t.Errorf("%s: answered %s: %s", name, header, had.header.Get(header))
			}
		}
	}
}

func TestA8_EndlessBodyCostsLittleMemoryAndTime(t *testing.T) {
	base := open(t, newHouse())
	send(t, "POST", base+"/webhook", with(long)) // whatever is made once is there now
	for _, framing := range []string{"Transfer-Encoding: chunked", "Content-Length: 9000000000"} {
		var before, after runtime.MemStats
		chunk := []byte(strings.Repeat(" ", 1024))
		if strings.HasSuffix(framing, "chunked") {
			chunk = slices.Concat([]byte("400\r\n"), chunk, []byte("\r\n"))
		}
		runtime.ReadMemStats(&before)
		start := time.Now()
		c := dial(t, base)
		_, _ = io.WriteString(c, "POST /webhook HTTP/1.1\r\nHost: x\r\n"+framing+"\r\n\r\n")
		for range 10_000 {
			if _, err := c.Write(chunk); err != nil {
				break
			}
		}
		took := time.Since(start)
		_ = c.Close()
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 || took > 5*time.Second {
			t.Errorf("%s: allocated %d KiB in all and went on for %s, want less than 1 MiB and the connection closed within 5 s", framing, grown>>10, took)
		}
	}
}

func TestA13_NoSymbolButAPlainOneGetsIn(t *testing.T) {
	h := newHouse()
	base := open(t, h)
	for _, symbol := range []string{
		`BTC\r\nUSDT`, `BTC\nUSDT`, `BTC\tUSDT`, ` BTCUSDT`, `BTCUSDT `, `BTC USDT`, `BTC\u00a0USDT`, `BTC\u200bUSDT`, `\u202eTDSUCTB`,
		`ВTCUSDT`, `BTСUSDT`, `ＢＴＣＵＳＤＴ`, `BTCUSDΤ`, `BTCUSDT\u0000`, `../../etc/passwd`, `..`, `/BTCUSDT`, `BTC/../USDT`, `C:\\BTC`,
		`BTC'USDT`, `BTC\"USDT`, `BTC;USDT`, `BTC%00`, `<BTC>`, `$BTC`, `BTC*`, `ÀBTC`, `₿USDT`, strings.Repeat("A", 33), strings.Repeat("A", 5000),
	} {
		had := send(t, "POST", base+"/webhook", with(`"action":"LONG","quantity":1,"symbol":"`+symbol+`"`))
		if had.status != http.StatusBadRequest {
			t.Errorf("symbol %.40q: had %d %s, want 400", symbol, had.status, had.body)
		}
	}
	if n := len(h.signals()); n != 0 {
		t.Errorf("%d signals got through, want none", n)
	}
}

func TestA12_NoNumberButAPlainDecimalGetsIn(t *testing.T) {
	h := newHouse()
	base := open(t, h)
	fields := []string{"quantity", "quoteQuantity", "percent", "contracts"}
	for _, number := range []string{
		`1e308`, `"1e308"`, `1E2`, `1e-30`, `"1e-30"`, `-1`, `"-1"`, `0`, `"0"`, `0.0`, `-0`, `"-0"`, `"NaN"`, `"Infinity"`, `"-Inf"`, `"0x10"`, `"0b1"`, `"0o7"`, `"1_000"`,
		`"1,5"`, `"1.000.000"`, `"+1"`, `"١"`, `"１"`, `"½"`, `0.1234567890123456789`, `"1234567890123456789"`, `true`, `[]`, `{}`, `""`,
	} {
		for _, field := range fields {
			had := send(t, "POST", base+"/webhook", with(`"action":"LONG","symbol":"BTCUSDT","`+field+`":`+number))
			if had.status != http.StatusBadRequest {
				t.Errorf("%s %s: had %d %s, want 400", field, number, had.status, had.body)
			}
		}
	}
	if n := len(h.signals()); n != 0 {
		t.Errorf("%d signals got through, want none", n)
	}
}
