package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEveryExchangeAnswersAndIsControlled(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	read, written := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-dir", t.TempDir(), "-price", "BTCUSDT=61000"}, written, io.Discard)
		written.Close()
	}()
	var n note
	if err := json.NewDecoder(read).Decode(&n); err != nil {
		t.Fatalf("no line with the addresses: %v (%v)", err, <-done)
	}
	if !n.Simulated || n.Key == "" || len(n.Exchanges) != 5 {
		t.Errorf("told %+v", n)
	}

	for name, path := range map[string]string{
		"bybit": "/v5/market/tickers?category=linear&symbol=BTCUSDT", "binance_spot": "/api/v3/ticker/price?symbol=BTCUSDT",
		"binance_futures": "/fapi/v1/premiumIndex?symbol=BTCUSDT", "mexc_spot": "/api/v3/ticker/price?symbol=BTCUSDT",
		"mexc_futures": "/api/v1/contract/ticker?symbol=BTC_USDT",
	} {
		if status, body := get(t, n.Exchanges[name]+path); status != http.StatusOK || !strings.Contains(body, "61000") {
			t.Errorf("%s answered %d %s, want a price of 61000", name, status, body)
		}
	}
	if status, body := post(t, n.Control+"/control/price", "application/json", `{"symbol":"BTCUSDT","price":"62000"}`); status != http.StatusOK {
		t.Errorf("price: %d %s", status, body)
	}
	if _, body := get(t, n.Exchanges["mexc_futures"]+"/api/v1/contract/ticker?symbol=BTC_USDT"); !strings.Contains(body, "62000") {
		t.Errorf("the price did not move: %s", body)
	}
	if status, _ := post(t, n.Control+"/control/price", "text/plain", `{"symbol":"BTCUSDT","price":"1"}`); status != http.StatusUnsupportedMediaType {
		t.Errorf("a form of a page may move prices: %d", status)
	}
	post(t, n.Control+"/control/fault", "application/json", `{"exchange":"bybit","path":"/v5/market/time","times":1,"fault":{"Status":503}}`)
	if status, _ := get(t, n.Exchanges["bybit"]+"/v5/market/time"); status != http.StatusServiceUnavailable {
		t.Errorf("a scripted fault: %d, want 503", status)
	}
	if status, _ := get(t, n.Exchanges["bybit"]+"/v5/market/time"); status != http.StatusOK {
		t.Errorf("after the one time: %d", status)
	}
	if status, body := get(t, n.Control+"/control/truth?exchange=binance_spot"); status != http.StatusOK || !strings.Contains(body, `"USDT":["10000","10000"]`) {
		t.Errorf("truth: %d %s", status, body)
	}

	http.DefaultClient.CloseIdleConnections()
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("does not end")
	}
}

func TestItAnswersOnLoopbackOnly(t *testing.T) {
	if err := run(t.Context(), []string{"-listen", "0.0.0.0:0", "-dir", t.TempDir()}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("ended with %v", err)
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	return do(t, http.MethodGet, url, "", "")
}

func post(t *testing.T, url, kind, body string) (int, string) {
	t.Helper()
	return do(t, http.MethodPost, url, kind, body)
}

func do(t *testing.T, method, url, kind, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}
