package app

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hoox/backend/events"
)

func (p *program) dial(header http.Header) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{HandshakeTimeout: longEnough}
	return d.Dial("ws"+strings.TrimPrefix(p.control.url(), "http")+"/api/events", header)
}

func (p *program) bearer() http.Header {
	return http.Header{"Authorization": {"Bearer " + p.token.Reveal()}}
}

func TestSocketTellsWhatChangedWithoutAGap(t *testing.T) {
	p := start(t)
	conn, _, err := p.dial(p.bearer())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	await(t, func() bool { return p.node.Hub.Readers() > 1 })

	p.buy()

	topics, last := map[string]bool{}, uint64(0)
	for !topics["fills"] || !topics["orders"] || !topics["signals"] || !topics["positions"] {
		conn.SetReadDeadline(time.Now().Add(longEnough))
		_, text, err := conn.ReadMessage()
		if err != nil {
			t.Fatalf("had only %v: %v", topics, err)
		}
		var h Hint
		if err := json.Unmarshal(text, &h); err != nil || h.Topic == "" {
			t.Fatalf("had %s, want topic and seq", text)
		}
		if last != 0 && h.Seq != last+1 {
			t.Errorf("hint %d after %d: a page would read everything again for nothing", h.Seq, last)
		}
		topics[h.Topic], last = true, h.Seq
	}
}

// longEnough is how long a test waits for what must come: long enough for a machine that is busy with something else.
const longEnough = 30 * time.Second

// await asks until a thing is so; the connection's own goroutine has no other way to say that it listens.
func await(t *testing.T, so func() bool) {
	t.Helper()
	limit := time.NewTimer(longEnough)
	defer limit.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("waited %s in vain", longEnough)
		}
	}
}

func TestSocketLetsOnlyOurPagesIn(t *testing.T) {
	p := start(t)
	with := func(name, value string) http.Header {
		h := p.bearer()
		h.Set(name, value)
		return h
	}
	for _, c := range []struct {
		why    string
		header http.Header
		want   int
	}{
		{"nobody", nil, 401},
		{"a wrong token", http.Header{"Authorization": {"Bearer wrong"}}, 401},
		{"a foreign page", with("Origin", "https://evil.example"), 403},
		{"a page on another port", with("Origin", "http://127.0.0.1:1"), 403},
		{"a foreign site", with("Sec-Fetch-Site", "cross-site"), 403},
	} {
		conn, resp, err := p.dial(c.header)
		if err == nil {
			conn.Close()
			t.Errorf("%s: was let in", c.why)
			continue
		}
		if resp == nil || resp.StatusCode != c.want {
			t.Errorf("%s: had %v %v, want %d", c.why, resp, err, c.want)
		}
	}
	conn, _, err := p.dial(with("Origin", p.control.url()))
	if err != nil {
		t.Fatalf("our own page: %v", err)
	}
	conn.Close()
}

func TestSocketsAreCountedAndGivenBack(t *testing.T) {
	p := start(t)
	var open []*websocket.Conn
	for range mostSockets {
		conn, _, err := p.dial(p.bearer())
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
	}
	if _, resp, err := p.dial(p.bearer()); err == nil || resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one too many: had %v %v, want 429", resp, err)
	}
	for _, conn := range open {
		conn.Close()
	}
	await(t, func() bool { return len(p.control.sockets) == 0 })
	conn, _, err := p.dial(p.bearer())
	if err != nil {
		t.Fatalf("after the others left: %v", err)
	}
	conn.Close()
}

func TestHintsOfOneTopicAreJoinedToTenASecond(t *testing.T) {
	var sent []Hint
	j := joiner{last: map[events.Topic]time.Time{}, send: func(h Hint) error { sent = append(sent, h); return nil }}
	at := time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)
	for seq := range 1000 { // a burst of one second, a hint each millisecond
		if err := j.hear(events.Hint{Topic: events.Orders, Seq: uint64(seq + 1)}, at); err != nil {
			t.Fatal(err)
		}
		if err := j.flush(at); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Millisecond)
	}
	if len(sent) < 9 || len(sent) > 11 {
		t.Errorf("%d hints for 1000 changes in a second, want about 10", len(sent))
	}
	for i, h := range sent {
		if h.Seq != uint64(i+1) {
			t.Errorf("hint %d has the number %d: joining is no gap", i, h.Seq)
		}
	}
}

func TestALostHintLeavesAGap(t *testing.T) {
	var sent []Hint
	j := joiner{last: map[events.Topic]time.Time{}, send: func(h Hint) error { sent = append(sent, h); return nil }}
	at := time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)
	for _, seq := range []uint64{5, 6, 9} {
		if err := j.hear(events.Hint{Topic: events.Orders, Seq: seq}, at); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Second)
	}
	if len(sent) != 3 || sent[1].Seq != sent[0].Seq+1 || sent[2].Seq != sent[1].Seq+2 {
		t.Errorf("had %v, want a gap before the third: two hints were lost", sent)
	}
}

func TestAReaderThatIsGoneEndsTheForwarding(t *testing.T) {
	gone := errors.New("gone")
	hub := events.New()
	done := make(chan error)
	go func() { done <- forwardHints(t.Context(), hub, time.Now, func(Hint) error { return gone }) }()
	await(t, func() bool { return hub.Readers() == 1 })
	hub.Publish(events.Fills)
	if err := <-done; !errors.Is(err, gone) {
		t.Errorf("had %v, want the reader's end", err)
	}
	if hub.Readers() != 0 {
		t.Error("the hub still writes to a reader that is gone")
	}
}
