package node_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// alerts posts count alerts from each of n clients, each client on a lane of its own, and returns how long each took.
func (h *house) alerts(b *testing.B, n, count int) []time.Duration {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var all []time.Duration
	var clients sync.WaitGroup
	for lane, place := range h.lanes(n) {
		clients.Go(func() {
			mine := make([]time.Duration, 0, count)
			for i := range count {
				act := []string{`"action":"LONG","quoteQuantity":"120"`, `"action":"CLOSE"`}[i%2]
				body := fmt.Sprintf(`{"apiKey":"%s",%s%s,"idempotencyKey":"b%d-%d-%d"}`, h.key, place, act, b.N, lane, i)
				began := time.Now()
				res, err := client.Post("http://"+h.GatewayAddr()+"/webhook", "application/json", bytes.NewBufferString(body))
				if err != nil {
					b.Error(err)
					return
				}
				answer, _ := io.ReadAll(res.Body)
				res.Body.Close()
				mine = append(mine, time.Since(began))
				if res.StatusCode != http.StatusOK {
					b.Errorf("%d: %s", res.StatusCode, answer)
					return
				}
			}
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
		})
	}
	clients.Wait()
	return all
}

// BenchmarkAlertToFill measures an alert over HTTP until its answer with the fill, both flushes included.
func BenchmarkAlertToFill(b *testing.B) {
	for _, clients := range []int{1, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			h := start(b, b.TempDir())
			for _, cap := range []string{"trade:max_position_size", "trade:max_exposure"} {
				if err := h.ChangeSetting(b.Context(), cap, "0", "benchmark"); err != nil {
					b.Fatal(err)
				}
			}
			before, began := h.Store.Flushes(), time.Now()
			b.ResetTimer()
			took := h.alerts(b, clients, max(b.N/clients, 1))
			b.StopTimer()
			if len(took) == 0 {
				b.Fatal("nothing was answered")
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(len(took))/time.Since(began).Seconds(), "signals/s")
			b.ReportMetric(float64(h.Store.Flushes()-before)/float64(len(took)), "flushes/signal")
		})
	}
}
