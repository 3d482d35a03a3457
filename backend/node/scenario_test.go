package node_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"hoox/backend/node"
	"hoox/backend/risk"
	"hoox/backend/strategy"
	"hoox/backend/trading"
)

// A scenario is a script that anybody can read: one step a line, "#" begins a comment.
//
//	at TIME                       the clock, before anything else
//	set KEY VALUE                 change a setting
//	strategy JSON                 store a strategy, or its next version
//	post NAME JSON => STATUS …    post an alert under the idempotency key NAME; the rest are words the answer must hold
//	pass DURATION                 let time pass; the market moves on
//	halt WORDS · release WORDS    the kill switch
//	restart                       stop and start on the same folder
//	position ACCOUNT SYMBOL QTY   what is held, signed; 0 is flat
//	orders NAME STATUS …          the statuses of the orders of an alert, leg by leg
//	signal NAME STATUS            what became of an alert
//	balanced                      the ledger agrees with itself and with the exchange
func TestScenarios(t *testing.T) {
	scripts, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scenarios found (%v)", err)
	}
	for _, file := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p := &play{t: t, dir: t.TempDir(), clock: &turned{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}, ids: map[string]trading.SignalID{}}
			for n, line := range strings.Split(string(text), "\n") {
				line, _, _ = strings.Cut(line, "#")
				if line = strings.TrimSpace(line); line == "" {
					continue
				}
				p.where = fmt.Sprintf("%s:%d: %s", filepath.Base(file), n+1, line)
				p.step(line)
			}
		})
	}
}

// play is one scenario on its way.
type play struct {
	t     *testing.T
	dir   string
	clock *turned
	h     *house
	ids   map[string]trading.SignalID
	where string
}

func (p *play) fail(format string, args ...any) {
	p.t.Helper()
	p.t.Fatalf("%s\n"+format, append([]any{p.where}, args...)...)
}

func (p *play) house() *house {
	if p.h != nil {
		return p.h
	}
	c, err := node.Load(node.Flags{DataDir: p.dir, GatewayListen: "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		p.fail("%v", err)
	}
	c.Now = p.clock.Now
	p.h = run(p.t, c)
	return p.h
}

func (p *play) step(line string) {
	p.t.Helper()
	verb, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	words := strings.Fields(rest)
	switch verb {
	case "at":
		at, err := time.Parse(time.RFC3339, rest)
		if err != nil {
			p.fail("%v", err)
		}
		p.clock.to(at)
	case "pass":
		d, err := time.ParseDuration(rest)
		if err != nil {
			p.fail("%v", err)
		}
		p.clock.to(p.clock.Now().Add(d))
		p.house().Engine.Wake()
	case "set":
		if err := p.house().ChangeSetting(p.t.Context(), words[0], words[1], "scenario"); err != nil {
			p.fail("%v", err)
		}
	case "strategy":
		p.strategy(rest)
	case "post":
		p.post(rest)
	case "halt":
		p.turn(risk.Halted, rest)
	case "release":
		p.turn(risk.Active, rest)
	case "restart":
		p.house().stop()
		p.h = nil
		p.house()
	case "position":
		p.position(trading.AccountID(words[0]), words[1], words[2])
	case "orders":
		p.orders(words[0], words[1:])
	case "signal":
		p.signal(words[0], trading.SignalStatus(words[1]))
	case "balanced":
		p.house().booksAgree()
	default:
		p.fail("there is no step %q", verb)
	}
}

func (p *play) strategy(text string) {
	p.t.Helper()
	s, err := strategy.Decode([]byte(text))
	if err != nil {
		p.fail("%v", err)
	}
	stored, err := p.house().Store.Strategy(p.t.Context(), s.Name)
	if err != nil && trading.KindOf(err) != trading.NotFound {
		p.fail("%v", err)
	}
	if _, err := p.house().Store.PutStrategy(p.t.Context(), s, stored.Version, "scenario", p.clock.Now()); err != nil {
		p.fail("%v", err)
	}
}

func (p *play) post(rest string) {
	p.t.Helper()
	call, want, ok := strings.Cut(rest, "=>")
	name, body, named := strings.Cut(strings.TrimSpace(call), " ")
	if !ok || !named {
		p.fail("want: post NAME JSON => STATUS …")
	}
	body = strings.Replace(strings.TrimSpace(body), "{", `{"apiKey":"KEY","idempotencyKey":"`+name+`",`, 1)
	r := p.house().post(body)
	words := strings.Fields(want)
	if status, err := strconv.Atoi(words[0]); err != nil || r.status != status {
		p.fail("had %d %s", r.status, r.body)
	}
	for _, word := range words[1:] {
		if !strings.Contains(r.body, word) {
			p.fail("the answer lacks %q: %s", word, r.body)
		}
	}
	if id, ok := r.json["requestId"].(string); ok && p.ids[name] == "" {
		p.ids[name] = trading.SignalID(id)
	}
}

func (p *play) turn(s risk.State, why string) {
	p.t.Helper()
	if err := p.house().Switch.Set(p.t.Context(), risk.Standing{State: s, Reason: why, Actor: "scenario"}); err != nil {
		p.fail("%v", err)
	}
}

// eventually repeats a look until it holds or a minute is over.
func (p *play) eventually(look func() (string, bool)) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		had, ok := look()
		if ok {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			p.fail("had %s", had)
		}
	}
}

func (p *play) position(account trading.AccountID, symbol, want string) {
	p.t.Helper()
	p.eventually(func() (string, bool) {
		positions, err := p.house().Store.Positions(p.t.Context())
		if err != nil {
			return err.Error(), false
		}
		var had trading.Qty
		for _, x := range positions {
			if x.Account == account && x.Symbol == symbol {
				had = had.Add(x.Qty)
			}
		}
		return had.String(), had.String() == want
	})
}

func (p *play) record(name string) trading.SignalRecord {
	p.t.Helper()
	id, ok := p.ids[name]
	if !ok {
		p.fail("no alert %s was posted", name)
	}
	r, err := p.house().Store.Signal(p.t.Context(), id)
	if err != nil {
		p.fail("%v", err)
	}
	return r
}

func (p *play) orders(name string, want []string) {
	p.t.Helper()
	p.eventually(func() (string, bool) {
		var had []string
		for _, o := range p.record(name).Orders {
			had = append(had, string(o.Status))
		}
		return strings.Join(had, " "), strings.Join(had, " ") == strings.Join(want, " ")
	})
}

func (p *play) signal(name string, want trading.SignalStatus) {
	p.t.Helper()
	p.eventually(func() (string, bool) {
		r := p.record(name)
		return string(r.Status) + " (" + r.Reason + ")", r.Status == want
	})
}
