package node_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hoox/backend/node"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

var simKills = flag.Int("simkills", 6, "how often the program is killed while it trades at the exchanges of our own, all together")

// moments is the time within which the program is killed, from the first alert on.
const moments = 2 * time.Second

// TestKilledWhileItTradesAtExchangesThatFailNothingIsLostOrDoubled kills the real program, a process of its own, while alerts
// come in and its exchange loses requests and answers. The exchange lives in this process, and its log outlives every kill. The
// three programs, one at each exchange, live and die at the same time.
//
//	go test ./backend/node -run KilledWhileItTrades -timeout 0 -args -simkills 300 -seed 1
func TestKilledWhileItTradesAtExchangesThatFailNothingIsLostOrDoubled(t *testing.T) {
	// The programs wait most of the time, so that the three share two cores.
	var mu sync.Mutex
	total, promised, orders := 0, 0, 0
	began := time.Now()
	t.Run("exchanges", func(t *testing.T) {
		for n, e := range realExchanges() {
			rounds := *simKills/3 + min(1, max(0, *simKills%3-n))
			if rounds == 0 {
				continue
			}
			t.Run(string(e), func(t *testing.T) {
				t.Parallel()
				p := prepareVictim(t, serveExchange(t, e))
				for range rounds {
					p.round(t)
				}
				t.Logf("killed %d times in %s", rounds, time.Since(began).Round(time.Second))
				kept, placed := p.judge(t)
				// MEXC takes four orders in two seconds, and a lane in doubt takes none for a minute.
				least := map[trading.Exchange]int{trading.MEXC: rounds / 3}
				if want, slow := least[e]; rounds >= 20 && placed < rounds && (!slow || placed < want) {
					t.Errorf("%d orders came to the exchange in %d lives: to kill a program that hardly trades proves nothing", placed, rounds)
				}
				mu.Lock()
				defer mu.Unlock()
				total, promised, orders = total+rounds, promised+kept, orders+placed
			})
		}
	})
	each := time.Since(began) / time.Duration(max(total, 1))
	proved(t, "kill -9 of the program at three exchanges", fmt.Sprintf("%d kills", total),
		fmt.Sprintf("%d alerts answered 2xx, %d orders at the exchanges, %s a kill", promised, orders, each.Round(10*time.Millisecond)), *seed)
}

// victim is a data folder, an exchange beside it, and what was promised to the outside.
type victim struct {
	x      *elsewhere
	dir    string
	key    string
	random *rand.Rand
	wind   *weather

	mu       sync.Mutex
	promised map[string]string
	unsure   map[string]string
	sent     int
}

func prepareVictim(t *testing.T, x *elsewhere) *victim {
	t.Helper()
	e := x.exchange
	p := &victim{x: x, dir: t.TempDir(), random: rand.New(rand.NewPCG(*seed, uint64(len(e)))), wind: newWeather(e, *seed), promised: map[string]string{}, unsure: map[string]string{}}
	// In the vault and not in the environment, which the three programs would share.
	safe, err := vault.Open(vault.Options{Dir: p.dir, Env: func(string) string { return "" }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range x.secrets() {
		if err := safe.Set(name, vault.NewSecret(value)); err != nil {
			t.Fatal(err)
		}
	}
	h := startOn(t, p.x, p.dir)
	p.key = h.key
	h.stop()
	c := p.x.config
	text := fmt.Sprintf("[exchange.%s]\nmode = %q\nrest_url = %q\npublic_ws_url = %q\nprivate_ws_url = %q\n", e, c.Mode, c.RestURL, c.PublicWSURL, c.PrivateWSURL)
	if c.SpotRestURL != "" {
		text += fmt.Sprintf("spot_rest_url = %q\nspot_public_ws_url = %q\nspot_private_ws_url = %q\n", c.SpotRestURL, c.SpotPublicWSURL, c.SpotPrivateWSURL)
	}
	if err := os.WriteFile(filepath.Join(p.dir, "config.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, core := range p.x.cores() {
		core.SetFaults(p.wind.fault)
	}
	return p
}

// round starts the program, sends it alerts and kills it: mostly while it trades, now and then while it starts and asks what
// became of the orders of its last life.
func (p *victim) round(t *testing.T) {
	if p.x.forget != nil {
		// Of a minute's requests an exchange allows some ten starts, and the minute here is as short as a life: without this
		// one life of four could trade.
		p.x.forget()
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+p.dir)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if p.random.IntN(6) == 0 {
		<-time.After(time.Duration(p.random.Int64N(int64(200 * time.Millisecond))))
	} else if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("the program did not get ready after a kill: %v; replay with: go test ./backend/node -run KilledWhileItTrades -args -simkills %d -seed %d", err, *simKills, *seed)
	} else {
		p.trade(strings.TrimSpace(line), func() error { return cmd.Process.Kill() }, t)
	}
	_ = cmd.Process.Kill() // again is no harm
	_ = cmd.Wait()         // killed: the error is the point
}

// trade posts alerts until the program is killed.
func (p *victim) trade(address string, kill func() error, t *testing.T) {
	client := &http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	var posts sync.WaitGroup
	p.mu.Lock()
	again := p.unsure
	p.unsure = map[string]string{}
	p.mu.Unlock()
	for key, body := range again {
		posts.Go(func() { p.post(client, address, key, body) })
	}
	every := 50 * time.Millisecond
	if p.x.exchange == trading.MEXC {
		every = 150 * time.Millisecond // it takes four orders in two seconds; what is more waits its turn
	}
	end := time.NewTimer(time.Duration(p.random.Int64N(int64(moments))))
	tick := time.NewTicker(every)
	defer tick.Stop()
	for alive := true; alive; {
		select {
		case <-end.C:
			alive = false
		case <-tick.C:
			key, body := p.alert()
			posts.Go(func() { p.post(client, address, key, body) })
		}
	}
	if err := kill(); err != nil {
		t.Fatal(err)
	}
	posts.Wait()
}

func (p *victim) alert() (key, body string) {
	p.sent++
	key = fmt.Sprintf("victim-%d", p.sent)
	symbols := affordable(p.x.exchange)
	written := trading.Position{Account: p.x.account(), Product: trading.Linear, Symbol: symbols[p.random.IntN(len(symbols))].Symbol}.Written()
	action := []string{"LONG", "SHORT", "CLOSE", "LONG"}[p.random.IntN(4)]
	size := `"quoteQuantity":"1000",`
	if action == "CLOSE" {
		size = ""
	}
	return key, fmt.Sprintf(`{"apiKey":"%s","exchange":"%s","action":"%s","symbol":"%s",%s"maxAge":60,"idempotencyKey":"%s"}`, p.key, p.x.exchange, action, written, size, key)
}

func (p *victim) post(client *http.Client, address, key, body string) {
	var answer struct {
		RequestID string
		Original  struct{ RequestID string }
	}
	status, err := 0, error(nil)
	res, err := client.Post("http://"+address+"/webhook", "application/json", bytes.NewBufferString(body))
	if err == nil {
		defer res.Body.Close()
		var data []byte
		if data, err = io.ReadAll(res.Body); err == nil {
			status, err = res.StatusCode, json.Unmarshal(data, &answer)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err != nil || status == http.StatusServiceUnavailable:
		p.unsure[key] = body
	case status == http.StatusOK || status == http.StatusAccepted:
		p.promised[key] = answer.RequestID
	}
}

// judge lets everything come to rest and holds the exchange's log against ledger and promises. It tells how many alerts were
// promised and how many orders the exchange has.
func (p *victim) judge(t *testing.T) (promises, orders int) {
	t.Helper()
	p.wind.calm()
	if p.x.forget != nil {
		p.x.forget()
	}
	h := startOn(t, p.x, p.dir, func(c *node.Config) { c.Settle = stormSettle })
	var promised []trading.SignalID
	for key, id := range p.promised {
		if _, err := h.Store.Signal(t.Context(), trading.SignalID(id)); err != nil {
			t.Errorf("alert %s was answered 2xx and is gone: %v", key, err)
			continue
		}
		promised = append(promised, trading.SignalID(id))
	}
	h.untilIn(5*time.Minute, "every promised signal has ended", func() bool {
		return !slices.ContainsFunc(promised, func(id trading.SignalID) bool {
			r, err := h.Store.Signal(t.Context(), id)
			return err != nil || !r.Status.Final() && r.Status != trading.SignalAccepted && r.Status != trading.SignalNeedsReview
		})
	})
	h.untilIn(3*time.Minute, "nothing is under way", func() bool {
		list, err := h.Store.OpenOrders(t.Context(), "")
		// They are all market orders: one that is only taken has a fill that is still to be told.
		return err == nil && len(list) == 0
	})
	h.judge(p.x, promised)
	for _, core := range p.x.cores() {
		orders += len(core.Orders())
	}
	t.Logf("%d alerts sent, %d answered 2xx, %d orders at the exchange, faults %v, ended as %v", p.sent, len(p.promised), orders, p.wind.counts, h.ends)
	if t.Failed() {
		t.Logf("replay with: go test ./backend/node -run KilledWhileItTrades -args -simkills %d -seed %d", *simKills, *seed)
	}
	h.stop()
	return len(promised), orders
}
