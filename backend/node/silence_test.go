package node_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/node"
	"hoox/backend/strategy"
)

func TestAStrategyThatFellSilentShowsInHealth(t *testing.T) {
	var ahead atomic.Int64
	c, err := node.Load(node.Flags{DataDir: t.TempDir(), GatewayListen: "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	c.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	h := run(t, c)
	if p := h.part("alerts"); p.State != node.StateOff || p.Fix == "" {
		t.Errorf("had %+v without an expectation, want it off with how to have one", p)
	}
	for _, s := range []strategy.Strategy{{Name: "trend", Enabled: true, Expect: 90 * time.Minute}, {Name: "off", Expect: time.Minute}, {Name: "quiet", Enabled: true}} {
		if _, err := h.Store.PutStrategy(t.Context(), s, 0, "test", h.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if p := h.part("alerts"); p.State != node.StateOK || !strings.Contains(p.Detail, "1 strategy") {
		t.Errorf("had %+v right after it was set up, want it fine: it has its whole time", p)
	}
	ahead.Store(int64(91 * time.Minute))
	if p := h.part("alerts"); p.State != node.StateDegraded || !strings.Contains(p.Detail, "trend was silent for more than 1 h 30 min") || p.Fix == "" {
		t.Errorf("had %+v after 91 minutes without an alert, want trend named and what to do", p)
	}
	for range 3 {
		h.Listen(t.Context())
	}
	if list := h.settled(); len(list) != 1 || list[0].Kind != alarm.Silent || list[0].Subject != "trend" || list[0].Count != 1 || list[0].Fix == "" {
		t.Errorf("had %+v, want one alarm: the page promises to tell", list)
	}
	if r := h.post(`{"apiKey":"KEY","exchange":"paper","action":"CLOSE","symbol":"BTCUSDT","strategy":"trend"}`); r.status != 200 {
		t.Fatalf("post: %d %s", r.status, r.body)
	}
	if p := h.part("alerts"); p.State != node.StateOK {
		t.Errorf("had %+v right after its alert, want it fine", p)
	}
	h.Listen(t.Context())
	ahead.Store(int64(190 * time.Minute))
	h.Listen(t.Context())
	if list := h.settled(); len(list) != 1 || list[0].Count != 2 {
		t.Errorf("had %+v, want it told again after it was heard of in between", list)
	}
}

// settled are the alarms once everything that was raised is written down.
func (h *house) settled() []alarm.Alarm {
	h.t.Helper()
	if err := h.Store.Ping(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return h.alarms()
}
