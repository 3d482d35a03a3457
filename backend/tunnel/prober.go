package tunnel

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// nonceAge is how long a nonce is answered.
const nonceAge = time.Minute

// Prober asks through the public address whether it leads here: it makes up a word, fetches /probe/<word> from outside,
// and the gateway answers only words that it made up. Safe for concurrent use.
type Prober struct {
	now  func() time.Time
	dial wire.Dial

	mu     sync.Mutex
	issued map[string]time.Time
}

// NewProber makes a prober. dial makes its connections; over TCP when nil.
func NewProber(now func() time.Time, dial wire.Dial) *Prober {
	return &Prober{now: now, dial: dial, issued: map[string]time.Time{}}
}

// Known tells whether a nonce was issued in the last 60 s and its question still runs. It is for the gateway.
func (p *Prober) Known(nonce string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.issued[nonce]
	return ok && p.now().Sub(at) < nonceAge
}

// Ask fails with Unavailable when no answer of ours comes back from the public address: in words for a person, with what to do.
func (p *Prober) Ask(ctx context.Context, public string) error {
	client, err := wire.NewClient(wire.ClientConfig{Origin: public, Dial: p.dial})
	if err != nil {
		return trading.Wrap(trading.Invalid, err, "ask through the public address")
	}
	defer client.Close()
	nonce := rand.Text()
	p.mu.Lock()
	p.issued[nonce] = p.now()
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.issued, nonce)
	}()
	answer, err := client.Do(ctx, wire.Request{Method: "GET", Path: "/probe/" + nonce, Abortable: true})
	if err != nil && answer.Status == 0 {
		return unreachable(public, err)
	}
	var said struct {
		Nonce string `json:"nonce"`
		Code  string `json:"code"`
	}
	_ = json.Unmarshal(answer.Body, &said) // what is no JSON is not our word either
	switch {
	case answer.Status == 200 && said.Nonce == nonce:
		return nil
	case answer.Status == 403 && said.Code == "FORBIDDEN":
		return failed("leave the tunnel's own setting for the Host header empty, or correct the hostname", "the gateway refuses it, because the tunnel calls it by another name")
	case answer.Status == 404 && isHoox(ctx, client):
		return failed("take the other installation off this address, or give this one an address of its own", "another installation of this program answers there")
	}
	return misled(answer.Status)
}

// isHoox tells whether the gateway of some installation answers: it knows no nonce but its own, and says who it is.
func isHoox(ctx context.Context, client *wire.Client) bool {
	answer, err := client.Do(ctx, wire.Request{Method: "GET", Path: "/health", Abortable: true})
	var said struct {
		Service string `json:"service"`
	}
	return err == nil && answer.JSON && json.Unmarshal(answer.Body, &said) == nil && said.Service == "hoox"
}

// unreachable is why nothing answers at all.
func unreachable(public string, err error) error {
	var unknown *net.DNSError
	if errors.As(err, &unknown) {
		return unresolved(err)
	}
	return failed("open "+public+"/health in a browser, best on a phone without this network. If that works, your router does not let a computer reach its own public address; else start what leads from there to here",
		"no answer: %v", err)
}

// misled is what a status that is not ours tells.
func misled(status int) error {
	const lead = "let the address lead to the gateway of this computer, or correct the hostname"
	switch {
	case status == 502 || status == 503 || status == 504 || status >= 520 && status <= 530:
		return failed("start what leads from there to the gateway of this computer", "the tunnel's edge answers, and says that nothing stands behind it")
	case status == 401 || status == 403 || status >= 300 && status < 400:
		return failed("take the login away from the path /webhook", "a login stands in front of it, and TradingView cannot log in")
	case status == 404:
		return failed(lead, "something answers that is not this program")
	}
	return failed(lead, "something answers that is not this program, with HTTP status %d", status)
}
