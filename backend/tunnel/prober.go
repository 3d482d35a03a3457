package tunnel

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
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
	now func() time.Time

	mu     sync.Mutex
	issued map[string]time.Time
}

// NewProber makes a prober.
func NewProber(now func() time.Time) *Prober {
	return &Prober{now: now, issued: map[string]time.Time{}}
}

// Known tells whether a nonce was issued in the last 60 s and its question still runs. It is for the gateway.
func (p *Prober) Known(nonce string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.issued[nonce]
	return ok && p.now().Sub(at) < nonceAge
}

// Ask fails with Unavailable, in words for a person, when no answer of ours comes back from the public address.
func (p *Prober) Ask(ctx context.Context, public string) error {
	client, err := wire.NewClient(wire.ClientConfig{Origin: public})
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
		return trading.Errorf(trading.Unavailable, "%s", unreachable(err))
	}
	var said struct {
		Nonce string `json:"nonce"`
	}
	if answer.Status == 200 && answer.JSON && json.Unmarshal(answer.Body, &said) == nil && said.Nonce == nonce {
		return nil
	}
	return trading.Errorf(trading.Unavailable, "%s", meaning(answer.Status))
}

func unreachable(err error) string {
	var unknown *net.DNSError
	if errors.As(err, &unknown) {
		return "its name is not known to this computer's name server (yet)"
	}
	return "no answer: " + err.Error()
}

// meaning says what a status that is not ours tells.
func meaning(status int) string {
	switch {
	case status == 502 || status == 503 || status == 504 || status >= 520 && status <= 530:
		return "the tunnel's edge answers, and says that nothing stands behind it"
	case status == 401 || status == 403 || status >= 300 && status < 400:
		return "a login stands in front of it, and TradingView cannot log in"
	case status == 404:
		return "something answers that is not this program"
	}
	return fmt.Sprintf("something answers that is not this program, with HTTP status %d", status)
}
