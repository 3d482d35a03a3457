package node_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"hoox/backend/market"
	"hoox/backend/trading"
)

// lanes lists the place of n different lanes, so that no alert has to wait for another one's order.
func (h *house) lanes(n int) []string {
	h.t.Helper()
	var list []string
	for _, e := range trading.Exchanges() {
		for _, i := range h.Market.Instruments(market.Venue{Exchange: e, Mode: trading.ModePaper}) {
			p := trading.Position{Account: trading.MakeAccountID(e, trading.ModePaper), Product: i.Product, Symbol: i.Symbol}
			list = append(list, fmt.Sprintf(`"exchange":"%s","symbol":"%s",`, e, p.Written()))
		}
	}
	if len(list) < n {
		h.t.Fatalf("only %d lanes, want %d", len(list), n)
	}
	return list[:n]
}

func TestSixtyFourClientsShareTheirFlushes(t *testing.T) {
	h := start(t, t.TempDir())
	for _, cap := range []string{"trade:max_position_size", "trade:max_exposure"} {
		if err := h.ChangeSetting(t.Context(), cap, "0", "test"); err != nil {
			t.Fatal(err)
		}
	}
	const each = 10
	lanes := h.lanes(64)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: len(lanes)}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	statuses := map[int]int{}
	before := h.Store.Flushes()
	var clients sync.WaitGroup
	for lane, alert := range lanes {
		clients.Go(func() {
			for n := range each {
				act := []string{`"action":"LONG","quoteQuantity":"120"`, `"action":"CLOSE"`}[n%2]
				body := fmt.Sprintf(`{"apiKey":"%s",%s%s,"idempotencyKey":"%d-%d"}`, h.key, alert, act, lane, n)
				res, err := client.Post("http://"+h.GatewayAddr()+"/webhook", "application/json", bytes.NewBufferString(body))
				if err != nil {
					t.Error(err)
					return
				}
				answer, _ := io.ReadAll(res.Body)
				res.Body.Close()
				mu.Lock()
				statuses[res.StatusCode]++
				if res.StatusCode != 200 && statuses[res.StatusCode] == 1 {
					t.Logf("%d: %s", res.StatusCode, answer)
				}
				mu.Unlock()
			}
		})
	}
	clients.Wait()

	accepted := statuses[200] + statuses[202]
	flushes := h.Store.Flushes() - before
	t.Logf("%d flushes for %d accepted signals: %.3f a signal; answers %v", flushes, accepted, float64(flushes)/float64(accepted), statuses)
	if accepted < each*len(lanes)*9/10 {
		t.Errorf("%v: too few were accepted to measure", statuses)
	}
	if 4*flushes > uint64(accepted) {
		t.Errorf("%d flushes for %d signals, want at most a quarter: those that wait together must share one", flushes, accepted)
	}
}
