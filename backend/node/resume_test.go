package node_test

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hoox/backend/node"
	"hoox/backend/trading"
)

func TestAfterASleepClocksAreReadStreamsConnectedAndExpiredAlertsTold(t *testing.T) {
	x := openExchange(t, trading.Bybit)
	target, err := url.Parse(x.config.RestURL)
	if err != nil {
		t.Fatal(err)
	}
	var clocks, streams atomic.Int64
	through := httputil.NewSingleHostReverseProxy(target)
	rest, stream := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v5/market/time" {
			clocks.Add(1)
		}
		if strings.Contains(r.URL.Path, "private") && r.Header.Get("Upgrade") != "" {
			streams.Add(1)
		}
		through.ServeHTTP(w, r)
	}))
	h := startOn(t, x, t.TempDir(), func(c *node.Config) { c.Exchange.Bybit.RestURL, c.Exchange.Bybit.PrivateWSURL = rest, stream })
	h.until("the first connection", func() bool { return clocks.Load() > 0 && streams.Load() > 0 })
	clocksBefore, streamsBefore := clocks.Load(), streams.Load()
	// An alert whose time ends within what follows, and that came too late to be sent.
	sent := time.Now().UTC().Add(-2 * time.Minute).Format(time.RFC3339)
	h.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"time":"%s"}`, sent))

	h.StandStill(t.Context(), time.Now().Add(-time.Hour))
	h.StandStill(t.Context(), time.Now())

	h.until("the clock and the stream after the sleep", func() bool { return clocks.Load() > clocksBefore && streams.Load() > streamsBefore })
	h.until("the account open again", func() bool { return h.Engine.Ready(x.account()) == nil })
	if had := clockOf(h); !strings.Contains(had, "1 alert expired meanwhile") {
		t.Errorf("Health says %q, want the alert that ran out of time counted: nothing is dropped in silence", had)
	}
}

// clockOf is what Health says of the clock.
func clockOf(h *house) string {
	for _, p := range h.Health(h.t.Context()) {
		if p.Name == "clock" {
			return p.Detail
		}
	}
	return ""
}
