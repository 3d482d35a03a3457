package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"hoox/backend/admission"
	"hoox/backend/alarm"
	"hoox/backend/audit"
	"hoox/backend/events"
	"hoox/backend/exchange/paper"
	"hoox/backend/execution"
	"hoox/backend/gateway"
	"hoox/backend/market"
	"hoox/backend/objects"
	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/settings"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// Node is the whole backend of one data folder.
type Node struct {
	Config   Config
	Store    *sqlite.DB
	Settings *settings.Live
	Hub      *events.Hub
	Vault    *vault.Vault
	Market   *market.Board
	Desk     *admission.Desk
	Engine   *execution.Engine
	Switch   *execution.Switch
	// Bell tells of alarms; give it channels before Serve.
	Bell *alarm.Bell
	Now  func() time.Time
	Log  *slog.Logger

	// twins are the paper accounts, which are always there; links those at real exchanges.
	twins map[trading.AccountID]*paper.Exchange
	links links
	// synthetic is the market of the paper accounts, nil when they trade on live prices.
	synthetic *market.Synthetic
	queue     *queue.Runner
	gateway   *gateway.Gateway
	flattener *execution.Flattener
	keyring   keyring
	lock      *flock.Flock
	clock     *steady
	sleeper   *sleeper
	backups   *backups
	reach     *reach
	Messenger *Messenger
	// idempotency looks after the keys by which alerts are known.
	idempotency *idempotency
	lookout     *lookout
	// refusals are those that were turned away and are not written down yet; refused wakes the one who writes.
	refusals audit.Fold
	refused  chan struct{}
	// alarmed wakes the one who rings the bell.
	alarmed chan struct{}
	// restored is when the ledger was last put back from a copy.
	restored sqlite.Restored
	// vaultAt is which state of the vault's file the keys in force are from; only the pulse touches it.
	vaultAt time.Time
	// requeuing lets one alert be requeued at a time.
	requeuing sync.Mutex

	ready     chan struct{}
	readyOnce sync.Once
	// keyed is closed once the vault has given what the program runs on, waiting once a start waits for that.
	keyed     chan struct{}
	keyedOnce sync.Once
	waiting   chan struct{}
	running   atomic.Bool
	answer    atomic.Int64
}

// New locks the folder and builds everything; nothing runs yet. It fails with Conflict when another instance has the
// folder, and with Internal when what is in it is damaged.
func New(ctx context.Context, c Config, log *slog.Logger) (*Node, error) {
	n := &Node{Config: c, Log: log, Hub: events.New(), ready: make(chan struct{}), keyed: make(chan struct{}), waiting: make(chan struct{}),
		refused: make(chan struct{}, 1), alarmed: make(chan struct{}, 1), sleeper: newSleeper(), Settings: settings.NewLive(), Market: market.NewBoard(),
		links: links{byID: map[trading.AccountID]running{}, feeds: map[market.Venue]feed{}}}
	// The one place that asks what time it is.
	n.clock = newSteady(machineOf(time.Now))
	if c.Now != nil {
		n.clock = newSteady(machineOf(c.Now))
	}
	n.Now, n.backups, n.idempotency, n.lookout = n.clock.Now, &backups{n: n}, &idempotency{n: n}, &lookout{n: n, bad: map[string]int{}}
	if err := n.open(ctx); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (n *Node) open(ctx context.Context) error {
	if err := n.lockFolder(); err != nil {
		return err
	}
	if err := n.openVault(); err != nil {
		return err
	}
	var err error
	if n.Store, err = sqlite.Open(ctx, filepath.Join(n.Config.DataDir, "core.db"), sqlite.Options{
		Now: n.Now, Publish: n.publish, Touch: n.Hub.Touch, BackupDir: filepath.Join(n.Config.DataDir, "backups"), Alone: true,
	}); err != nil {
		return damaged(err, n.Config.DataDir)
	}
	if err := n.checkLedger(ctx); err != nil {
		return damaged(err, n.Config.DataDir)
	}
	n.Bell = alarm.NewBell(n.Store, n.Now, n.Log)
	n.Bell.Add(alarm.LogChannel{Log: n.Log})
	if err := n.startClock(ctx); err != nil {
		return err
	}
	if err := n.checkAudit(ctx); err != nil {
		return err
	}
	if n.restored, err = n.Store.Restored(ctx); err != nil {
		return err
	}
	if err := n.idempotency.load(ctx); err != nil {
		return err
	}
	if err := n.loadSettings(ctx); err != nil {
		return err
	}
	if err := n.keepMarketKind(ctx); err != nil {
		return err
	}
	return n.build(ctx)
}

// lockFolder makes the folder private and takes it. Two programs on one ledger would be two traders with one purse.
func (n *Node) lockFolder() error {
	dir := n.Config.DataDir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return trading.Errorf(trading.Unavailable, "make the data folder %s: %v", dir, err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return trading.Errorf(trading.Unavailable, "look at the data folder: %v", err)
	}
	if info.Mode()&os.ModeSymlink != 0 || info.Mode().Perm()&0o002 != 0 {
		return trading.Errorf(trading.Invalid, "the data folder %s is a link or writable by everybody: use a folder of your own (chmod 700)", dir)
	}
	if info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(dir, 0o700); err != nil {
			return trading.Errorf(trading.Invalid, "the data folder %s can be read by others and could not be made private: chmod 700 it", dir)
		}
		n.Log.Warn("the data folder could be read by others and is private now", "folder", dir)
	}
	n.lock = flock.New(filepath.Join(dir, "lock"))
	taken, err := n.lock.TryLock()
	if err != nil {
		return trading.Errorf(trading.Unavailable, "lock the data folder: %v", err)
	}
	if !taken {
		n.lock = nil
		return trading.Errorf(trading.Conflict, "another instance is running on %s: use it, stop it, or give this one its own --data-dir", dir)
	}
	return nil
}

// damaged adds what a person can do to an error that says the ledger is.
func damaged(err error, dir string) error {
	if trading.KindOf(err) != trading.Internal {
		return err
	}
	return trading.Errorf(trading.Internal, "%v: nothing was changed. `hoox restore FILE` puts the newest file of the backups folder of %s in its place and "+
		"keeps what is there now; or move core.db, core.db-wal and core.db-shm to a safe place and start anew", err, dir)
}

func (n *Node) publish(topics ...events.Topic) {
	for _, t := range topics {
		n.Hub.Publish(t)
		if t == events.Alarms {
			nudge(n.alarmed)
		}
	}
}

// nudge leaves a note in a channel of one, unless there is one already.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// keepMarketKind decides once, when the data folder is made, which market its paper accounts trade on: a paper ledger
// that changed markets half way would mean nothing.
func (n *Node) keepMarketKind(ctx context.Context) error {
	const key = "paper.market"
	kept, ok, err := n.Store.Meta(ctx, key)
	if err != nil {
		return err
	}
	asked := n.Config.Paper.Market
	if asked == "auto" {
		asked = "synthetic"
		if ok {
			asked = kept
		}
	}
	n.Config.Paper.Market = asked
	if ok && kept == asked {
		return nil
	}
	return n.Store.SetMeta(ctx, key, asked)
}

func (n *Node) build(ctx context.Context) error {
	if err := n.loadKeys(ctx); err != nil {
		return err
	}
	n.openPaperMarket()
	n.twins = n.paperAccounts()
	n.Switch = execution.NewSwitch(n.Store, objects.NewKillFile(n.Config.DataDir), n.Now, n.Log)
	if err := n.Switch.Load(ctx); err != nil {
		return err
	}
	if err := n.haltOnAbsurdClock(ctx); err != nil {
		return err
	}
	n.Engine = execution.New(execution.Parts{
		Orders: n.Store, Book: n.Store, Guards: n.Store, Drifts: n.Store, Holdings: n.Store, Lines: n.Store, Reviews: n.Store, Venues: n.wires(), Switch: n.Switch,
		Limits: n.limits, Guarding: n.guarding, Quote: prices{n}.Quote,
		TripUnknowns: func() int { return n.Settings.Now().Int("kill.trip.unknowns") }, Now: n.Now, Log: n.Log,
		AskSince: n.askSince, Believed: n.clock.doubt,
		Changed: func(trading.AccountID) { n.Hub.Publish(events.Health) },
	})
	n.queue = queue.NewRunner(n.Store, n.Engine.Handlers(), n.Now, n.Log)
	n.Engine.OnQueue(n.queue.Wake)
	n.Switch.OnQueue(n.queue.Wake)
	n.Desk = admission.New(admission.Parts{
		Store: n.Store, Market: prices{n}, Line: n.Engine, Settings: n.Settings,
		Mode: n.modeOf, PositionMode: n.positionMode,
		Standing: n.Switch.Standing, Ready: n.admits, Held: n.Engine.Held, Now: n.Now,
	})
	n.Engine.OnDesk(n.Desk)
	n.flattener = &execution.Flattener{Desk: n.Desk, Book: n.Store, Engine: n.Engine, Now: n.Now}
	n.reach = newReach(n)
	if err := n.openMessenger(ctx); err != nil {
		return err
	}
	n.gateway = gateway.New(gateway.Config{
		Listen: n.Config.Gateway.Listen, AnswerBudget: n.Config.Budget(), TrustedClientIPHeader: n.Config.Gateway.TrustedClientIPHeader,
	}, gateway.Parts{
		Desk: timedDesk{n}, Outcomes: outcomes{n.Store, n.Hub, n.idempotency}, Rules: n.rules, Seen: n.keyring.seen, Health: n.bindings, Ready: n.starting,
		Halted:  func() bool { return n.Switch.Standing().State == risk.Halted },
		Refused: n.refusedAlert, Door: n.reach.door.Listener, Probe: n.reach.prober.Known, Hook: n.Messenger.hook, WhyNotNotify: n.Messenger.notifies, Now: n.Now, Log: n.Log,
	})
	if n.Vault.Locked() != nil {
		return nil
	}
	return n.takeKeys()
}

// outcomes joins what the gateway asks: the hub for "something happened", the ledger for what.
type outcomes struct {
	*sqlite.DB
	hub  *events.Hub
	keys *idempotency
}

// Conflicted notes that the key of a signal came with other content, in its story and in Health.
func (o outcomes) Conflicted(id trading.SignalID) {
	o.DB.Conflicted(id)
	o.keys.conflicted(id)
}

func (o outcomes) Await(id trading.SignalID) (<-chan struct{}, func()) {
	return o.hub.Await(string(id))
}

// starting is what the gateway tells alerts that come before the core runs.
func (n *Node) starting() error {
	if n.running.Load() {
		return nil
	}
	if !n.isKeyed() {
		return trading.Errorf(trading.Unavailable, "not ready for alerts: the vault is locked, unlock it")
	}
	return trading.Errorf(trading.Unavailable, "starting: not ready for alerts yet")
}

// Ready is closed once the core runs and alerts are taken.
func (n *Node) Ready() <-chan struct{} { return n.ready }

// GatewayAddr is host and port of the public listener, "" before it listens.
func (n *Node) GatewayAddr() string { return n.gateway.Addr() }

// Close lets go of everything New took. It is the last call.
func (n *Node) Close() error {
	var errs []error
	if n.Messenger != nil && n.Messenger.Chats != nil {
		errs = append(errs, n.Messenger.Chats.Close())
	}
	if n.Store != nil {
		n.noteKeys()
		errs = append(errs, n.Store.Close())
	}
	if n.lock != nil {
		errs = append(errs, n.lock.Unlock())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}
