package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/thejerf/suture/v4"

	"hoox/backend/alarm"
	"hoox/backend/events"
	"hoox/backend/trading"
)

// Serve runs the node until ctx ends and returns nil after a clean stop. Doors stop first, then the core; whatever was in
// flight is on disk, and the next start asks about it.
func (n *Node) Serve(ctx context.Context) error {
	if _, err := n.gateway.Listen(ctx); err != nil {
		return trading.Errorf(trading.Unavailable, "%v: if another program has the port, stop it, or set [gateway] listen to a free one (--listen 127.0.0.1:0 picks one)", err)
	}
	edgeCtx, stopEdge := context.WithCancel(ctx)
	defer stopEdge()
	edge := n.supervise("edge")
	edge.Add(n.gateway)
	edge.Add(n.reach)
	edgeDone := edge.ServeBackground(edgeCtx)

	if !n.awaitKeys(ctx) {
		stopEdge()
		<-edgeDone
		return nil
	}
	// The core outlives ctx by the time the doors need to finish what they have let in.
	coreCtx, stopCore := context.WithCancel(context.WithoutCancel(ctx))
	defer stopCore()
	n.Messenger.begin(ctx)
	coreDone, err := n.startCore(coreCtx)
	if err == nil {
		n.tellLive()
		n.running.Store(true)
		n.readyOnce.Do(func() { close(n.ready) })
		// The other doors open last: a command of a phone finds a house that can obey.
		edge.Add(n.Messenger)
		n.Hub.Publish(events.Health)
		select {
		case <-ctx.Done():
		case <-n.Store.Damaged():
			n.Switch.Damage("the ledger cannot be written: restart, run `hoox verify`, restore a backup if it fails")
			n.Bell.Shout(ctx, alarm.Alarm{Kind: alarm.Ledger, Subject: "ledger", Text: "the ledger cannot be written: trading is halted",
				Fix: "restart, run hoox verify, restore a backup if it fails", FirstAt: n.Now(), LastAt: n.Now()})
			<-ctx.Done()
		}
	}
	n.running.Store(false)
	stopEdge()
	<-edgeDone
	stopCore()
	if coreDone != nil {
		<-coreDone
	}
	return err
}

// startCore asks about everything in flight and then starts the parts that trade.
func (n *Node) startCore(ctx context.Context) (<-chan error, error) {
	if err := n.Engine.Recover(ctx); err != nil {
		return nil, fmt.Errorf("recover orders in flight: %w", err)
	}
	// An account that is new gets its deposit before the first alert is sized by it.
	for id, x := range n.twins {
		if err := x.Watch(ctx, n.Engine); err != nil {
			return nil, fmt.Errorf("open account %s: %w", id, err)
		}
	}
	core := n.supervise("core")
	core.Add(n.Engine)
	core.Add(n.queue)
	for id, x := range n.twins {
		core.Add(account{venue: x, sink: n.Engine, id: id})
	}
	core.Add(&pulse{n: n})
	core.Add(n.lookAfterClock())
	core.Add(n.backups)
	core.Add(n.idempotency)
	core.Add(texts{n})
	core.Add(clerk{n})
	core.Add(n.lookout)
	core.Add(n.Bell)
	done := core.ServeBackground(ctx)
	if err := n.startLinks(ctx, core); err != nil {
		return done, fmt.Errorf("connect accounts: %w", err)
	}
	n.awaitLinks(ctx)
	return done, nil
}

func (n *Node) supervise(name string) *suture.Supervisor {
	return suture.New(name, suture.Spec{
		Timeout: 10 * time.Second,
		EventHook: func(e suture.Event) {
			switch e.Type() {
			case suture.EventTypeServicePanic, suture.EventTypeServiceTerminate:
				n.Log.Error("part failed and is started again", "tree", name, "event", e.String())
				n.Hub.Publish(events.Health)
			case suture.EventTypeBackoff, suture.EventTypeResume, suture.EventTypeStopTimeout:
				n.Log.Warn("supervision", "tree", name, "event", e.String())
			}
		},
	})
}

// pulse writes the equity curve and the use of webhook keys, and lets the window's prices tick.
type pulse struct{ n *Node }

const (
	// samplePause is the distance of points on the equity curve while nothing happens.
	samplePause = time.Minute
	// tickPause is how often the window is told that prices moved.
	tickPause = 2 * time.Second
)

// Serve ticks until ctx ends.
func (p *pulse) Serve(ctx context.Context) error {
	hints := p.n.Hub.Subscribe()
	defer hints.Close()
	sample, tick := time.NewTicker(samplePause), time.NewTicker(tickPause)
	defer sample.Stop()
	defer tick.Stop()
	dirty := true
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case h := <-hints.C:
			dirty = dirty || h.Topic == events.Fills
		case <-sample.C:
			dirty = true
			p.n.noteKeys()
		case <-tick.C:
			if err := p.n.Switch.CheckFile(ctx); err != nil {
				p.n.Log.Error("check the kill file", "error", err)
			}
			if err := p.n.followVault(ctx); err != nil {
				p.n.Log.Error("read changed secrets", "error", err)
			}
			if p.n.Hub.Readers() > 1 {
				p.n.Hub.Publish(events.Market)
			}
			if !dirty {
				continue
			}
			dirty = false
			if err := p.n.sampleEquity(ctx); err != nil && !errors.Is(err, context.Canceled) {
				p.n.Log.Error("sample equity", "error", err)
			}
		}
	}
}
