package node_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"

	"hoox/backend/node"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

var (
	kills     = flag.Int("kills", 8, "how often the crash test kills the program")
	perSecond = flag.Int("signals", 100, "signals a second during the crash test")
	within    = flag.Duration("within", 400*time.Millisecond, "the program is killed at a random moment within this time")
	seed      = flag.Uint64("seed", 1, "seed of the random moments")
)

const childEnv = "HOOX_TEST_CHILD_FOLDER"

// TestMain lets the test binary be the program that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

// child runs a node until it is killed; it tells its address on stdout once it is ready.
func child(dir string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	c, err := node.Load(node.Flags{DataDir: dir, GatewayListen: "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	c.Settle = stormSettle
	n, err := node.New(ctx, c, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	go func() {
		<-n.Ready()
		fmt.Println(n.GatewayAddr())
	}()
	if err := n.Serve(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// sender posts alerts and remembers what was promised.
type sender struct {
	key    string
	random *rand.Rand

	mu       sync.Mutex
	promised map[string]string // idempotency key → request id of a 2xx answer
	unsure   []string          // bodies whose answer never came
	sent     int
}

func (s *sender) body(n int) (key, body string) {
	key = fmt.Sprintf("crash-%d", n)
	action := []string{"LONG", "SHORT", "CLOSE", "LONG"}[s.random.IntN(4)]
	symbol := []string{"BTCUSDT", "ETHUSDT"}[s.random.IntN(2)]
	size := `"quoteQuantity":"500",`
	if action == "CLOSE" {
		size = ""
	}
	return key, fmt.Sprintf(`{"apiKey":"%s","exchange":"bybit","action":"%s","symbol":"%s",%s"leverage":5,"idempotencyKey":"%s"}`, s.key, action, symbol, size, key)
}

func (s *sender) post(client *http.Client, address, key, body string) {
	res, err := client.Post("http://"+address+"/webhook", "application/json", bytes.NewBufferString(body))
	if err != nil {
		s.mu.Lock()
		s.unsure = append(s.unsure, body)
		s.mu.Unlock()
		return
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	var answer struct{ RequestID string }
	if err != nil || json.Unmarshal(data, &answer) != nil {
		s.mu.Lock()
		s.unsure = append(s.unsure, body)
		s.mu.Unlock()
		return
	}
	if res.StatusCode == 200 || res.StatusCode == 202 {
		s.mu.Lock()
		s.promised[key] = answer.RequestID
		s.mu.Unlock()
	}
}

// round runs the program once: alerts in, killed at a random moment.
func (s *sender) round(t *testing.T, dir string) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the program did not get ready after a kill: %v", err)
	}
	address = address[:len(address)-1]
	client := &http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	var posts sync.WaitGroup
	s.mu.Lock()
	again := s.unsure
	s.unsure = nil
	s.mu.Unlock()
	for _, body := range again {
		var named struct{ IdempotencyKey string }
		_ = json.Unmarshal([]byte(body), &named)
		posts.Go(func() { s.post(client, address, named.IdempotencyKey, body) })
	}
	end := time.NewTimer(time.Duration(s.random.Int64N(int64(*within))))
	tick := time.NewTicker(time.Second / time.Duration(*perSecond))
	defer tick.Stop()
	for alive := true; alive; {
		select {
		case <-end.C:
			alive = false
		case <-tick.C:
			key, body := s.body(s.sent)
			s.sent++
			posts.Go(func() { s.post(client, address, key, body) })
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed: the error is the point
	posts.Wait()
}

func TestKilledAtRandomMomentsNothingPromisedIsLostAndNothingIsDoubled(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	for key, value := range map[string]string{"trade:max_position_size": "0", "trade:max_exposure": "0"} {
		if err := h.ChangeSetting(t.Context(), key, value, "test"); err != nil {
			t.Fatal(err)
		}
	}
	h.stop()
	key, _, err := h.Vault.Get(vault.WebhookKey)
	if err != nil {
		t.Fatal(err)
	}
	s := &sender{key: key.Reveal(), random: rand.New(rand.NewPCG(*seed, 0)), promised: map[string]string{}}

	for range *kills {
		s.round(t, dir)
	}

	h = start(t, dir)
	ids := map[trading.SignalID]bool{}
	for key, id := range s.promised {
		ids[trading.SignalID(id)] = true
		h.endsWell(key, trading.SignalID(id))
	}
	h.nothingDoubled()
	h.booksAgree()
	t.Logf("%d kills, %d alerts sent, %d answered 2xx, ended as %v; replay with -seed %d", *kills, s.sent, len(s.promised), h.ends, *seed)
	if len(ids) != len(s.promised) {
		t.Errorf("%d keys share %d request ids: two alerts became one", len(s.promised), len(ids))
	}
}

// endsWell waits until a promised signal is final or parked, for less than the 30 s after which it would expire by itself.
func (h *house) endsWell(key string, id trading.SignalID) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 25*time.Second)
	defer cancel()
	for {
		touched, drop := h.Hub.Await(string(id))
		record, err := h.Store.Signal(ctx, id)
		if err != nil {
			drop()
			h.t.Errorf("alert %s was answered 2xx and is gone: %v", key, err)
			return
		}
		if record.Status.Final() || record.Status == trading.SignalNeedsReview || record.Status == trading.SignalAccepted {
			drop()
			return
		}
		select {
		case <-touched:
			drop()
		case <-ctx.Done():
			drop()
			h.t.Errorf("alert %s was answered 2xx and is still %s", key, record.Status)
			return
		}
	}
}

// nothingDoubled holds every signal against its legs: an order for each leg, and one exchange order for each of those.
func (h *house) nothingDoubled() {
	h.t.Helper()
	exchangeIDs := map[string]trading.OrderID{}
	cursor := ""
	for {
		records, next, err := h.Store.Signals(h.t.Context(), trading.Page{Limit: 500, Cursor: cursor})
		if err != nil {
			h.t.Fatal(err)
		}
		for _, r := range records {
			h.ends[r.Status]++
			legs := map[int]bool{}
			for _, o := range r.Orders {
				if legs[o.Leg] {
					h.t.Errorf("signal %s has two orders for leg %d", r.ID, o.Leg)
				}
				legs[o.Leg] = true
				if o.ExchangeID == "" {
					continue
				}
				if other, taken := exchangeIDs[o.ExchangeID]; taken {
					h.t.Errorf("exchange order %s belongs to %s and %s", o.ExchangeID, other, o.ID)
				}
				exchangeIDs[o.ExchangeID] = o.ID
			}
		}
		if next == "" {
			return
		}
		cursor = next
	}
}

// booksAgree compares the ledger's positions with what every exchange says, and lets the ledger check itself.
func (h *house) booksAgree() {
	h.t.Helper()
	positions, err := h.Store.Positions(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	ours := map[string]string{}
	for _, p := range positions {
		ours[p.Lane()+" "+string(p.Slot)] = p.Qty.String()
	}
	theirs := map[string]string{}
	for _, e := range trading.Exchanges() {
		exchange, err := h.Positions(h.t.Context(), trading.MakeAccountID(e, trading.ModePaper))
		if err != nil {
			h.t.Fatal(err)
		}
		for _, p := range exchange {
			theirs[p.Lane()+" "+string(p.Slot)] = p.Qty.String()
		}
	}
	if fmt.Sprint(ours) != fmt.Sprint(theirs) {
		h.t.Errorf("the ledger holds %v, the exchange %v", ours, theirs)
	}
	report, err := h.Store.Verify(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, check := range report {
		if !check.OK {
			h.t.Errorf("%s: %s", check.Check, check.Detail)
		}
	}
}

func TestTenThousandIdenticalPostsAreOneOrder(t *testing.T) {
	h := start(t, t.TempDir())
	body := []byte(fmt.Sprintf(`{"apiKey":"%s","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"leverage":10,"idempotencyKey":"storm"}`, h.key))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200, MaxConnsPerHost: 200}}
	defer client.CloseIdleConnections()
	const posts, connections = 10_000, 200
	var mu sync.Mutex
	statuses, ids := map[int]int{}, map[string]int{}
	var clients sync.WaitGroup
	for range connections {
		clients.Go(func() {
			for range posts / connections {
				res, err := client.Post("http://"+h.GatewayAddr()+"/webhook", "application/json", bytes.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				var answer struct{ RequestID string }
				err = json.NewDecoder(res.Body).Decode(&answer)
				res.Body.Close()
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				statuses[res.StatusCode]++
				ids[answer.RequestID]++
				mu.Unlock()
			}
		})
	}
	clients.Wait()

	orders, _, err := h.Store.Orders(t.Context(), trading.Page{Limit: 10})
	if err != nil || len(orders) != 1 {
		t.Fatalf("had %d orders (%v) for %v answers, want exactly one", len(orders), err, statuses)
	}
	if statuses[200] != 1 || statuses[409] != posts-1 || len(ids) != 1 {
		t.Errorf("had %v with %d request ids, want one 200 and the rest 409, all naming the first", statuses, len(ids))
	}
}
