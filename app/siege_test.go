package app

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// besiege has so many clients hold connections to an address and say half a request on each; who is shut out comes back. It
// returns once each of them has been there.
func besiege(t *testing.T, address string, most int) {
	t.Helper()
	var came atomic.Int64
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	t.Cleanup(func() { stop(); all.Wait() })
	for n := range most {
		all.Go(func() {
			there := sync.OnceFunc(func() { came.Add(1) })
			for pause := time.Duration(n%1000) * time.Millisecond; ; pause = time.Second + time.Duration(n)*time.Millisecond {
				timer := time.NewTimer(pause)
				select {
				case <-ctx.Done():
					timer.Stop()
					return
				case <-timer.C:
				}
				if c, err := net.Dial("tcp", address); err == nil {
					forget := context.AfterFunc(ctx, func() { _ = c.Close() })
					_, _ = io.WriteString(c, "POST /api/Kill/Set HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
					there()
					_, _ = io.Copy(io.Discard, c)
					forget()
					_ = c.Close()
				}
			}
		})
	}
	await(t, func() bool { return came.Load() == int64(most) })
}

// seize holds the ledger's file as another program would that writes to it, until the returned function is called.
func (p *program) seize() (release func()) {
	p.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(p.dir, "core.db")+"?_busy_timeout=10000&_txlock=immediate")
	if err != nil {
		p.t.Fatal(err)
	}
	held, err := db.Begin()
	if err != nil {
		p.t.Fatal(err)
	}
	return func() {
		if err := held.Rollback(); err != nil {
			p.t.Error(err)
		}
		if err := db.Close(); err != nil {
			p.t.Error(err)
		}
	}
}

// state asks for the trading state beside everything else.
func (p *program) state() string {
	req := requestOf(p, "Kill/Get", "{}")
	_, body := p.do(req)
	_, rest, _ := strings.Cut(body, `"state":"`)
	state, _, _ := strings.Cut(rest, `"`)
	return state
}

func TestC13_KillSwitchIsInForceWithinAFifthOfASecondWhateverElseGoesOn(t *testing.T) {
	p := start(t)
	gateway := p.node.GatewayAddr()
	besiege(t, gateway, 2000)
	besiege(t, p.control.listener.Addr().String(), 10*mostConnections)
	var took []time.Duration
	for round := range 5 {
		release := p.seize()
		// Alerts wait for the ledger in front of the halt.
		var alerts sync.WaitGroup
		for n := range 64 {
			body := fmt.Sprintf(`{"apiKey":%q,"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.001,"idempotencyKey":"%d-%d"}`, testKey, round, n)
			alerts.Go(func() {
				res, err := http.Post("http://"+gateway+"/webhook", "application/json", strings.NewReader(body))
				if err == nil {
					_ = res.Body.Close()
				}
			})
		}
		pressed, begin := make(chan struct{}), time.Now()
		go func() {
			defer close(pressed)
			p.do(requestOf(p, "Kill/Set", `{"state":"halted","reason":"siege"}`))
		}()
		await(t, func() bool { return p.state() == "halted" })
		took = append(took, time.Since(begin))
		release()
		<-pressed
		alerts.Wait()
		if round == 0 {
			if fills := must[FillPage](p, "Fills/List", PageRequest{}); len(fills.Items) != 0 {
				t.Errorf("%d fills of alerts that waited when the switch was pressed, want none: they fire after the halt", len(fills.Items))
			}
		}
		must[TradingState](p, "Kill/Set", SetKill{State: "active", Reason: "next round"})
	}
	http.DefaultClient.CloseIdleConnections()
	slices.Sort(took)
	if median := took[len(took)/2]; median > strain*200*time.Millisecond {
		t.Errorf("the halt was in force after %v, want 200 ms behind 2,000 slow connections, a locked ledger and alerts that wait", took)
	}
	t.Logf("in force after %v", took)
}
