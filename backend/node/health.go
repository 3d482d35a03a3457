package node

import (
	"context"
	"fmt"
	"time"

	"hoox/backend/disk"
	"hoox/backend/gateway"
	"hoox/backend/market"
	"hoox/backend/risk"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// Part is the health of one part of the house.
type Part struct {
	Name string
	// State is ok, degraded, down or off.
	State     string
	Detail    string
	Latency   time.Duration
	CheckedAt time.Time
	// Fix says what to do, "" when there is nothing to do.
	Fix string
}

// The states of a part.
const (
	StateOK       = "ok"
	StateDegraded = "degraded"
	StateDown     = "down"
	StateOff      = "off"
)

const (
	lowDisk  = 1 << 30
	fullDisk = 200 << 20
	// longQueue is the number of waiting jobs from which something is slow.
	longQueue = 100
)

// Health asks every part; nothing is assumed.
func (n *Node) Health(ctx context.Context) []Part {
	parts := []Part{n.ledgerHealth(ctx), n.gatewayHealth(), n.queueHealth(ctx), n.settingsHealth(), n.marketHealth()}
	for _, e := range trading.Exchanges() {
		parts = append(parts, n.exchangeHealth(ctx, e))
	}
	for _, l := range n.connected() {
		if l.id != trading.MakeAccountID(l.id.Exchange(), n.Mode(l.id.Exchange())) {
			parts = append(parts, n.linkHealth(l.id, string(l.id)))
		}
	}
	parts = append(parts, n.silenceHealth(ctx), n.vaultHealth(), n.diskHealth(), n.backups.health(), n.idempotency.health(ctx), n.clockHealth(), n.alarmHealth(ctx), n.killHealth())
	parts = append(parts, n.reach.health(), n.Messenger.health())
	for _, name := range []string{"email", "assistant"} {
		parts = append(parts, Part{Name: name, State: StateOff, Detail: "not part of this version"})
	}
	at := n.Now()
	for i := range parts {
		parts[i].CheckedAt = at
	}
	return parts
}

// timed runs one question and fills in what came back.
func timed(name, fine, fix string, ask func() error) Part {
	start := time.Now()
	err := ask()
	p := Part{Name: name, State: StateOK, Detail: fine, Latency: time.Since(start)}
	if err != nil {
		p.State, p.Detail, p.Fix = StateDown, err.Error(), fix
	}
	return p
}

func (n *Node) ledgerHealth(ctx context.Context) Part {
	return timed("ledger", "reads and writes", "free disk space, then restart; if it stays, run `hoox verify` and restore a backup", func() error {
		return n.Store.Ping(ctx)
	})
}

func (n *Node) gatewayHealth() Part {
	if !n.running.Load() {
		if !n.isKeyed() {
			return Part{Name: "gateway", State: StateDown, Detail: "listening, answers 503 until the vault is unlocked", Fix: "unlock the vault"}
		}
		return Part{Name: "gateway", State: StateDegraded, Detail: "listening, answers 503 until the core runs", Fix: "wait; the log says what start is waiting for"}
	}
	return Part{Name: "gateway", State: StateOK, Detail: "takes alerts on " + n.GatewayAddr() + " (this computer only; a tunnel makes it public)"}
}

func (n *Node) queueHealth(ctx context.Context) Part {
	var waiting, dead int
	p := timed("queue", "", "restart; the log says why", func() (err error) {
		_, _, waiting, dead, err = n.Store.JobList(ctx, trading.Page{Limit: 1})
		return err
	})
	if p.State != StateOK {
		return p
	}
	p.Detail = fmt.Sprintf("%d waiting, %d given up", waiting, dead)
	if dead > 0 || waiting > longQueue {
		p.State, p.Fix = StateDegraded, "look at the queue: retry or discard what was given up"
	}
	return p
}

func (n *Node) settingsHealth() Part {
	return Part{Name: "settings", State: StateOK, Detail: fmt.Sprintf("%d settings in force", len(n.Settings.List()))}
}

func (n *Node) marketHealth() Part {
	if n.Config.Paper.Market == "live" {
		return n.livePaperHealth()
	}
	return timed("market", fmt.Sprintf("paper trades at synthetic prices, seed %d: nobody trades at them", n.Config.Paper.Seed), "restart", func() error {
		v := market.Venue{Exchange: trading.Paper, Mode: trading.ModePaper}
		if _, ok := n.Market.Quote(v, trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"}); !ok {
			return trading.Errorf(trading.Unavailable, "no price of BTCUSDT")
		}
		return nil
	})
}

// livePaperHealth tells which exchanges' public prices reach the paper twins.
func (n *Node) livePaperHealth() Part {
	n.links.mu.Lock()
	defer n.links.mu.Unlock()
	p := Part{Name: "market", State: StateOK, Detail: "paper trades at live prices"}
	for _, e := range realExchanges() {
		if f, ok := n.links.feeds[market.Venue{Exchange: e, Mode: trading.ModeLive}]; !ok || !f.Live() {
			p.State, p.Fix = StateDegraded, "check the network; paper accounts take no entries at old prices"
			p.Detail += "; " + string(e) + " is not connected"
		}
	}
	return p
}

func (n *Node) exchangeHealth(ctx context.Context, e trading.Exchange) Part {
	id := trading.MakeAccountID(e, n.Mode(e))
	if !n.Settings.Now().Bool("exchange:" + string(e) + ":enabled") {
		return Part{Name: string(e), State: StateOff, Detail: "switched off for entries", Fix: "set exchange:" + string(e) + ":enabled to true"}
	}
	if id.Mode() != trading.ModePaper {
		return n.linkHealth(id, string(e))
	}
	what := "paper twin of " + string(e)
	if e == trading.Paper {
		what = "general paper account"
	}
	p := timed(string(e), what+" answers", "restart; the log says why", func() error {
		_, err := n.twins[id].Positions(ctx)
		return err
	})
	if silent, ok := n.silence(id); ok && p.State == StateOK {
		p.State, p.Detail, p.Fix = StateDown, silent.Detail, silent.Fix
	}
	if err := n.Engine.Ready(id); err != nil && p.State == StateOK {
		p.State, p.Detail, p.Fix = StateDegraded, err.Error(), "wait; closes go, entries are refused until the exchange has answered"
	}
	return p
}

// linkHealth is one account at a real exchange, from what is known without asking.
func (n *Node) linkHealth(id trading.AccountID, name string) Part {
	p := Part{Name: name, State: StateOK, Detail: "account " + string(id) + ": connected"}
	if at := n.Config.Exchange.of(id.Exchange()).RestURL; at != "" {
		p.Detail += " at " + at + ", as the configuration says"
	}
	l, ok := n.linkOf(id)
	if !ok {
		p.State, p.Detail, p.Fix = StateDown, n.noAccount(id).Error(), "add the keys on the Accounts page, or switch the exchange to paper"
		return p
	}
	lamp := l.adapter.Lamp()
	_, _, _, why := l.state()
	silent, held := n.silence(id)
	switch {
	case trading.KindOf(why) == trading.Unauthorized:
		key, secret := KeyNames(id)
		p.State, p.Detail = StateDown, "account "+string(id)+": "+why.Error()
		p.Fix = "give the key at the exchange what it lacks, or make another one and set " + key + " and " + secret + "; it is tried again every few seconds"
	case why != nil:
		p.State, p.Detail, p.Fix = StateDown, "account "+string(id)+": "+why.Error(), "check keys, address binding and network on the Accounts page; it is tried again every few seconds"
	case n.overpowered(id) != nil:
		p.State, p.Detail, p.Fix = StateDown, n.overpowered(id).Error(), "until then entries are refused and closes go"
	case lamp.BannedUntil.After(n.Now()):
		p.State, p.Detail = StateDown, fmt.Sprintf("account %s: the exchange wants silence until %s", id, lamp.BannedUntil.UTC().Format("15:04:05"))
		p.Fix = "wait; nothing is sent before"
	case held:
		p.State, p.Detail, p.Fix = StateDown, silent.Detail, silent.Fix
	case n.Engine.Ready(id) != nil:
		p.State, p.Detail, p.Fix = StateDegraded, n.Engine.Ready(id).Error(), "closes go; entries follow when the comparison with the exchange is done"
	case !lamp.Live:
		p.State, p.Detail, p.Fix = StateDegraded, "account "+string(id)+": its stream is down; orders are asked about instead", "check the network; it reconnects by itself"
	case lamp.SkewKnown && lamp.Skew.Abs() > wire.MaxSkew:
		p.State, p.Detail, p.Fix = StateDegraded, fmt.Sprintf("the clocks differ by %s: no orders are sent", lamp.Skew.Round(time.Millisecond)), "switch on automatic time of this computer"
	}
	return p
}

// silence is the lamp of an account whose exchange does not answer; false when it does.
func (n *Node) silence(id trading.AccountID) (Part, bool) {
	open, since, next, why := n.Engine.Circuit(id)
	if !open {
		return Part{}, false
	}
	return Part{
		Detail: fmt.Sprintf("account %s: circuit open, the exchange has not answered since %s UTC (%s); asked again at %s UTC",
			id, since.UTC().Format("15:04:05"), why, next.UTC().Format("15:04:05")),
		Fix: "check the network and the exchange's status page; new orders wait in the queue until it answers or their time ends, closes keep trying; " +
			"close by hand at the exchange if you cannot wait",
	}, true
}

func (n *Node) vaultHealth() Part {
	p := timed("vault", n.Vault.Words(), "restore vault.json from your backup, or move it away and import your export", func() error {
		_, err := n.Vault.Names()
		return err
	})
	if p.State != StateOK {
		return p
	}
	p.Fix = n.Vault.Offer()
	if n.Vault.Locked() == nil {
		return p
	}
	p.State, p.Detail = StateDegraded, "locked: what is connected goes on, no secret can be read or changed"
	if !n.isKeyed() {
		p.State, p.Detail = StateDown, "locked: nothing trades until it is unlocked"
	}
	if why := n.Vault.Trouble(); why != "" {
		p.Detail += "; " + why
	}
	p.Fix = "unlock it on the Secrets page or with `hoox vault unlock`"
	return p
}

func (n *Node) diskHealth() Part {
	free := disk.Free
	if n.Config.Free != nil {
		free = n.Config.Free
	}
	return DiskHealth(n.Config.DataDir, free)
}

// DiskHealth is how full the disk of a folder is, as free says.
func DiskHealth(dir string, free func(dir string) (bytes uint64, err error)) Part {
	left, err := free(dir)
	switch {
	case err != nil:
		return Part{Name: "disk", State: StateDegraded, Detail: err.Error(), Fix: "check the disk of " + dir}
	case left < fullDisk:
		return Part{Name: "disk", State: StateDown, Detail: fmt.Sprintf("%d MiB free", left>>20), Fix: "free space now: alerts that cannot be stored are answered 503"}
	case left < lowDisk:
		return Part{Name: "disk", State: StateDegraded, Detail: fmt.Sprintf("%d MiB free", left>>20), Fix: "free space soon"}
	}
	return Part{Name: "disk", State: StateOK, Detail: fmt.Sprintf("%d GiB free", left>>30)}
}

func (n *Node) killHealth() Part {
	s := n.Switch.Standing()
	switch s.State {
	case risk.Active:
		return Part{Name: "trading", State: StateOK, Detail: "active"}
	case risk.Reducing:
		return Part{Name: "trading", State: StateDegraded, Detail: "entries are paused: " + s.Reason, Fix: "resume when you are ready"}
	case risk.Halted:
	}
	return Part{Name: "trading", State: StateDegraded, Detail: "halted: " + s.Reason, Fix: "go through the checklist and resume"}
}

// bindings asks the three parts that the public health answer names.
func (n *Node) bindings(ctx context.Context) gateway.Health {
	_, _, err := n.Store.NextDue(ctx, n.Now())
	return gateway.Health{Store: n.Store.Ping(ctx), Settings: settingsAnswer(n), Queue: err}
}

func settingsAnswer(n *Node) error {
	if n.Settings.Now().Text("webhook:queue_mode") == "" {
		return trading.Errorf(trading.Internal, "no settings in force")
	}
	return nil
}
