package gateway_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"hoox/backend/gateway"
)

func bench(b *testing.B, body string, status int) {
	h := newHouse()
	g := gateway.New(gateway.Config{}, gateway.Parts{
		Desk: h, Outcomes: h, Now: func() time.Time { return clock }, Rules: func() gateway.Rules { return h.rules },
	})
	raw := []byte(body)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/webhook", io.NopCloser(bytes.NewReader(raw)))
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		if w.Code != status {
			b.Fatalf("want %d, had %d", status, w.Code)
		}
	}
}

func BenchmarkRefuseBadKey(b *testing.B) { bench(b, `{"apiKey":"wrong",`+long+`}`, 403) }

func BenchmarkAnswerAlert(b *testing.B) { bench(b, with(long), 200) }

func BenchmarkDecode(b *testing.B) {
	body := []byte(with(long + `,"leverage":10,"idempotencyKey":"uuid-9b1d"`))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := gateway.Decode(body, "", clock); err != nil {
			b.Fatal(err)
		}
	}
}
