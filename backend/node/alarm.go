package node

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/trading"
)

const (
	// partLook is how often the parts are looked at for what must not be missed, and partLooks how many looks in a row must
	// agree: a part that comes back by itself wakes nobody.
	partLook  = 15 * time.Second
	partLooks = 2
	// testEvery is the distance of test alarms.
	testEvery = 7 * 24 * time.Hour
	// metaTest is the note from when on test alarms are counted.
	metaTest = "alarm.test.since"
)

// Alarm keeps something that must not be missed and has it told on every channel. It never waits.
func (n *Node) Alarm(kind alarm.Kind, subject, text, fix string) {
	n.Store.RaiseAlarm(alarm.Alarm{Kind: kind, Subject: subject, Text: text, Fix: fix}, n.Now())
}

// partAlarms are the parts of the house that alarm. Trading, queue and drift alarm with the facts themselves, the tunnel by
// itself.
var partAlarms = map[string]alarm.Kind{
	"ledger": alarm.Ledger, "vault": alarm.Vault, "disk": alarm.Disk, "backup": alarm.Backup, "clock": alarm.Clock,
}

// kindOf is what a part's state alarms as; "" when it does not. A disk, a backup and a clock that are only degraded get worse.
func kindOf(p Part) alarm.Kind {
	kind := partAlarms[p.Name]
	if exchange, _, _ := strings.Cut(p.Name, ":"); kind == "" && trading.Exchange(exchange).Known() {
		kind = alarm.Account
	}
	switch {
	case p.State == StateDown:
		return kind
	case p.State == StateDegraded && (kind == alarm.Disk || kind == alarm.Backup || kind == alarm.Clock):
		return kind
	}
	return ""
}

// lookout is the service that sees what no fact of the ledger tells: parts that are down. It also has the bell rung when there
// is an alarm, and sends the weekly test.
type lookout struct {
	n *Node
	// bad counts the looks in a row at which a part was not well, silent are the strategies that were told of.
	bad    map[string]int
	silent map[string]bool

	mu     sync.Mutex
	tested error
}

func (w *lookout) String() string { return "lookout" }

// Serve looks until ctx ends.
func (w *lookout) Serve(ctx context.Context) error {
	var ringing sync.WaitGroup
	defer ringing.Wait()
	ringing.Go(func() { w.n.ringAtOnce(ctx) })
	look := time.NewTicker(partLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
			w.look(ctx, w.n.Health(ctx))
			w.listen(ctx)
			err := w.test(ctx)
			w.mu.Lock()
			w.tested = err
			w.mu.Unlock()
		}
	}
}

// ringAtOnce wakes the bell for every alarm, whatever the looks are waiting for.
func (n *Node) ringAtOnce(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.alarmed:
			n.Bell.Wake()
		}
	}
}

// listen alarms about each strategy that fell silent, once until it is heard of again.
func (w *lookout) listen(ctx context.Context) {
	overdue, _, err := w.n.Silences(ctx)
	if err != nil {
		return // Health says so
	}
	silent := map[string]bool{}
	for _, s := range overdue {
		if silent[s.Strategy] = true; !w.silent[s.Strategy] {
			w.n.Alarm(alarm.Silent, s.Strategy, "no alert of "+silenceInWords([]Silence{s}), silenceFix)
		}
	}
	w.silent = silent
}

// look alarms about parts that were not well for some looks, once until they are well again.
func (w *lookout) look(ctx context.Context, parts []Part) {
	for _, p := range parts {
		kind := kindOf(p)
		if kind == "" {
			delete(w.bad, p.Name)
			continue
		}
		w.bad[p.Name]++
		if w.bad[p.Name] == partLooks {
			text := p.Name + " is " + p.State + ": " + p.Detail
			w.n.Alarm(kind, p.Name, text, p.Fix)
			if kind == alarm.Ledger {
				// A ledger that does not answer keeps no alarm either.
				w.n.Bell.Shout(ctx, alarm.Alarm{Kind: kind, Subject: p.Name, Text: text, Fix: p.Fix})
			}
		}
	}
}

// test raises the weekly test alarm when it is time for it: a week after the last test, also after one that somebody asked for.
func (w *lookout) test(ctx context.Context) error {
	last, err := w.n.Store.LastAlarm(ctx, alarm.Test)
	if err != nil {
		return err
	}
	now := w.n.Now()
	if last.IsZero() {
		if last, err = w.since(ctx, now); err != nil {
			return err
		}
	}
	if now.Sub(last) < testEvery {
		return nil
	}
	w.n.Alarm(alarm.Test, "weekly", "this is the weekly test: alarms reach this channel. Nothing happened", "acknowledge it, so that you know the alarms arrive")
	return nil
}

// since is when the first test was waited for from.
func (w *lookout) since(ctx context.Context, now time.Time) (time.Time, error) {
	text, ok, err := w.n.Store.Meta(ctx, metaTest)
	if err != nil {
		return now, err
	}
	at, bad := time.Parse(time.RFC3339, text)
	if ok && bad == nil {
		return at, nil
	}
	return now, w.n.Store.SetMeta(ctx, metaTest, now.UTC().Format(time.RFC3339))
}

// alarmHealth tells whether alarms arrive, and how many nobody has acknowledged.
func (n *Node) alarmHealth(ctx context.Context) Part {
	var open int
	p := timed("alarms", "", "restart; the log says why", func() (err error) {
		if open, err = n.Store.OpenAlarms(ctx, alarm.Test); err == nil {
			n.lookout.mu.Lock()
			defer n.lookout.mu.Unlock()
			err = n.lookout.tested
		}
		return err
	})
	if p.State != StateOK {
		return p
	}
	names := []string{}
	for _, s := range n.Bell.States() {
		names = append(names, s.Channel)
		if s.Failed != nil {
			p.State, p.Fix = StateDegraded, "see to "+s.Channel+"; it gets what it missed once it answers"
			p.Detail = fmt.Sprintf("; %s does not take them since %s UTC: %v", s.Channel, s.Since.UTC().Format("15:04:05"), s.Failed)
		}
	}
	p.Detail = "told in the window and on " + strings.Join(names, ", ") + p.Detail
	if open > 0 {
		p.State, p.Fix = StateDegraded, "look at them under Health and acknowledge each, or with hoox alarms"
		p.Detail = fmt.Sprintf("%d not acknowledged; ", open) + p.Detail
	}
	return p
}
