package gateway_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

// FuzzWebhookLetsOnlyItsKeyIn sends any body with any headers through the whole door: the desk is asked at most once, and only
// for a body that holds the key and comes from where it may.
func FuzzWebhookLetsOnlyItsKeyIn(f *testing.F) {
	const own, foreign = "52.89.214.238", "203.0.113.9"
	for _, body := range []string{
		with(long), with(`"action":"CLOSE","symbol":"BYBIT:BTCUSDT.P"`), `{"apiKey":"wrong",` + long + `}`, `{"apikey":"` + key + `",` + long + `}`,
		`{"apiKey":["` + key + `"],` + long + `}`, `{"apiKey":"wrong","apiKey":"` + key + `",` + long + `}`, with(long) + "}", "apiKey=" + key, "", "\ufeff" + with(long),
		with(`"marketPosition":"long","marketPositionSize":"{{strategy.market_position_size}}","symbol":"BINANCE:ETHUSDT.P"`), strings.Repeat("[", 100),
		with(long + `,"comment":"` + key + `","symbol":"` + key + `"`),
	} {
		f.Add([]byte(body), "application/json", own, "")
		f.Add([]byte(body), "text/plain; charset=utf-8", foreign, "uuid-9b1deb4d")
	}
	f.Add([]byte(with(long)), "text/html", own, key)
	f.Add([]byte(with(long)), "application/json", own+", "+foreign, "k")
	f.Add([]byte(with(long)), "application/json", "::ffff:"+own+"%eth0", "k")

	h := newHouse()
	h.rules.AllowListOn, h.rules.AllowList = true, []netip.Prefix{netip.MustParsePrefix(own + "/32")}
	door := gateway.New(gateway.Config{TrustedClientIPHeader: "X-Client"}, gateway.Parts{Desk: h, Outcomes: h, Now: func() time.Time { return clock },
		Rules: func() gateway.Rules { return h.rules }, Health: func(context.Context) gateway.Health { return h.health },
	}).Server().Handler
	f.Fuzz(func(t *testing.T, body []byte, kind, from, idempotency string) {
		h.admitted = nil
		clear(h.records)
		r := httptest.NewRequest(http.MethodPost, "/webhook", bytes.NewReader(body))
		r.RemoteAddr = "127.0.0.1:40000"
		r.Header = http.Header{"Content-Type": {kind}, "X-Client": {from}, "Idempotency-Key": {idempotency}}
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)

		var fields map[string]json.RawMessage
		var held string
		if json.Unmarshal(body, &fields) == nil {
			_ = json.Unmarshal(fields["apiKey"], &held)
		}
		address, err := netip.ParseAddr(from)
		may := held == key && err == nil && address.Unmap().WithZone("") == netip.MustParseAddr(own)
		if n := len(h.admitted); n > 1 || n == 1 && !may {
			t.Fatalf("the desk was asked %d times for %q from %q, which may: %t", n, body, from, may)
		}
		if admitted := len(h.admitted) == 1; admitted != (w.Code == http.StatusOK) || !slices.Contains([]int{200, 400, 403, 413, 415, 422}, w.Code) {
			t.Fatalf("%q is answered %d %s, and the desk was asked: %t", body, w.Code, w.Body, admitted)
		}
		if !json.Valid(w.Body.Bytes()) || strings.Contains(w.Body.String(), key) {
			t.Fatalf("%q is answered %s: want JSON without the key", body, w.Body)
		}
		for _, s := range h.admitted {
			if text := text(s); strings.Contains(text, key) {
				t.Fatalf("the key is on the signal: %s", text)
			}
		}
	})
}

// FuzzAlertLogLosesNoLine reads any file as TradingView's log of alerts: every line of it is there, or the file is refused.
func FuzzAlertLogLosesNoLine(f *testing.F) {
	line := func(message string) string {
		return `2,"BYBIT:BTCUSDT.P, 15",Trend,"` + strings.ReplaceAll(message, `"`, `""`) + `",2026-05-20T12:15:00Z,Delivered` + "\n"
	}
	f.Add(logHeading + line(with(long)) + line("Apple is up"))
	f.Add("\ufeff" + logHeading + line(with(long+`,"comment":"`+key+`"`)))
	f.Add("Time,Description\r\n2026-05-20T14:00:00+02:00,{}\r\n\r\n")
	f.Add("description,TIME,time\n,,\n")
	f.Add("Trade #,Type,Signal\n1,Entry,Long\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, file string) {
		list, err := gateway.ReadAlertLog(strings.NewReader(file), newHouse().rules.Keys)
		if err != nil {
			if trading.KindOf(err) != trading.Invalid || list != nil {
				t.Fatalf("%q: had %d lines and %v, want Invalid and none", file, len(list), err)
			}
			return
		}
		all, err := csv.NewReader(strings.NewReader(file)).ReadAll()
		if err != nil || len(list) != len(all)-1 {
			t.Fatalf("%q has %d lines (%v) and %d were read: a line that is skipped would look delivered", file, len(all)-1, err, len(list))
		}
		for i, a := range list {
			if strings.Contains(a.Kept, key) || (a.Kept == "") == (a.NotOurs == "") || i > 0 && a.At.Before(list[i-1].At) {
				t.Fatalf("%q is read as %+v", file, a)
			}
		}
	})
}
